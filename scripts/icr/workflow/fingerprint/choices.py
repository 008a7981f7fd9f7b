"""Code that only jobs with a certain setting come to, though others' scripts name it too."""

CHOICES: dict[str, dict[str, set[str]]] = {
    "loss": {
        "dpo": {"icr.training.dpo"},
        "kto": {"icr.training.kto", "icr.training.data.kto_rows"},
    },
    "backend": {
        "transformers": {"icr.sampling.transformers_backend"},
        "vllm": {"icr.sampling.vllm_backend"},
    },
}
"""By setting and value, the modules and definitions that no job with another value uses."""


def not_chosen(**chosen: str) -> frozenset[str]:
    """The code of the values that are not chosen, of the settings that are named."""
    return frozenset(
        name
        for setting, value in chosen.items()
        for other, names in CHOICES[setting].items()
        if other != value
        for name in names
    )
