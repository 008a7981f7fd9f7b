"""Views: which text is scored under which condition, by the names of their files on disk."""

from dataclasses import dataclass


@dataclass(frozen=True)
class View:
    """Condition and text of a response's log-probability."""

    native: bool
    """Whether the condition is the native prompt, instead of the English instruction."""
    translated: bool = False
    """Whether the policy's own English translation of the response is scored instead of it."""

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
    """The view under whose name a language's scores are stored.

    The English instruction has no prefix (Section 3) and an English response needs no
    translation. So in English all views score the same text under the same condition, and the
    scores are stored once.
    """
    return NATIVE if language == "en" else view
