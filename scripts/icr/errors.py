"""The one error that a user is meant to read."""


class InputError(ValueError):
    """Bad input. The message says what is wrong, where, and what would be right."""
