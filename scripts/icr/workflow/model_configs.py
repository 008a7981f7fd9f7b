"""Checks of models whose architecture is known before any job.

It is known of the miniature's models, whose settings state it, and of models whose config.json is
on this machine. Models that are still to be downloaded are checked by the jobs that read them.
"""

from collections.abc import Iterator

from icr.config.models import MADE_HERE, AlignedSource, MiniatureSource
from icr.models.config_file import layer_count, output_count
from icr.pairing import PAIRINGS
from icr.workflow.study import Study


def architecture_problems(study: Study) -> Iterator[str]:
    """Layers that a policy lacks, and reward models with several outputs; one line per problem."""
    yield from _layer_problems(study)
    yield from _output_problems(study)


def _layer_problems(study: Study) -> Iterator[str]:
    """Experiments whose reward reads the hidden states of a layer that the policy lacks."""
    for name, row in study.config.experiments.items():
        layer = row.reward.layer
        if layer is None or not PAIRINGS[row.pairs.method].rewarded:
            continue
        policy = study.policies.named(row.pairs.sampler or row.start)
        model = study.policies.base(policy)
        layers = known_layers(study, model)
        if layers is not None and layer > layers:
            yield (
                f"experiments.{name}.reward.layer: {layer}, but '{model}' has {layers} layers; "
                f"name one of 1 to {layers}"
            )


def known_layers(study: Study, model: str) -> int | None:
    """The number of a base model's layers; None if it is unknown before the model is fetched."""
    source = study.config.models[model].source
    while isinstance(source, AlignedSource):
        model = source.align
        source = study.config.models[model].source
    if isinstance(source, MiniatureSource):
        return source.layers
    path = study.local.model_config(model)
    return None if path is None else layer_count(path)


def _output_problems(study: Study) -> Iterator[str]:
    """Reward models with several outputs, such as models that answer prompts."""
    for model in sorted(study.policies.reward_models):
        if isinstance(study.config.models[model].source, MADE_HERE):
            continue
        path = study.local.model_config(model)
        outputs = None if path is None else output_count(path)
        if outputs not in (None, 1):
            yield (
                f"models.{model}.source: a reward model has one output, this has {outputs} "
                f"(labels of {path})"
            )
