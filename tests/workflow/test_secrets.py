"""What Snakemake prints and writes when the configuration holds an API key."""

import yaml
from checkout import Checkout

KEY = "sk-proj-4fYh2Lk9QwXz81mNbV"


def test_a_key_in_the_configuration_is_neither_printed_nor_stored(tmp_path):
    checkout = Checkout(tmp_path / "checkout")
    file = checkout.folder / "config/demo.yaml"
    config = yaml.safe_load(file.read_text(encoding="utf-8"))
    config["judges"]["mine"] = {"model": "m", "api": "https://judge.example/v1", "key": KEY}
    # With a byte order mark, as some editors write it.
    file.write_text(yaml.safe_dump(config), encoding="utf-8-sig")
    arguments = ("--configfile", "config/demo.yaml", "-c1", "-n", "--verbose")
    done = checkout.snakemake(*arguments, profile=False, check=False)
    assert done.returncode and "judges.mine.key: must be the name of an environment" in done.stdout
    assert KEY not in done.stdout
    files = [path for path in checkout.folder.rglob("*") if path.is_file() and path != file]
    assert not any(KEY.encode() in path.read_bytes() for path in files)
