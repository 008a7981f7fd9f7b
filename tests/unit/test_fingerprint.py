"""Fingerprints: which edits of code count as a change that can alter results."""

import pytest

from icr.workflow import fingerprint as fingerprints
from icr.workflow.fingerprint import LIBRARY, definitions, exempt, fingerprint, records
from icr.workflow.fingerprint.choices import CHOICES, not_chosen
from icr.workflow.fingerprint.modules import parse
from icr.workflow.fingerprint.pieces import Library

SCRIPTS = LIBRARY.parent


class Package:
    """A package ``icr`` in a folder, and a script that uses it."""

    def __init__(self, folder):
        self.library, self.script = folder / "icr", folder / "script.py"
        self.write("__init__", "")

    def write(self, module, text):
        file = self.library / f"{module}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        (file.parent / "__init__.py").touch()
        file.write_text(text)

    def use(self, text):
        self.script.write_text(text)

    def reached(self, **options):
        parse.cache_clear()
        fingerprints._library.cache_clear()
        return definitions(self.script, library=self.library, **options)

    def names(self, **options):
        return set(self.reached(**options)) - {"scripts/script.py"}


@pytest.fixture
def package(tmp_path):
    package = Package(tmp_path)
    package.write("errors", "class InputError(ValueError):\n    pass\n")
    package.write("storage/progress", "class Progress:\n    pass\n")
    package.use("from icr.method import f\nprint(f(1))\nresult = f(2)\n")
    return package


BODY = """
import sys
import warnings

from icr.errors import InputError
from icr.storage.progress import Progress

LIMIT = 3


def f(x: int) -> int:
    '''Doc.'''
    progress = Progress(total=x, what="pieces")
    y: int = x + 1
    if y > LIMIT:
        raise InputError(f"{y} is more than {LIMIT}; " + "give less")
    print("said", y, file=sys.stderr)
    warnings.warn("said too")
    assert y, "no y"
    progress.step()
    return y
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Doc.", "Better words."),
        ("LIMIT = 3", "LIMIT = 3  # why\n\n"),
        ("x: int", "x: float"),
        ("-> int", "-> float"),
        ("y: int =", "y ="),
        ("is more than", "exceeds"),
        ("give less", "take less"),
        ('"said", y', '"told"'),
        ("said too", "told too"),
        ("no y", "y is 0"),
        ('what="pieces"', 'what="prompts"'),
    ],
)
def test_edits_that_cannot_alter_a_result_keep_the_fingerprint(package, old, new):
    package.write("method", BODY)
    before = package.reached()
    assert old in BODY
    package.write("method", BODY.replace(old, new))
    assert package.reached() == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x + 1", "x + 2"),
        ("y > LIMIT", "y >= LIMIT"),
        ("LIMIT = 3", "LIMIT = 4"),
        ("raise InputError", "raise ValueError"),
        ("assert y,", "assert x,"),
        ("total=x", "total=y"),
        ("file=sys.stderr", "file=handle"),
    ],
)
def test_edits_that_can_alter_a_result_change_the_fingerprint(package, old, new):
    package.write("method", BODY)
    before = package.reached()
    package.write("method", BODY.replace(old, new))
    assert package.reached() != before


def test_records_tell_which_definition_changed(package):
    package.write("method", "def g(x):\n    return x\n\ndef f(x):\n    return g(x)\n")
    before = records.take(package.reached())
    package.write("method", "def g(x):\n    return -x\n\ndef f(x):\n    return g(x)\n")
    now = records.take(package.reached())
    assert records.changed(before, now) == ["icr.method.g changed"]
    assert records.changed("0123456789abcdef", now) == ["code that is not on record"]


def test_records_outlive_the_process(package, tmp_path):
    package.write("method", "def f(x):\n    return x\n")
    digest = records.take(package.reached())
    records.keep(digest, tmp_path)
    del records._taken[digest]
    assert records.behind(digest, tmp_path) == package.reached()


def test_only_reached_definitions_count(package):
    package.write("method", "def f(x):\n    return x\n\ndef g(x):\n    return x\n")
    assert package.names() == {"icr.method.f"}


@pytest.mark.parametrize(
    ("use", "names"),
    [
        ("from icr.deep import other\nother.a()\n", {"icr.deep.other.a"}),
        ("from icr.deep import other\nuse(other)\n", {"icr.deep.other.a", "icr.deep.other.B"}),
        ("import icr.deep.other as o\no.B\n", {"icr.deep.other.B"}),
        ("import icr.deep.other\nicr.deep.other.a()\n", {"icr.deep.other.a"}),
        ("from icr.front import renamed\nrenamed()\n", {"icr.deep.other.a"}),
        ("def f():\n    from icr.deep.other import a\n    return a\n", {"icr.deep.other.a"}),
        ("COMMAND = ['-m', 'icr.started']\n", {"icr.started.started", "icr.deep.other.a"}),
    ],
)
def test_names_are_followed_across_modules(package, use, names):
    package.write("deep/other", "def a():\n    return 1\n\nclass B:\n    x = 1\n")
    package.write("front", "from icr.deep.other import a as renamed\n")
    package.write(
        "started", "from icr.deep.other import a\n\nif __name__ == '__main__':\n    a()\n"
    )
    package.use(use)
    assert package.names() == names


def test_a_class_includes_its_methods_and_bases(package):
    package.write("base", "class Base:\n    def m(self):\n        return help()\n"
                  "def help():\n    return 1\n")  # fmt: skip
    package.write("method", "from icr.base import Base\nclass f(Base):\n    pass\n")
    assert package.names() == {"icr.method.f", "icr.base.Base", "icr.base.help"}


def test_side_effects_of_an_import_count(package):
    package.write("method", "from icr import effects\ndef f(x):\n    return x\n")
    package.write("effects", "TABLE = {}\nTABLE['a'] = 1\n")
    before = package.reached()
    assert "icr.effects.on import" in before
    package.write("effects", "TABLE = {}\nTABLE['a'] = 2\n")
    assert package.reached() != before


def test_registered_definitions_count(package):
    package.write("method", "from icr import registered\ndef f(x):\n    return x\n")
    package.write("registered", "@register('a')\ndef a():\n    return 1\n")
    assert "icr.registered.a" in package.names()
    assert "icr.registered.a" not in package.names(omitted={"icr.registered.a"})


def test_the_same_name_from_another_library_counts(package):
    package.write("method", "from one import thing\ndef f(x):\n    return thing(x)\n")
    before = package.reached()
    package.write("method", "from two import thing\ndef f(x):\n    return thing(x)\n")
    assert package.reached() != before


def test_omitted_modules_are_not_followed(package):
    package.write("method", "def f(x):\n    if x:\n        from icr.a import g\n    else:\n"
                  "        from icr.b import g\n    return g(x)\n")  # fmt: skip
    package.write("a", "def g(x):\n    return x\n")
    package.write("b", "def g(x):\n    return x\n")
    assert package.names(omitted={"icr.b"}) <= {"icr.method.f", "icr.a.g"}


def test_definitions_looked_up_by_name_are_followed_where_listed(package):
    package.write("method", "def f(x):\n    return x\n")
    package.write("a", "def draw(x):\n    return g(x)\n\ndef g(x):\n    return x\n")
    assert package.names(also=("icr.a.draw",)) == {"icr.method.f", "icr.a.draw", "icr.a.g"}
    with pytest.raises(LookupError, match=r"icr\.a\.drew"):
        package.reached(also=("icr.a.drew",))


def test_only_the_used_rows_of_a_table_count(package):
    package.write("method", "NAMES = {'de': 'German', 'it': 'Italian'}\ndef f(x):\n"
                  "    return NAMES[x]\n")  # fmt: skip
    rows = {"icr.method.NAMES": ("de",)}
    before = package.reached(rows=rows)
    assert "icr.method.NAMES[de]" in before and "icr.method.NAMES" not in before
    text = (package.library / "method.py").read_text()
    package.write("method", text.replace("{", "{'fr': 'French', ").replace("Ital", "Itali"))
    assert package.reached(rows=rows) == before
    package.write("method", text.replace("German", "Deutsch"))
    assert package.reached(rows=rows) != before


def test_an_unread_setting_does_not_count(package, monkeypatch):
    monkeypatch.setattr(exempt, "SETTINGS", {"icr.method.Options"})
    text = "@dataclass\nclass Options:\n    a: int\n    b: int = 1\n\n" \
           "def f(x):\n    return Options(x).b\n"  # fmt: skip
    package.write("method", "from dataclasses import dataclass\n" + text)
    before = package.reached()
    assert "icr.method.Options.b" in before
    added = text.replace("    b: int = 1\n", "    b: int = 1\n    c: int = 2\n")
    package.write("method", "from dataclasses import dataclass\n" + added)
    assert package.reached() == before
    changed = text.replace("b: int = 1", "b: int = 2")
    package.write("method", "from dataclasses import dataclass\n" + changed)
    assert package.reached() != before


def test_sampling_does_not_reach_judging_or_scoring():
    reached = definitions(SCRIPTS / "sample.py", not_chosen(backend="transformers"))
    modules = {name.rpartition(".")[0] for name in reached}
    assert "icr.sampling.transformers_backend" in modules and "icr.seeds" in modules
    assert not modules & {
        "icr.sampling.vllm_backend",
        "icr.evaluation.reward_accuracy",
        "icr.prompts.languages",
    }


@pytest.mark.parametrize(("loss", "other"), [("dpo", "kto"), ("kto", "dpo")])
def test_a_training_reaches_only_its_own_loss(loss, other):
    reached = definitions(SCRIPTS / "train.py", not_chosen(loss=loss))
    text = " ".join(reached)
    assert f"icr.training.losses.{loss}." in text and f"icr.training.losses.{other}." not in text
    for name in ("icr.training.kto.", "icr.training.data.kto_rows"):
        assert (name in text) is (loss == "kto")


def test_every_choice_names_existing_code():
    library = Library(LIBRARY)
    for values in CHOICES.values():
        for name in set().union(*values.values()):
            module, rest = library.locate(name)
            assert name in (module.name, f"{module.name}.{rest}"), name


def test_the_fingerprint_covers_all_definitions():
    assert fingerprint({"a": "1", "b": "2"}) == fingerprint({"b": "2", "a": "1"})
    assert fingerprint({"a": "1", "b": "2"}) != fingerprint({"a": "1", "b": "3"})
