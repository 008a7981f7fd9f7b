"""After SIGKILL of the sampler or scorer, the next run resumes and writes the same bytes."""

import time
from pathlib import Path

import pandas as pd
import pytest
from tiny import tiny_folder

from icr.sampling import BackendOptions, SamplingSettings
from icr.sampling.block import sample_block
from icr.scoring.block import score_block
from icr.storage.files import write_parquet
from icr.storage.schemas.responses import LOGPROBS, SAMPLES


def sample(folder, output):
    rows = [
        {"instruction": f"Say {i}!", "instruction_id": f"id{i}", "language": "en"}
        for i in range(24)
    ]
    settings = SamplingSettings(n=4, temperature=1.0, max_tokens=40)
    table = sample_block(
        folder, rows, output, settings, "transformers", BackendOptions(), 2, (1, "p")
    )
    write_parquet(table, output, SAMPLES)


def score(folder, output):
    samples = pd.read_parquet(output.parent / "samples.parquet")
    texts = {name: f"Say {name}!" for name in samples["id"]}
    table = score_block(folder, samples, texts, output, "multilingual", "en", "float32", 60, 2, 1)
    write_parquet(table.assign(language="en"), output, LOGPROBS)


def kept(output):
    return sorted(output.parent.glob(f".{output.name}.work/*/[0-9]*.parquet"))


def finish(process):
    process.join(300)
    assert process.exitcode == 0, "None: timed out; else see stderr"


@pytest.mark.parametrize("program", [sample, score])
def test_a_killed_job_repeats_nothing_and_ends_in_the_same_bytes(program, tmp_path, forking):
    def start(program, folder, output):
        process = forking.Process(target=program, args=(folder, output), daemon=True)
        process.start()
        return process

    folder = tiny_folder(tmp_path / "model")
    work, undisturbed = tmp_path / "killed", tmp_path / "undisturbed"
    for directory in (work, undisturbed):
        directory.mkdir()
    if program is score:
        finish(start(sample, folder, undisturbed / "samples.parquet"))
        (work / "samples.parquet").hardlink_to(undisturbed / "samples.parquet")
    finish(start(program, folder, undisturbed / "out.parquet"))

    output = work / "out.parquet"
    before: dict[Path, int] = {}
    for pieces in (0, 1, 4, 9):  # kill at the start, then after so many pieces
        process = start(program, folder, output)
        while process.is_alive() and len(kept(output)) <= max(pieces, len(before)):
            if pieces == 0:
                time.sleep(0.3)
                break
            time.sleep(0.002)
        process.kill()
        process.join()
        now = {path: path.stat().st_mtime_ns for path in kept(output)}
        assert before.items() <= now.items(), "a finished piece was made again"
        before = now
    assert not output.exists() and 0 < len(before) < 12
    finish(start(program, folder, output))
    assert before.items() <= {p: p.stat().st_mtime_ns for p in kept(output)}.items()
    pd.testing.assert_frame_equal(
        pd.read_parquet(output), pd.read_parquet(undisturbed / "out.parquet")
    )
    assert output.read_bytes() == (undisturbed / "out.parquet").read_bytes()
