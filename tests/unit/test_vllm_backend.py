"""The vLLM backend, with a stand-in for the engine."""

import os
import subprocess
import sys
from types import ModuleType, SimpleNamespace

import pytest
from tiny import EOT, eot_folder
from transformers import BloomConfig

from icr.errors import InputError
from icr.sampling import BackendOptions, SamplingSettings, open_sampler


class Engine:
    def __init__(self, **settings):
        Engine.settings = settings

        Engine.params, self.llm_engine, self.queue = [], self, []

    def add_request(self, name, prompt, params):
        Engine.params.append(params)
        self.queue.append(name)

    def has_unfinished_requests(self):
        return bool(self.queue)

    def step(self):
        """Finishes the request that came last."""
        ended = SimpleNamespace(token_ids=[70, EOT], cumulative_logprob=-3.5, index=0)
        return [SimpleNamespace(request_id=self.queue.pop(), finished=True, outputs=[ended])]


@pytest.fixture
def vllm(monkeypatch):
    """Replaces the package; ``gpu`` says whether the machine has a suitable GPU."""
    module, platforms = ModuleType("vllm"), ModuleType("vllm.platforms")
    module.LLM, module.SamplingParams = Engine, lambda **params: SimpleNamespace(**params)
    module.TokensPrompt = dict
    kinds = ModuleType("vllm.sampling_params")
    kinds.RequestOutputKind = SimpleNamespace(FINAL_ONLY="final")
    state = SimpleNamespace(gpu=True)
    platforms.current_platform = SimpleNamespace(has_device_capability=lambda least: state.gpu)
    monkeypatch.setitem(sys.modules, "vllm", module)
    monkeypatch.setitem(sys.modules, "vllm.platforms", platforms)
    monkeypatch.setitem(sys.modules, "vllm.sampling_params", kinds)
    monkeypatch.setenv("VLLM_BATCH_INVARIANT", "0")
    return state


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return eot_folder(tmp_path_factory.mktemp("v") / "m")


def opened(folder, **options):
    return open_sampler("vllm", folder, SamplingSettings(1, 1.0, 200), BackendOptions(**options))


def test_the_engine_stops_where_the_template_ends_a_turn(vllm, folder):
    with opened(folder) as sampler:
        samples = sampler.generate([[1, 3, 50, 4]], [1])
    assert Engine.params[0].stop_token_ids == [2, EOT]
    assert samples[0][0].finish_reason == "stop" and samples[0][0].response_ids == [70, EOT]
    assert samples[0][0].logprob == -3.5


def test_prompts_are_finished_one_by_one_in_any_order(vllm, folder):
    with opened(folder) as sampler:
        finished = sampler.finish([[1, 3, 50, 4], [1, 3, 4]], [1, 2])
        assert [number for number, _ in finished] == [1, 0]
        assert len(sampler.generate([[1, 3, 50, 4], [1, 3, 4]], [1, 2])) == 2


def test_each_response_gets_the_room_that_its_prompt_leaves(vllm, folder):
    with opened(folder) as sampler:
        sampler.generate([[1] * 4, [1] * 100], [1, 2])
        assert [params.max_tokens for params in Engine.params] == [200, 156]
        with pytest.raises(InputError, match="leave no room"):
            sampler.generate([[1] * 256], [1])


def test_the_engine_gets_the_models_context_or_less(vllm, folder):
    for option, context in ((None, 256), (100, 100), (9999, 256)):
        with opened(folder, max_model_len=option):
            assert Engine.settings["max_model_len"] == context


def test_a_model_of_unknown_context_needs_the_option(vllm, folder, tmp_path):
    for file in folder.iterdir():
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / "config.json").unlink()
    BloomConfig(vocab_size=262).save_pretrained(tmp_path)
    with pytest.raises(InputError, match=r"sampling\.options\.max_model_len"):
        opened(tmp_path)
    with opened(tmp_path, max_model_len=512):
        assert Engine.settings["max_model_len"] == 512


def test_the_batch_invariant_mode_is_an_option(vllm, folder, monkeypatch):
    with opened(folder):
        assert os.environ["VLLM_BATCH_INVARIANT"] == "0"
    with opened(folder, batch_invariant=True):
        assert os.environ["VLLM_BATCH_INVARIANT"] == "1"


def test_the_batch_invariant_mode_needs_a_suitable_gpu(vllm, folder):
    vllm.gpu = False
    with pytest.raises(InputError, match="compute capability 8.0 or newer"):
        opened(folder, batch_invariant=True)


def test_options_are_known_without_torch():
    """Every start reads the configuration, which names them."""
    code = (
        "import icr.sampling.interface, sys; assert not {'torch', 'transformers'} & {*sys.modules}"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": "scripts"})
