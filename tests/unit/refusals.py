"""The message with which the library refuses an input."""

import pytest

from icr.errors import InputError


def refusal(call, *arguments, **options):
    """The message of the InputError that a call must raise."""
    with pytest.raises(InputError) as caught:
        call(*arguments, **options)
    return str(caught.value)
