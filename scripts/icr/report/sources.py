"""Where the results come from: code, versions, seeds, models, data, configuration."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from icr.report.parts import Code, Part, Table
from icr.storage.project import state_line

Record = Mapping[str, Any]
"""provenance.json (icr.report.provenance)."""


def sources(record: Record, config: str) -> list[Part]:
    """Tables of code, packages, models and data, and the configuration as it was."""
    facts = [
        ["project", state_line(record["project"])],
        ["seed", f"{record['seed']}; every prompt has its own, derived from it and its id"],
        ["finished", record["finished"].replace("T", " ").replace("+00:00", " UTC")],
        ["system", record["system"]],
    ]
    packages = [[name, version] for name, version in record["packages"].items()]
    data = [[path, blob] for path, blob in record["data"].items()]
    locks = [[name, digest[:16]] for name, digest in record["environments"].items()]
    return [
        Table(["", ""], facts, "This run."),
        Table(["model", "source", "revision", "licence", "parameters"], _models(record),
              "Models that the run started from."),
        Table(["package", "version"], packages,
              "Of the environment that wrote this record; each training left its own in "
              "provenance.json.", folded="Versions of the main packages"),
        Table(["environment", "SHA-256"], locks, "What the environments were made from.",
              folded="Environment files"),
        Table(["file", "git blob"], data, "With the identity that git gives to a file's content.",
              folded="Prompts and questions"),
        Code("The resolved configuration, config.yaml", config),
    ]  # fmt: skip


def _models(record: Record) -> list[list[str]]:
    rows = []
    for name, model in record["models"].items():
        source = {k: v for k, v in model["source"].items() if v is not None}
        kind, *_ = source
        place = source[kind]
        rows.append(
            [
                name,
                f"{kind} {Path(place).as_posix()}",
                (model.get("commit") or "not on a hub")[:12],
                model.get("licence") or "not named",
                _size(model.get("parameters")),
            ]
        )
    return rows


def _size(parameters: int | None) -> str:
    if parameters is None:
        return "–"
    return f"{parameters / 1e9:.2f} G" if parameters >= 1e9 else f"{parameters / 1e6:.1f} M"
