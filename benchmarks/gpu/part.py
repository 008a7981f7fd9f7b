"""Parts in a process of their own: their rows are appended to a file as they are measured.

Arguments: the parts, separated by commas (``model`` writes the model), the case, the folder of the
model, the folder for other files, and the file for the rows, one JSON object a line.
"""

import dataclasses
import importlib
import json
import sys
import time
from itertools import chain
from pathlib import Path

from benchmarks.gpu.case import CASES

from icr.errors import InputError
from icr.storage.project import versions

PACKAGES = ("torch", "transformers", "vllm", "trl", "deepspeed")


def main(parts, case, folder, scratch, file):
    """Measure, and append the rows; the first of each part holds the versions of packages."""
    case = dataclasses.replace(CASES[case], folder=Path(folder), scratch=Path(scratch))
    with Path(file).open("a", encoding="utf-8") as output:
        for part in parts.split(","):
            rows = written(case) if part == "model" else measured(part, case)
            for row in chain([{"versions": versions(*PACKAGES)}], rows):
                output.write(json.dumps({"part": part, **row}) + "\n")
                output.flush()


def written(case):
    """Write the model; yields a row."""
    from benchmarks.gpu.model import write_model

    start = time.monotonic()
    write_model(case.folder, case.model)
    yield {"name": "random weights written", "seconds": time.monotonic() - start}


def measured(part, case):
    """The rows of a part, and of what it lacks."""
    try:
        yield from importlib.import_module(f"benchmarks.gpu.{part}").measure(case)
    except (ImportError, InputError) as error:
        yield {"name": part, "not_measured": str(error)}


if __name__ == "__main__":
    main(*sys.argv[1:])
