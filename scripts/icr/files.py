"""Writing files so that a reader never meets half of one, and resuming work that was cut off."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a name of this process's own beside ``path``; rename it to ``path`` on success.

    An orphan of a killed run writes under another name and so cannot spoil the new file.
    On an error the partial file or folder is removed and ``path`` stays as it was.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.uname().nodename}-{os.getpid()}")
    _remove_orphans(path)
    try:
        yield partial
        if partial.is_dir() and path.is_dir():
            shutil.rmtree(path)
        partial.replace(path)
    finally:
        if partial.is_dir():
            shutil.rmtree(partial)
        else:
            partial.unlink(missing_ok=True)


def _remove_orphans(path: Path) -> None:
    """Remove partial files of ``path`` whose process on this machine is gone: it was killed."""
    for orphan in path.parent.glob(f".{path.name}.{os.uname().nodename}-*"):
        process = Path("/proc") / orphan.name.rpartition("-")[2]
        if Path("/proc/self").exists() and not process.exists():
            if orphan.is_dir():
                shutil.rmtree(orphan, ignore_errors=True)
            else:
                orphan.unlink(missing_ok=True)


def write_parquet(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a table with zstd compression, whole or not at all."""
    with replacing(path) as partial:
        frame.to_parquet(partial, index=False, compression="zstd")


def write_json(value: Any, path: str | Path) -> None:
    """Write indented JSON with a final newline, whole or not at all."""
    with replacing(path) as partial:
        text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
        partial.write_text(text + "\n", encoding="utf-8")


def read_json(path: str | Path) -> Any:
    """Read a JSON file."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_jsonl(rows: Sequence[Mapping[str, Any]], path: str | Path) -> None:
    """Write one JSON object a line, whole or not at all."""
    with replacing(path) as partial:
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        partial.write_text("".join(lines), encoding="utf-8")


def read_jsonl(path: str | Path) -> list[dict[str, Any]]:
    """Read one JSON object a line."""
    with Path(path).open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


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


def in_pieces(
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
    from icr.progress import Progress

    folder = work_folder(output, settings)
    tables: list[pd.DataFrame] = []
    progress = Progress(total=len(pieces), what=str(output))
    for number, piece in enumerate(pieces):
        kept = folder / f"{number:05d}.parquet"
        reused = kept.exists()
        if not reused:
            write_parquet(compute(piece), kept)
        tables.append(pd.read_parquet(kept))
        progress.step(reused=reused)
    return pd.concat(tables, ignore_index=True)
