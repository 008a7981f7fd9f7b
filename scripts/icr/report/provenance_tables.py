"""Where the results come from: code, versions, seeds, models, data, configuration."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from icr.report.elements import Code, Element, Table
from icr.storage.project import state_line

Record = Mapping[str, Any]
"""provenance.json (icr.report.provenance)."""


def provenance_elements(record: Record, config: str) -> list[Element]:
    """Tables of code, packages, models and data, and the text of the configuration."""
    facts = [
        ["project", state_line(record["project"])],
        ["seed", f"{record['seed']}; each prompt's seed is derived from it and the prompt's id"],
        ["finished", record["finished"].replace("T", " ").replace("+00:00", " UTC")],
        ["system", record["system"]],
    ]
    packages = [[name, version] for name, version in record["packages"].items()]
    data = [[path, blob] for path, blob in record["data"].items()]
    environments = [[name, digest[:16]] for name, digest in record["environments"].items()]
    return [
        Table(["", ""], facts, "This run."),
        Table(["model", "source", "revision", "licence", "parameters"], _models(record),
              "Models that the run started from."),
        Table(["package", "version"], packages,
              "The environment that wrote provenance.json; the versions that each training used "
              "are in that file.", folded="Versions of the main packages"),
        Table(["environment", "SHA-256"], environments, "Files that define the environments.",
              folded="Environment files"),
        Table(["file", "git blob"], data, "Each file with git's hash of its content.",
              folded="Prompts and questions"),
        Code("The resolved configuration, config.yaml", config),
    ]  # fmt: skip


def _models(record: Record) -> list[list[str]]:
    rows = []
    for name, model in record["models"].items():
        source = {k: v for k, v in model["source"].items() if v is not None}
        kind, *_ = source
        rows.append(
            [
                name,
                f"{kind} {Path(source[kind]).as_posix()}",
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
