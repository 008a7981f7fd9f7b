"""Write the README's table of targets: the cost of each table and figure on its own, from scratch.

``make docs`` runs this; the table stands between two marks in the page. Costs are those of
``snakemake plan``: estimates from the configuration, not measurements.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from icr.cluster import plan

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "README.md"
BEGIN, END = "<!-- targets: made by `make docs` -->", "<!-- end of targets -->"
HEAD = ("target", "jobs", "GPU-hours", "judges, USD", "what the paper found")


def cost(target: str) -> plan.Row:
    """Jobs, GPU-hours and price of a target of the paper's configuration in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "snakemake", "-n", "--nolock", "--directory", folder]
        command += ["--quiet", "host"]  # Snakemake's own listing
        command += ["--snakefile", str(ROOT / "Snakefile")]
        command += ["--configfile", str(ROOT / "config/config.yaml"), "--", target]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = plan.read(done.stdout + done.stderr).values()
    return plan.Row(
        jobs=sum(row.jobs for row in rows),
        gpu_hours=sum(row.gpu_hours for row in rows),
        usd=sum(row.usd for row in rows),
    )


def table() -> str:
    """The table in Markdown."""
    expected = yaml.safe_load((ROOT / "config/paper/expected.yaml").read_text(encoding="utf-8"))
    lines = [HEAD, ("---",) * len(HEAD)]
    others = {"rivals": "ICR beside LIDR, CroCo and LaCoMSA", "all": "everything, once"}
    for target, finding in {**expected, **others}.items():
        row = cost(target)
        lines.append(
            (f"`{target}`", f"{row.jobs:,}", f"{row.gpu_hours:,.0f}", f"{row.usd:,.0f}", finding)
        )
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main() -> None:
    """Replace the table in the page."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    page = f"{before}{BEGIN}\n\n{table()}\n\n{END}{rest.split(END)[1]}"
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
