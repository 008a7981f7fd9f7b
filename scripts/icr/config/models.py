"""Base models: where each comes from."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, Tag, model_validator

from icr.config.base import Name, Section, told_by_key


class HubSource(Section):
    """A snapshot of a model on the hub."""

    hub: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    """Owner and name."""
    revision: str = "main"
    """A commit; of a branch, the commit that it stood for is recorded on download."""


class FolderSource(Section):
    """A local Hugging Face folder."""

    folder: str
    """Path, relative to the working directory or absolute."""


class GgufSource(Section):
    """A GGUF file, converted to a Hugging Face folder."""

    gguf: str
    """A path, or ``package:NAME/FILE`` for a file that an installed Python package carries."""


class MiniatureSource(Section):
    """The tiny model of the demo's world, trained on the spot."""

    miniature: str
    """Path of the world's facts."""
    hidden_size: int = Field(64, gt=0, multiple_of=8)
    layers: int = Field(3, gt=0)
    examples: int = Field(76_800, gt=0)
    """SFT examples, drawn afresh, one pass."""
    batch: int = Field(64, gt=0)
    learning_rate: float = Field(8e-3, gt=0)
    beta2: float = Field(0.98, gt=0, lt=1)
    """AdamW's second decay rate."""
    initial_std: float = Field(0.08, gt=0)
    """Standard deviation of the untrained weights."""
    careful: float = Field(0.33, ge=0, le=1)
    """Share of SFT examples by careful writers; the others are by sloppy ones."""
    dialogues: float = Field(0.6, ge=0, le=1)
    """Share of SFT examples with two turns."""
    translations: float = Field(0.08, ge=0, lt=1)
    """Share of SFT examples that translate an answer from or into English, asked as
    ``self_translation.prompt`` says."""


class AlignedSource(Section):
    """A base model after a short DPO on English pairs of its own responses."""

    align: Name
    """The base model to start from."""
    prompts: Name
    """The prompt set whose English prompts are answered."""
    count: int = Field(gt=0)
    """How many of its prompts."""
    annotator: Literal["oracle", "temperature"]
    """``oracle``: the demo world's own judge, best against worst of the samples.
    ``temperature``: a response sampled at a low temperature against one at a high temperature."""
    draws: int = Field(1, gt=0)
    """Pairs to make from each prompt."""
    samples: int = Field(6, gt=1)
    """Responses that each pair is chosen from (``oracle``)."""
    temperature: float = Field(1.0, gt=0)
    """Sampling temperature; of the rejected responses where the annotator is ``temperature``."""
    low_temperature: float = Field(0.3, ge=0)
    """Sampling temperature of the chosen responses where the annotator is ``temperature``."""
    training: dict[str, int | float | str | None] = Field(default_factory=dict)
    """Where the training differs from ``main``'s."""

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.annotator == "temperature" and self.low_temperature >= self.temperature:
            raise ValueError("'low_temperature' must be lower than 'temperature'")
        return self


ModelSource = Annotated[
    Annotated[HubSource, Tag("hub")]
    | Annotated[FolderSource, Tag("folder")]
    | Annotated[GgufSource, Tag("gguf")]
    | Annotated[MiniatureSource, Tag("miniature")]
    | Annotated[AlignedSource, Tag("align")],
    told_by_key("hub", "folder", "gguf", "miniature", "align"),
]


class Model(Section):
    """A base model."""

    source: ModelSource
    parameters: float = Field(8e9, gt=0)
    """Number of weights, roughly: jobs ask for memory and time by it."""
    chat_template: str | None = None
    """A Jinja file that replaces the tokenizer's own chat template."""
    stop: list[Annotated[str, StringConstraints(min_length=1)]] = Field(default_factory=list)
    """Tokens that end a response, beside those that the tokenizer, the generation settings and the
    chat template name: each one token of the vocabulary, as ``<|eot_id|>``. Of a model that is
    downloaded, linked or converted; what is made from it ends alike."""
    gpus: int = Field(1, gt=0)
    """GPUs that share the model where it answers, if one is too small (vLLM's tensor parallelism).
    Such a model can be sampled and judged, but neither scored nor trained."""

    @model_validator(mode="after")
    def _ends_of_its_own(self) -> Self:
        if self.stop and isinstance(self.source, AlignedSource | MiniatureSource):
            raise ValueError("'stop' belongs to the model that this one is made from")
        return self
