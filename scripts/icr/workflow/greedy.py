"""The files that pairings without rewards read: greedy answers and their translations."""

from icr.pairing import AnswerPairing, AnswersRead
from icr.workflow.iteration import Iteration
from icr.workflow.paths import Paths


class GreedyAnswers:
    """Files of greedy answers: one per language instead of blocks, as a prompt has one answer."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths

    def greedy(self, step: Iteration, language: str) -> str:
        """The greedy answers of the policy that an iteration starts from."""
        return self._file(self.paths.greedy, step, language)

    def translations(self, step: Iteration, source: str, target: str) -> str:
        """The greedy answers to the prompts of ``source``, translated into ``target``."""
        return self._file(self.paths.greedy_translations, step, source, target=target)

    def read(self, step: Iteration, language: str) -> AnswersRead:
        """The answers that an iteration's pairing reads for a language."""
        row, pairing = step.settings, step.pairing
        assert isinstance(pairing, AnswerPairing)
        return pairing.reads(language, row.languages, row.pairs.lidr)

    def others(self, step: Iteration, language: str) -> list[str]:
        """The languages whose answers are translated into ``language``."""
        return list(self.read(step, language).translated_from)

    def answers(self, step: Iteration, language: str) -> dict[str, str | list[str]]:
        """The files that one language's pairs are made of (icr.pairing.Answers)."""
        reads, others = self.read(step, language), self.others(step, language)
        return {
            "own": self.greedy(step, language),
            "translated": [self.translations(step, other, language) for other in others],
            "backward": [
                self.translations(step, language, other) for other in others if reads.backward
            ],
            "english": [self.greedy(step, "en")] if reads.english else [],
        }

    @staticmethod
    def _file(path: str, step: Iteration, language: str, **names: str) -> str:
        prompts = step.settings.prompts
        return path.format(
            policy=step.start, prompts=prompts.set, language=language, first=prompts.count, **names
        )
