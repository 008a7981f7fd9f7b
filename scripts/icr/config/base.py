"""What all parts of the configuration have in common."""

from collections import Counter
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, StringConstraints

from icr.prompts.languages import english_name


class Section(BaseModel):
    """A part of the configuration: an unknown key is an error, and nothing changes later.

    No number is infinite or none at all. No error repeats a value, which may be a secret.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
    )


def _known(language: str) -> str:
    english_name(language)
    return language


Language = Annotated[str, AfterValidator(_known)]
"""An ISO 639-1 code that scripts/icr/prompts/languages.py lists."""


def _unique(languages: list[str]) -> list[str]:
    twice = [la for la, times in Counter(languages).items() if times > 1]
    if twice:
        raise ValueError(f"a language is named twice: {', '.join(twice)}")
    return languages


Languages = Annotated[list[Language], AfterValidator(_unique)]
"""Languages, each once."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$")]
"""A name that becomes part of paths: lower-case letters, digits, dots and dashes."""


def told_by_key(*keys: str) -> Discriminator:
    """Tells the kinds of a source apart by the key that only one of them has."""

    def kind(value: Any) -> str | None:
        has = value.__contains__ if isinstance(value, dict) else lambda key: hasattr(value, key)
        return next((key for key in keys if has(key)), None)

    return Discriminator(
        kind,
        custom_error_type="unknown_source",
        custom_error_message=f"a source needs one of the keys {', '.join(keys)}",
    )
