"""What catches a bug: an identity that stops the run, or a claim that fails."""

import json
import traceback
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from icr.config import load_config
from icr.miniature.claims import MEASURES, accuracy_difference, agreement, win_rate
from icr.miniature.world import World
from icr.scoring import identities
from icr.storage.files import read_yaml
from icr.workflow.study import Study
from mutants.bugs import Bug
from mutants.iteration import Iteration, oracle_scores

PLANTED = Path(__file__).parents[1] / "planted_truth.json"
FACTS = "config/miniature/facts.yaml"
ORDERED = 0.73
"""Smallest share of sample pairs that R_c orders as the oracle does; set on seeds 1 to 5."""
IN_EACH = 0.5
"""Smallest win rate over the start in each language."""
BETTER = {"main-1": "One iteration improves on π⁰",
          "main-2": "The second iteration improves on the first"}  # fmt: skip
ACCURATE = "The cross-lingual reward orders samples better than the multilingual one"


@dataclass
class Trial:
    """Tries bugs on a finished demo in the working directory."""

    work: Path

    def __post_init__(self):
        self.study = Study(load_config(read_yaml("config/demo.yaml")))
        self.world = World(FACTS)
        claims = json.loads(PLANTED.read_text(encoding="utf-8"))
        # A tie is the threshold of claims that `make planted-truth` has not measured yet.
        ties = {name: MEASURES["win_rate"] for name in BETTER.values()} | {ACCURATE: 0.0}
        self.thresholds = {
            name: claims.get(name, {}).get("threshold") or tie for name, tie in ties.items()
        }

    def caught_by(self, bug: Bug | None, name: str = "") -> tuple[str, str]:
        """The first check that fails and its message; two empty strings if none fails."""
        bug = bug or Bug("none", policy=name or "main-1")
        work = self.work / bug.name.replace(" ", "-").replace("/", "-")
        work.mkdir(parents=True)
        try:
            with bug.planted():
                return self._failed_claim(bug, work)
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            inside = [f.name for f in frames if f.filename == identities.__file__]
            if not inside:
                raise
            return f"identity: {inside[-1]}", str(error)

    def _failed_claim(self, bug: Bug, work: Path) -> tuple[str, str]:
        iteration = Iteration(self.study, bug.policy, work)
        bug.before(iteration)
        iteration.build()
        ordered = self._ordered(iteration, iteration.responses)
        share = sum(series.mean() for series in ordered) / len(ordered)
        if share < ORDERED:
            return "claim: R_c orders samples", f"{share:.1%}, at least {ORDERED:.0%} expected"
        if bug.policy == "main-1":
            gain, _ = accuracy_difference(
                ordered, self._ordered(iteration, iteration.multilingual())
            )
            threshold = self.thresholds[ACCURATE]
            if gain < threshold or gain == 0:
                return "claim: R_c over R_m", f"{gain:+.1%}, at least {threshold:+.1%} expected"
        bug.after(iteration)
        trained = oracle_scores(self.study, self.world, iteration.train(), iteration.languages)
        before = self._before(iteration)
        rate, _ = win_rate(trained, before, iteration.foreign)
        threshold = self.thresholds[BETTER[bug.policy]]
        if rate < threshold:
            return "claim: win rate", f"{rate:.1%}, at least {threshold:.1%} expected"
        lowest, language = min((win_rate(trained, before, [la])[0], la) for la in iteration.foreign)
        if lowest < IN_EACH:
            return "claim: win rate of each language", f"{language}: {lowest:.1%}"
        return "", ""

    def _ordered(self, iteration, rewards):
        return [
            agreement(self.world, la, iteration.samples[la], rewards[la])
            for la in iteration.foreign
        ]

    def _before(self, iteration):
        return self._start_scores[iteration.policy]

    @cached_property
    def _start_scores(self):
        languages = self.study.policies.iterations["main-1"].settings.languages
        starts = {name: self.study.policies.iterations[name].start for name in BETTER}
        return {
            name: oracle_scores(
                self.study, self.world, self.study.policies.folder(start), languages
            )
            for name, start in starts.items()
        }
