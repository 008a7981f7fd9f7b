import copy
import json
from pathlib import Path

import pytest
import yaml

from icr.config import load_config
from icr.config.schema import schema
from icr.dag import Dag
from icr.errors import InputError

ROOT = Path(__file__).resolve().parents[2]


def raw(name="config"):
    return yaml.safe_load((ROOT / "config" / f"{name}.yaml").read_text(encoding="utf-8"))


def changed(path, value, name="config"):
    """A configuration with one value set; ``path`` is dotted."""
    config = copy.deepcopy(raw(name))
    place = config
    *parents, last = path.split("/")
    for key in parents:
        place = place.setdefault(key, {})
    place[last] = value
    return config


@pytest.mark.parametrize("name", ["config", "small", "demo", "demo-all"])
def test_shipped_configurations_are_good(name):
    assert load_config(raw(name)).run == {"config": "paper"}.get(name, name)


@pytest.mark.parametrize("name", ["config", "demo", "small"])
def test_a_frozen_configuration_says_the_same(name):
    """What a run writes down of its settings, given back."""
    first = load_config(raw(name))
    frozen = yaml.safe_dump(first.model_dump(mode="json"), sort_keys=False)
    assert load_config(yaml.safe_load(frozen)) == first


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("experiments/main/iteratoins", 3, r"main\.iteratoins: unknown key"),
        ("samplng", {}, "samplng: unknown key"),
        ("models/llama-3-8b-sft/stop", [""], r"llama-3-8b-sft\.stop\.0: .*at least 1 char"),
        ("models/llama-3-8b-sft/stop", [128009], r"llama-3-8b-sft\.stop\.0: .*string"),
        ("models/llama-3-8b-sft/stop", "<|eot_id|>", r"llama-3-8b-sft\.stop: .*list"),
        ("sampling/temperature", "hot", r"sampling\.temperature: .*number.*found 'hot'"),
        ("sampling/n", 1, "n = 1 leaves nothing to compare"),
        ("experiments/main/languages", ["en", "xx"], "unknown language 'xx'; known codes"),
        ("experiments/main/languages", ["en", "it"], "prompt set 'ultrafeedback' has no 'it'"),
        ("experiments/main/languages", ["en", "de", "de"], "a language is named twice"),
        ("experiments/main/start", "llama", "unknown model 'llama'; known: llama-3-8b-sft"),
        ("experiments/prompts-1000/reference", "x", r"prompts-1000\.reference: unknown model"),
        ("experiments/main/prompts/set", "alpaca", "unknown prompt set 'alpaca'"),
        ("experiments/main/prompts/count", 9000, "9000 prompts asked of set 'ultrafeedback', whi"),
        ("experiments/main/training/global_batch", 12, "micro_batch"),
        ("experiments/main/training/loss", "kto", "the KTO trainer takes no micro_batch"),
        (
            "experiments/main/reward/view",
            "oracle",
            "'crosslingual', 'multilingual', 'translated' or",
        ),
        ("experiments/lower-resource", 3, "lower-resource"),
        ("experiments/Main", {}, "Main"),
        ("experiments/main/reward/view", "natural", "and no other, needs the key 'model'"),
        ("experiments/main/reward/model", "llama-3-8b-sft", "and no other, needs the key 'model'"),
        ("experiments/natural-reward/reward/model", "x", r"reward\.model: unknown model 'x'"),
        ("experiments/natural-reward/iterations", 2, "without 'train' there is one iteration"),
        ("experiments/lidr/languages", ["es", "de"], "LIDR compares English with other languages"),
        ("self_translation/prompt", "Translate: {text}", "'prompt' must hold {language}"),
        ("models/main-1", {"source": {"folder": "x"}}, "that of an experiment's iteration"),
        ("models/x", {"source": {"hob": "a/b"}}, "a source needs one of the keys hub, folder"),
        ("prompts/ultrafeedback/languages", ["es"], "lacks 'en'"),
        ("prompts/ultrafeedback/source/commit", "main", "commit"),
        ("experiments", {"other": {}}, "must hold a row named 'main'"),
    ],
)
def test_bad_input_is_named(path, value, message):
    with pytest.raises(InputError, match=message):
        load_config(changed(path, value))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"align": "nobody"}, "no other model 'nobody'"),
        ({"prompts": "nothing"}, "unknown prompt set 'nothing'"),
        ({"annotator": "oracle"}, "'oracle' judges miniature prompts only"),
        ({"training": {"learning_rat": 1.0}}, r"training\.learning_rat"),
    ],
)
def test_bad_alignment_is_named(source, message):
    config = raw("small")
    config["models"]["smollm2-135m-dpo"]["source"] |= source
    with pytest.raises(InputError, match=message):
        load_config(config)


@pytest.mark.parametrize("backend", ["llm", "file"])
def test_a_translation_that_nobody_makes_is_named(backend):
    config = raw()
    english = {"folder": "mine"}
    source = {"english": english, "translate": {"backend": backend}}
    config["prompts"]["ultrafeedback"]["source"] = source
    with pytest.raises(InputError, match=f"translation backend '{backend}' needs the key"):
        load_config(config)


@pytest.mark.parametrize(
    ("key", "backend"), [("model", "file"), ("folder", "llm"), ("model", "google")]
)
def test_a_translator_takes_no_key_of_another(key, backend):
    needed = {"file": {"folder": "x"}, "llm": {"model": "llama-3-8b-sft"}, "google": {}}[backend]
    source = {
        "english": {"folder": "mine"},
        "translate": {"backend": backend, **needed, key: "x"},
    }
    with pytest.raises(InputError, match=f"the key '{key}' belongs to the translation backend"):
        load_config(changed("prompts/ultrafeedback/source", source))


def test_every_problem_is_told_at_once():
    config = changed("experiments/main/start", "a")
    config["experiments"]["prompts-1000"]["reference"] = "b"
    with pytest.raises(InputError) as caught:
        load_config(config)
    assert "unknown model 'a'" in str(caught.value) and "unknown model 'b'" in str(caught.value)


def test_schema_is_the_one_that_is_committed():
    committed = json.loads((ROOT / "config" / "schema.json").read_text(encoding="utf-8"))
    assert committed == json.loads(json.dumps(schema())), "run `make schema`"


def test_an_experiment_names_only_where_it_differs():
    config = load_config(raw())
    main, fewer = config.experiments["main"], config.experiments["prompts-1000"]
    assert fewer.prompts.count == 1000 and fewer.prompts.set == main.prompts.set
    assert fewer.training == main.training


def test_the_paper_main_run_takes_938_steps():
    from icr.training.batch import optimizer_steps

    main = load_config(raw()).experiments["main"]
    pairs = main.prompts.count * len(main.languages)
    assert optimizer_steps(pairs, main.training.global_batch, main.training.epochs) == 938


def test_equal_iterations_are_one_policy():
    dag = Dag(load_config(raw()))
    # Measuring against the previous policy changes nothing in iteration 1.
    assert dag.policy("previous-reference", 1) == "main-1"
    step = dag.iterations[dag.policy("previous-reference", 2)]
    assert (step.start, step.reference) == ("main-1", "llama-3-8b-sft-dpo")
    assert dag.iterations["main-2"].reference == "llama-3-8b-sft"


def test_sets_that_nest_share_their_blocks():
    dag = Dag(load_config(raw()))
    start = dag.config.experiments["main"].start
    files = {
        name: set(dag.samples(start, dag.config.experiments[name], "es"))
        for name in ("main", "prompts-1000", "prompts-5000")
    }
    assert files["prompts-1000"] < files["main"] < files["prompts-5000"]
    assert [len(paths) for paths in files.values()] == [6, 2, 10]


def test_a_block_is_the_same_whoever_asks():
    config = changed("experiments/odd", {"prompts": {"count": 1200}})
    dag = Dag(load_config(config))
    assert dag.rows("ultrafeedback", "0002") == (1000, 500)
    config["prompts"]["ultrafeedback"]["size"] = 5100
    assert Dag(load_config(config)).rows("ultrafeedback", "0010") == (5000, 100)


def test_english_scores_are_kept_once():
    dag = Dag(load_config(raw()))
    rows = dag.config.experiments
    main, native = rows["main"], rows["multilingual-reward"]
    start = main.start
    same = dag.logprobs(start, start, main, "en") == dag.logprobs(start, start, native, "en")
    assert same
    assert dag.logprobs(start, start, main, "es") != dag.logprobs(start, start, native, "es")


def test_a_model_that_is_made_here_ends_as_the_one_that_it_is_made_from():
    for name in ("miniature-sft", "miniature-dpo"):
        with pytest.raises(InputError, match="'stop' belongs to the model that this one is made"):
            load_config(changed(f"models/{name}/stop", ["</s>"], "demo"))
