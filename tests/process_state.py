"""Whether a process still runs."""


def ended(process):
    """Whether the process of a folder in /proc has ended."""
    try:
        return "State:\tZ" in (process / "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
