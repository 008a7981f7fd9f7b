"""Keys that stand twice in a YAML file: of two experiments of one name, the first would be lost."""

from collections.abc import Iterator
from pathlib import Path

import yaml

from icr.errors import InputError


def check_keys(path: str | Path) -> None:
    """Raises InputError for a key that stands twice in a mapping of a YAML or JSON file."""
    with Path(path).open(encoding="utf-8") as file:
        tree = yaml.compose(file, yaml.SafeLoader)
    for first, second in _twice(tree):
        raise InputError(
            f"{path}, line {second.start_mark.line + 1}: '{second.value}' stands in line "
            f"{first.start_mark.line + 1} already; only one of both can count"
        )


def _twice(tree: yaml.Node | None) -> Iterator[tuple[yaml.ScalarNode, yaml.ScalarNode]]:
    """Pairs of equal keys, in the order of the file."""
    if isinstance(tree, yaml.SequenceNode):
        for part in tree.value:
            yield from _twice(part)
    elif isinstance(tree, yaml.MappingNode):
        seen: dict[str, yaml.ScalarNode] = {}
        for key, value in tree.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    yield seen[key.value], key
                seen[key.value] = key
            yield from _twice(value)
