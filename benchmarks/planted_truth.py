"""The miniature over seeds that nothing was tuned on: what it shows of the paper's claims.

    python benchmarks/planted_truth.py CONFIGURATION SEED...

Runs a configuration up to its claims once a seed, two seeds side by side, and writes every measured
value to tests/planted_truth.json, with the threshold that CI holds a fresh run to. A claim that
stands there from more seeds stays as it is. Fails if a planted claim is not shown over all seeds.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from icr.miniature.claims import MEASURES, decide

ROOT = Path(__file__).resolve().parents[1]
OUTPUT = ROOT / "tests/planted_truth.json"
SHARED = (
    "check_prompts",
    "miniature_questions",
    "miniature_references",
    "miniature_choices",
)
"""Rules whose files all seeds share; they are made first, as runs side by side take no lock."""


def snakemake(configuration, seed, *arguments):
    """Run the workflow under a seed's own name; returns the results folder."""
    run = f"planted-{Path(configuration).stem}-{seed}"
    options = ["--profile", "profiles/demo", "--configfile", configuration, "--cores", "1",
               "--nolock", "--config", f"run={run}", f"seed={seed}"]  # fmt: skip
    subprocess.run(
        [sys.executable, "-m", "snakemake", *options, *arguments, "--", "claims"],
        cwd=ROOT, check=True,
    )  # fmt: skip
    return ROOT / f"results/{run}"


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
    return decide(rows[0], float(np.mean(values)), float(max(over_facts, over_seeds)))


def summary(rows, seeds):
    """What tests/planted_truth.json holds of a claim."""
    whole = together(rows)
    values, errors = ([row[key] for row in rows] for key in ("value", "error"))
    return {
        "measure": whole["measure"],
        "policies": whole["policies"],
        "planted": whole["planted"],
        "seeds": seeds,
        "values": [round(value, 4) for value in values],
        "errors": [round(error, 4) for error in errors],
        "verdicts": [row["verdict"] for row in rows],
        "value": round(whole["value"], 4),
        "error": round(whole["error"], 4),
        "verdict": whole["verdict"],
        "threshold": threshold(values, errors, whole["planted"], MEASURES[whole["measure"]]),
    }


def main(configuration, *seeds):
    """Measure, write, and tell."""
    seeds = [int(seed) for seed in seeds]
    snakemake(configuration, seeds[0], "--until", *SHARED)
    with ThreadPoolExecutor(2) as pool:
        folders = list(pool.map(lambda seed: snakemake(configuration, seed), seeds))
    runs = [json.loads((one / "claims.json").read_text(encoding="utf-8")) for one in folders]
    known = json.loads(OUTPUT.read_text(encoding="utf-8")) if OUTPUT.exists() else {}
    failed = []
    for rows in zip(*runs, strict=True):
        name = rows[0]["claim"]
        if len(known.get(name, {}).get("seeds", [])) <= len(seeds):
            known[name] = summary(rows, seeds)
        one = known[name]
        if one["planted"] and one["verdict"] != "shown":
            failed.append(name)
        told = f"{one['value']:.4f} ± {one['error']:.4f}"
        print(f"{name}: {one['values']}, together {told}, {one['verdict']}")
    text = json.dumps(known, indent=2, ensure_ascii=False)
    OUTPUT.write_text(text + "\n", encoding="utf-8")
    if failed:
        sys.exit(f"not shown over the seeds: {'; '.join(failed)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
