"""The model card of a trained policy."""

from typing import Any


def model_card(name: str, start: str, languages: list[str], summary: dict[str, Any]) -> str:
    """README.md of a policy folder: how it was made, with the header that the hub reads."""
    settings = "\n".join(f"| {key} | {value} |" for key, value in summary["settings"].items())
    versions = ", ".join(f"{k} {v}" for k, v in summary["versions"].items())
    tags = "\n".join(f"- {language}" for language in languages)
    return f"""---
library_name: transformers
language:
{tags}
tags:
- {summary["settings"]["loss"]}
- preference-alignment
---

# {name}

Trained from `{start}`, which was also the training reference, on {summary["pairs"]} preference
pairs ({summary["dropped"]} left out as too long) in {summary["steps"]} optimizer steps.

| setting | value |
|---|---|
{settings}

Made with {versions}. Before sharing it, add the licence of the model that it started from.
"""
