"""Settings that Snakemake compares: a new setting at its default counts as absent."""

import pickle

import pytest
from configurations import raw
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
    settings = compared(Outer(need="x", names=["b"]))
    assert settings == {"need": "x", "share": 0.5, "names": ["b"], "inner": {"a": 1}, "other": None}
    assert repr(settings) == "{'need': 'x', 'names': ['b']}"
    restored = pickle.loads(pickle.dumps(settings))
    assert restored == settings and type(restored) is dict and type(restored["inner"]) is dict


def test_a_changed_default_is_seen(first_defaults):
    first_defaults(**{"Outer.share": 0.25, "Inner.a": 2, "Outer.inner": {}})
    assert visible(compared(Outer(need="x"))) == {"need": "x", "share": 0.5, "inner": {"a": 1}}
    assert visible(compared(Outer(need="x", share=0.25, inner=Inner(a=2)))) == {"need": "x"}


def test_additional_values_are_compared(first_defaults):
    first_defaults()
    assert repr(compared(Outer(need="x"), include={"share"}, more={"seed": 1})) == "{'seed': 1}"


def test_a_default_without_a_record_counts_as_new(first_defaults):
    first_defaults()
    assert first_default(Outer, "share") == [0.5] and first_default(Outer, "need") == []


def test_every_setting_has_its_first_default():
    ours = {
        key: value for key, value in missing().items() if not key.startswith(("Outer", "Inner"))
    }
    assert not ours, (
        "new settings: run `make schema`, which adds them to "
        "scripts/icr/workflow/first_defaults.json. Never edit an existing entry, even where a "
        "default changes: the difference tells Snakemake that results were made with another"
    )


def test_section_names_are_unique():
    names = [kind.__name__ for kind in sections()]
    assert len(names) == len(set(names))


def parameters(change=lambda config: None, name="demo"):
    config = raw(name)
    change(config)
    return Study(load_config(config)).parameters


def test_settings_of_main_change_only_trainings_that_inherit_them():
    """π⁰ inherits from main what it does not set itself, as far as its loss uses it."""

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


def test_the_text_of_a_model_card_is_not_compared():
    origin = parameters().made("main-1")
    assert origin["start"] == "miniature-dpo" and repr(origin) == repr(Compared({})) == "{}"


def test_languages_share_a_job_except_added_ones(tmp_path):
    path = str(tmp_path / "{languages}.json")
    assert together(path, "es", ["en", "es", "ru"]) == "en-es-ru"
    assert together(path, "ru", ["en", "es", "ru"], 2) == "ru"
    (tmp_path / "en-es.json").touch()
    (tmp_path / ".fr.json.half").touch()
    assert together(path, "en", ["en", "fr", "es", "it"]) == "en-es"
    assert together(path, "it", ["en", "fr", "es", "it"]) == "fr-it"
    (tmp_path / "en-es-ru.json").touch()
    assert together(path, "ru", ["en", "es", "ru"]) == "en-es-ru"
