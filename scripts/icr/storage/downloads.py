"""Single files of public repositories, checked by their git blob id."""

import csv
import hashlib
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import TypeVar

import requests

from icr.errors import InputError
from icr.storage.files import atomic_write, read_text

TRIES = 5
TIMEOUT = (10, 60)
"""Seconds to connect, and to wait for the next bytes."""
BACKOFF = 2.0
"""Seconds before the second try; doubled before each further one."""

T = TypeVar("T")


def patiently(attempt: Callable[[], T], passing: Callable[[Exception], bool]) -> T:
    """The result of ``attempt``, tried again with growing pauses after an error that may pass.

    Raises the last error after TRIES tries, and at once an error that ``passing`` does not accept.
    """
    for number in range(TRIES - 1):
        try:
            return attempt()
        except Exception as error:
            if not passing(error):
                raise
            print(f"{error}; trying again", flush=True)
            time.sleep(BACKOFF * 2**number)
    return attempt()


def may_pass(status: int) -> bool:
    """Whether an HTTP status is one that a later request may not meet."""
    return status >= 500 or status == 429


def git_blob_id(content: bytes) -> str:
    """The id under which git stores a file of this content."""
    whole = b"blob %d\0" % len(content) + content
    return hashlib.sha1(whole, usedforsecurity=False).hexdigest()


def expected_blob(table: str | Path, repo: str, commit: str, path: str) -> str:
    """The blob id that the table of upstream files gives for a path.

    Raises InputError if it is not listed, so that nothing unchecked is used.
    """
    for row in csv.DictReader(StringIO(read_text(table), newline=""), delimiter="\t"):
        if (row["github_repo"], row["commit"], row["path"]) == (repo, commit, path):
            return row["git_blob_sha1"]
    raise InputError(
        f"{repo}@{commit[:7]}:{path} is not listed in {table}; add it with its blob id"
    )


def fetch_github(
    repo: str, commit: str, path: str, blob: str, destination: str | Path, mirror: str
) -> None:
    """Bring one file to ``destination``, from a URL or a folder, if its blob id is ``blob``.

    ``mirror`` holds ``{repo}/{commit}/{path}``. Proxies are taken from the environment.

    Raises InputError if it cannot be had or is another file; nothing is written then.
    """
    place = f"{mirror.rstrip('/')}/{repo}/{commit}/{path}"
    content = _download(place) if "://" in mirror else _read(Path(place).expanduser())
    found = git_blob_id(content)
    if found != blob:
        raise InputError(
            f"{place}: blob id {found}, expected {blob} ({len(content)} bytes); the file was "
            "changed or cut on the way. Delete it from the mirror, or choose another one under "
            "'mirrors' in the configuration"
        )
    with atomic_write(destination) as partial:
        partial.write_bytes(content)


def fetch_dataset_file(
    repo: str, revision: str, file: str, sha256: str, destination: str | Path, mirror: str
) -> None:
    """Bring one file of a data set on the hub to ``destination`` if its sha256 is the expected.

    ``mirror`` is a hub endpoint, or a folder that holds ``datasets/{repo}/{file}``.

    Raises InputError if it cannot be had or is another file; nothing is written then.
    """
    base = f"{mirror.rstrip('/')}/datasets/{repo}"
    if "://" in mirror:
        place = f"{base}/resolve/{revision}/{file}"
        content = _download(place)
    else:
        place = f"{base}/{file}"
        content = _read(Path(place).expanduser())
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise InputError(
            f"{place}: sha256 {found}, expected {sha256} ({len(content)} bytes); the file was "
            "changed or cut on the way"
        )
    with atomic_write(destination) as partial:
        partial.write_bytes(content)


def _read(place: Path) -> bytes:
    try:
        return place.read_bytes()
    except OSError as error:
        raise InputError(f"mirror file {place}: {error.strerror}") from error


def _download(url: str) -> bytes:
    def get() -> bytes:
        answer = requests.get(url, timeout=TIMEOUT)
        answer.raise_for_status()
        return answer.content

    def passing(error: Exception) -> bool:
        if isinstance(error, requests.HTTPError):
            return may_pass(error.response.status_code)
        return isinstance(error, requests.RequestException)

    try:
        return patiently(get, passing)
    except requests.RequestException as error:
        answer = getattr(error, "response", None)
        problem = type(error).__name__ if answer is None else f"HTTP {answer.status_code}"
        raise InputError(
            f"cannot download {url} ({problem}); without a network, put the file into a folder "
            "and name it under 'mirrors' in the configuration"
        ) from error
