"""How a policy is asked to translate responses."""

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
    """Translation of responses by the policy itself, greedily: for the translated view and LIDR."""

    prompt: str = PROMPT
    """The instruction, with ``{language}``, the target's English name, and ``{text}``. The default
    is the paper's (Appendix E.2), with the sentence on tags that the authors' code adds."""
    primer: str = "<translated>\n"
    """What the answer is made to begin with, as in the authors' code."""
    max_tokens: int = Field(8192, gt=0)
    """A translation that does not end before has failed."""

    @model_validator(mode="after")
    def _asks(self) -> Self:
        for place in ("{text}", "{language}"):
            if place not in self.prompt:
                raise ValueError(f"'prompt' must hold {place}")
        return self
