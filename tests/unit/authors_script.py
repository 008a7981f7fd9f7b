"""Inputs of the authors' scoring script, and the scores that it wrote.

``authors_scores.json`` holds its output: utils/compute_reward_score.py of
ZNLP/Implicit-Cross-Lingual-Rewarding at 168a420, unchanged, on a CPU in float32 (transformers
5.23, torch 2.13), with ``--batch_size 3 --instruction_key prompt --cal_key response`` and the
``--template`` whose end token is the case's.
"""

import json
import random
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from tiny import tiny_model, tiny_tokenizer

SCORES = json.loads((Path(__file__).parent / "authors_scores.json").read_text())
"""Scores by case, of three responses to each of ten prompts."""
PROMPTS, RESPONSES = 10, 3


@dataclass(frozen=True)
class Case:
    """A layout of special tokens."""

    pad: str | None
    end: str
    """Written by the chat template after a turn, and by the script after every response."""
    begin: str = "<assistant>"
    """Text before a response."""


CASES = {
    "pad apart": Case(pad="<pad>", end="</s>"),
    "no pad": Case(pad=None, end="</s>"),
    "no pad, turns do not end with EOS": Case(pad=None, end="<|eot_id|>"),
    "pad ends turns": Case(pad="<|eot_id|>", end="<|eot_id|>"),
    "a token across the border": Case(pad="<pad>", end="</s>", begin="A:"),
}


def tokenizer_of(case):
    """One token per byte, ``:x``, and the case's special tokens."""
    template = (
        "{{ bos_token }}{% for m in messages %}<user>{{ m.content }}" + case.end + "{% endfor %}"
        "{% if add_generation_prompt %}" + case.begin + "{% endif %}"
    )
    tokenizer = tiny_tokenizer(template, pad=None)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|eot_id|>"]})
    tokenizer.add_tokens([":x"])
    if case.pad:
        tokenizer.pad_token = case.pad
    return tokenizer


def folder_of(case, path):
    """Write a model folder for the case."""
    tiny_model(seed=7, vocabulary=263, max_position_embeddings=512).save_pretrained(path)
    tokenizer_of(case).save_pretrained(path)
    return path


def instructions():
    """Ten prompts of unequal lengths, by id."""
    generator = random.Random(11)
    return {
        f"p{p}": "".join(generator.choices("abcdé ?", k=generator.randint(3, 30)))
        for p in range(10)
    }


def samples(case):
    """Three responses to each prompt; every fourth is cut, and one is empty."""
    generator, tokenizer, rows = random.Random(12), tokenizer_of(case), []
    end = tokenizer.convert_tokens_to_ids(case.end)
    for prompt in instructions():
        for index in range(RESPONSES):
            text = "".join(generator.choices("uvwxyzß. ", k=generator.randint(1, 40))).strip()
            text = "" if len(rows) == 16 else generator.choice(["x", "y"]) + text
            ids = tokenizer(text, add_special_tokens=False)["input_ids"]
            ended = len(rows) % 4 > 0
            rows.append({"id": prompt, "index": index, "response": text,
                         "response_ids": [*ids, end] if ended else ids,
                         "finish_reason": "stop" if ended else "length"})  # fmt: skip
    return pd.DataFrame(rows)
