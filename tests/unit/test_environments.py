"""Environments: lists, locks and conda files agree, and each provides its rules' imports."""

import ast
import re
import sys

import pytest
import yaml
from environments import CONDA, ENVS, ROOT, lock
from packaging.utils import canonicalize_name

from icr.workflow.fingerprint import LIBRARY


def rules():
    """(environment, script) of every rule that names a script; a handover starts Snakemake's."""
    for file in sorted((ROOT / "rules").glob("*.smk")):
        for text in re.split(r"^ *rule ", file.read_text(encoding="utf-8"), flags=re.M)[1:]:
            script = re.search(r'script:\n\s+"\.\./(scripts/\w+\.py)"', text)
            env = re.search(r"conda:\n\s+(.+)\n", text)
            if "handover:" in text:
                continue
            if script and "judges.environment(" in env[1]:  # with or without vLLM, by the judge
                names = ["xalpacaeval", "sampling"]
            else:
                names = re.findall(r"^\"\.\./envs/(\w+)\.yaml\"$", env[1]) if script else []
                assert names or not script, f"{file.name}: which environment is {env[1]}?"
            for name in names:
                yield pytest.param(name, script[1], id=f"{text.partition(':')[0]}-{name}")


@pytest.mark.parametrize("name", lock.names())
def test_the_lock_satisfies_the_list(name):
    pins = lock.versions(name)
    for requirement in lock.listed(name):
        version = pins.get(canonicalize_name(requirement.name))
        assert version, f"envs/{name}.in requires {requirement}; run `make envs`"
        assert requirement.specifier.contains(version, prereleases=True), (
            f"{requirement}: {version} locked"
        )


@pytest.mark.parametrize("name", CONDA)
def test_conda_file_is_made_from_its_lock(name):
    text = (ENVS / f"{name}.yaml").read_text(encoding="utf-8")
    assert text == lock.conda(name), "run `make envs`, or `python envs/lock.py --conda-only`"
    described = yaml.safe_load(text)
    assert described["channels"] == ["conda-forge", "nodefaults"]
    *system, pip = described["dependencies"]
    assert system[:2] == ["python=3.11", "pip"]
    assert pip == {"pip": lock.pins(name)}
    assert all(re.fullmatch(r"[\w.-]+==[\w.!+-]+", pin) for pin in lock.pins(name))


def test_no_file_without_a_list():
    for suffix in ("txt", "yaml"):
        strays = {p.stem for p in ENVS.glob(f"*.{suffix}")} - set(lock.names()) - {"constraint"}
        assert not strays, f"envs/*.{suffix} that no list makes: {strays}"


@pytest.mark.parametrize("name", CONDA)
def test_versions_match_those_of_the_tests(name):
    """Packages that a list names have local.txt's version; vLLM alone pins its own."""
    local, pins = lock.versions(lock.LOCAL), lock.versions(name)
    for requirement in lock.listed(name):
        package = canonicalize_name(requirement.name)
        if package in local:
            assert pins[package] == local[package], f"envs/{name}.in: {requirement}"


@pytest.mark.parametrize("name", CONDA)
def test_torch_comes_with_its_cuda_packages(name):
    pins = lock.versions(name)
    if "torch" in pins:
        assert "+" not in pins["torch"]
        assert {"nvidia-cublas", "nvidia-cudnn-cu13", "nvidia-nccl-cu13", "triton"} <= set(pins)
    assert not [p for p in lock.versions(lock.LOCAL) if p.startswith("nvidia-")]


@pytest.mark.parametrize(("env", "script"), list(rules()))
def test_the_environment_provides_its_rules_imports(env, script):
    """Module-level imports of the script and of the library modules that it reaches."""
    pins = lock.versions(env)
    missing = lacking(ROOT / script, pins)
    assert not missing, f"envs/{env}.in lacks what {script} imports: {missing}"


def test_the_workflow_environment_provides_the_rule_files_imports():
    """Rule files are plain Python except for the rules themselves."""
    pins, missing = lock.versions("workflow"), {}
    for file in [ROOT / "Snakefile", *(ROOT / "rules").glob("*.smk")]:
        text = file.read_text(encoding="utf-8")
        for name in re.findall(r"^(?:from|import) (icr[\w.]*)(?: import ([\w, ]+))?$", text, re.M):
            for part in [name[0], *(f"{name[0]}.{child.strip()}" for child in name[1].split(","))]:
                for module in library_files(part.split(".")[1:]):
                    missing |= lacking(module, pins)
    assert not missing, f"envs/workflow.in lacks what rules reach: {missing}"


PACKAGES = {
    "yaml": "pyyaml",
    "google": "google-cloud-translate",
    "sklearn": "scikit-learn",
    "markdown-it": "markdown-it-py",
}
"""Where a distribution's name is not its module's."""


def imports(file, seen=None):
    """Third-party packages imported at module level, with the file that imports each."""
    seen = {} if seen is None else seen
    if file in seen:
        return {}
    seen[file] = True
    packages = {}
    for name in _top_level(ast.parse(file.read_text(encoding="utf-8"))):
        package, *parts = name.split(".")
        if package == LIBRARY.name:
            for depth in range(len(parts) + 1):
                for module in library_files(parts[:depth]):
                    packages |= imports(module, seen)
        elif package not in sys.stdlib_module_names and package != "snakemake":
            packages[canonicalize_name(package)] = file.name
    return packages


def library_files(parts):
    """The files of a module of the library, if it is one."""
    base = LIBRARY.joinpath(*parts)
    return [file for file in (base.with_suffix(".py"), base / "__init__.py") if file.is_file()]


def lacking(file, pins):
    """Packages that a file needs and ``pins`` lack, with the file that imports each."""
    return {
        package: importer
        for package, importer in imports(file).items()
        if PACKAGES.get(package, package) not in pins
    }


def _top_level(tree):
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
