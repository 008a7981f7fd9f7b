"""Measure the miniature's claims over seeds on which nothing was tuned.

    python benchmarks/planted_truth.py CONFIGURATION SEED...

Runs a configuration up to its claims for each seed, two seeds in parallel on one core each, and
the last of an odd number on both. Writes every measured value to tests/planted_truth.json, with the
threshold that a fresh run must reach in CI. A claim already measured over more seeds is kept. Fails
if a planted claim is not shown over all seeds.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from icr.miniature.claims import MEASURES, decide

ROOT = Path(__file__).resolve().parents[1]
OUTPUT = ROOT / "tests/planted_truth.json"
CORES = 2
SHARED = (
    "check_prompts",
    "miniature_preferences",
    "miniature_questions",
    "miniature_references",
    "miniature_choices",
)
"""Rules whose files all seeds share. They run first because parallel runs take no lock."""


def snakemake(configuration, seed, *arguments, cores=1):
    """Run the workflow with a run name of the seed's own; returns the results folder."""
    run = f"planted-{Path(configuration).stem}-{seed}"
    options = ["--profile", "profiles/demo", "--configfile", configuration,
               "--cores", str(cores), "--nolock",
               "--config", f"run={run}", f"seed={seed}"]  # fmt: skip
    subprocess.run(
        [sys.executable, "-m", "snakemake", *options, *arguments, "--", "claims"],
        cwd=ROOT, check=True,
    )  # fmt: skip
    return ROOT / f"results/{run}"


def threshold(values, errors, planted, tie):
    """Mean over seeds minus three deviations: of the seeds, or of a measurement if larger.

    Never below a tie. None for a claim that is reported but not asserted.
    """
    if not planted:
        return None
    low = np.mean(values) - 3 * max(np.std(values, ddof=1), np.mean(errors))
    return round(float(max(low, tie)), 4)


def over_all_seeds(rows):
    """The claim over all seeds; its error is the larger of those over facts and over seeds."""
    values, errors = ([row[key] for row in rows] for key in ("value", "error"))
    over_facts = np.linalg.norm(errors) / len(errors)
    over_seeds = np.std(values, ddof=1) / np.sqrt(len(values))
    return decide(rows[0], float(np.mean(values)), float(max(over_facts, over_seeds)))


def summary(rows, seeds):
    """The entry of a claim in tests/planted_truth.json."""
    whole = over_all_seeds(rows)
    values, errors = ([row[key] for row in rows] for key in ("value", "error"))
    stated = ("measure", "policies", "languages", "planted")
    return {
        **{key: whole[key] for key in stated if key in whole},
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
    """Measure all claims, write them, and print a line for each."""
    seeds = [int(seed) for seed in seeds]
    snakemake(configuration, seeds[0], "--until", *SHARED)
    folders = []
    for pair in [seeds[i : i + CORES] for i in range(0, len(seeds), CORES)]:
        run = partial(snakemake, configuration, cores=CORES // len(pair))
        with ThreadPoolExecutor(len(pair)) as pool:
            folders += pool.map(run, pair)
    runs = [json.loads((path / "claims.json").read_text(encoding="utf-8")) for path in folders]
    known = json.loads(OUTPUT.read_text(encoding="utf-8")) if OUTPUT.exists() else {}
    failed = []
    for rows in zip(*runs, strict=True):
        name = rows[0]["claim"]
        if len(known.get(name, {}).get("seeds", [])) <= len(seeds):
            known[name] = summary(rows, seeds)
        claim = known[name]
        if claim["planted"] and claim["verdict"] != "shown":
            failed.append(name)
        whole = f"{claim['value']:.4f} ± {claim['error']:.4f}"
        print(f"{name}: {claim['values']}, together {whole}, {claim['verdict']}")
    text = json.dumps(known, indent=2, ensure_ascii=False)
    OUTPUT.write_text(text + "\n", encoding="utf-8")
    if failed:
        sys.exit(f"not shown over all seeds: {'; '.join(failed)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
