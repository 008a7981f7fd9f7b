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
"""Files beside the weights that are used. Code is never among them."""
WEIGHTS = ("model*.safetensors", "pytorch_model*.bin")
"""Names of weights; the first kind that a model has is taken."""
EVERY = 10.0
"""Seconds between two lines of progress."""
CARD = "icr_model.json"
"""What is known of a fetched model: where it came from, its commit, its size."""
TEMPLATE = "chat_template.jinja"
"""Where a folder keeps its chat template."""


def wanted_files(names: Iterable[str]) -> list[str]:
    """The files of a model that are used: settings, tokenizer, and one kind of weights.

    Subfolders hold other formats of the same weights and are left out.
    """
    top = sorted(name for name in names if "/" not in name)
    kinds = [[name for name in top if fnmatch(name, weights)] for weights in WEIGHTS]
    weights = next((kind for kind in kinds if kind), [])
    return [name for name in top if any(fnmatch(name, s) for s in SETTINGS)] + weights


def fetch_snapshot(repo: str, revision: str, folder: str | Path, mirror: str) -> str | None:
    """Bring a hub model to ``folder``; returns the commit that the revision stands for.

    ``mirror`` is a hub endpoint, or a folder that holds ``{owner}/{name}/``, whose commit nobody
    knows (None). A token is read from the environment (HF_TOKEN) alone and written nowhere. What
    an interrupted download brought is kept beside ``folder`` for the next try.

    Raises InputError if the model cannot be had; ``folder`` stays as it was then.
    """
    if "://" not in mirror:
        link_folder(Path(mirror).expanduser() / repo, folder)
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
            "network, name a folder with the model in it under 'mirrors' in the configuration"
        ) from error


def _download(repo: str, revision: str, folder: Path, endpoint: str) -> str:
    from huggingface_hub import HfApi

    # False, not None: the client would otherwise look for a token on disk.
    hub = HfApi(endpoint=endpoint, token=os.environ.get("HF_TOKEN") or False)
    info = hub.model_info(repo, revision=revision)
    commit = str(info.sha)
    names = wanted_files(file.rfilename for file in info.siblings or [])
    work = work_folder(folder, {"repo": repo, "commit": commit})
    _keep_weights(folder, work)
    hub.snapshot_download(
        repo, revision=commit, local_dir=work, allow_patterns=names, tqdm_class=_Lines
    )
    lacking = [name for name in names if not (work / name).is_file()]
    if lacking:
        raise FileNotFoundError(f"{', '.join(lacking)} did not arrive")
    shutil.rmtree(work / ".cache", ignore_errors=True)
    with atomic_write(folder) as partial:
        work.replace(partial)
    remove_work(folder)
    return commit


def _keep_weights(folder: Path, work: Path) -> None:
    """Link weights that are here already: those that the hub's checksums know are not sent again.

    A chat template or a stop token that is named later would cost the whole download otherwise.
    """
    for pattern in WEIGHTS:
        for file in folder.glob(pattern):
            if not (work / file.name).exists():
                os.link(file, work / file.name)


class _Lines(tqdm):
    """A progress bar that writes a whole line now and then, for a log file."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        self.shown = time.monotonic()
        super().__init__(*args, **{**settings, "file": io.StringIO()})

    def display(self, msg: str | None = None, pos: int | None = None) -> None:
        if time.monotonic() - self.shown > EVERY:
            self.shown = time.monotonic()
            print(msg or str(self), file=sys.stderr, flush=True)


def link_folder(source: str | Path, folder: str | Path) -> None:
    """Link the files of a local model folder, so that what is added here changes nothing there.

    Raises InputError if there is no such folder.
    """
    # Not resolved: what the user's folder is a link to may change.
    source = Path(source).expanduser().absolute()
    if not (source / "config.json").is_file():
        what = "it has no config.json" if source.is_dir() else "there is no such folder"
        raise InputError(f"{source} is no model folder: {what}")
    with atomic_write(folder) as partial:
        partial.mkdir()
        for name in wanted_files(file.name for file in source.iterdir() if file.is_file()):
            (partial / name).symlink_to(source / name)
