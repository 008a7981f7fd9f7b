"""As much of a model hub as downloads need."""

import hashlib
import json
from pathlib import Path
from urllib.parse import unquote, urlsplit

from loopback import serving

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def hub_of(repo, folder, revision="main", token=None, faults=None):
    """Serve a model folder as ``repo``, whose branch ``revision`` points to COMMIT.

    ``faults`` maps the end of a path to replies (status, headers, body). Each request of such a
    path takes one of them, until none is left.
    """
    files, faults = contents(folder), faults or {}

    def failure(status, code):
        return status, {"X-Error-Code": code, "X-Error-Message": code}, b""

    def answer(method, path, headers):
        path = unquote(urlsplit(path).path)
        headers = {key.lower(): value for key, value in headers.items()}
        for end, replies in faults.items():
            if path.endswith(end) and replies:
                return replies.pop(0)
        if token and headers.get("authorization") != f"Bearer {token}":
            return failure(401, "GatedRepo")
        if f"/{repo}" not in path:
            return failure(404, "RepoNotFound")
        if path in (f"/api/models/{repo}/revision/{r}" for r in (revision, COMMIT)):
            return as_json(summary(repo, files))
        if path == f"/api/models/{repo}/tree/{COMMIT}":
            return as_json(tree(files))
        name = path.removeprefix(f"/{repo}/resolve/{COMMIT}/")
        if name not in files:
            return failure(404, "RevisionNotFound" if "revision" in path else "EntryNotFound")
        body = files[name]
        reply = {**identity(body), "Accept-Ranges": "bytes"}
        if "range" in headers:
            start = int(headers["range"].removeprefix("bytes=").split("-")[0])
            reply["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            return 206, reply, body[start:]
        return 200, reply, body

    return serving(answer)


def data_hub_of(repo, folder):
    """Serve a folder as the data set ``repo``, whose branch main points to COMMIT."""
    files = contents(folder)
    api = f"/api/datasets/{repo}"

    def answer(method, path, headers):
        path = unquote(urlsplit(path).path)
        if path in (f"{api}/revision/main", f"{api}/revision/{COMMIT}"):
            return as_json(summary(repo, files))
        if path.startswith(f"{api}/tree/{COMMIT}/"):
            parent = path.removeprefix(f"{api}/tree/{COMMIT}/")
            return as_json(
                tree({name: body for name, body in files.items() if name.startswith(f"{parent}/")})
            )
        body = files.get(path.removeprefix(f"/datasets/{repo}/resolve/{COMMIT}/"))
        if body is None:
            return 404, {"X-Error-Code": "EntryNotFound"}, b""
        return 200, identity(body), body

    return serving(answer)


def contents(folder):
    """The files below a folder, by relative path."""
    folder = Path(folder)
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def summary(repo, files):
    """The hub's description of a revision."""
    return {"id": repo, "sha": COMMIT, "siblings": [{"rfilename": name} for name in files]}


def tree(files):
    """The hub's listing of files with their sizes."""
    return [
        {"type": "file", "path": name, "size": len(body), "oid": etag(body)}
        for name, body in files.items()
    ]


def identity(body):
    """The headers that identify a file."""
    return {"ETag": f'"{etag(body)}"', "X-Repo-Commit": COMMIT}


def as_json(value):
    return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()


def etag(body):
    return hashlib.sha1(body).hexdigest()
