"""Blocks of sampled responses."""

from icr.sampling import BackendOptions
from icr.sampling.block import sample_block


def numbered_prompts(count):
    return [{"instruction": f"Say {i}!", "instruction_id": f"id{i}"} for i in range(count)]


def sampled_block(folder, rows, output, settings, **changes):
    """Sample responses to ``rows`` with the transformers backend, unless ``changes`` differ."""
    options = {
        "backend": "transformers", "options": BackendOptions(), "chunk": 1, "seed_parts": (1,),
        **changes,
    }  # fmt: skip
    return sample_block(folder, rows, output, settings, **options)
