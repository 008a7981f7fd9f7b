"""config/README.md: its example is valid, and its table lists every section and file."""

import re
from pathlib import Path

import yaml

from icr.config import load_config
from icr.config.root import Config

FOLDER = Path(__file__).parents[2] / "config"
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")


def test_the_example_is_a_complete_configuration():
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert load_config(yaml.safe_load(text)).run == "mine"


def test_every_section_and_file_is_explained():
    rows = {name.rstrip("/") for name in re.findall(r"^\| `([^`]+)` \|", PAGE, re.MULTILINE)}
    assert rows == {
        *Config.model_fields,
        *(path.name for path in FOLDER.iterdir() if path.name != "README.md"),
    }
