"""Checks of a run's inputs when Snakemake starts: before any job runs, and all of them at once."""

from collections.abc import Iterator
from pathlib import Path

from icr.config import Config
from icr.config.models import FolderSource, GgufSource, HubSource, MiniatureSource
from icr.config.preferences import (
    FolderPreferences,
    MiniaturePreferences,
    TranslatedPreferences,
)
from icr.config.prompts import FolderPrompts, MiniaturePrompts, TranslatedPrompts
from icr.config.questions import MiniatureFiles
from icr.config.xalpacaeval import MiniatureTable
from icr.errors import InputError
from icr.models.gguf_file import gguf_path
from icr.models.snapshots import mirrored
from icr.preferences.rows import check_folder
from icr.prompts.parallel import check_parallel, check_translations, prompt_file_in, read_prompts
from icr.storage.origins import conflicts
from icr.workflow.evaluation_inputs import evaluation_problems
from icr.workflow.input_checks import check_file, problem_of
from icr.workflow.model_files import file_problems
from icr.workflow.study import Study


def check_inputs(study: Study) -> None:
    """Check the user's own files, and that no other run uses a resource's name for something else.

    Raises InputError with one line per problem: which setting, which file, what would be right.
    """
    config = study.config
    problems = [
        *_model_problems(config),
        *_revision_problems(config),
        *file_problems(study),
        *_miniature_problems(config),
        *_prompt_problems(config),
        *_preference_problems(config),
        *evaluation_problems(study),
        *conflicts(study.fetched.resources(), config.run),
    ]
    if problems:
        lines = "\n".join(f"  - {problem}" for problem in problems)
        raise InputError(f"The inputs of this run have problems:\n{lines}")


def _is_model(folder: str) -> None:
    path = Path(folder).expanduser()
    if not (path / "config.json").is_file():
        reason = "it has no config.json" if path.is_dir() else "there is no such folder"
        raise InputError(f"{folder} is not a model folder: {reason}")


def _model_problems(config: Config) -> Iterator[str]:
    for name, model in config.models.items():
        source, where = model.source, f"models.{name}"
        if isinstance(source, FolderSource):
            yield from problem_of(f"{where}.source.folder", _is_model, source.folder)
        elif isinstance(source, GgufSource):
            yield from problem_of(f"{where}.source.gguf", gguf_path, source.gguf)
        if model.chat_template:
            yield from problem_of(f"{where}.chat_template", check_file, model.chat_template)
    for name, judge in config.judges.items():
        if judge.serve and judge.serve.gguf:
            yield from problem_of(f"judges.{name}.serve.gguf", gguf_path, judge.serve.gguf)


def _revision_problems(config: Config) -> Iterator[str]:
    """Revisions of a model for which a folder mirror has only one folder.

    A policy and its reference may be two of them; as one model, they would make every reward 0.
    """
    mirror = config.mirrors.hub
    if "://" in mirror:
        return
    revisions: dict[Path, set[str]] = {}
    for model in config.models.values():
        if isinstance(source := model.source, HubSource):
            folder = mirrored(mirror, source.hub, source.revision)
            revisions.setdefault(folder, set()).add(source.revision)
    for folder, names in revisions.items():
        if len(names) > 1:
            expected = " and ".join(f"{folder}@{name}" for name in sorted(names))
            problem = f"{folder} cannot be {len(names)} revisions"
            yield f"mirrors.hub: {problem}; name the folders {expected}"


def _miniature_problems(config: Config) -> Iterator[str]:
    """Missing facts of the miniature world."""
    worlds = (
        MiniatureSource | MiniaturePrompts | MiniaturePreferences | MiniatureFiles | MiniatureTable
    )
    section, questions = config.evaluation.xalpacaeval, config.questions.items()
    sources: list[tuple[str, object]] = [
        *((f"models.{name}.source", model.source) for name, model in config.models.items()),
        *((f"prompts.{name}.source", prompts.source) for name, prompts in config.prompts.items()),
        *(
            (f"preferences.{name}.source", pairs.source)
            for name, pairs in config.preferences.items()
        ),
        *((f"questions.{name}.source", files.source) for name, files in questions),
        *((f"questions.{name}.references", files.references) for name, files in questions),
        ("evaluation.xalpacaeval.length_table", section.length_table if section else None),
    ]
    for where, source in sources:
        if isinstance(source, worlds):
            yield from problem_of(f"{where}.miniature", check_file, source.miniature)
    for name, judge in config.judges.items():
        if judge.oracle:
            yield from problem_of(f"judges.{name}.oracle", check_file, judge.oracle)


def _prompt_problems(config: Config) -> Iterator[str]:
    for name, prompts in config.prompts.items():
        source, where = prompts.source, f"prompts.{name}.source"
        if isinstance(source, FolderPrompts):
            files = {la: prompt_file_in(source.folder, la) for la in prompts.languages}
            yield from problem_of(f"{where}.folder", check_parallel, files, prompts.size)
        elif isinstance(source, TranslatedPrompts):
            others = [language for language in prompts.languages if language != "en"]
            yield from _translated_problems(where, source, others)


def _preference_problems(config: Config) -> Iterator[str]:
    """The user's own preference pairs."""
    for name, pairs in config.preferences.items():
        source, where = pairs.source, f"preferences.{name}.source"
        languages = [la for la in pairs.languages if la not in pairs.elsewhere]
        if isinstance(source, TranslatedPreferences):
            source, where, languages = source.english, f"{where}.english", ["en"]
        if isinstance(source, FolderPreferences):
            yield from problem_of(f"{where}.folder", check_folder, source.folder, languages)


def _translated_problems(
    where: str, source: TranslatedPrompts, languages: list[str]
) -> Iterator[str]:
    english = None
    if isinstance(source.english, FolderPrompts):
        english = prompt_file_in(source.english.folder, "en")
        if problems := list(problem_of(f"{where}.english", read_prompts, english)):
            yield from problems
            return
    if source.translate.folder is not None:
        for language in languages:
            path = prompt_file_in(source.translate.folder, language)
            yield from problem_of(f"{where}.translate", check_translations, path, english)
