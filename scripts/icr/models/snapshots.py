"""Model folders from a hub, a mirror of it, or the user's disk."""

import io
import os
import shutil
import sys
import time
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from tqdm import tqdm

from icr.errors import InputError
from icr.storage.downloads import is_transient, with_retries
from icr.storage.files import atomic_write
from icr.storage.resumable import remove_work, work_folder

SETTINGS = ("*.json", "*.model", "*.txt", "*.jinja", "README.md", "LICENSE*")
"""Files besides the weights that are used; never code."""
WEIGHTS = ("model*.safetensors", "pytorch_model*.bin")
"""Names of weight files; the first kind that a model has is used."""
EVERY = 10.0
"""Seconds between two lines of progress."""
CARD = "icr_model.json"
"""The file that describes a fetched model: its source, commit and size."""
TEMPLATE = "chat_template.jinja"
"""The file of a model folder's chat template."""


def wanted_files(names: Iterable[str]) -> list[str]:
    """The files of a model to use: settings, tokenizer, and one kind of weights.

    Subfolders hold other formats of the same weights and are left out.
    """
    top = sorted(name for name in names if "/" not in name)
    kinds = [[name for name in top if fnmatch(name, weights)] for weights in WEIGHTS]
    weights = next((kind for kind in kinds if kind), [])
    return [name for name in top if any(fnmatch(name, s) for s in SETTINGS)] + weights


def mirrored(mirror: str, repo: str, revision: str) -> Path:
    """The folder of a revision of a model in a folder mirror, which may not exist.

    ``{owner}/{name}@{revision}``, so that a mirror can hold several revisions; where there is no
    such folder, ``{owner}/{name}``.
    """
    folder = Path(mirror).expanduser()
    of_revision = folder / f"{repo}@{revision}"
    return of_revision if of_revision.is_dir() else folder / repo


def fetch_snapshot(repo: str, revision: str, folder: str | Path, mirror: str) -> str | None:
    """Fetch a hub model to ``folder``; returns the commit that the revision resolves to.

    ``mirror`` is a hub endpoint, or a folder of model folders (:func:`mirrored`), whose commit is
    unknown (None). A token comes from the environment only (HF_TOKEN) and is written nowhere. An
    interrupted download is kept beside ``folder`` and resumed.

    Raises InputError, and leaves ``folder`` as it was, if the model cannot be fetched.
    """
    if "://" not in mirror:
        link_folder(mirrored(mirror, repo, revision), folder)
        return None
    from httpx2 import HTTPError, TransportError
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    def transient(error: Exception) -> bool:
        if isinstance(error, HfHubHTTPError):
            return is_transient(error.response.status_code)
        return isinstance(error, TransportError | LocalEntryNotFoundError)

    try:
        return with_retries(lambda: _download(repo, revision, Path(folder), mirror), transient)
    except (HTTPError, OSError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise InputError(
            f"cannot fetch {repo}@{revision} from {mirror}: {lines[0]}\nCheck the name and the "
            "revision; a private or gated model needs HF_TOKEN in the environment; without a "
            "network, name a folder that holds the model under 'mirrors' in the configuration"
        ) from error


def _download(repo: str, revision: str, folder: Path, endpoint: str) -> str:
    from huggingface_hub import HfApi

    # False, not None: the client would otherwise look for a token on disk.
    hub = HfApi(endpoint=endpoint, token=os.environ.get("HF_TOKEN") or False)
    info = hub.model_info(repo, revision=revision)
    commit = str(info.sha)
    names = wanted_files(file.rfilename for file in info.siblings or [])
    work = work_folder(folder, {"repo": repo, "commit": commit})
    _reuse_weights(folder, work)
    hub.snapshot_download(
        repo, revision=commit, local_dir=work, allow_patterns=names, tqdm_class=_Lines
    )
    missing = [name for name in names if not (work / name).is_file()]
    if missing:
        raise FileNotFoundError(f"{', '.join(missing)} did not arrive")
    shutil.rmtree(work / ".cache", ignore_errors=True)
    with atomic_write(folder) as partial:
        work.replace(partial)
    remove_work(folder)
    return commit


def _reuse_weights(folder: Path, work: Path) -> None:
    """Link weights of an earlier download; those whose checksums match are not downloaded again.

    Otherwise a chat template or stop token that is added later would cost a full download.
    """
    for pattern in WEIGHTS:
        for file in folder.glob(pattern):
            if not (work / file.name).exists():
                os.link(file, work / file.name)


class _Lines(tqdm):
    """A progress bar that writes a whole line every EVERY seconds, for a log file."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        self.shown = time.monotonic()
        super().__init__(*args, **{**settings, "file": io.StringIO()})

    def display(self, msg: str | None = None, pos: int | None = None) -> None:
        if time.monotonic() - self.shown > EVERY:
            self.shown = time.monotonic()
            print(msg or str(self), file=sys.stderr, flush=True)


def link_folder(source: str | Path, folder: str | Path) -> None:
    """Link the files of a local model folder, so that files added here leave it unchanged.

    Raises InputError if the folder is missing, or has no config.json.
    """
    # Not resolved: the user's folder may be a link whose target changes.
    source = Path(source).expanduser().absolute()
    if not (source / "config.json").is_file():
        reason = "it has no config.json" if source.is_dir() else "there is no such folder"
        raise InputError(f"{source} is not a model folder: {reason}")
    with atomic_write(folder) as partial:
        partial.mkdir()
        for name in wanted_files(file.name for file in source.iterdir() if file.is_file()):
            (partial / name).symlink_to(source / name)
