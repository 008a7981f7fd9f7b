"""Long computations in pieces that are kept on disk, so that a killed job resumes."""

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from icr.errors import InputError
from icr.storage.files import atomic_write, read_table
from icr.storage.progress import Progress


def identity(path: str | Path) -> list[tuple[str, int, int]]:
    """Name, size and modification time of a file, or of each weight file of a model folder.

    Enters the settings of a work folder, so that pieces made from an older file are not reused.
    """
    path = Path(path)
    kinds = ("*.safetensors", "pytorch_model*.bin")
    files = sorted(f for k in kinds for f in path.glob(k)) if path.is_dir() else [path]
    stats = [(file.name, file.stat()) for file in files]
    return [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]


def work_folder(output: str | Path, settings: Mapping[str, Any]) -> Path:
    """The folder in which a long job keeps finished pieces of ``output`` until it is complete.

    Its name holds a digest of the settings, so that a run with other settings never reuses these
    pieces. Snakemake does not know the folder, and so does not delete it when a job fails. Call
    :func:`remove_work` once the output is written.
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
    """Compute a table piece by piece; each finished piece survives a kill.

    ``compute(piece)`` must depend on the piece alone, so that a resumed run gives the same table
    as an uninterrupted run.

    Returns the concatenated pieces; the caller checks and writes them, then calls
    :func:`remove_work`.
    """
    folder = work_folder(output, settings)
    tables: list[pd.DataFrame] = []
    progress = Progress(total=len(pieces), what=str(output))
    for number, piece in enumerate(pieces):
        path = folder / f"{number:05d}.parquet"
        table = _stored(path)
        reused = table is not None
        if table is None:
            with atomic_write(path) as partial:
                compute(piece).to_parquet(partial, index=False, compression="zstd")
            table = read_table(path)
        tables.append(table)
        progress.step(reused=reused)
    return pd.concat(tables, ignore_index=True)


def compute_as_finished(
    output: str | Path,
    settings: Mapping[str, Any],
    count: int,
    compute: Callable[[list[int]], Iterable[tuple[int, pd.DataFrame]]],
    seconds: float = 60.0,
) -> pd.DataFrame:
    """Compute the tables of ``count`` items that are finished in any order.

    ``compute(numbers)`` yields number and table of each of these items. What is finished is written
    every so many ``seconds``, and when the computation fails; a kill loses no more than that.

    Returns the tables in the order of their numbers, as :func:`compute_resumable` does.
    """
    folder = work_folder(output, settings)
    finished: dict[int, pd.DataFrame] = {}
    files = sorted(folder.glob("[!.]*.parquet"))
    for path in files:
        if (table := _stored(path)) is not None:
            for number in table[_NUMBER].unique().tolist():
                finished[number] = table[table[_NUMBER] == number]
    progress = Progress(total=count, what=str(output))
    for _ in finished:
        progress.step(reused=True)
    unwritten: list[pd.DataFrame] = []

    def write() -> None:
        if unwritten:
            path = folder / f"{len(list(folder.glob('*.parquet'))):08d}.parquet"
            with atomic_write(path) as partial:
                pd.concat(unwritten).to_parquet(partial, index=False, compression="zstd")
            unwritten.clear()

    written = time.monotonic()
    try:
        left = [number for number in range(count) if number not in finished]
        for number, table in compute(left) if left else ():
            finished[number] = table.assign(**{_NUMBER: number})
            unwritten.append(finished[number])
            progress.step(reused=False)
            if time.monotonic() - written > seconds:
                write()
                written = time.monotonic()
    finally:
        write()
    tables = [finished[number] for number in range(count)]
    return pd.concat(tables, ignore_index=True).drop(columns=_NUMBER)


_NUMBER = "_number"
"""Column that tells the item of a row in a work folder."""


def _stored(path: Path) -> pd.DataFrame | None:
    """A finished piece; None if it is missing, or damaged by a crash of the machine."""
    if not path.exists():
        return None
    try:
        return read_table(path)
    except InputError as error:
        print(f"{error}; computing it again", flush=True)
        return None
