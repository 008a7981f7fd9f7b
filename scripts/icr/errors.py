"""The error whose message is written for users."""


class InputError(ValueError):
    """Bad input. The message says what is wrong, where, and what would be right."""
