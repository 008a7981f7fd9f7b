"""Languages by their ISO 639-1 code, and the instruction prefix of the cross-lingual view."""

from icr.errors import InputError

ENGLISH_NAMES = {
    "ar": "Arabic",
    "bn": "Bengali",
    "cs": "Czech",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "sw": "Swahili",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "zh": "Chinese",
}


def english_name(language: str) -> str:
    """The English name of a language code.

    Raises InputError for an unknown code.
    """
    if language not in ENGLISH_NAMES:
        raise InputError(
            f"unknown language '{language}'; known codes: {', '.join(ENGLISH_NAMES)} "
            "(add yours to scripts/icr/prompts/languages.py)"
        )
    return ENGLISH_NAMES[language]


def language_prefix(language: str) -> str:
    """P, the request to answer in a language. The wording is part of the method (Appendix E.1)."""
    return (
        f"Please answer the following instruction using only {english_name(language)}, "
        "unless explicitly instructed to respond in a different language.\n\n"
    )


def crosslingual_instruction(english_prompt: str, language: str) -> str:
    """G(x): the English instruction after the prefix P; in English, the instruction alone."""
    return english_prompt if language == "en" else language_prefix(language) + english_prompt
