"""Translation of responses by a policy."""

from typing import Self

from pydantic import Field, model_validator

from icr.config.base import Section

PROMPT = """Please translate the following sentences into {language}. \
The input sentences are wrapped by <sentence> and </sentence>:

<sentence>
{text}
</sentence>

The translated result should be wrapped by <translated> and </translated>.
"""


class SelfTranslation(Section):
    """Translation of responses by the policy itself, for the translated view and LIDR."""

    prompt: str = PROMPT
    """The instruction, with ``{language}``, the English name of the target language, and
    ``{text}``. The default is the paper's (Appendix E.2), with the sentence on tags that the
    authors' code adds."""
    primer: str = "<translated>\n"
    """The forced beginning of the answer, as in the authors' code."""
    max_tokens: int = Field(8192, gt=0)
    """Maximum tokens of a translation; a longer translation fails."""

    @model_validator(mode="after")
    def _check_prompt(self) -> Self:
        for field in ("{text}", "{language}"):
            if field not in self.prompt:
                raise ValueError(f"'prompt' must hold {field}")
        return self
