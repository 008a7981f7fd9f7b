"""The configuration: what it accepts, and the messages for what it refuses."""

import ast
import copy
import dataclasses
import importlib.util
import json
import math
from pathlib import Path

import pytest
import yaml
from configurations import raw

from icr.config import load_config
from icr.config.options import (
    HarnessHf,
    HarnessVllm,
    TransformersSampling,
    VllmSampling,
    names,
)
from icr.config.schema import schema
from icr.config.twice import check_keys
from icr.errors import InputError
from icr.sampling import BackendOptions
from icr.storage.project import ROOT
from icr.tables.lineages import signs
from icr.workflow.study import Study


def changed(path, value, name="config"):
    """A shipped configuration with one value changed; slashes separate the keys of ``path``."""
    config = copy.deepcopy(raw(name))
    section = config
    *parents, last = path.split("/")
    for key in parents:
        section = section.setdefault(key, {})
    section[last] = value
    return config


@pytest.mark.parametrize(
    "name", ["config", "small", "demo", "demo-all", "demo-transfer", "real-rivals"]
)
def test_shipped_configurations_are_valid(name):
    assert load_config(raw(name)).run == {"config": "paper"}.get(name, name)


@pytest.mark.parametrize("name", ["config", "demo", "small"])
def test_a_frozen_configuration_loads_unchanged(name):
    """The settings that a run records load to the same configuration."""
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
        ("experiments/main/languages", ["en", "xx"], "unknown language 'xx'; use an ISO 639-1"),
        ("experiments/main/languages", ["en", False], 'write "no" in quotes for Norwegian'),
        ("experiments/main/languages", ["en", "it"], "prompt set 'ultrafeedback' has no 'it'"),
        ("experiments/main/languages", ["en", "de", "de"], "a language is named twice"),
        ("experiments/main/start", "llama", "unknown model 'llama'; known: llama-3-8b-sft"),
        ("experiments/prompts-1000/reference", "x", r"prompts-1000\.reference: unknown model"),
        ("experiments/main/prompts/set", "alpaca", "unknown prompt set 'alpaca'"),
        (
            "experiments/main/prompts/count",
            9000,
            "9000 prompts requested, but set 'ultrafeedback' has",
        ),
        ("experiments/main/training/global_batch", 12, "micro_batch"),
        ("experiments/main/training", {"loss": "kto"}, "this loss needs a micro_batch of 2"),
        (
            "experiments/main/reward/view",
            "oracle",
            "unknown reward 'oracle'; known: crosslingual, lacomsa, multilingual, natural",
        ),
        ("experiments/lower-resource", 3, "lower-resource"),
        ("experiments/Main", {}, "Main"),
        ("experiments/main/reward/view", "natural", "'natural' needs the key 'model'"),
        ("experiments/main/reward/model", "llama-3-8b-sft", "'crosslingual' reads no reward model"),
        ("experiments/natural-reward/reward/model", "x", r"reward\.model: unknown model 'x'"),
        ("experiments/natural-reward/iterations", 2, "without 'train' there is one iteration"),
        (
            "experiments/lidr/languages",
            ["es", "de"],
            "'lidr' compares English with other languages",
        ),
        ("self_translation/prompt", "Translate: {text}", "'prompt' must hold {language}"),
        ("models/main-1", {"source": {"folder": "x"}}, "name of an experiment's iteration"),
        ("models/x", {"source": {"hob": "a/b"}}, "a source needs one of the keys hub, folder"),
        ("prompts/ultrafeedback/languages", ["es"], "lacks 'en'"),
        ("prompts/ultrafeedback/source/commit", "main", "commit"),
        ("experiments", {"other": {}}, "must hold an experiment named 'main'"),
        ("experiments/main/reward/beta", 0, r"main\.reward\.beta: .*greater than 0 \(found 0\)"),
        ("experiments/main/prompts/count", 0, "greater than 0"),
        ("experiments/main/training/max_length", 2, r"training\.max_length: .*greater than 2"),
        (
            "experiments/main/start",
            "qwen2-72b-instruct",
            "needs 4 GPUs; only models on one GPU are",
        ),
        ("experiments/natural-reward/reward/model", "llama-3-8b-sft", "'llama-3-8b-sft' answers p"),
        ("models/main-120", {"source": {"folder": "x"}}, "name of an experiment's iteration"),
        ("models/main-0", {"source": {"folder": "x"}}, "name of an experiment's iteration"),
        (
            "evaluation/xalpacaeval/extra_policies",
            ["tulu-v2.5-13b-rm"],
            "is a reward model, which cannot answer",
        ),
        (
            "judges/x",
            {"serve": {"backend": "vllm", "model": "tulu-v2.5-13b-rm"}},
            "which cannot ans",
        ),
        ("evaluation/nlp/policies", ["natural-reward-1"], "'natural-reward-1' is not trained"),
        ("questions/x-alpacaeval/references", None, "'x-alpacaeval' has no 'references' for en, e"),
        ("judges/gpt-4-turbo", {"oracle": "x"}, "an oracle judges miniature questions only"),
        ("evaluation/xalpacaeval/length_table", {"miniature": "x"}, "miniature questions only"),
        ("prompts/ultrafeedback/size", 10_000 * 500 + 1, "more than 10,000 blocks"),
        ("judges/gpt-4o", {"oracle": "x"}, "judges miniature prompts only, but those of 'main-1'"),
        ("seed", -1, "seed: .*greater than or equal to 0"),
        ("seed", 2**32, "seed: .*less than 4294967296"),
        ("evaluation/xalpacaeval/languages", ["es", "es"], "a language is named twice: es"),
        ("questions/mt-bench/languages", ["en", "en"], "a language is named twice: en"),
        ("evaluation/nlp/languages", ["it"], r"nlp\.languages: no experiment has 'it'|has a task"),
        ("evaluation/xalpacaeval/policies", ["main-3"], "unknown policy 'main-3'; known: "),
        ("evaluation/xalpacaeval/judge", "gpt-5", "unknown judge 'gpt-5'; known: gpt-4-turbo"),
        ("evaluation/nlp/benchmarks", {"a/b": {"tasks": {"en": "x"}}}, "a/b"),
        ("evaluation/nlp/batch", 0, r"nlp\.batch"),
        (
            "sampling/options",
            {"max_model_len": 2400},
            "sampling.max_tokens: 2400 leaves no room for a prompt within .*max_model_len, 2400",
        ),
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
def test_an_incomplete_translation_is_named(backend):
    config = raw()
    english = {"folder": "mine"}
    source = {"english": english, "translate": {"backend": backend}}
    config["prompts"]["ultrafeedback"]["source"] = source
    with pytest.raises(InputError, match=f"translation backend '{backend}' needs the key"):
        load_config(config)


@pytest.mark.parametrize("number", [math.inf, "1e999"])
@pytest.mark.parametrize(
    "path",
    [
        "compute/speed",
        "sampling/temperature",
        "experiments/main/training/learning_rate",
        "experiments/main/pairs/upper_bound",
        "models/llama-3-8b-sft/parameters",
        "judges/gpt-4o/price/input",
        "judges/gpt-4o/timeout",
        "judges/gpt-4o/options/temperature",
        "sampling/options/gpu_memory",
    ],
)
def test_infinite_numbers_are_refused(path, number):
    with pytest.raises(InputError, match=path.split("/")[-1]):
        load_config(changed(path, number))


@pytest.mark.parametrize("number", [-math.inf, math.nan])
def test_the_upper_bound_of_rewards_is_finite(number):
    with pytest.raises(InputError, match=r"pairs\.upper_bound: .*finite number"):
        load_config(changed("experiments/main/pairs/upper_bound", number))


@pytest.mark.parametrize(
    ("backend", "options", "message"),
    [
        ("vllm", {"max_modl_len": 9}, "'max_modl_len' is no option of vllm; known: precision, gpu"),
        ("vllm", {"batch": 9}, "'batch' is no option of vllm but of transformers"),
        ("transformers", {"gpu_memory": 0.5}, "'gpu_memory' is no option of transformers but of"),
        ("transformers", {"batch": 0}, r"options: batch: .*greater than 0 \(found 0\)"),
        ("vllm", {"max_model_len": "long"}, r"max_model_len: .*integer.*found 'long'"),
    ],
)
def test_an_unknown_option_of_sampling_is_named(backend, options, message):
    config = changed("sampling/backend", backend)
    config["sampling"]["options"] = options
    with pytest.raises(InputError, match=message):
        load_config(config)


def test_an_option_of_null_counts_as_absent():
    assert load_config(changed("sampling/options", {"max_model_len": None})).sampling.options == {}


def test_options_are_converted_to_the_types_of_the_backend():
    """A quoted number becomes a number; options that are not set are not passed on."""
    config = load_config(changed("sampling/options", {"max_model_len": "4096"}))
    assert config.sampling.options == {"max_model_len": 4096}


def test_options_of_sampling_match_the_samplers():
    kinds = (VllmSampling, TransformersSampling)
    taken = {field.name: field for field in dataclasses.fields(BackendOptions)}
    # How many GPUs share a model is a setting of the model.
    assert {name for kind in kinds for name in names(kind)} == taken.keys() - {"tensor_parallel"}
    for kind in kinds:
        defaults = kind().model_dump()
        assert defaults == {name: taken[name].default for name in defaults}


@pytest.mark.parametrize(
    ("kind", "model_class", "others"),
    [
        (HarnessHf, "huggingface/HFLM", {"attn_implementation"}),
        (HarnessVllm, "vllm_causallms/VLLM", {"gpu_memory_utilization", "enforce_eager"}),
    ],
)
def test_options_of_the_harness_match_its_model_classes(kind, model_class, others):
    """Except ``others``, which these classes pass on."""
    file, name = model_class.split("/")
    source = Path(importlib.util.find_spec("lm_eval").origin).parent / f"models/{file}.py"
    tree = ast.parse(source.read_text(encoding="utf-8"))
    (model,) = (part for part in tree.body if isinstance(part, ast.ClassDef) and part.name == name)
    start = next(part for part in model.body if getattr(part, "name", "") == "__init__")
    assert set(names(kind)) - others <= {argument.arg for argument in start.args.args}


@pytest.mark.parametrize(
    ("judge", "message"),
    [
        ({"serve": {"options": {"contxt": 9}}}, "'contxt' is no option of xllamacpp; known: conte"),
        ({"serve": {"options": {"max-model-len": 9}}}, "no option of xllamacpp but of vllm"),
        ({"serve": {"options": {"threads": 0}}}, "threads: .*greater than 0"),
        ({"options": {"min_tokens": 9}}, "no option of requests to xllamacpp but of requests to v"),
        ({"options": {"temperature": -1}}, "options: temperature|temperature: .*greater than"),
    ],
)
def test_an_unknown_option_of_a_served_judge_is_named(judge, message):
    serve = {"backend": "xllamacpp", "gguf": "judge.gguf", **judge.pop("serve", {})}
    with pytest.raises(InputError, match=message):
        load_config(changed("judges/mine", {"serve": serve, **judge}))
    load_config(changed("judges/mine", {"serve": {**serve, "options": {"gpu-layers": 9}}}))


def test_a_misspelt_option_of_an_endpoint_is_named_and_a_custom_one_is_not():
    with pytest.raises(InputError, match="'temprature' is no option; did you mean 'temperature'?"):
        load_config(changed("judges/gpt-4o/options", {"temprature": 0.1}))
    load_config(changed("judges/gpt-4o/options", {"provider_order": "mine", "temperature": 0.1}))


def test_an_api_key_among_options_is_not_shown():
    with pytest.raises(InputError) as caught:
        load_config(changed("judges/gpt-4o/options", {"seed": "sk-0123456789abcdef"}))
    assert "options.seed: holds" in str(caught.value) and "0123456789abcdef" not in str(
        caught.value
    )


def test_the_oracle_takes_no_options():
    with pytest.raises(InputError, match="the oracle takes no options"):
        load_config(changed("judges/oracle/options", {"temperature": 0.1}, "demo"))


@pytest.mark.parametrize(
    ("translate", "message"),
    [
        ({"backend": "google", "model": "llama-3-8b-sft"}, "'google' takes no model"),
        ({"backend": "file", "folder": "mine", "max_tokens": 9}, "'file' takes no max_tokens"),
        ({"backend": "llm", "model": "llama-3-8b-sft", "folder": "x"}, "'llm' takes no folder"),
    ],
)
def test_a_key_of_another_translator_is_named(translate, message):
    config = raw()
    source = {"english": {"folder": "mine"}, "translate": translate}
    config["prompts"]["ultrafeedback"]["source"] = source
    with pytest.raises(InputError, match=message):
        load_config(config)


def test_base_models_aligned_in_a_circle_are_named():
    config = raw("small")
    source = config["models"]["smollm2-135m-dpo"]["source"]
    config["models"] |= {
        "a": {"source": {**source, "align": "b"}},
        "b": {"source": {**source, "align": "c"}},
        "c": {"source": {**source, "align": "a"}},
        "behind": {"source": {**source, "align": "a"}},
    }
    with pytest.raises(InputError) as caught:
        load_config(config)
    assert "models.a.source.align: forms a cycle: a -> b -> c -> a" in str(caught.value)
    assert "models.behind" not in str(caught.value)


def test_a_chosen_response_is_sampled_at_a_lower_temperature():
    with pytest.raises(InputError, match="'low_temperature' must be lower"):
        load_config(changed("models/smollm2-135m-dpo/source/low_temperature", 1.2, "small"))


def test_responses_that_are_all_empty_or_cut_make_no_pair():
    config = changed("experiments/main/pairs", {"truncated": "drop"}, "demo")
    config["sampling"]["max_tokens"] = 1
    with pytest.raises(InputError, match="every response is empty or cut, and no pair is left"):
        load_config(config)


def test_an_evaluation_without_a_language_is_named():
    config = changed("questions/miniature/languages", ["bn", "th"], "demo")
    with pytest.raises(InputError, match="the set has none of the experiments' languages"):
        load_config(config)
    config = changed("evaluation/mtbench/languages", ["bn"], "demo")
    with pytest.raises(InputError, match=r"mtbench\.languages: no experiment has 'bn'"):
        load_config(config)


def test_a_repeated_key_is_named_with_its_lines(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("run: a\nexperiments:\n  main: {x: 1}\n  other: {}\n  main: {y: 2}\n")
    with pytest.raises(InputError, match=r"mine\.yaml, line 5: 'main' is already used in line 3"):
        check_keys(path)


@pytest.mark.parametrize(
    "name", ["config", "small", "demo", "demo-all", "demo-transfer", "real-rivals"]
)
def test_shipped_configurations_repeat_no_key(name):
    check_keys(ROOT / "config" / f"{name}.yaml")


def test_there_may_be_more_than_nine_iterations():
    policies = Study(load_config(changed("experiments/main/iterations", 12))).policies
    lineage = policies.lineage("main")
    assert lineage[-1] == "main-12" and policies.named("main-12") == "main-12"
    assert list(signs(lineage).values())[-3:] == ["π¹⁰", "π¹¹", "π¹²"]


def test_a_model_that_is_both_pi_i_and_the_start_has_one_sign():
    assert signs(["base", "base", "main-1"]) == {"base": "π⁰", "main-1": "π¹"}


def test_all_problems_are_reported_together():
    config = changed("experiments/main/start", "a")
    config["experiments"]["prompts-1000"]["reference"] = "b"
    with pytest.raises(InputError) as caught:
        load_config(config)
    assert "unknown model 'a'" in str(caught.value) and "unknown model 'b'" in str(caught.value)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("experiments/main/prompts", "mine", "must hold keys, as {key: value} (found 'mine')"),
        ("models/llama-3-8b-sft/stop", "<|eot_id|>", "must be a list, as [a, b]"),
    ],
)
def test_a_value_of_the_wrong_shape_is_explained_in_terms_of_yaml(path, value, message):
    with pytest.raises(InputError) as error:
        load_config(changed(path, value))
    assert f"{path.replace('/', '.')}: {message}" in str(error.value)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("experiments/main/training/learning_rat", 1e-6),
        ("experiments/main/languages", ["en", "it"]),
        ("experiments/main/start", "nobody"),
    ],
)
def test_a_problem_of_main_is_reported_once(path, value):
    with pytest.raises(InputError) as error:
        load_config(changed(path, value))
    lines = str(error.value).splitlines()[1:]
    assert all(line.startswith("  - ") for line in lines)
    assert lines[0].startswith("  - " + path.replace("/", "."))
    assert not any("experiments.no-length-penalty" in line for line in lines)


def test_a_problem_of_an_experiment_is_reported_for_it():
    config = changed("experiments/main/languages", ["en", "it"])
    config["experiments"]["kto"]["languages"] = ["en", "ja"]
    with pytest.raises(InputError) as error:
        load_config(config)
    assert "  - experiments.main.languages: prompt set 'ultrafeedback' has no 'it'" in str(
        error.value
    )
    assert "  - experiments.kto.languages: prompt set 'ultrafeedback' has no 'ja'" in str(
        error.value
    )


def test_the_committed_schema_is_current():
    committed = json.loads((ROOT / "config" / "schema.json").read_text(encoding="utf-8"))
    assert committed == json.loads(json.dumps(schema())), "run `make schema`"


def test_an_experiment_inherits_from_main():
    config = load_config(raw())
    main, fewer = config.experiments["main"], config.experiments["prompts-1000"]
    assert fewer.prompts.count == 1000 and fewer.prompts.set == main.prompts.set
    assert fewer.training == main.training


def test_the_paper_main_run_takes_938_steps():
    from icr.training.batch import optimizer_steps

    main = load_config(raw()).experiments["main"]
    pairs = main.prompts.count * len(main.languages)
    assert optimizer_steps(pairs, main.training.global_batch, main.training.epochs) == 938


def test_a_trained_model_takes_no_stop_tokens_of_its_own():
    for name in ("miniature-sft", "miniature-dpo"):
        with pytest.raises(InputError, match="'stop' belongs to the model that this model is"):
            load_config(changed(f"models/{name}/stop", ["</s>"], "demo"))
