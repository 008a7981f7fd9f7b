import pytest

from icr.fingerprint import fingerprint


@pytest.fixture
def tree(tmp_path):
    """A script that imports one module of a package, which imports another."""
    library = tmp_path / "icr"
    (library / "deep").mkdir(parents=True)
    (library / "__init__.py").write_text("")
    (library / "deep" / "__init__.py").write_text("")
    (library / "one.py").write_text('"""Doc."""\n\ndef f(x):\n    """Doc."""\n    return x + 1\n')
    (library / "deep" / "two.py").write_text("def g():\n    from icr.one import f\n    return f\n")
    (library / "other.py").write_text("A = 1\n")
    script = tmp_path / "script.py"
    script.write_text("from icr.deep import two\nprint(two.g())\n")

    def take():
        from icr import fingerprint as module

        for cached in (module.fingerprint, module._tree, module._imports, module._meaning):
            cached.cache_clear()
        return fingerprint(script, library)

    return library, script, take


def test_comments_and_docstrings_cost_nothing(tree):
    library, script, take = tree
    before = take()
    text = (library / "one.py").read_text()
    (library / "one.py").write_text("# why\n" + text.replace("Doc.", "Better words."))
    script.write_text("# new\n" + script.read_text())
    assert take() == before


def test_a_formula_reached_through_a_function_counts(tree):
    library, _, take = tree
    before = take()
    (library / "one.py").write_text("def f(x):\n    return x + 2\n")
    assert take() != before


def test_a_module_that_is_not_reached_does_not(tree):
    library, _, take = tree
    before = take()
    (library / "other.py").write_text("A = 2\n")
    assert take() == before


def test_reverting_an_edit_reverts_the_fingerprint(tree):
    library, _, take = tree
    before, text = take(), (library / "one.py").read_text()
    (library / "one.py").write_text("def f(x):\n    return 0\n")
    take()
    (library / "one.py").write_text(text)
    assert take() == before
