"""Downloads of single files, checked by git blob id or sha256."""

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
"""Seconds before the second attempt, doubled before each further attempt."""

T = TypeVar("T")


def with_retries(attempt: Callable[[], T], transient: Callable[[Exception], bool]) -> T:
    """The result of ``attempt``, retried with growing pauses after a transient error.

    Raises the error of the last of TRIES attempts, and any error that is not transient at once.
    """
    for number in range(TRIES - 1):
        try:
            return attempt()
        except Exception as error:
            if not transient(error):
                raise
            print(f"{error}; trying again", flush=True)
            time.sleep(BACKOFF * 2**number)
    return attempt()


def is_transient(status: int) -> bool:
    """Whether an HTTP status is transient: a server error, or too many requests."""
    return status >= 500 or status == 429


def git_blob_id(content: bytes) -> str:
    """The id under which git stores a file with this content."""
    blob = b"blob %d\0" % len(content) + content
    return hashlib.sha1(blob, usedforsecurity=False).hexdigest()


def expected_blob(table: str | Path, repo: str, commit: str, path: str) -> str:
    """The blob id of a path in the table of upstream files.

    Raises InputError if the path is not listed, so that no unchecked file is used.
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
    """Fetch one file to ``destination``, from a URL or a folder, if its blob id is ``blob``.

    ``mirror`` holds ``{repo}/{commit}/{path}``. Proxies come from the environment.

    Raises InputError, and writes nothing, if the file is unavailable or has another blob id.
    """
    address = f"{mirror.rstrip('/')}/{repo}/{commit}/{path}"
    content = _download(address) if "://" in mirror else _read(Path(address).expanduser())
    actual = git_blob_id(content)
    if actual != blob:
        raise InputError(
            f"{address}: blob id {actual}, expected {blob} ({len(content)} bytes); the file was "
            "changed or truncated in transit. Delete it from the mirror, or name another mirror "
            "under 'mirrors' in the configuration"
        )
    with atomic_write(destination) as partial:
        partial.write_bytes(content)


def fetch_dataset_file(
    repo: str, revision: str, file: str, sha256: str, destination: str | Path, mirror: str
) -> None:
    """Fetch one file of a data set on the hub to ``destination`` if its sha256 matches.

    ``mirror`` is a hub endpoint, or a folder that holds ``datasets/{repo}/{file}``.

    Raises InputError, and writes nothing, if the file is unavailable or has another sha256.
    """
    base = f"{mirror.rstrip('/')}/datasets/{repo}"
    if "://" in mirror:
        address = f"{base}/resolve/{revision}/{file}"
        content = _download(address)
    else:
        address = f"{base}/{file}"
        content = _read(Path(address).expanduser())
    actual = hashlib.sha256(content).hexdigest()
    if actual != sha256:
        raise InputError(
            f"{address}: sha256 {actual}, expected {sha256} ({len(content)} bytes); the file was "
            "changed or truncated in transit"
        )
    with atomic_write(destination) as partial:
        partial.write_bytes(content)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"mirror file {path}: {error.strerror}") from error


def _download(url: str) -> bytes:
    def get() -> bytes:
        response = requests.get(url, timeout=TIMEOUT)
        response.raise_for_status()
        return response.content

    def transient(error: Exception) -> bool:
        if isinstance(error, requests.HTTPError):
            return is_transient(error.response.status_code)
        return isinstance(error, requests.RequestException)

    try:
        return with_retries(get, transient)
    except requests.RequestException as error:
        response = getattr(error, "response", None)
        problem = type(error).__name__ if response is None else f"HTTP {response.status_code}"
        raise InputError(
            f"cannot download {url} ({problem}); without a network, put the file in a folder "
            "and name that folder under 'mirrors' in the configuration"
        ) from error
