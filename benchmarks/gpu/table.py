"""Measured rows and goals as text."""


def table(title, columns, rows):
    """Lines: a title with the columns' headers, and each row. A missing figure is a dash."""
    width = max([len(title), *(len(row["name"]) + 2 for row in rows)])
    sizes = [max(10, len(header)) for header, _ in columns.values()]
    headers = zip(columns.values(), sizes, strict=True)
    lines = [f"{title:<{width}}" + "".join(f"  {header:>{size}}" for (header, _), size in headers)]
    for row in rows:
        line = f"  {row['name']:<{width - 2}}"
        if "not_measured" in row:
            lines.append(f"{line}  not measured: {row['not_measured']}")
            continue
        for (key, (_, form)), size in zip(columns.items(), sizes, strict=True):
            figure = row.get(key)
            line += f"  {'-' if figure is None else form.format(figure):>{size}}"
        lines.append(line)
    return lines


def verdicts(goals):
    """A line for each goal."""
    lines = ["goals"]
    for goal in goals:
        figure = "" if goal["value"] is None else f" ({goal['value']:.2f})"
        lines.append(f"  {goal['goal']}: {goal['verdict']}{figure}")
    return lines
