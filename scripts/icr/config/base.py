"""Types that all sections of the configuration share."""

from collections import Counter
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    StringConstraints,
)

from icr.prompts.languages import english_name


class Section(BaseModel):
    """A section of the configuration: immutable, without unknown keys, with finite numbers.

    Error messages do not repeat values, which may be secrets.
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


def _no(language: Any) -> Any:
    if language is False:
        raise ValueError('YAML reads a bare no as false; write "no" in quotes for Norwegian')
    return language


Language = Annotated[str, BeforeValidator(_no), AfterValidator(_known)]
"""An ISO 639-1 code."""


def _unique(languages: list[str]) -> list[str]:
    repeated = [language for language, count in Counter(languages).items() if count > 1]
    if repeated:
        raise ValueError(f"a language is named twice: {', '.join(repeated)}")
    return languages


Languages = Annotated[list[Language], AfterValidator(_unique)]
"""Distinct languages."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$")]
"""A name that becomes part of paths: lower-case letters, digits, dots and dashes."""

NameByLanguage = Annotated[
    str,
    StringConstraints(pattern=r"^([a-z0-9]|\{language\})+([.-]([a-z0-9]|\{language\})+)*$"),
]
"""A name in which ``{language}`` may stand for the code of a language."""


def kind_by_key(*keys: str) -> Discriminator:
    """A discriminator of source kinds: each kind has one of ``keys``."""

    def kind(value: Any) -> str | None:
        has = value.__contains__ if isinstance(value, dict) else lambda key: hasattr(value, key)
        return next((key for key in keys if has(key)), None)

    return Discriminator(
        kind,
        custom_error_type="unknown_source",
        custom_error_message=f"a source needs one of the keys {', '.join(keys)}",
    )
