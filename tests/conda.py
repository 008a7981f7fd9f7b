"""A stand-in for conda, for tests where no channel can be reached: pip's part in a venv.

Snakemake calls the command ``conda`` and sources ``{conda_prefix}/bin/activate``. This one makes
a virtual environment of the running Python with the pins of the file's pip section; it solves
nothing, and provides no system part.
"""

import itertools
import json
import subprocess
import sys
from pathlib import Path

ACTIVATE = """echo "$1" >> "{log}"; source "$1/bin/activate"\n"""


def install(folder: Path) -> Path:
    """Put the command into ``folder/bin``; returns the file that lists every activation."""
    log, command = folder / "activated", folder / "bin" / "conda"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{__file__}" "{folder}" "$@"\n')
    command.chmod(0o755)
    (folder / "bin" / "activate").write_text(ACTIVATE.format(log=log))
    log.touch()
    return log


def main(prefix: str, *arguments: str) -> None:
    """What Snakemake asks of conda."""
    if arguments == ("info", "--json"):
        print(json.dumps({"conda_prefix": prefix, "platform": "linux-64"}))
    elif arguments == ("--version",):
        print("conda 26.9.4")
    elif arguments[0] == "config":
        print(json.dumps({"get": {"channel_priority": "strict"}}))
    elif arguments[0] == "clean":
        pass
    elif arguments[:2] == ("env", "create"):
        import yaml

        options = dict(itertools.pairwise(arguments))
        described = yaml.safe_load(Path(options["--file"]).read_text(encoding="utf-8"))
        pins = described["dependencies"][-1]["pip"]
        if any(pin.startswith("torch==") for pin in pins):
            sys.exit("an environment for GPUs: gigabytes")
        venv = options["--prefix"]
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        pip = [f"{venv}/bin/python", "-m", "pip", "install", "-q"]
        subprocess.run([*pip, *pins], check=True)
    else:
        sys.exit(f"not known here: conda {' '.join(arguments)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
