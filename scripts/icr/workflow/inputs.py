"""Checks of a run's inputs when Snakemake starts: before any job runs, and all of them at once."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

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
from icr.evaluation.mtbench import questions as mtbench
from icr.evaluation.questions import answers_of, check_answers, numbered_questions
from icr.evaluation.rewardbench.metrics import check_weights, read_weights, subsets_of
from icr.models.gguf_file import gguf_path
from icr.models.snapshots import mirrored
from icr.preferences.rows import check_folder, read_folder
from icr.prompts.parallel import check_parallel, check_translations, prompt_file_in, read_prompts
from icr.storage.origins import conflicts
from icr.storage.rows import located_rows
from icr.workflow.model_files import file_problems
from icr.workflow.study import Study

KINDS: tuple[Literal["source"], Literal["references"]] = ("source", "references")


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
        *_weight_problems(config),
        *_xalpacaeval_problems(study),
        *_mtbench_problems(study),
        *_own_problems(study),
        *_benchmark_problems(study),
        *conflicts(study.fetched.resources(), config.run),
    ]
    if problems:
        lines = "\n".join(f"  - {problem}" for problem in problems)
        raise InputError(f"The inputs of this run have problems:\n{lines}")


def _problem(where: str, check: Callable[..., object], *arguments: Any) -> Iterator[str]:
    """The problem that ``check`` raises as an InputError, if any; ``where`` is the setting."""
    try:
        check(*arguments)
    except InputError as error:
        yield f"{where}: {error}"


def _is_file(path: str) -> None:
    if not Path(path).expanduser().is_file():
        raise InputError(f"there is no file {path}")


def _is_model(folder: str) -> None:
    path = Path(folder).expanduser()
    if not (path / "config.json").is_file():
        reason = "it has no config.json" if path.is_dir() else "there is no such folder"
        raise InputError(f"{folder} is not a model folder: {reason}")


def _model_problems(config: Config) -> Iterator[str]:
    for name, model in config.models.items():
        source, where = model.source, f"models.{name}"
        if isinstance(source, FolderSource):
            yield from _problem(f"{where}.source.folder", _is_model, source.folder)
        elif isinstance(source, GgufSource):
            yield from _problem(f"{where}.source.gguf", gguf_path, source.gguf)
        if model.chat_template:
            yield from _problem(f"{where}.chat_template", _is_file, model.chat_template)
    for name, judge in config.judges.items():
        if judge.serve and judge.serve.gguf:
            yield from _problem(f"judges.{name}.serve.gguf", gguf_path, judge.serve.gguf)


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
            yield from _problem(f"{where}.miniature", _is_file, source.miniature)
    for name, judge in config.judges.items():
        if judge.oracle:
            yield from _problem(f"judges.{name}.oracle", _is_file, judge.oracle)


def _prompt_problems(config: Config) -> Iterator[str]:
    for name, prompts in config.prompts.items():
        source, where = prompts.source, f"prompts.{name}.source"
        if isinstance(source, FolderPrompts):
            files = {la: prompt_file_in(source.folder, la) for la in prompts.languages}
            yield from _problem(f"{where}.folder", check_parallel, files, prompts.size)
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
            yield from _problem(f"{where}.folder", check_folder, source.folder, languages)


def _weight_problems(config: Config) -> Iterator[str]:
    """The file of weights of the preference triples, and the subsets of the user's own triples."""
    section = config.evaluation.rewardbench
    if section is None or section.weights is None:
        return
    where = "evaluation.rewardbench.weights"
    if problems := list(_problem(where, read_weights, section.weights)):
        yield from problems
        return
    triples = config.preferences[section.triples]
    files: dict[tuple[str, str], None] = {}
    for language in section.languages or triples.languages:
        source, original = triples.of(language), language
        if isinstance(source, TranslatedPreferences):
            source, original = source.english, "en"
        if isinstance(source, FolderPreferences):
            files[source.folder, original] = None
    for folder, language in files:
        yield from _problem(where, _check_subsets, section.weights, folder, language)


def _check_subsets(weights: str, folder: str, language: str) -> None:
    try:
        triples = read_folder(folder, language)
    except InputError:
        return  # reported with the preference set
    check_weights(read_weights(weights), subsets_of(triples))


def _translated_problems(
    where: str, source: TranslatedPrompts, languages: list[str]
) -> Iterator[str]:
    english = None
    if isinstance(source.english, FolderPrompts):
        english = prompt_file_in(source.english.folder, "en")
        if problems := list(_problem(f"{where}.english", read_prompts, english)):
            yield from problems
            return
    if source.translate.folder is not None:
        for language in languages:
            path = prompt_file_in(source.translate.folder, language)
            yield from _problem(f"{where}.translate", check_translations, path, english)


def _xalpacaeval_problems(study: Study) -> Iterator[str]:
    """The user's questions, references and outputs of X-AlpacaEval, in the languages in use."""
    section = study.config.evaluation.xalpacaeval
    if section is None:
        return
    evaluation, name = study.evaluations.xalpacaeval, section.questions
    for language in sorted(evaluation.all_languages):
        questions = study.local.questions(name, language, "source")
        if problems := list(_problem(f"questions.{name}.source", _check_questions, questions)):
            yield from problems
            continue
        answers = {
            f"questions.{name}.references": study.fetched.file_source(name, language, "references")
        }
        for system, outputs in section.outputs.items():
            if language in evaluation.languages[system]:
                answers[f"evaluation.xalpacaeval.outputs.{system}"] = outputs.source
        for where, source in answers.items():
            files = study.local.rows(source, language)
            yield from _problem(where, _check_answers, questions, files, section.count)


def _check_questions(files: list[str]) -> None:
    for file in files:
        numbered_questions(located_rows(file))


def _check_answers(questions: list[str], answers: list[str], first: int | None) -> None:
    for file in answers:
        rows = located_rows(file)
        answers_of(rows)
        for question_file in questions:
            check_answers(located_rows(question_file), rows, first)


def _mtbench_problems(study: Study) -> Iterator[str]:
    """The user's questions and references of MT-Bench, in the languages in use."""
    section = study.config.evaluation.mtbench
    if section is None:
        return
    for language in study.evaluations.mtbench.all_languages:
        name = section.questions
        questions, references = (study.local.questions(name, language, kind) for kind in KINDS)
        yield from _problem(f"questions.{name}", _check_mtbench, questions, references)


def _check_mtbench(questions: list[str], references: list[str]) -> None:
    if questions and references:
        mtbench.read_questions(questions[0], references[0])
    elif questions:
        mtbench.questions_of(located_rows(questions[0]))
    elif references:
        mtbench.references_of(located_rows(references[0]))


def _own_problems(study: Study) -> Iterator[str]:
    """The questions and references of the user's own benchmarks, in the languages in use."""
    for name, section in study.config.evaluation.own.items():
        for language in study.evaluations.judged[name].all_languages:
            where = f"questions.{section.questions}"
            questions = study.local.questions(section.questions, language, "source")
            if problems := list(_problem(f"{where}.source", _check_questions, questions)):
                yield from problems
                continue
            answers = study.local.questions(section.questions, language, "references")
            yield from _problem(
                f"{where}.references", _check_answers, questions, answers, section.count
            )


def _benchmark_problems(study: Study) -> Iterator[str]:
    """Task files of the user's own NLP benchmarks, and their data in the languages in use."""
    nlp = study.config.evaluation.nlp
    languages = study.evaluations.nlp.all_languages
    for name, benchmark in nlp.benchmarks.items() if nlp else []:
        where = f"evaluation.nlp.benchmarks.{name}"
        if benchmark.template:
            yield from _problem(f"{where}.template", _is_file, benchmark.template)
        for language in sorted(languages):
            data = (benchmark.data or "").format(language=language)
            if data and not data.startswith("resources/"):  # made by a rule
                yield from _problem(f"{where}.data", _is_file, data)
