"""Reading a filled-in prompt back, by the template that it was made from."""

import re
from string import Formatter


def reader(template: str) -> re.Pattern[str]:
    """A pattern whose named groups hold what a template's fields were filled with.

    Use ``search``: other text may stand before the filled-in template, nothing after it.
    """
    seen: set[str] = set()
    parts = []
    for literal, field, _, _ in Formatter().parse(template):
        parts.append(re.escape(literal))
        if field:
            parts.append(f"(?P={field})" if field in seen else f"(?P<{field}>.*?)")
            seen.add(field)
    return re.compile("".join(parts) + r"\Z", re.DOTALL)
