"""Checks of the user's own evaluation files: questions, answers, weights and tasks."""

from collections.abc import Iterator
from typing import Literal

from icr.config.preferences import FolderPreferences, TranslatedPreferences
from icr.errors import InputError
from icr.evaluation.mtbench import questions as mtbench
from icr.evaluation.questions import answers_of, check_answers, numbered_questions
from icr.evaluation.rewardbench.metrics import check_weights, read_weights, subsets_of
from icr.preferences.rows import read_folder
from icr.storage.rows import located_rows
from icr.workflow.input_checks import check_file, problem_of
from icr.workflow.study import Study

KINDS: tuple[Literal["source"], Literal["references"]] = ("source", "references")


def evaluation_problems(study: Study) -> Iterator[str]:
    """The problems of the files that evaluations read."""
    yield from _weight_problems(study)
    yield from _xalpacaeval_problems(study)
    yield from _mtbench_problems(study)
    yield from _own_problems(study)
    yield from _benchmark_problems(study)


def _weight_problems(study: Study) -> Iterator[str]:
    """The file of weights of the preference triples, and the subsets of the user's own triples."""
    config = study.config
    section = config.evaluation.rewardbench
    if section is None or section.weights is None:
        return
    where = "evaluation.rewardbench.weights"
    if problems := list(problem_of(where, read_weights, section.weights)):
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
        yield from problem_of(where, _check_subsets, section.weights, folder, language)


def _check_subsets(weights: str, folder: str, language: str) -> None:
    try:
        triples = read_folder(folder, language)
    except InputError:
        return  # reported with the preference set
    check_weights(read_weights(weights), subsets_of(triples))


def _xalpacaeval_problems(study: Study) -> Iterator[str]:
    """The user's questions, references and outputs of X-AlpacaEval, in the languages in use."""
    section = study.config.evaluation.xalpacaeval
    if section is None:
        return
    evaluation, name = study.evaluations.xalpacaeval, section.questions
    for language in sorted(evaluation.all_languages):
        questions = study.local.questions(name, language, "source")
        if problems := list(problem_of(f"questions.{name}.source", _check_questions, questions)):
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
            yield from problem_of(where, _check_answers, questions, files, section.count)


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
        yield from problem_of(f"questions.{name}", _check_mtbench, questions, references)


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
            if problems := list(problem_of(f"{where}.source", _check_questions, questions)):
                yield from problems
                continue
            answers = study.local.questions(section.questions, language, "references")
            yield from problem_of(
                f"{where}.references", _check_answers, questions, answers, section.count
            )


def _benchmark_problems(study: Study) -> Iterator[str]:
    """Task files of the user's own NLP benchmarks, and their data in the languages in use."""
    nlp = study.config.evaluation.nlp
    languages = study.evaluations.nlp.all_languages
    for name, benchmark in nlp.benchmarks.items() if nlp else []:
        where = f"evaluation.nlp.benchmarks.{name}"
        if benchmark.template:
            yield from problem_of(f"{where}.template", check_file, benchmark.template)
        for language in sorted(languages):
            data = (benchmark.data or "").format(language=language)
            if data and not data.startswith("resources/"):  # made by a rule
                yield from problem_of(f"{where}.data", check_file, data)
