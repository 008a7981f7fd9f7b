"""Compare the model of a reply with the one that was asked for."""

import re

# A date or the number of a release, as APIs append them: -2024-08-06, -20241022, -0613, @001.
_RELEASE = re.compile(r"[-@:](\d{4}-\d\d-\d\d|\d{2}-\d{4}|\d{3,8})(-preview|-exp)?")


def is_same_model(asked: str, replied: str) -> bool:
    """Whether ``replied`` names the model ``asked``, or a dated release of it.

    ``NAME-latest`` stands for any release of ``NAME``. A provider before a slash is compared only
    if both names have one; case is ignored.
    """
    ours, theirs = asked.lower(), replied.lower()
    if "/" not in ours or "/" not in theirs:
        ours, theirs = ours.rpartition("/")[2], theirs.rpartition("/")[2]
    name = ours.removesuffix("-latest")
    if theirs in (ours, name):
        return True
    return theirs.startswith(name) and _RELEASE.fullmatch(theirs[len(name) :]) is not None
