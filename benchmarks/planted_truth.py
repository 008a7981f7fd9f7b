"""The miniature over seeds that nothing was tuned on: what it shows of the paper's claims.

Runs the demo up to its claims once a seed, and writes every measured value, with the threshold
that CI holds a fresh demo to, to tests/planted_truth.json. Fails if a planted claim is not shown.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

SEEDS = (11, 12, 13)
"""Never used while the miniature was tuned."""
ROOT = Path(__file__).resolve().parents[1]
OUTPUT = ROOT / "tests/planted_truth.json"


def measured(seed):
    """The claims of one seed, as the workflow measured them."""
    run = f"planted-{seed}"
    options = ["--profile", "profiles/demo", "--config", f"run={run}", f"seed={seed}"]
    subprocess.run([sys.executable, "-m", "snakemake", *options, "--", "claims"],
                   cwd=ROOT, check=True)  # fmt: skip
    return json.loads((ROOT / f"results/{run}/claims.json").read_text(encoding="utf-8"))


def threshold(values, errors, planted):
    """Three deviations below the seeds' mean: of the seeds, or of a measurement if larger.

    None for what is reported and not asserted.
    """
    if not planted:
        return None
    return round(float(np.mean(values) - 3 * max(np.std(values, ddof=1), np.mean(errors))), 4)


def main():
    """Measure, write, and tell."""
    runs = [measured(seed) for seed in SEEDS]
    claims, failed = {}, []
    for rows in zip(*runs, strict=True):
        first = rows[0]
        values, errors = ([row[key] for row in rows] for key in ("value", "error"))
        claims[first["claim"]] = {
            "measure": first["measure"],
            "policies": first["policies"],
            "planted": first["planted"],
            "values": [round(value, 4) for value in values],
            "errors": [round(error, 4) for error in errors],
            "verdicts": [row["verdict"] for row in rows],
            "threshold": threshold(values, errors, first["planted"]),
        }
        if first["planted"] and {row["verdict"] for row in rows} != {"shown"}:
            failed.append(first["claim"])
        print(f"{first['claim']}: {claims[first['claim']]['values']}, {rows[0]['verdict']}")
    OUTPUT.write_text(json.dumps({"seeds": SEEDS, "claims": claims}, indent=2, ensure_ascii=False)
                      + "\n", encoding="utf-8")  # fmt: skip
    if failed:
        sys.exit(f"not shown with every seed: {'; '.join(failed)}")


if __name__ == "__main__":
    main()
