"""The miniature over seeds that nothing was tuned on: what it shows of the paper's claims.

Runs the demo up to its claims once a seed, and writes every measured value, with the threshold
that CI holds a fresh demo to, to tests/planted_truth.json. Fails if a planted claim is not shown
over all seeds.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from icr.miniature.claims import MEASURES, decided

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


def threshold(values, errors, planted, tie):
    """Three deviations below the seeds' mean: of the seeds, or of a measurement if larger.

    Never on the wrong side of a tie. None for what is reported and not asserted.
    """
    if not planted:
        return None
    low = np.mean(values) - 3 * max(np.std(values, ddof=1), np.mean(errors))
    return round(float(max(low, tie)), 4)


def together(rows):
    """The claim over all seeds; its error is that of facts or of seeds, whichever is larger."""
    values, errors = ([row[key] for row in rows] for key in ("value", "error"))
    over_facts = np.linalg.norm(errors) / len(errors)
    over_seeds = np.std(values, ddof=1) / np.sqrt(len(values))
    return decided(rows[0], float(np.mean(values)), float(max(over_facts, over_seeds)))


def main():
    """Measure, write, and tell."""
    runs = [measured(seed) for seed in SEEDS]
    claims, failed = {}, []
    for rows in zip(*runs, strict=True):
        all_seeds = together(rows)
        name, planted = all_seeds["claim"], all_seeds["planted"]
        values, errors = ([row[key] for row in rows] for key in ("value", "error"))
        claims[name] = {
            "measure": all_seeds["measure"],
            "policies": all_seeds["policies"],
            "planted": planted,
            "values": [round(value, 4) for value in values],
            "errors": [round(error, 4) for error in errors],
            "verdicts": [row["verdict"] for row in rows],
            "value": round(all_seeds["value"], 4),
            "error": round(all_seeds["error"], 4),
            "verdict": all_seeds["verdict"],
            "threshold": threshold(values, errors, planted, MEASURES[all_seeds["measure"]]),
        }
        if planted and all_seeds["verdict"] != "shown":
            failed.append(name)
        told = f"{all_seeds['value']:.4f} ± {all_seeds['error']:.4f}"
        print(f"{name}: {claims[name]['values']}, together {told}, {all_seeds['verdict']}")
    OUTPUT.write_text(json.dumps({"seeds": SEEDS, "claims": claims}, indent=2, ensure_ascii=False)
                      + "\n", encoding="utf-8")  # fmt: skip
    if failed:
        sys.exit(f"not shown over the seeds: {'; '.join(failed)}")


if __name__ == "__main__":
    main()
