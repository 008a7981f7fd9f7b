"""The rows of the comparison, `snakemake rivals`, and what each costs.

A row is the first policy of an experiment that follows a registered system
(:mod:`icr.systems`) in main's setting: from the same start, on the same prompts, in the same
languages besides English.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from icr.config import Config
from icr.config.experiments import Experiment
from icr.config.models import AlignedSource, HubSource, MiniatureSource, RewardModelSource
from icr.evaluation.measures import Measure
from icr.systems import SYSTEMS
from icr.tables.measures import measures
from icr.tables.plan import metric_files, plan_table
from icr.tables.results import Key
from icr.tables.rivals import rivals_table
from icr.tables.spec import Table
from icr.workflow.blocks import Blocks
from icr.workflow.evaluations import Evaluations
from icr.workflow.greedy import GreedyAnswers
from icr.workflow.iteration import Iteration
from icr.workflow.jobs import Jobs
from icr.workflow.paths import Paths
from icr.workflow.policies import Policies
from icr.workflow.resources import Request


@dataclass(frozen=True)
class Rival:
    """A row of the comparison."""

    policy: str
    experiment: str
    system: str


class Rivals:
    """The comparison of a run."""

    def __init__(
        self,
        config: Config,
        paths: Paths,
        policies: Policies,
        blocks: Blocks,
        greedy: GreedyAnswers,
        evaluations: Evaluations,
        jobs: Jobs,
    ) -> None:
        self.config, self.paths, self.policies, self.blocks = config, paths, policies, blocks
        self.greedy, self.evaluations, self.jobs = greedy, evaluations, jobs

    @cached_property
    def rivals(self) -> list[Rival]:
        """The rows, in the order of the experiments; equal first policies are one row."""
        rows: dict[str, Rival] = {}
        for name, row in self.config.experiments.items():
            system = next((system for system in SYSTEMS if SYSTEMS[system].makes(row)), None)
            if system is not None and self._in_mains_setting(row):
                policy = self.policies.of(name, 1)
                rows.setdefault(policy, Rival(policy, name, system))
        return list(rows.values())

    @property
    def compared(self) -> bool:
        """Whether the run has a rival to compare with: two systems or more."""
        return len({rival.system for rival in self.rivals}) > 1

    def _in_mains_setting(self, row: Experiment) -> bool:
        main = self.config.experiments["main"]
        others = [set(experiment.languages) - {"en"} for experiment in (main, row)]
        same = (row.start, row.prompts) == (main.start, main.prompts)
        return row.train and same and others[0] == others[1]

    @cached_property
    def table(self) -> Table:
        """The table: the start, then a row for each rival, named after its policy."""
        labels = {self.policies.of("main", 0): "π⁰, from which all start"}
        labels |= {r.policy: f"{SYSTEMS[r.system].title} ({r.experiment})" for r in self.rivals}
        known: dict[str, Measure] = measures(self.evaluations.nlp_benchmarks)
        return rivals_table(labels, known, gpus=self.config.compute.gpus > 0)

    def plan(self) -> dict[str, Any]:
        """Arguments of :class:`icr.tables.cells.Plan`."""
        languages = self.config.experiments["main"].languages
        plan = plan_table(
            self.table, languages, lambda name: name, lambda _: None, self.evaluations.measured
        )
        return {**plan, "comparable": False, "seed": self.config.seed}

    def metrics(self) -> dict[Key, str]:
        """The metric files that the table reads, by evaluation, policy and language."""
        return metric_files(self.table, self.plan(), self.evaluations.measured)

    def beside(self) -> dict[str, dict[str, Any]]:
        """By row: what it costs and sees (icr.tables.rivals.Beside), as plain values."""
        main = self.work(self.policies.of("main", 1))
        start = self.config.experiments["main"].start
        rows: dict[str, dict[str, Any]] = {
            start: {"jobs": [], "judgements": self.judgements([start])}
        }
        for rival in self.rivals:
            row = self.config.experiments[rival.experiment]
            system = SYSTEMS[rival.system]
            rows[rival.policy] = {
                "jobs": [
                    [self.paths.benchmark(file), request.gpus, 60 * request.expected, file in main]
                    for file, request in self.work(rival.policy).items()
                ],
                "judgements": self.judgements([row.start, *row.reward_models]),
                "system": f"{system.title} ({rival.experiment}; {system.paper})",
                "sees": system.sees,
                "differs": list(system.differs(self._plain(row))),
            }
        return rows

    def lines(self) -> list[str]:
        """For the plan: what each rival adds to the first iteration of main."""
        if not self.compared:
            return []
        main = self.work(self.policies.of("main", 1))
        unit = "GPU-hours" if self.config.compute.gpus else "hours of jobs"
        lines = ["Rivals, to the first policy of each; evaluations are not counted:"]
        for rival in self.rivals:
            work = self.work(rival.policy)
            added = {file: request for file, request in work.items() if file not in main}
            lines.append(
                f"- {rival.experiment}: {self._hours(work):.1f} {unit}, of which "
                f"{self._hours(added):.1f} in {len(added)} jobs are not main's"
            )
        return lines

    def _hours(self, work: dict[str, Request]) -> float:
        gpus = self.config.compute.gpus
        return sum(r.expected / 60 * (r.gpus if gpus else 1) for r in work.values())

    def work(self, policy: str) -> dict[str, Request]:
        """The jobs that make a policy from the one that it starts from, by their main output.

        Without pairs of greedy answers, which take seconds.
        """
        step = self.policies.iterations[policy]
        requests = {file: self._request(file) for file in self._read(step)}
        if policy in self.policies.pooled:
            file = self.paths.pairs.format(policy=policy, language="pooled")
            requests[file] = self.jobs.pooled_pairs(SimpleNamespace(policy=policy))
        elif step.pairing.rewarded:
            for language in step.settings.languages:
                file = self.paths.pairs.format(policy=policy, language=language)
                job = SimpleNamespace(policy=policy, language=language)
                requests[file] = self.jobs.build_pairs(job)
        summary = self.paths.training_summary.format(policy=policy)
        return {**requests, summary: self.jobs.train(SimpleNamespace(policy=policy))}

    def _read(self, step: Iteration) -> Iterator[str]:
        """The files that an iteration's pairs are made of."""
        if step.pairing.rewarded:
            yield from self.blocks.files(step)
            return
        for language in step.settings.languages:
            for files in self.greedy.answers(step, language).values():
                yield from [files] if isinstance(files, str) else files

    @cached_property
    def _jobs_by_path(self) -> list[tuple[str, Callable[[Any], Request]]]:
        paths, jobs = self.paths, self.jobs
        return [
            (paths.samples, jobs.sample),
            (paths.translations, jobs.self_translate),
            (paths.logprobs, jobs.logprobs),
            (paths.natural_rewards, jobs.natural_rewards),
            (paths.hidden_states, jobs.hidden_states),
            (paths.arithmetic, jobs.arithmetic),
            (paths.natural_arithmetic, jobs.natural_arithmetic),
            (paths.greedy, jobs.greedy),
            (paths.greedy_translations, jobs.greedy_translate),
        ]

    def _request(self, file: str) -> Request:
        for path, job in self._jobs_by_path:
            pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))
            if match := re.fullmatch(pattern, file):
                return job(SimpleNamespace(**match.groupdict()))
        raise ValueError(f"no rule is known to make {file}")

    def judgements(self, models: list[str | None]) -> int | None:
        """How many preference judgements trained some models; None if one does not state it."""
        total = 0
        for model in {model: None for model in models if model is not None}:
            count = self._judgements(model)
            if count is None:
                return None
            total += count
        return total

    def _judgements(self, name: str) -> int | None:
        model = self.config.models[name]
        if model.judgements is not None:
            return model.judgements
        if isinstance(model.source, AlignedSource):
            before = self._judgements(model.source.align)
            return None if before is None else before + model.source.count * model.source.draws
        if isinstance(model.source, RewardModelSource):
            before = self._judgements(model.source.reward)
            pairs = self.config.preferences[model.source.preferences].size
            return None if before is None else before + pairs
        return 0 if isinstance(model.source, MiniatureSource) else None

    def _plain(self, row: Experiment) -> dict[str, Any]:
        source = self.config.models[row.start].source
        start = source.hub if isinstance(source, HubSource) else row.start
        return {
            **row.model_dump(),
            "start": start,
            "sampling": self.config.sampling.model_dump(),
        }
