"""What a run stands on, checked when Snakemake starts: before any job, and all at once."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

from icr.config import Config
from icr.config.models import FolderSource, GgufSource, HubSource, MiniatureSource
from icr.config.prompts import FolderPrompts, MiniaturePrompts, TranslatedPrompts
from icr.config.questions import MiniatureFiles
from icr.config.xalpacaeval import MiniatureTable
from icr.errors import InputError
from icr.evaluation.mtbench import questions as talks
from icr.evaluation.questions import answers_of, check_answers, numbered_questions
from icr.models.gguf_file import gguf_path
from icr.models.snapshots import mirrored
from icr.prompts.parallel import check_parallel, check_translations, prompt_file_in, read_prompts
from icr.storage.origins import conflicts
from icr.storage.rows import located_rows
from icr.workflow.study import Study

KINDS: tuple[Literal["source"], Literal["references"]] = ("source", "references")


def check_inputs(study: Study) -> None:
    """Check the user's own files, and that no name means another run's resource.

    Raises InputError with one line a problem: which setting, which file, what would be right.
    """
    config = study.config
    problems = [
        *_model_problems(config),
        *_revision_problems(config),
        *_miniature_problems(config),
        *_prompt_problems(config),
        *_alpaca_problems(study),
        *_talk_problems(study),
        *_own_problems(study),
        *_benchmark_problems(study),
        *conflicts(study.fetched.resources(), config.run),
    ]
    if problems:
        lines = "\n".join(f"  - {problem}" for problem in problems)
        raise InputError(f"Something that this run stands on is not right:\n{lines}")


def _tried(where: str, check: Callable[..., object], *arguments: Any) -> Iterator[str]:
    """The problem that a check finds, if it finds one."""
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
        what = "it has no config.json" if path.is_dir() else "there is no such folder"
        raise InputError(f"{folder} is no model folder: {what}")


def _model_problems(config: Config) -> Iterator[str]:
    for name, model in config.models.items():
        source, where = model.source, f"models.{name}"
        if isinstance(source, FolderSource):
            yield from _tried(f"{where}.source.folder", _is_model, source.folder)
        elif isinstance(source, GgufSource):
            yield from _tried(f"{where}.source.gguf", gguf_path, source.gguf)
        if model.chat_template:
            yield from _tried(f"{where}.chat_template", _is_file, model.chat_template)
    for name, judge in config.judges.items():
        if judge.serve and judge.serve.gguf:
            yield from _tried(f"judges.{name}.serve.gguf", gguf_path, judge.serve.gguf)


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
    worlds = MiniatureSource | MiniaturePrompts | MiniatureFiles | MiniatureTable
    x = config.evaluation.xalpacaeval
    sources: list[tuple[str, object]] = [
        *((f"models.{name}.source", model.source) for name, model in config.models.items()),
        *((f"prompts.{name}.source", prompts.source) for name, prompts in config.prompts.items()),
        *((f"questions.{name}.source", asked.source) for name, asked in config.questions.items()),
        *((f"questions.{n}.references", asked.references) for n, asked in config.questions.items()),
        ("evaluation.xalpacaeval.length_table", x.length_table if x else None),
    ]
    for where, source in sources:
        if isinstance(source, worlds):
            yield from _tried(f"{where}.miniature", _is_file, source.miniature)
    for name, judge in config.judges.items():
        if judge.oracle:
            yield from _tried(f"judges.{name}.oracle", _is_file, judge.oracle)


def _prompt_problems(config: Config) -> Iterator[str]:
    for name, prompts in config.prompts.items():
        source, where = prompts.source, f"prompts.{name}.source"
        if isinstance(source, FolderPrompts):
            files = {la: prompt_file_in(source.folder, la) for la in prompts.languages}
            yield from _tried(f"{where}.folder", check_parallel, files, prompts.size)
        elif isinstance(source, TranslatedPrompts):
            others = [language for language in prompts.languages if language != "en"]
            yield from _translated_problems(where, source, others)


def _translated_problems(
    where: str, source: TranslatedPrompts, languages: list[str]
) -> Iterator[str]:
    english = None
    if isinstance(source.english, FolderPrompts):
        english = prompt_file_in(source.english.folder, "en")
        if problems := list(_tried(f"{where}.english", read_prompts, english)):
            yield from problems
            return
    if source.translate.folder is not None:
        for language in languages:
            path = prompt_file_in(source.translate.folder, language)
            yield from _tried(f"{where}.translate", check_translations, path, english)


def _alpaca_problems(study: Study) -> Iterator[str]:
    """Own questions, references and outputs of X-AlpacaEval, in the languages that are used."""
    section = study.config.evaluation.xalpacaeval
    if section is None:
        return
    asked_in = study.evaluations.xalpacaeval.languages
    name = section.questions
    for language in sorted({la for languages in asked_in.values() for la in languages}):
        questions = study.local.questions(name, language, "source")
        found = list(_tried(f"questions.{name}.source", _check_questions, questions))
        if found:
            yield from found
            continue
        answers = {
            f"questions.{name}.references": study.fetched.file_source(name, language, "references")
        }
        for system, outputs in section.outputs.items():
            if language in asked_in[system]:
                answers[f"evaluation.xalpacaeval.outputs.{system}"] = outputs.source
        for where, source in answers.items():
            files = study.local.rows(source, language)
            yield from _tried(where, _check_answers, questions, files, section.count)


def _check_questions(files: list[str]) -> None:
    for file in files:
        numbered_questions(located_rows(file))


def _check_answers(questions: list[str], answers: list[str], first: int | None) -> None:
    for file in answers:
        rows = located_rows(file)
        answers_of(rows)
        for asked in questions:
            check_answers(located_rows(asked), rows, first)


def _talk_problems(study: Study) -> Iterator[str]:
    """Own questions and references of MT-Bench, in the languages that are used."""
    section = study.config.evaluation.mtbench
    if section is None:
        return
    for language in study.evaluations.mtbench.asked:
        name = section.questions
        questions, references = (study.local.questions(name, language, kind) for kind in KINDS)
        yield from _tried(f"questions.{name}", _check_talks, questions, references)


def _check_talks(questions: list[str], references: list[str]) -> None:
    if questions and references:
        talks.read_questions(questions[0], references[0])
    elif questions:
        talks.questions_of(located_rows(questions[0]))
    elif references:
        talks.references_of(located_rows(references[0]))


def _own_problems(study: Study) -> Iterator[str]:
    """Own questions and references of judged benchmarks of one's own, as far as they are used."""
    for name, section in study.config.evaluation.own.items():
        for language in study.evaluations.judged[name].asked:
            where = f"questions.{section.questions}"
            questions = study.local.questions(section.questions, language, "source")
            if problems := list(_tried(f"{where}.source", _check_questions, questions)):
                yield from problems
                continue
            answers = study.local.questions(section.questions, language, "references")
            yield from _tried(
                f"{where}.references", _check_answers, questions, answers, section.count
            )


def _benchmark_problems(study: Study) -> Iterator[str]:
    """Own NLP benchmarks: their task files, and their questions in the languages that are used."""
    nlp = study.config.evaluation.nlp
    languages = {la for languages in study.evaluations.nlp.languages.values() for la in languages}
    for name, benchmark in nlp.benchmarks.items() if nlp else []:
        where = f"evaluation.nlp.benchmarks.{name}"
        if benchmark.template:
            yield from _tried(f"{where}.template", _is_file, benchmark.template)
        for language in sorted(languages):
            data = (benchmark.data or "").format(language=language)
            if data and not data.startswith("resources/"):  # which a rule makes
                yield from _tried(f"{where}.data", _is_file, data)
