"""The model card of a trained policy."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any


def model_card(name: str, start: str, files: Sequence[str], summary: dict[str, Any]) -> str:
    """README.md of a policy folder: how it was made, with the header that the hub reads.

    ``files`` are the pair files, one a language and named by it.
    """
    # Quoted, because YAML reads a bare `no` (Norwegian) as false.
    languages = "\n".join(f'- "{language}"' for language in sorted({Path(f).stem for f in files}))
    settings = "\n".join(f"| {key} | {value} |" for key, value in summary["settings"].items())
    data = "\n".join(f"- `{file}`" for file in files)
    versions = ", ".join(f"{k} {v}" for k, v in summary["versions"].items())
    return f"""---
library_name: transformers
pipeline_tag: text-generation
language:
{languages}
tags:
- {summary["settings"]["loss"]}
- preference-alignment
---

# {name}

Trained from `{start}`, which was also the training reference, on {summary["pairs"]} preference
pairs ({summary["dropped"]} left out as too long) in {summary["steps"]} optimizer steps, with
{summary["processes"]} processes and {summary["accumulation"]} accumulation steps.

Pairs:

{data}

| setting | value |
|---|---|
{settings}

Made with {versions}. Before sharing it, add the licence of the model that it started from.
"""
