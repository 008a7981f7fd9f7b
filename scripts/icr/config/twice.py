"""A check for repeated keys in YAML: the first of two experiments of one name would be lost."""

from collections.abc import Iterator
from pathlib import Path

import yaml

from icr.errors import InputError


def check_keys(path: str | Path) -> None:
    """Raise InputError for a repeated key in a mapping of a YAML or JSON file."""
    with Path(path).open(encoding="utf-8") as file:
        tree = yaml.compose(file, yaml.SafeLoader)
    for first, second in _repeated(tree):
        raise InputError(
            f"{path}, line {second.start_mark.line + 1}: '{second.value}' is already used in line "
            f"{first.start_mark.line + 1}; rename or remove one of them"
        )


def _repeated(tree: yaml.Node | None) -> Iterator[tuple[yaml.ScalarNode, yaml.ScalarNode]]:
    """Pairs of equal keys, in the order of the file."""
    if isinstance(tree, yaml.SequenceNode):
        for item in tree.value:
            yield from _repeated(item)
    elif isinstance(tree, yaml.MappingNode):
        seen: dict[str, yaml.ScalarNode] = {}
        for key, value in tree.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    yield seen[key.value], key
                seen[key.value] = key
            yield from _repeated(value)
