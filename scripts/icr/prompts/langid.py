"""Language identification."""

from collections.abc import Sequence
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier


@cache
def _identifier(languages: tuple[str, ...]) -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    known = set(identifier.labels)
    identifier.set_languages([language for language in languages if language in known])
    return identifier


def detect(texts: Sequence[str], languages: Sequence[str]) -> list[str]:
    """The likeliest of ``languages`` for each text; ``""`` for an empty text.

    Works offline. A text in any other language gets the likeliest of ``languages`` too.
    """
    identifier = _identifier(tuple(languages))
    return [str(identifier.classify(text)[0]) if text.strip() else "" for text in texts]
