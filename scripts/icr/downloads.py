"""Single files of public repositories, checked by their git blob id."""

import csv
import hashlib
import time
from pathlib import Path

import requests

from icr.errors import InputError
from icr.files import replacing

TRIES, TIMEOUT = 5, 60
BACKOFF = 2.0
"""Seconds before the second try; doubled before each further one."""


def git_blob_id(content: bytes) -> str:
    """The id under which git stores a file of this content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def expected_blob(table: str | Path, repo: str, commit: str, path: str) -> str:
    """The blob id that the table of upstream files gives for a path.

    Raises InputError if it is not listed, so that nothing unchecked is used.
    """
    with Path(table).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if (row["github_repo"], row["commit"], row["path"]) == (repo, commit, path):
                return row["git_blob_sha1"]
    raise InputError(f"{repo}@{commit[:7]}:{path} is not listed in {table}; add it with its blob id")


def fetch_github(
    repo: str, commit: str, path: str, blob: str, destination: str | Path, mirror: str
) -> None:
    """Bring one file to ``destination``, from a URL or a folder, if its blob id is ``blob``.

    Raises InputError if it cannot be had or is another file; nothing is written then.
    """
    place = f"{mirror.rstrip('/')}/{repo}/{commit}/{path}"
    content = _download(place) if "://" in mirror else _read(place)
    found = git_blob_id(content)
    if found != blob:
        raise InputError(
            f"{place}: blob id {found}, expected {blob} ({len(content)} bytes); the file was "
            "changed or cut on the way. Delete it from the mirror, or choose another one under "
            "'mirrors' in the configuration"
        )
    with replacing(destination) as partial:
        partial.write_bytes(content)


def _read(place: str) -> bytes:
    try:
        return Path(place).read_bytes()
    except OSError as error:
        raise InputError(f"mirror file {place}: {error.strerror}") from error


def _download(url: str) -> bytes:
    problem = ""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(BACKOFF * 2 ** (attempt - 1))
        try:
            answer = requests.get(url, timeout=TIMEOUT)
        except requests.RequestException as error:
            problem = type(error).__name__
            continue
        if answer.status_code == 200:
            return answer.content
        problem = f"HTTP {answer.status_code}"
        if answer.status_code < 500 and answer.status_code != 429:
            break
    raise InputError(
        f"cannot download {url} ({problem}); without a network, put the file into a folder and "
        "name it under 'mirrors' in the configuration"
    )
