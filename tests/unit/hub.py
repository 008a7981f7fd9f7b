"""As much of a model hub as a download asks for."""

import hashlib
import json
from pathlib import Path
from urllib.parse import unquote, urlsplit

from loopback import serving

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def hub_of(repo, folder, revision="main", token=None, troubles=None):
    """Serve a model folder as ``repo``, whose branch ``revision`` stands for COMMIT.

    ``troubles`` maps the end of a path to replies (status, headers, body) that are given, one
    each time, before the right one.
    """
    folder, troubles = Path(folder), troubles or {}
    files = {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }

    def as_json(value):
        return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()

    def failure(status, code):
        return status, {"X-Error-Code": code, "X-Error-Message": code}, b""

    def answer(method, path, headers):
        path = unquote(urlsplit(path).path)
        for end, replies in troubles.items():
            if path.endswith(end) and replies:
                return replies.pop(0)
        if (
            token
            and headers.get("Authorization", headers.get("authorization")) != f"Bearer {token}"
        ):
            return failure(401, "GatedRepo")
        if f"/{repo}" not in path:
            return failure(404, "RepoNotFound")
        if path in (f"/api/models/{repo}/revision/{r}" for r in (revision, COMMIT)):
            siblings = [{"rfilename": name} for name in files]
            return as_json({"id": repo, "sha": COMMIT, "siblings": siblings})
        if path == f"/api/models/{repo}/tree/{COMMIT}":
            return as_json(
                [
                    {"type": "file", "path": name, "size": len(body), "oid": etag(body)}
                    for name, body in files.items()
                ]
            )
        name = path.removeprefix(f"/{repo}/resolve/{COMMIT}/")
        if name not in files:
            return failure(404, "RevisionNotFound" if "revision" in path else "EntryNotFound")
        body = files[name]
        sent = {"ETag": f'"{etag(body)}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
        wanted = {key.lower(): value for key, value in headers.items()}.get("range")
        if wanted:
            start = int(wanted.removeprefix("bytes=").split("-")[0])
            sent["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            return 206, sent, body[start:]
        return 200, sent, body

    return serving(answer)


def etag(body):
    return hashlib.sha1(body).hexdigest()


def data_hub_of(repo, folder):
    """Serve a folder as the data set ``repo``, whose branch main stands for COMMIT."""
    files = {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(Path(folder).rglob("*"))
        if file.is_file()
    }
    api = f"/api/datasets/{repo}"

    def answer(method, path, headers):
        path = unquote(urlsplit(path).path)
        as_json = 200, {"Content-Type": "application/json"}
        if path in (f"{api}/revision/main", f"{api}/revision/{COMMIT}"):
            siblings = [{"rfilename": name} for name in files]
            return *as_json, json.dumps({"id": repo, "sha": COMMIT, "siblings": siblings}).encode()
        if path.startswith(f"{api}/tree/{COMMIT}/"):
            under = path.removeprefix(f"{api}/tree/{COMMIT}/")
            found = [
                {"type": "file", "path": name, "size": len(body), "oid": etag(body)}
                for name, body in files.items()
                if name.startswith(f"{under}/")
            ]
            return *as_json, json.dumps(found).encode()
        body = files.get(path.removeprefix(f"/datasets/{repo}/resolve/{COMMIT}/"))
        if body is None:
            return 404, {"X-Error-Code": "EntryNotFound"}, b""
        return 200, {"ETag": f'"{etag(body)}"', "X-Repo-Commit": COMMIT}, body

    return serving(answer)
