"""Settings as Snakemake compares them: new ones at their default are as if they were not there."""

import pickle

import pytest
import yaml
from checkout import ROOT
from pydantic import Field

from icr.config import load_config
from icr.config.base import Section
from icr.workflow import compared as module
from icr.workflow.compared import Compared, compared, first_default, visible
from icr.workflow.first_defaults import missing, sections
from icr.workflow.grouping import together
from icr.workflow.study import Study


@pytest.fixture
def first_defaults(monkeypatch):
    def set_to(**values):
        monkeypatch.setattr(module, "_first_defaults", lambda: values)

    return set_to


class Inner(Section):
    a: int = 1


class Outer(Section):
    need: str
    share: float = 0.5
    names: list[str] = Field(default_factory=list)
    inner: Inner = Inner()
    other: Inner | None = None


def test_a_job_gets_all_settings_and_snakemake_compares_some(first_defaults):
    first_defaults()
    given = compared(Outer(need="x", names=["b"]))
    assert given == {"need": "x", "share": 0.5, "names": ["b"], "inner": {"a": 1}, "other": None}
    assert repr(given) == "{'need': 'x', 'names': ['b']}"
    sent = pickle.loads(pickle.dumps(given))
    assert sent == given and type(sent) is dict and type(sent["inner"]) is dict


def test_a_changed_default_is_seen(first_defaults):
    first_defaults(**{"Outer.share": 0.25, "Inner.a": 2, "Outer.inner": {}})
    assert visible(compared(Outer(need="x"))) == {"need": "x", "share": 0.5, "inner": {"a": 1}}
    assert visible(compared(Outer(need="x", share=0.25, inner=Inner(a=2)))) == {"need": "x"}


def test_what_is_given_besides_is_compared(first_defaults):
    first_defaults()
    assert repr(compared(Outer(need="x"), include={"share"}, more={"seed": 1})) == "{'seed': 1}"


def test_a_default_of_which_nothing_is_known_counts_as_new(first_defaults):
    first_defaults()
    assert first_default(Outer, "share") == [0.5] and first_default(Outer, "need") == []


def test_every_setting_has_its_first_default():
    ours = {
        key: value for key, value in missing().items() if not key.startswith(("Outer", "Inner"))
    }
    assert not ours, (
        "new settings: run `make schema`, which adds them to "
        "scripts/icr/workflow/first_defaults.json. Change no entry that stands there, also "
        "where you change a default: by the difference Snakemake sees that results were made "
        "with another"
    )


def test_sections_have_names_of_their_own():
    names = [kind.__name__ for kind in sections()]
    assert len(names) == len(set(names))


def parameters(change=lambda config: None, name="demo"):
    config = yaml.safe_load((ROOT / f"config/{name}.yaml").read_text(encoding="utf-8"))
    change(config)
    return Study(load_config(config)).parameters


def test_main_moves_no_training_that_sets_its_own():
    """Of what π⁰ inherits from main only what it does not set, and what its loss uses."""

    def rate(config):
        config["experiments"]["main"]["training"]["learning_rate"] = 1e-3

    def kto_weight(config):
        config["experiments"]["main"]["training"]["desirable_weight"] = 2.0

    def decay(config):
        config["experiments"]["main"]["training"]["weight_decay"] = 0.1

    before = parameters()
    for change, retrained in ((rate, False), (kto_weight, False), (decay, True)):
        after = parameters(change)
        same = repr(after.training("miniature-dpo")) == repr(before.training("miniature-dpo"))
        assert same is not retrained
    assert repr(parameters(rate).training("main-1")) != repr(before.training("main-1"))
    assert repr(parameters(kto_weight).training("main-1")) == repr(before.training("main-1"))


def test_the_words_of_a_model_card_are_not_compared():
    made = parameters().made("main-1")
    assert made["start"] == "miniature-dpo" and repr(made) == repr(Compared({})) == "{}"


def test_languages_are_answered_together_but_for_added_ones(tmp_path):
    path = str(tmp_path / "{languages}.json")
    assert together(path, "es", ["en", "es", "ru"]) == "en-es-ru"
    assert together(path, "ru", ["en", "es", "ru"], 2) == "ru"
    (tmp_path / "en-es.json").touch()
    (tmp_path / ".fr.json.half").touch()
    assert together(path, "en", ["en", "fr", "es", "it"]) == "en-es"
    assert together(path, "it", ["en", "fr", "es", "it"]) == "fr-it"
    (tmp_path / "en-es-ru.json").touch()
    assert together(path, "ru", ["en", "es", "ru"]) == "en-es-ru"
