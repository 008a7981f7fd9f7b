"""Checks of the evaluations against the rest of the configuration."""

from collections.abc import Collection, Iterator, Mapping

from icr.config.evaluation import Evaluation
from icr.config.experiments import Experiment
from icr.config.judged import OwnBenchmark
from icr.config.judges import Judge
from icr.config.models import Model
from icr.config.questions import MiniatureFiles, QuestionSet
from icr.config.xalpacaeval import MiniatureTable
from icr.evaluation.judged import JUDGED, Contest, SingleTurn


def evaluation_problems(
    evaluation: Evaluation,
    models: Mapping[str, Model],
    experiments: Mapping[str, Experiment],
    judges: Mapping[str, Judge],
    questions: Mapping[str, QuestionSet],
) -> list[str]:
    """Problems of the evaluations and judges, one line each."""
    iterations = {name: row.iterations for name, row in experiments.items()}
    trained = {language for row in experiments.values() for language in row.languages}
    untrained = {f"{name}-1" for name, row in experiments.items() if not row.train}
    problems = [
        f"judges.{name}.serve.model: unknown model '{judge.serve.model}'; known: {_list(models)}"
        for name, judge in judges.items()
        if judge.serve is not None
        and judge.serve.model is not None
        and judge.serve.model not in models
    ]
    for name, section in evaluation.sections().items():
        where = f"evaluation.{name}"
        policies = [*getattr(section, "policies", []), *getattr(section, "extra_policies", [])]
        keys = dict.fromkeys(policies, "policies")
        if opponent := getattr(section, "opponent", None):
            keys.setdefault(opponent, "opponent")
        for policy, key in keys.items():
            if policy not in models and not _is_iteration(policy, iterations):
                ranges = (f"{row}-1 to {row}-{t}" for row, t in iterations.items())
                problems.append(
                    f"{where}.{key}: unknown policy '{policy}'; known: {_list(models)}, "
                    + ", ".join(ranges)
                )
            elif policy in untrained:
                problems.append(f"{where}.{key}: '{policy}' is not trained (train: false)")
        judge = getattr(section, "judge", None)
        if judge is not None and judge not in judges:
            problems.append(f"{where}.judge: unknown judge '{judge}'; known: {_list(judges)}")
        problems += _question_problems(where, section, questions)
        problems += _world_problems(where, section, judges, questions)
        problems += _language_problems(where, section, questions, trained)
        problems += [
            f"{where}.outputs.{name}: a policy has this name; rename the outputs"
            for name in getattr(section, "outputs", {})
            if name in models or _is_iteration(name, iterations)
        ]
    return [
        *problems,
        *_xalpacaeval_problems(evaluation, questions),
        *_mtbench_problems(evaluation, questions),
        *_own_problems(evaluation, questions, judges),
        *_pair_problems(evaluation, iterations),
    ]


def _question_problems(
    where: str, section: object, questions: Mapping[str, QuestionSet]
) -> Iterator[str]:
    name = getattr(section, "questions", None)
    if name is None:
        return
    if name not in questions:
        yield f"{where}.questions: unknown question set '{name}'; known: {_list(questions)}"
        return
    known = questions[name].languages
    for language in getattr(section, "languages", []):
        if language not in known:
            yield (
                f"{where}.languages: question set '{name}' has no '{language}'; "
                f"it has {', '.join(known)}"
            )


def _language_problems(
    where: str, section: object, questions: Mapping[str, QuestionSet], trained: Collection[str]
) -> Iterator[str]:
    """Languages that no experiment trains, or that the question set lacks."""
    languages, outputs = getattr(section, "languages", []), getattr(section, "outputs", {})
    for language in languages:
        if language not in trained:
            yield f"{where}.languages: no experiment has '{language}'"
    question_set = questions.get(getattr(section, "questions", ""))
    known = set(question_set.languages) if question_set is not None else set()
    if question_set is not None and not languages and not outputs and not known & set(trained):
        yield f"{where}.questions: the set has none of the experiments' languages"
    for name, stored in outputs.items():
        missing = [la for la in stored.languages if question_set and la not in known]
        if missing:
            yield (
                f"{where}.outputs.{name}.languages: the question set has no {', '.join(missing)}"
            )


def _world_problems(
    where: str, section: object, judges: Mapping[str, Judge], questions: Mapping[str, QuestionSet]
) -> Iterator[str]:
    """Settings of the miniature world with questions that are not the miniature's."""
    question_set = questions.get(getattr(section, "questions", ""))
    if question_set is None or all(
        isinstance(source, MiniatureFiles) for source in question_set.sources()
    ):
        return
    judge = judges.get(getattr(section, "judge", ""))
    if judge is not None and judge.oracle is not None:
        yield f"{where}.judge: an oracle judges miniature questions only"
    if isinstance(getattr(section, "length_table", None), MiniatureTable):
        yield f"{where}.length_table: a miniature table covers miniature questions only"


def _xalpacaeval_problems(
    evaluation: Evaluation, questions: Mapping[str, QuestionSet]
) -> Iterator[str]:
    section = evaluation.xalpacaeval
    if section is None or section.questions not in questions:
        return
    question_set = questions[section.questions]
    missing = [la for la in question_set.languages if question_set.files(la).references is None]
    if missing:
        yield (
            f"evaluation.xalpacaeval.questions: set '{section.questions}' has no 'references' for "
            f"{', '.join(missing)}; answers are judged against them"
        )


def _mtbench_problems(
    evaluation: Evaluation, questions: Mapping[str, QuestionSet]
) -> Iterator[str]:
    section = evaluation.mtbench
    if section is None or section.questions not in questions:
        return
    question_set = questions[section.questions]
    known = question_set.languages
    for language in section.languages or known:
        if language in known and question_set.files(language).references is None:
            yield (
                f"evaluation.mtbench.questions: set '{section.questions}' has no 'references' for "
                f"'{language}'; math, reasoning and coding are graded against them"
            )


def _contest_problems(
    where: str, benchmark: type[SingleTurn], section: OwnBenchmark, judges: Mapping[str, Judge]
) -> Iterator[str]:
    """An opponent without a contest, or a contest before an oracle."""
    if not issubclass(benchmark, Contest):
        if section.opponent is not None:
            yield f"{where}.opponent: this benchmark grades single answers; leave it out"
    elif section.judge in judges and judges[section.judge].oracle is not None:
        yield f"{where}.judge: the oracle does not know this benchmark's question; use a model"


def _own_problems(
    evaluation: Evaluation, questions: Mapping[str, QuestionSet], judges: Mapping[str, Judge]
) -> Iterator[str]:
    """A user's own benchmarks whose question sets do not fit them."""
    for name, section in evaluation.own.items():
        benchmark, question_set = JUDGED[name], questions.get(section.questions)
        assert issubclass(benchmark, SingleTurn)
        yield from _contest_problems(f"evaluation.own.{name}", benchmark, section, judges)
        known = question_set.languages if question_set else []
        missing = [la for la in known if question_set and not question_set.files(la).references]
        if benchmark.needs_references and missing:
            yield (
                f"evaluation.own.{name}.questions: set '{section.questions}' has no 'references' "
                f"for {', '.join(missing)}; the judge is shown them"
            )


def _pair_problems(evaluation: Evaluation, iterations: Mapping[str, int]) -> Iterator[str]:
    section = evaluation.reward_accuracy
    for policy in section.experiments if section else []:
        if not _is_iteration(policy, iterations):
            known = ", ".join(f"{name}-1" for name in iterations)
            yield (
                f"evaluation.reward_accuracy.experiments: '{policy}' is no iteration of an "
                f"experiment, so it has no pairs; iterations are, for example: {known}"
            )


def _is_iteration(policy: str, iterations: Mapping[str, int]) -> bool:
    name, _, t = policy.rpartition("-")
    return t.isdecimal() and 1 <= int(t) <= iterations.get(name, 0)


def _list(names: Mapping[str, object]) -> str:
    return ", ".join(names) or "none"
