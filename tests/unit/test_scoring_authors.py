"""Sums over the tokens that the authors' scoring script sums, against what it wrote."""

import numpy as np
import pandas as pd
import pytest
from authors_script import CASES, PROMPTS, SCORES, folder_of, instructions, samples, tokenizer_of
from tiny import TEMPLATE, tiny_tokenizer
from tokenizers.processors import TemplateProcessing

from icr.models.turn_ends import turn_end
from icr.scoring.authors import authors_parts
from icr.scoring.block import score_block


def scores(tmp_path, folder, block, file):
    settings = {
        "instructions": instructions(),
        "output": tmp_path / f"{block['id'].iloc[0]}.parquet",
        "view": "crosslingual",
        "language": "de",
        "precision": "float32",
        "token_budget": 4000,
        "chunk": 2,
        "checks": 1,
    }
    return score_block(folder, block, authors_file=file, **settings)


@pytest.mark.parametrize("name", CASES)
def test_scores_are_those_of_the_script_in_blocks_of_any_size(tmp_path, name):
    """Ten prompts in one block, and in blocks of 4, 4 and 2 whose borders cut the batches."""
    case = CASES[name]
    folder, file = folder_of(case, tmp_path / "m"), samples(case)
    expected = np.array(SCORES[name]).reshape(-1)
    whole = scores(tmp_path, folder, file, file)
    np.testing.assert_allclose(whole["logprob"], expected, rtol=0, atol=1e-4)
    checked = whole["logprob_check"].dropna()
    np.testing.assert_allclose(checked, expected[: len(checked)], rtol=0, atol=1e-4)
    of = file["id"].str[1:].astype(int) // 4
    blocks = [block.reset_index(drop=True) for _, block in file.groupby(of)]
    parts = pd.concat([scores(tmp_path, folder, block, file) for block in blocks])
    np.testing.assert_allclose(parts["logprob"], expected, rtol=0, atol=1e-4)
    assert len(blocks) == 3 and len(file) == 3 * PROMPTS


def pads(table, file, name="pad apart"):
    """Of each response, whether a pad is summed."""
    parts = authors_parts(tokenizer_of(CASES[name]), table, file, instructions())
    return [part.ids[-1:] == [0] for part in parts]


def test_the_number_of_prompts_decides_the_last_batch():
    """The batch of the tenth prompt ends with the file; a prompt behind it is in no batch."""
    table = samples(CASES["pad apart"])
    tenth = table[table["id"] == "p9"].reset_index(drop=True)
    assert pads(tenth, table) == [False] * 3
    seven = table[table["id"].isin([f"p{p}" for p in range(7)])]
    assert pads(table[table["id"] == "p6"], seven) == [False] * 3 != pads(table[18:21], table)
    assert pads(tenth, seven) == [False] * 3


def test_a_failed_translation_is_as_long_as_the_words_that_the_script_scores():
    table = samples(CASES["pad apart"])[:9].assign(failed="")
    longest = {"p0": "y" * 99, "p1": "", "p2": "y" * 60}
    table["response"] = table["id"].map(longest)
    table.loc[table["id"] == "p1", "failed"] = "cut"
    parts = authors_parts(tokenizer_of(CASES["pad apart"]), table, table, instructions())
    content = tokenizer_of(CASES["pad apart"])("Translation Error")["input_ids"]
    assert parts[3].ids == [*content, 2, 0]
    assert [part.ids[-1] for part in parts] == [2] * 3 + [0] * 6


def test_the_token_that_ends_a_turn():
    assert turn_end(tokenizer_of(CASES["pad ends turns"])) == 261
    assert turn_end(tiny_tokenizer()) is None, "the template writes none"
    spaced = TEMPLATE.replace("{{ m.content }}", " {{ m.content }} \n{{ eos_token }}\n")
    assert turn_end(tiny_tokenizer(spaced)) == 2
    table = samples(CASES["pad apart"])[:3]
    parts = authors_parts(tiny_tokenizer(), table, table, instructions())
    assert [part.ids[-1] for part in parts] == [2] * 3, "EOS where the template writes none"


def test_a_bos_that_the_template_leaves_to_the_tokenizer_stands_first():
    adding = tiny_tokenizer(TEMPLATE.removeprefix("{{ bos_token }}"))
    adding.backend_tokenizer.post_processor = TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", 1)]
    )
    table = samples(CASES["pad apart"])[:3]
    given = [(tokenizer, table, table, instructions()) for tokenizer in (adding, tiny_tokenizer())]
    assert authors_parts(*given[0]) == authors_parts(*given[1])
