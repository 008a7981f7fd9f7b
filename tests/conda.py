"""A stand-in for conda without a channel: it installs the pip section into a venv.

Snakemake calls the command ``conda`` and sources ``{conda_prefix}/bin/activate``. This one makes
a virtual environment of the running Python with the pins of the file's pip section. It solves
nothing and installs no system packages.
"""

import itertools
import json
import subprocess
import sys
from pathlib import Path

ACTIVATE = """echo "$1" >> "{log}"; source "$1/bin/activate"\n"""


def install(folder: Path) -> Path:
    """Write the command to ``folder/bin`` and return the file that lists every activation."""
    log, command = folder / "activated", folder / "bin" / "conda"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{__file__}" "{folder}" "$@"\n')
    command.chmod(0o755)
    (folder / "bin" / "activate").write_text(ACTIVATE.format(log=log))
    log.touch()
    return log


def main(prefix: str, *arguments: str) -> None:
    """Answer the conda commands that Snakemake runs."""
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
        environment = yaml.safe_load(Path(options["--file"]).read_text(encoding="utf-8"))
        pins = environment["dependencies"][-1]["pip"]
        if any(pin.startswith("torch==") for pin in pins):
            sys.exit("refused: an environment for GPUs is several gigabytes")
        venv = options["--prefix"]
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        pip = [f"{venv}/bin/python", "-m", "pip", "install", "-q"]
        subprocess.run([*pip, *pins], check=True)
    else:
        sys.exit(f"unsupported command: conda {' '.join(arguments)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
