"""The run for one GPU: what its memory holds, and its prompts."""

from pathlib import Path

import pytest
import yaml
from jinja2 import Environment

from icr.config import load_config
from icr.config.load import merged
from icr.workflow.study import Study
from icr.workflow.weights import WORKING, gpu_gb, host

CONFIG = Path(__file__).parents[2] / "config"
FILES = {80: ["one-gpu.yaml"], 24: ["one-gpu.yaml", "one-gpu-24gb.yaml"]}
"""Files by GB of the GPU's memory; a later one changes settings of the earlier one."""
POLICY, REFERENCE = "smollm3-3b-apo", "smollm3-3b-sft"


def study(gb):
    raw = {}
    for name in FILES[gb]:
        raw = merged(raw, yaml.safe_load((CONFIG / name).read_text(encoding="utf-8")))
    return Study(load_config(raw))


@pytest.mark.parametrize("gb", FILES)
def test_policy_and_reference_are_two_pinned_revisions_of_one_repository(gb):
    models = study(gb).config.models
    sources = [models[name].source for name in (POLICY, REFERENCE)]
    assert len({source.hub for source in sources}) == 1
    assert len({source.revision for source in sources}) == 2
    assert all(len(model.source.revision) == 40 for model in models.values())


@pytest.mark.parametrize("gb", FILES)
def test_each_job_fits_the_gpu(gb):
    """Adapters leave the frozen float32 weights; the judge leaves room for its cache."""
    run = study(gb)
    policy = run.config.models[POLICY].parameters
    training = run.config.experiments["main"].training
    weights = (
        host(policy, "float32") / 1e3
        if training.lora
        else gpu_gb(policy, training.precision, run.config.compute.training_processes)
    )
    assert weights + WORKING * min(1, gb / 40) < gb
    judge = run.config.models[run.config.judges["local"].serve.model]
    assert gpu_gb(judge.parameters, "bfloat16") < 0.75 * gb
    assert (training.lora is None) == (gb == 80)


def test_the_smaller_gpu_has_a_judge_and_results_of_its_own():
    small, large = study(24), study(80)
    assert small.judges.settings("local")["model"] == "qwen2.5-7b-instruct"
    assert large.judges.settings("local")["model"] == "qwen2.5-14b-instruct"
    assert small.config.run != large.config.run
    assert small.policies.trained == large.policies.trained


def test_nothing_needs_a_key_or_money():
    judges = study(80).config.judges.values()
    assert all(judge.serve and not judge.key and not judge.price for judge in judges)


def test_the_template_asks_for_answers_without_reasoning():
    path = study(80).config.models[POLICY].chat_template
    template = Environment(autoescape=False).from_string((CONFIG.parent / path).read_text())
    turns = [("user", " Hola "), ("assistant", "Sí."), ("user", "¿Por qué?")]
    messages = [{"role": role, "content": content} for role, content in turns]
    text = template.render(messages=messages, add_generation_prompt=True)
    system, *rest = text.split("<|im_start|>")[1:]
    assert system.startswith("system\n## Metadata\n\nKnowledge Cutoff Date: June 2025\n")
    assert "Reasoning Mode: /no_think\n\n" in system and system.endswith("Hugging Face.\n\n")
    assert rest == [
        "user\n Hola <|im_end|>\n",
        "assistant\n<think>\n\n</think>\nSí.<|im_end|>\n",
        "user\n¿Por qué?<|im_end|>\n",
        "assistant\n<think>\n\n</think>\n",
    ]
