"""Checks of models by what their settings or their files state, before any job.

The files of a model are known if it is in a local folder or already fetched. Models that are still
to be downloaded are checked by the jobs that read them.
"""

from collections.abc import Iterator

from icr.config.models import MADE_HERE, AlignedSource, MiniatureSource
from icr.models.config_file import layer_count, output_count
from icr.models.tokenizer_file import differing_token
from icr.pairing import PAIRINGS
from icr.workflow.study import Study


def file_problems(study: Study) -> Iterator[str]:
    """Layers that policies lack, outputs of reward models, vocabularies of references.

    One line per problem.
    """
    yield from _layer_problems(study)
    yield from _output_problems(study)
    yield from _vocabulary_problems(study)


def _layer_problems(study: Study) -> Iterator[str]:
    """Experiments whose reward reads the hidden states of a layer that the policy lacks."""
    for name, row in study.config.experiments.items():
        layer = row.reward.layer
        if layer is None or not PAIRINGS[row.pairs.method].rewarded:
            continue
        model = study.policies.base(study.policies.named(row.pairs.sampler or row.start))
        layers = _layers(study, model)
        if layers is not None and layer > layers:
            yield (
                f"experiments.{name}.reward.layer: {layer}, but '{model}' has {layers} layers; "
                f"name one of 1 to {layers}"
            )


def _layers(study: Study, model: str) -> int | None:
    """The number of a base model's layers; None if it is unknown before the model is fetched."""
    model = _origin(study, model)
    source = study.config.models[model].source
    if isinstance(source, MiniatureSource):
        return source.layers
    path = study.local.model_file(model, "config.json")
    return None if path is None else layer_count(path)


def _origin(study: Study, policy: str) -> str:
    """The model from which a policy's training started, alignments of this run included."""
    model = study.policies.base(policy)
    while isinstance(source := study.config.models[model].source, AlignedSource):
        model = source.align
    return model


def _output_problems(study: Study) -> Iterator[str]:
    """Reward models with several outputs, such as models that answer prompts."""
    for model in sorted(study.policies.reward_models):
        if isinstance(study.config.models[model].source, MADE_HERE):
            continue
        path = study.local.model_file(model, "config.json")
        outputs = None if path is None else output_count(path)
        if outputs not in (None, 1):
            yield (
                f"models.{model}.source: a reward model has one output, this has {outputs} "
                f"(labels of {path})"
            )


def _vocabulary_problems(study: Study) -> Iterator[str]:
    """References that read the policy's token ids as other text."""
    settings: dict[tuple[str, str], str] = {}
    for policy in study.policies.implicit:
        step = study.policies.iterations[policy]
        if step.reference is not None:
            models = _origin(study, step.start), _origin(study, step.reference)
            settings.setdefault(models, f"experiments.{step.experiment}.reference")
    for reward in study.rewardbench.tested.values():
        if len(reward.scorers) == 2:
            policy, reference = reward.scorers
            models = _origin(study, policy), _origin(study, reference)
            settings.setdefault(models, "evaluation.rewardbench.implicit")
    for (model, reference), where in settings.items():
        files = [study.local.model_file(name, "tokenizer.json") for name in (model, reference)]
        known = [file for file in files if file is not None]
        if len(known) == 2 and (token := differing_token(*known)) is not None:
            yield (
                f"{where}: '{reference}' has another vocabulary than '{model}': the token "
                f"{token!r} has another id; the reference must be the model that the policy was "
                "trained from"
            )
