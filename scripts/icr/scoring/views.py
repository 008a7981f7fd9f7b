"""Views: which text is scored given which, under the name by which scores are kept on disk."""

from dataclasses import dataclass


@dataclass(frozen=True)
class View:
    """Of a response's log-probability, the condition and the text."""

    native: bool
    """Whether the native prompt is the condition, or else the English instruction."""
    translated: bool = False
    """Whether the policy's own English translation of the response is scored in its place."""

    def condition_language(self, language: str) -> str:
        """The language of the prompts that responses in a language are conditioned on."""
        return language if self.native else "en"


NATIVE = "multilingual"
"""The view that conditions on the native prompt."""

VIEWS = {
    "crosslingual": View(native=False),
    NATIVE: View(native=True),
    "translated": View(native=False, translated=True),
}
"""By name. The prefix of the cross-lingual condition: :func:`icr.scoring.block.condition`."""


def kept_as(view: str, language: str) -> str:
    """The view under which a language's scores are kept.

    The English instruction has no prefix (Section 3) and an English response needs no
    translation, so in English all views score the same text given the same text, and the
    scores are kept once.
    """
    return NATIVE if language == "en" else view
