"""One part in a process of its own: its rows are appended to a file as they are measured.

Arguments: the part (or ``model``, which writes the model), the case, the folder of the model, the
folder for other files, and the file for the rows, one JSON object a line.
"""

import dataclasses
import importlib
import json
import sys
import time
from pathlib import Path

from benchmarks.gpu.case import CASES

from icr.errors import InputError
from icr.storage.project import versions

PACKAGES = ("torch", "transformers", "vllm", "trl", "deepspeed")


def main(part, case, folder, scratch, file):
    """Measure, and append the rows; the first holds the versions of packages."""
    case = dataclasses.replace(CASES[case], folder=Path(folder), scratch=Path(scratch))
    with Path(file).open("a", encoding="utf-8") as output:

        def write(row):
            output.write(json.dumps(row) + "\n")
            output.flush()

        write({"versions": versions(*PACKAGES)})
        if part == "model":
            from benchmarks.gpu.model import write_model

            start = time.monotonic()
            write_model(case.folder, case.model)
            write({"name": "random weights written", "seconds": time.monotonic() - start})
            return
        try:
            for row in importlib.import_module(f"benchmarks.gpu.{part}").measure(case):
                write(row)
        except (ImportError, InputError) as error:
            write({"name": part, "not_measured": str(error)})


if __name__ == "__main__":
    main(*sys.argv[1:])
