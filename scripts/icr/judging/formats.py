"""Recover the fields of a filled-in prompt from its template."""

import re
from string import Formatter


def reader(template: str) -> re.Pattern[str]:
    """A pattern whose named groups match the values of a template's fields.

    Use it with ``search``: text may precede the filled-in template, but not follow it.
    """
    seen: set[str] = set()
    parts = []
    for literal, field, _, _ in Formatter().parse(template):
        parts.append(re.escape(literal))
        if field:
            parts.append(f"(?P={field})" if field in seen else f"(?P<{field}>.*?)")
            seen.add(field)
    return re.compile("".join(parts) + r"\Z", re.DOTALL)
