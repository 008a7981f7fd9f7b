"""The representation shift: states, f, its table, and what the switch adds to a plan."""

import re

import numpy as np
import pandas as pd
import pytest
import torch
from test_reward_model import TEMPLATE, reward_folder
from test_rewardbench import config, options, triples
from tiny import tiny_folder, tiny_tokenizer
from transformers import AutoModel

from icr.errors import InputError
from icr.evaluation.rewardbench.representation import leading_share, representation
from icr.evaluation.rewardbench.shift import markdown, shifts
from icr.evaluation.rewardbench.states import triple_states
from icr.models.conversations import conversation_ids, message_ids
from icr.storage.files import read_table, write_csv, write_json, write_parquet
from icr.storage.schemas.preferences import REPRESENTATION, REPRESENTATION_TRIPLES, SHIFTS, STATES
from icr.workflow.study import Study

LANGUAGES = ("en", "es", "ru")


def translated(language, count=5):
    """Triples whose texts differ by language."""
    table = triples(count)
    messages = [[{**turns[0], "content": f"{language} {turns[0]['content']}"}]
                for turns in table["messages"]]  # fmt: skip
    return table.assign(messages=messages, chosen=language + table["chosen"])


def states(folder, tmp_path, table, **changes):
    return triple_states(folder, table, **options(tmp_path, **changes))


@pytest.fixture(params=["reward model", "base"])
def folder(request, tmp_path):
    if request.param == "base":
        return tiny_folder(tmp_path / "model", tokenizer=tiny_tokenizer(TEMPLATE))
    return reward_folder(tmp_path / "model")


def test_f_is_that_of_the_models_own_last_states(folder, tmp_path):
    """Against one forward pass per text in float64, and f from the eigenvalues of H·Hᵀ."""
    model = AutoModel.from_pretrained(folder, dtype=torch.float64)
    tokenizer = tiny_tokenizer(TEMPLATE)
    tables = {la: states(folder, tmp_path, translated(la)) for la in LANGUAGES}
    table, metrics = representation(tables)

    def last(ids):
        with torch.no_grad():
            return model(torch.tensor([ids])).last_hidden_state[0, -1].numpy()

    for number in range(5):
        rows = {"conversation": [], "prompt": []}
        for language in LANGUAGES:
            row = translated(language).iloc[number]
            rows["conversation"].append(
                last(conversation_ids(tokenizer, row["messages"], row["chosen"]))
            )
            rows["prompt"].append(last(message_ids(tokenizer, row["messages"])))
        for text, vectors in rows.items():
            for language, vector in zip(LANGUAGES, vectors, strict=True):
                np.testing.assert_allclose(tables[language][text][number], vector, atol=1e-5)
            of_triple = table[(table["id"] == str(number)) & (table["text"] == text)].iloc[0]
            matrix = np.stack(vectors)
            unit = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
            for variant, h in (("raw", matrix), ("normalised", unit)):
                values = np.sqrt(np.linalg.eigvalsh(h @ h.T))
                assert of_triple[variant] == pytest.approx(values.max() / values.sum(), abs=1e-6)
    for text in ("conversation", "prompt"):
        f = table[table["text"] == text]["normalised"]
        assert metrics["texts"][text]["normalised"] == {
            "mean": pytest.approx(f.mean()), "se": pytest.approx(f.std() / 5**0.5)
        }  # fmt: skip


@pytest.mark.parametrize("count", [2, 5])
def test_f_is_1_on_a_line_and_least_for_orthogonal_rows(count):
    draw = np.random.default_rng(0)
    line = np.outer(draw.normal(size=count), draw.normal(size=8))
    assert leading_share(line) == pytest.approx(1, abs=1e-12)
    assert leading_share(np.eye(count, 8)) == pytest.approx(1 / count, abs=1e-12)
    longer = np.eye(count, 8) * np.arange(1, count + 1)[:, None]
    assert leading_share(longer) == pytest.approx(count / (count * (count + 1) / 2), abs=1e-12)


def test_states_do_not_depend_on_their_batch(folder, tmp_path):
    together = states(folder, tmp_path, translated("es"), token_budget=5000, chunk=5)
    alone = states(folder, tmp_path, translated("es"), token_budget=1, chunk=1)
    for text in ("conversation", "prompt"):
        np.testing.assert_allclose(np.stack(together[text]), np.stack(alone[text]), atol=1e-5)


def test_a_killed_job_keeps_finished_triples(tmp_path, monkeypatch):
    from icr.evaluation.rewardbench import states as module

    folder, read = reward_folder(tmp_path / "rm"), module.StateReader.read
    whole = states(folder, tmp_path, triples(), output=tmp_path / "whole.parquet")
    lengths = []

    def dies(self, examples):
        lengths.append(len(examples))
        if len(lengths) == 2:
            raise KeyboardInterrupt
        return read(self, examples)

    monkeypatch.setattr(module.StateReader, "read", dies)
    with pytest.raises(KeyboardInterrupt):
        states(folder, tmp_path, triples())
    resumed = states(folder, tmp_path, triples())
    assert lengths == [4, 4, 4, 2]  # two texts of two triples; the second part again; the last
    np.testing.assert_array_equal(np.stack(resumed["prompt"]), np.stack(whole["prompt"]))


def test_a_conversation_beyond_the_context_is_named(tmp_path):
    table = triples()
    table.at[3, "messages"] = [{"role": "user", "content": "long" * 600}]
    with pytest.raises(InputError, match="triple 3 has a conversation of .* context of 2048"):
        states(reward_folder(tmp_path / "rm"), tmp_path, table)


def test_states_of_broken_weights_are_refused(tmp_path):
    folder = reward_folder(tmp_path / "rm")
    model = AutoModel.from_pretrained(folder)
    with torch.no_grad():
        model.norm.weight.fill_(0.0)
    model.save_pretrained(folder)
    with pytest.raises(InputError, match="a state of norm 0.0 at the end of the conversation of"):
        states(folder, tmp_path, triples())


def vectors(ids, seed=0, size=4):
    draw = np.random.default_rng(seed)
    texts = {text: list(draw.normal(size=(len(ids), size)).astype("float32"))
             for text in ("conversation", "prompt")}  # fmt: skip
    return pd.DataFrame({"id": ids, **texts})


def test_only_triples_of_all_languages_count():
    first, second = vectors(["a", "b", "c"]), vectors(["c", "x", "b"], seed=1)
    table, metrics = representation({"en": first, "es": second})
    assert (metrics["triples"], metrics["left_out"]) == (2, 2)
    assert table[table["text"] == "prompt"]["id"].tolist() == ["b", "c"]
    norms = np.linalg.norm(np.stack(second["prompt"])[[2, 0]], axis=1)
    spanish = metrics["texts"]["prompt"]["norms"]["es"]
    assert spanish == pytest.approx(
        {"mean": norms.mean(), "se": norms.std(), "sd": norms.std() * 2**0.5}
    )
    matrix = np.stack([first["prompt"][2], second["prompt"][0]])
    assert table["raw"].iloc[3] == pytest.approx(leading_share(matrix))
    with pytest.raises(InputError, match="the languages en, es share 1 triples"):
        representation({"en": first, "es": second.iloc[:2]})
    with pytest.raises(InputError, match="different sizes"):
        representation({"en": first, "es": vectors(["a", "b", "c"], size=5)})


def test_the_table_pairs_a_model_with_its_base(tmp_path):
    """Written and read as the jobs do, so that the schemas hold."""
    tables, metrics = {}, {}
    for seed, model in enumerate(("base", "rm-en", "rm-es")):
        by_language = {}
        for number, language in enumerate(LANGUAGES):
            write_parquet(
                vectors(list("abcdef"), 10 * seed + number), tmp_path / "s.parquet", STATES
            )
            by_language[language] = read_table(tmp_path / "s.parquet")
        table, metrics[model] = representation(by_language)
        write_parquet(table, tmp_path / "t.parquet", REPRESENTATION_TRIPLES)
        write_json(metrics[model], tmp_path / "m.json", REPRESENTATION)
        tables[model] = read_table(tmp_path / "t.parquet")
    result = shifts(tables, {"rm-en": "base", "rm-es": "base"}, {"rm-en": 0.75, "rm-es": 0.5})
    write_csv(result, tmp_path / "table.csv", SHIFTS)
    assert len(result) == 2 * 2 * 2
    row = result[(result["model"] == "rm-es") & (result["text"] == "prompt")].iloc[0]
    f = {m: t[t["text"] == "prompt"]["raw"].to_numpy() for m, t in tables.items()}
    assert row["base_f"] == pytest.approx(f["base"].mean())
    assert row["shift"] == pytest.approx(f["rm-es"].mean() - f["base"].mean())
    assert row["shift_se"] == pytest.approx((f["rm-es"] - f["base"]).std(ddof=1) / 6**0.5)
    text = markdown(result, metrics)
    assert len(re.findall(r"^\| rm-e[ns] \| base \| .* \| (75|50)\.0 \|$", text, re.M)) == 4
    assert len(re.findall(r"^\| base \| [\d.]+ \([\d.]+\) ", text, re.M)) == 2
    with pytest.raises(InputError, match="'rm-en' and its base 'base' have states of different"):
        shifts({**tables, "base": tables["base"].iloc[1:]}, {"rm-en": "base"}, {"rm-en": 0.75})


def test_the_switch_adds_only_states():
    """Of each tested reward model that is trained here, and of its base, in each language."""
    off, on = (Study(config(representation=value)).rewardbench for value in (False, True))
    assert off.metrics == on.metrics and off.represented == []
    assert on.bases == {"rm-en": "llama-3-8b-sft"}  # that of the downloaded one is unknown
    assert on.represented == ["llama-3-8b-sft", "rm-en"]
    assert on.states("rm-en") == [
        f"results/paper/rewardbench/states/rm-en/{language}.parquet" for language in LANGUAGES
    ]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"models": ["tulu-v2.5-13b-rm"]}, "representation: none of 'models' is trained here"),
        ({"languages": ["en"]}, "representation: it compares languages, and the triples are in"),
    ],
)
def test_a_shift_that_cannot_be_computed(changes, problem):
    with pytest.raises(InputError, match=problem):
        config(**changes, representation=True)
