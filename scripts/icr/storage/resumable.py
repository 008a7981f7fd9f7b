"""Long work in pieces, which are kept until the whole is written, so that a killed job resumes."""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from icr.errors import InputError
from icr.storage.files import atomic_write, read_table
from icr.storage.progress import Progress


def identity(path: str | Path) -> list[tuple[str, int, int]]:
    """Name, size and time of a file, or of the weights in a model folder.

    Part of the settings of a work folder: pieces made from an older file are not picked up.
    """
    path = Path(path)
    kinds = ("*.safetensors", "pytorch_model*.bin")
    files = sorted(f for k in kinds for f in path.glob(k)) if path.is_dir() else [path]
    stats = [(file.name, file.stat()) for file in files]
    return [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]


def work_folder(output: str | Path, settings: Mapping[str, Any]) -> Path:
    """The folder in which a long job keeps finished pieces of ``output`` until it is complete.

    Its name holds a digest of the settings, so that a run with other settings never picks up
    pieces made with these. Snakemake does not know the folder, and so does not delete it when a
    job fails. Call :func:`remove_work` once the output is in its place.
    """
    output = Path(output)
    text = json.dumps(settings, sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    folder = output.with_name(f".{output.name}.work") / digest
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def remove_work(output: str | Path) -> None:
    """Remove every work folder of ``output``."""
    output = Path(output)
    shutil.rmtree(output.with_name(f".{output.name}.work"), ignore_errors=True)


def compute_resumable(
    output: str | Path,
    settings: Mapping[str, Any],
    pieces: Sequence[Any],
    compute: Callable[[Any], pd.DataFrame],
) -> pd.DataFrame:
    """Compute a table piece by piece, keeping each finished piece across a kill.

    ``compute(piece)`` must depend on the piece alone, so that a resumed run ends in the same
    table as an undisturbed one. Prints a line of progress per piece.

    Returns the concatenation; the caller checks and writes it, then calls :func:`remove_work`.
    """
    folder = work_folder(output, settings)
    tables: list[pd.DataFrame] = []
    progress = Progress(total=len(pieces), what=str(output))
    for number, piece in enumerate(pieces):
        kept = folder / f"{number:05d}.parquet"
        table = _kept(kept)
        reused = table is not None
        if table is None:
            with atomic_write(kept) as partial:
                compute(piece).to_parquet(partial, index=False, compression="zstd")
            table = read_table(kept)
        tables.append(table)
        progress.step(reused=reused)
    return pd.concat(tables, ignore_index=True)


def _kept(piece: Path) -> pd.DataFrame | None:
    """A piece that was kept; None for one that a machine going down left damaged."""
    if not piece.exists():
        return None
    try:
        return read_table(piece)
    except InputError as error:
        print(f"{error}; it is computed again now", flush=True)
        return None
