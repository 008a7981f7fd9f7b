"""User-defined rewards and pairings: names, settings, inputs and fingerprints."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from configurations import raw

from icr import extensions
from icr.config import load_config
from icr.errors import InputError
from icr.pairing import PAIRINGS, AnswerPairing, RewardPairing
from icr.rewards import Reward
from icr.rewards.compute import rewards_of
from icr.workflow import resources
from icr.workflow.fingerprint import LIBRARY, definitions
from icr.workflow.fingerprint.choices import extensions_of, not_chosen
from icr.workflow.study import Study

FOLDER = Path(__file__).parents[1] / "extensions"
TOYS = [str(FOLDER / "toy_reward.py"), str(FOLDER / "toy_pairing.py")]


pytestmark = pytest.mark.usefixtures("fresh_registries")


def demo(main=None, files=TOYS, **row):
    """The demo with extensions, and an experiment ``toy`` with a row of settings."""
    config = raw("demo")
    config["extensions"] = list(files)
    config["experiments"]["main"] |= main or {}
    config["experiments"]["toy"] = {"iterations": 1, **row}
    return config


def toy(**row):
    """The study of the demo with an experiment ``toy``, and its iteration."""
    study = Study(load_config(demo(**row)))
    return study, study.policies.iterations["toy-1"]


def test_a_reward_of_samples_reads_only_samples():
    study, step = toy(reward={"view": "few-repeats", "settings": {"free": 0}})
    blocks = study.blocks
    assert blocks.samples(step, "es")
    assert not blocks.logprobs(step, step.start, "es") and step.reference is None
    assert not blocks.translations(step, "es") and not blocks.natural_rewards(step, "es")
    assert "toy-1" in study.policies.rewarded and "toy-1" not in study.policies.implicit
    settings = study.parameters.pairs("toy-1")
    assert (settings["view"], settings["reward_settings"]) == ("few-repeats", {"free": 0.0})
    assert study.parameters.scored_condition("toy-1", "es") is None
    assert study.parameters.made("toy-1")["reward"] == "few-repeats"


def test_a_reward_of_the_policy_alone_reads_its_scores_under_a_view():
    study, step = toy(reward={"view": "confidence"})
    main = study.policies.iterations["multilingual-reward-1"]
    assert study.blocks.logprobs(step, step.start, "es") == study.blocks.logprobs(
        main, main.start, "es"
    )
    assert step.reference is None
    assert study.parameters.scored_condition("toy-1", "es") == "native"
    plain, own = (study.jobs.build_pairs(SimpleNamespace(policy=p)) for p in ("main-1", "toy-1"))
    prompts = study.config.experiments["toy"].prompts.count * study.config.sampling.n
    site = study.work.site
    assert plain == resources.tables(site, prompts) != own == resources.tables(site, prompts, 1, 2)


def test_settings_that_a_pairing_ignores_rerun_nothing():
    study, _ = toy(pairs={"method": "best-middle", "settings": {"quantile": 0.25}})
    settings = study.parameters.pairs("toy-1")
    assert settings["settings"] == {"quantile": 0.25}
    assert settings.silent >= {"penalty", "upper_bound", "view", "method"}
    assert not settings.silent & {"settings", "beta"}, "the reward takes beta"
    assert "toy-1" in study.policies.implicit and "toy-1" not in study.policies.penalised
    assert study.parameters.made("toy-1")["pairs"].startswith("the best response against the one")
    plain = study.parameters.pairs("main-1")
    assert plain.silent >= {"settings", "reward_settings"}
    assert not plain.silent & {"penalty", "beta"}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"reward": {"view": "few"}}, r"reward\.view: unknown reward 'few'; known: .*few-repeats"),
        ({"reward": {"view": "few-repeats", "settings": {"fre": 1}}},
         r"reward\.settings: 'fre' is not a setting of this reward; known: free"),
        ({"reward": {"view": "few-repeats", "settings": {"free": "x"}}},
         r"'free' is 'x'; it must be of type float"),
        ({"reward": {"view": "few-repeats", "model": "miniature-sft"}}, "leave out 'model'"),
        ({"pairs": {"method": "best"}}, r"pairs\.method: unknown pairing 'best'; known: .*lidr"),
        ({"pairs": {"method": "best-middle", "settings": {"median": 1}}},
         r"pairs\.settings: 'median' is not a setting of this pairing; known: quantile"),
    ],
)  # fmt: skip
def test_mistakes_are_reported_before_any_job(row, message):
    with pytest.raises(InputError, match=message):
        load_config(demo(**row))


def test_another_reward_or_pairing_does_not_inherit_the_settings_of_mains():
    main = {
        "reward": {"view": "few-repeats", "settings": {"free": 0.1}},
        "pairs": {"method": "best-middle", "settings": {"quantile": 0.2}},
    }
    rows = load_config(demo(main, reward={"view": "confidence"}, pairs={"method": "reward"}))
    own, same = rows.experiments["toy"], rows.experiments["no-length-penalty"]
    assert not own.reward.settings and not own.pairs.settings
    assert same.reward.settings == {"free": 0.1} and same.pairs.settings == {"quantile": 0.2}


def test_an_invalid_reward_is_refused_when_it_registers():
    with pytest.raises(InputError, match="unknown view 'native'; known: crosslingual"):
        Reward.reading(view="native")
    with pytest.raises(InputError, match="needs a view"):
        Reward.reading(reference=True)
    with pytest.raises(InputError, match="its setting 'words' needs a number"):
        Reward(lambda responses, *, words: 0)


def samples():
    rows = [("a", 0, "x x"), ("a", 1, "x y"), ("b", 0, "z"), ("b", 1, "z z z z")]
    return pd.DataFrame(rows, columns=["id", "index", "response"])


def test_the_check_value_is_the_reward_of_the_rescored_responses():
    table = samples()
    scores = table[["id", "index"]].assign(
        logprob=[-2.0, -4.0, -6.0, -8.0], tokens=2, logprob_check=[-2.2, -4.2, np.nan, np.nan]
    )
    seen = []

    def reward(responses):
        seen.append(responses.samples["response"].tolist())
        assert np.isnan(responses.model).all()
        return responses.policy / responses.tokens - responses.reference

    rewards = rewards_of(reward, table, policy=scores)
    assert rewards["reward"].tolist() == [-1, -2, -3, -4]
    assert rewards["reward_check"].tolist()[:2] == pytest.approx([-1.1, -2.1])
    assert rewards["reward_check"].isna().tolist() == [False, False, True, True]
    assert seen == [["x x", "x y", "z", "z z z z"], ["x x", "x y"]]
    plain = rewards_of(lambda responses: np.zeros(4), table)
    assert plain["reward_check"].isna().all()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([0, 1, np.nan, 0], "reward of response 0 to prompt b is nan"),
        ([[0, 1], [2, 3]], r"shape \(2, 2\) for 4 responses"),
    ],
)
def test_a_reward_is_one_finite_number_per_response(values, message):
    with pytest.raises(InputError, match=message):
        rewards_of(lambda responses: np.array(values), samples())


def reached(script, **methods):
    """Definitions in the fingerprint of a job with these methods."""
    omitted, files = not_chosen(**methods), extensions_of(**methods)
    return definitions(LIBRARY.parent / script, omitted, extensions=files)


def test_a_job_has_only_its_own_methods_in_its_fingerprint():
    before = reached("pairs.py", reward="crosslingual", pairing="reward")
    extensions.load_extensions(TOYS)
    assert reached("pairs.py", reward="crosslingual", pairing="reward") == before
    assert "icr.rewards.crosslingual.crosslingual" in before
    assert "icr.rewards.multilingual.multilingual" not in before
    assert "icr.pairing.lidr.lidr" not in before
    own = reached("pairs.py", reward="few-repeats", pairing="best-middle")
    assert {"extensions.toy_reward.few_repeats", "extensions.toy_pairing.best_middle"} <= own.keys()
    others = {
        "extensions.toy_reward.confidence", "icr.rewards.implicit.implicit_reward",
        "icr.pairing.best_worst.choose_alpha",
    }  # fmt: skip
    assert not others & own.keys()
    answers = reached("answer_pairs.py", pairing="lidr")
    assert "icr.pairing.lidr.lidr" in answers
    assert not [name for name in answers if "icr.rewards" in name or "best_worst" in name]


@pytest.mark.parametrize(
    "script", ["natural_rewards", "hidden_states", "logprobs", "english_pairs", "sample"]
)
def test_scores_and_samples_do_not_depend_on_rewards_and_pairings(script):
    names = definitions(LIBRARY.parent / f"{script}.py")
    assert not [name for name in names if name.startswith(("icr.rewards", "icr.pairing"))]


def test_a_pairing_without_rewards_reads_all_translations_by_default():
    @PAIRINGS.register("own-answers")
    @AnswerPairing
    def own_answers(answers, language):
        """Nothing."""

    study, step = toy(files=[], pairs={"method": "own-answers"})
    assert study.policies.unrewarded == ["toy-1"]
    assert study.greedy.others(step, "de") == ["en", "es", "ru", "fr"]
    answers = study.greedy.answers(step, "de")
    assert not answers["backward"] and not answers["english"] and len(answers["translated"]) == 4
    assert isinstance(PAIRINGS["reward"], RewardPairing)


def test_names_are_checked_without_torch():
    code = (
        "import sys; from icr.extensions import load_extensions; "
        f"load_extensions({TOYS!r}); from icr.rewards import REWARDS; "
        "from icr.pairing import PAIRINGS; REWARDS['few-repeats'], PAIRINGS['best-middle']; "
        "import icr.config, icr.workflow.study; "
        "assert not {'torch', 'py3langid', 'transformers'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": "scripts"})
