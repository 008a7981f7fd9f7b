"""Data sets in the hub folder, laid out as clones of the hub: benchmarks, length table."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from icr.evaluation.nlp.mirror import harness_folder
from rehearsal.texts import THINGS

ROWS = 6
"""Rows of each split; a question of MMLU is preceded by five examples."""
TRANSLATED = ("es", "ru", "de", "fr")
ALPACAEVAL = 805


def add_benchmarks(hub: Path) -> None:
    """Write the data sets that the paper's benchmark tasks read."""
    for name, configs, make_row in _benchmarks():
        folder = hub / "datasets" / name
        listed = []
        for config, splits in configs.items():
            files = [{"split": split, "path": f"data/{config}/{split}.jsonl"} for split in splits]
            listed.append({"config_name": config, "data_files": files})
            lines = "".join(json.dumps(make_row(n)) + "\n" for n in range(ROWS))
            for file in files:
                (folder / file["path"]).parent.mkdir(parents=True, exist_ok=True)
                (folder / file["path"]).write_text(lines, encoding="utf-8")
        card = yaml.safe_dump({"configs": listed})
        (folder / "README.md").write_text(f"---\n{card}---\n", encoding="utf-8")


def add_length_table(hub: Path, source: Mapping[str, Any]) -> str:
    """Write alpaca_eval's table of all its questions; returns its sha256."""
    rows = [
        {
            "index": index,
            "model": model,
            "preference": 0.5 + change * (index % 7 - 3) / 20,
            "std_delta_len": change * (1 + index % 5 / 5),
            "instruction_difficulty": (index * 37 % 101 - 50) / 50,
            "not_gamed_baseline": model == "gpt4_1106_preview",
        }
        for model, change in (
            ("gpt4_1106_preview", 0.1),
            ("gpt4_1106_preview_concise", 1.0),
            ("gpt4_1106_preview_verbose", -1.0),
        )
        for index in range(ALPACAEVAL)
    ]
    content = pd.DataFrame(rows).to_csv(index=False).encode()
    file = hub / "datasets" / source["hub"] / source.get("file", "df_gamed.csv")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def _benchmarks() -> Iterator[tuple[str, dict[str, tuple[str, ...]], Any]]:
    """Name, splits by configuration, and row function of each data set."""
    languages = dict.fromkeys(TRANSLATED)
    yield "allenai/ai2_arc", {"ARC-Challenge": ("train", "validation", "test")}, _arc
    yield "Rowan/hellaswag", {"default": ("train", "validation")}, _hellaswag
    yield "cais/mmlu", dict.fromkeys(_subjects(), ("dev", "validation", "test")), _mmlu
    yield "truthfulqa/truthful_qa", {"multiple_choice": ("validation",)}, _truthfulqa
    for name, splits, make_row in (
        ("m_arc", ("train", "validation", "test"), _translated_arc),
        ("m_hellaswag", ("val",), _hellaswag),
        ("m_mmlu", ("train", "val", "test"), _translated_choices),
        ("m_truthfulqa", ("val",), _translated_truthfulqa),
    ):
        yield f"alexandrainst/{name}", dict.fromkeys(languages, splits), make_row


def _subjects() -> list[str]:
    """MMLU's subjects, as the installed harness names its data sets."""
    files = sorted((harness_folder() / "mmlu" / "default").glob("mmlu_*.yaml"))
    return [yaml.safe_load(file.read_text(encoding="utf-8"))["dataset_name"] for file in files]


def _choices(n: int) -> list[str]:
    return [THINGS[(n + k) % len(THINGS)] for k in range(4)]


def _question(n: int) -> str:
    return f"Which of these comes at place {n + 1}?"


def _arc(n: int) -> dict[str, Any]:
    return {
        "id": f"Q{n}",
        "question": _question(n),
        "choices": {"text": _choices(n), "label": list("ABCD")},
        "answerKey": "ABCD"[n % 4],
    }


def _hellaswag(n: int) -> dict[str, Any]:
    return {
        "ind": n,
        "activity_label": "Travelling",
        "ctx_a": f"Somebody leaves {_choices(n)[0]}.",
        "ctx_b": "then they",
        "ctx": f"Somebody leaves {_choices(n)[0]}. then they",
        "endings": [f"arrive in {city}." for city in _choices(n)],
        "label": str(n % 4),
    }


def _mmlu(n: int) -> dict[str, Any]:
    return {"question": _question(n), "subject": "x", "choices": _choices(n), "answer": n % 4}


def _truthfulqa(n: int) -> dict[str, Any]:
    targets = {"choices": _choices(n), "labels": [1, 0, 0, 0]}
    return {
        "question": _question(n),
        "mc1_targets": targets,
        "mc2_targets": {**targets, "labels": [1, 0, 1, 0]},
    }


def _translated_choices(n: int) -> dict[str, Any]:
    letters = {f"option_{la}": text for la, text in zip("abcd", _choices(n), strict=True)}
    return {"id": str(n), "instruction": _question(n), **letters, "answer": "ABCD"[n % 4]}


def _translated_arc(n: int) -> dict[str, Any]:
    return {**_translated_choices(n), "option_e": None}


def _translated_truthfulqa(n: int) -> dict[str, Any]:
    return {
        "question": _question(n),
        "mc1_targets_choices": _choices(n),
        "mc1_targets_labels": [1, 0, 0, 0],
        "mc2_targets_choices": _choices(n),
        "mc2_targets_labels": [1, 0, 1, 0],
    }
