"""The rule that builds LIDR's pairs, with the settings of LIDR's public code."""

import pandas as pd
import pytest
import yaml
from checkout import Checkout
from lidr_answers import PUBLIC_CODE, answers_of

SETTINGS = {"failed": "prompt", "english": "last", "untranslated": ["d"]}


@pytest.fixture
def answered(tmp_path):
    """A checkout in which all prompts have been answered and all answers translated."""
    checkout = Checkout(tmp_path / "checkout")
    path = checkout.folder / "config/demo.yaml"
    config = yaml.safe_load(path.read_text())
    config["experiments"]["lidr"] = {
        "pairs": {"method": "lidr", "lidr": SETTINGS},
        "languages": ["en", "de", "es"],
        "iterations": 1,
        "prompts": {"set": "miniature", "count": 4},
    }
    path.write_text(yaml.safe_dump(config, sort_keys=False))

    def write(table, kind, language):
        file = f"results/demo/{kind}/miniature-dpo/miniature/{language}/4.parquet"
        (checkout.folder / file).parent.mkdir(parents=True)
        table.to_parquet(checkout.folder / file, index=False)

    for language in PUBLIC_CODE:
        write(answers_of(language), "greedy", language)
        for other in {"en"} if language != "en" else {"de", "es"}:
            write(answers_of(language, other), "greedy-translations", f"{other}-{language}")
    return checkout


def test_the_settings_reach_the_pairs(answered):
    files = {language: f"results/demo/pairs/lidr-1/{language}.parquet" for language in PUBLIC_CODE}
    answered.snakemake("--allowed-rules", "answer_pairs", "--", *files.values())
    for language, file in files.items():
        table = pd.read_parquet(answered.folder / file)
        pairs = list(zip(table["chosen"], table["rejected"], strict=True))
        assert pairs == PUBLIC_CODE[language]
