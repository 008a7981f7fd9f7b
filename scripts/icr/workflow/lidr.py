"""What Language Imbalance Driven Rewarding reads: greedy answers and their translations."""

from icr.config.experiments import Experiment
from icr.workflow.paths import Paths
from icr.workflow.policies import Iteration


class LidrFiles:
    """Greedy answers of one file a language, as they are a tenth of the samples."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths

    def greedy(self, step: Iteration, language: str) -> str:
        """The greedy answers of the policy that an iteration starts from."""
        return self._filled(self.paths.greedy, step, language)

    def translations(self, step: Iteration, source: str, target: str) -> str:
        """The greedy answers to the prompts of ``source``, translated into ``target``."""
        return self._filled(self.paths.greedy_translations, step, source, target=target)

    @staticmethod
    def sources(row: Experiment, language: str) -> list[str]:
        """The languages whose answers LIDR translates into this one: English, or the others."""
        others = [la for la in row.languages if la != "en"]
        if language != "en":
            return ["en"]
        return others if row.pairs.lidr.english == "each" else others[-1:]

    def answers(self, step: Iteration, language: str) -> dict[str, str | list[str]]:
        """The answers that one language's pairs are made of (icr.pairing.lidr.Answers)."""
        row, lidr = step.settings, step.settings.pairs.lidr
        others = self.sources(row, language)
        both_ways = lidr.failed == "prompt"
        copied = lidr.untranslated and language != "en"
        return {
            "own": self.greedy(step, language),
            "translated": [self.translations(step, other, language) for other in others],
            "backward": [self.translations(step, language, other) for other in others if both_ways],
            "english": [self.greedy(step, "en")] if copied else [],
        }

    @staticmethod
    def _filled(path: str, step: Iteration, language: str, **names: str) -> str:
        prompts = step.settings.prompts
        return path.format(
            policy=step.start, prompts=prompts.set, language=language, first=prompts.count, **names
        )
