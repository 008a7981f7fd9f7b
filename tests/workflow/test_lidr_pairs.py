"""The rule that builds LIDR's pairs, with the switches of its public code."""

import pandas as pd
import pytest
import yaml
from checkout import Checkout
from lidr_answers import PUBLIC_CODE, answers_of

SWITCHES = {"failed": "prompt", "english": "last", "untranslated": ["d"]}


@pytest.fixture
def answered(tmp_path):
    """A checkout in which all prompts have been answered and all answers translated."""
    checkout = Checkout(tmp_path / "checkout")
    path = checkout.folder / "config/demo.yaml"
    config = yaml.safe_load(path.read_text())
    config["experiments"]["lidr"] = {
        "pairs": {"method": "lidr", "lidr": SWITCHES},
        "languages": ["en", "de", "es"],
        "iterations": 1,
        "prompts": {"set": "miniature", "count": 4},
    }
    path.write_text(yaml.safe_dump(config, sort_keys=False))

    def put(table, kind, language):
        file = f"results/demo/{kind}/miniature-dpo/miniature/{language}/4.parquet"
        (checkout.folder / file).parent.mkdir(parents=True)
        table.to_parquet(checkout.folder / file, index=False)

    for language in PUBLIC_CODE:
        put(answers_of(language), "greedy", language)
        for other in {"en"} if language != "en" else {"de", "es"}:
            put(answers_of(language, other), "greedy-translations", f"{other}-{language}")
    return checkout


def test_the_switches_reach_the_pairs(answered):
    pairs = {language: f"results/demo/pairs/lidr-1/{language}.parquet" for language in PUBLIC_CODE}
    answered.snakemake("--allowed-rules", "answer_pairs", "--", *pairs.values())
    for language, file in pairs.items():
        table = pd.read_parquet(answered.folder / file)
        made = list(zip(table["chosen"], table["rejected"], strict=True))
        assert made == PUBLIC_CODE[language]
