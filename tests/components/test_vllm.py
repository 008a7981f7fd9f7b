"""The real vLLM engine on the CPU, in its own environment."""

import json
import os

import pytest
from tiny import EOT, eot_folder
from vllm_cpu import MISSING, PYTHON, run_program

from icr.config.options import VllmServer, names
from icr.models.load import load_tokenizer
from icr.models.turn_ends import write_ends

PROGRAM = """
import json, sys
from icr.sampling import BackendOptions, SamplingSettings, open_sampler

folder = sys.argv[1]
prompts = [[1, 3, 50, 60, 4], [1, 3, 70, 4], [1, 3, *range(80, 100), 4]]
options = BackendOptions(precision="float32", max_model_len=128, enforce_eager=True)
settings = SamplingSettings(n=4, temperature=1.5, max_tokens=20)
with open_sampler("vllm", folder, settings, options) as sampler:
    once = sampler.generate(prompts, [1, 2, 3])
    again = sampler.generate(prompts, [1, 2, 3])
    other = sampler.generate(prompts, [4, 5, 6])
    mixed = sampler.generate(prompts, [1, 2, 3], [0.01, 1.5, 1.5])
    tight = sampler.generate([[1] * 120], [1])

    # As a server would ask: EOS and turn-end tokens come from the model folder alone.
    from vllm import SamplingParams, TokensPrompt

    parameters = SamplingParams(n=20, temperature=1.5, max_tokens=40, seed=1, detokenize=False)
    first = [TokensPrompt(prompt_token_ids=prompts[0])]
    served = sampler.engine.generate(first, parameters, use_tqdm=False)[0].outputs
every = (once, again, other, mixed, tight)
plain = [[[vars(s) for s in group] for group in groups] for groups in every]

from vllm.entrypoints.launchers.cli_args import make_arg_parser
from vllm.utils.argparse_utils import FlexibleArgumentParser

actions = make_arg_parser(FlexibleArgumentParser())._actions
options = [name for action in actions for name in action.option_strings]
ends = [[output.finish_reason, list(output.token_ids)] for output in served]
print("RESULT" + json.dumps({"samples": plain, "served": ends, "server": options}))
"""


@pytest.fixture(scope="module")
def installed():
    if not PYTHON.exists():
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)


@pytest.fixture(scope="module")
def printed(installed, tmp_path_factory):
    # A head dimension that vLLM's CPU kernels support; the turn-end token is not EOS.
    folder = eot_folder(
        tmp_path_factory.mktemp("v") / "model",
        weight=2.9, hidden_size=128, num_attention_heads=2, num_key_value_heads=2,
    )  # fmt: skip
    write_ends(folder, load_tokenizer(folder), [], "model")
    done = run_program(PROGRAM, folder)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
    assert lines, done.stdout[-3000:] + done.stderr[-3000:]
    return json.loads(lines[0].removeprefix("RESULT"))


@pytest.fixture(scope="module")
def results(printed):
    return printed["samples"]


def test_n_samples_of_a_seeded_prompt_differ(results):
    for group in results[0]:
        assert len({tuple(sample["response_ids"]) for sample in group}) > 1


def test_a_seed_reproduces_its_samples(results):
    once, again, other, *_ = results
    assert once == again and once != other


def test_each_prompt_may_have_its_own_temperature(results):
    """At a temperature of 0.01, all samples start alike; near-ties may separate them later."""
    cold, *warm = [{tuple(sample["response_ids"][:3]) for sample in group} for group in results[3]]
    assert len(cold) == 1 and all(len(group) == 4 for group in warm)


def test_the_end_token_is_recorded_if_and_only_if_the_response_ended(results):
    samples = [sample for groups in results for group in groups for sample in group]
    assert {sample["finish_reason"] for sample in samples} <= {"stop", "length"}
    for sample in samples:
        ids, ended = sample["response_ids"], sample["finish_reason"] == "stop"
        assert (ids[-1] in (2, EOT)) == ended and not {2, EOT} & set(ids[:-1])
        assert ended or len(ids) in (8, 20)
    assert EOT in {sample["response_ids"][-1] for sample in samples}


def test_a_response_stays_within_the_context(results):
    """The context holds 128 tokens, the prompt 120."""
    assert max(len(sample["response_ids"]) for sample in results[4][0]) <= 8


def test_the_engine_itself_stops_at_the_turn_end_tokens_of_the_folder(printed):
    ended = [ids for reason, ids in printed["served"] if reason == "stop"]
    assert ended and all(ids[-1] == EOT for ids in ended)
    assert not any(EOT in ids[:-1] for _, ids in printed["served"])


def test_options_of_a_served_judge_exist_in_the_server(printed):
    assert {f"--{name}" for name in names(VllmServer)} <= set(printed["server"])
