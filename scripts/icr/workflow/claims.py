"""The paper's claims that a run of the miniature can test, and the files that they need."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from icr.miniature.claims import CHANCE, claimed_policies
from icr.workflow.blocks import Blocks
from icr.workflow.evaluations import Evaluations
from icr.workflow.policies import Policies
from icr.workflow.rewardbench import RewardBenches
from icr.workflow.roles import policy_of


class Claims:
    """The claims whose policies and evaluations a run has, with the policies' canonical names.

    ``claims`` is the result of :func:`icr.miniature.claims.read_claims`.
    """

    def __init__(
        self,
        claims: Sequence[Mapping[str, Any]],
        policies: Policies,
        blocks: Blocks,
        evaluations: Evaluations,
        rewardbench: RewardBenches,
    ) -> None:
        self.policies, self.blocks, self.evaluations = policies, blocks, evaluations
        self.rewardbench = rewardbench
        self.languages = policies.config.experiments["main"].languages
        self.foreign = [la for la in self.languages if la != "en"]
        self._measured = {"mtbench": evaluations.mtbench, "mc2": evaluations.nlp}
        resolved = map(self._resolved, claims)
        self.claims = [claim for claim in resolved if policies.facts and self._testable(claim)]

    def _resolved(self, claim: Mapping[str, Any]) -> dict[str, Any]:
        """The claim with canonical names of policies; rewards keep theirs."""
        if claim["measure"] == "rewardbench":
            return dict(claim)
        names = [policy_of(self.policies, name) for name in claim["policies"]]
        return {**claim, "policies": names}

    def _testable(self, claim: Mapping[str, Any]) -> bool:
        policies, measure = claim["policies"], claim["measure"]
        if measure == "rewardbench":
            return None not in self._rewards(claim).values()
        if None in policies or len(set(policies)) < 2:
            return False
        if measure == "accuracy":  # defined for rewards alone
            return set(policies) <= set(self.policies.rewarded)
        if not set(policies) <= {*self.policies.config.models, *self.policies.trained}:
            return False
        measured = self._measured.get(measure)
        cells = {(policy, la) for policy in policies for la in self.foreign}
        return measured is None or cells <= measured.metrics.keys()

    @cached_property
    def scores(self) -> dict[str, list[str]]:
        """Files of the oracle's scores, by policy that is compared by win rate or length."""
        policies = claimed_policies(self.claims, "win_rate", "length")
        return {policy: self.evaluations.oracle_scores(policy) for policy in policies}

    @cached_property
    def rewards(self) -> dict[str, list[tuple[str, list[str], str]]]:
        """Language, sample files and file of rewarded responses, by iteration."""
        path = self.policies.paths.pair_responses
        return {
            policy: [
                (
                    language,
                    self.blocks.samples(self.policies.iterations[policy], language),
                    path.format(policy=policy, language=language),
                )
                for language in self.foreign
            ]
            for policy in claimed_policies(self.claims, "accuracy")
        }

    def _rewards(self, claim: Mapping[str, Any]) -> dict[tuple[str, str], str | None]:
        """Files of rewarded triples of a claim's rewards, by name in the claim and language."""
        return {
            (name, language): self.rewardbench.rewards(
                name.replace("{language}", language), language
            )
            for name in claim["policies"]
            for language in claim["languages"]
            if name != CHANCE
        }

    @cached_property
    def triples(self) -> dict[str, dict[str, str]]:
        """Files of rewarded triples, by reward as claims name it and language."""
        files: dict[str, dict[str, str]] = {}
        for claim in self.claims:
            if claim["measure"] == "rewardbench":
                for (name, language), path in self._rewards(claim).items():
                    files.setdefault(name, {})[language] = str(path)
        return files

    @cached_property
    def metrics(self) -> dict[str, dict[str, list[str]]]:
        """Metric files by measure and policy; of claims with the same measure, of the last."""
        return {
            claim["measure"]: {
                policy: [measured.metrics[policy, la] for la in self.foreign]
                for policy in claim["policies"]
            }
            for claim in self.claims
            if (measured := self._measured.get(claim["measure"]))
        }
