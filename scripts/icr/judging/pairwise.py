"""AlpacaEval 2's pairwise question with token probabilities, and its same-language criterion."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from icr.judging.client import Request

NAMES = ("m", "M")
"""The names of the first and the second output in the prompt."""

# The wording defines the benchmark: AlpacaEval 2's weighted annotator (Li et al., 2023; Dubois et
# al., 2024), with the sentence on the language that X-AlpacaEval adds (Yang et al., 2024c).
SYSTEM = (
    "You are a highly efficient assistant, who evaluates and selects the best large language "
    "model (LLMs) based on the quality of their responses to a given instruction. This process "
    "will be used to create a leaderboard reflecting the most accurate and human-preferred answers."
)
BEFORE = '''\
I require a leaderboard for various large language models. I'll provide you with prompts given to \
these models and their corresponding outputs. Your task is to assess these responses, and select \
the model that produces the best output from a human perspective.

## Instruction

{
    "instruction": """'''
BETWEEN = '''""",
}

## Model Outputs

Here are the unordered outputs from the models. Each output is associated with a specific model, \
identified by a unique model identifier.

{
    {
        "model_identifier": "m",
        "output": """'''
SECOND = '''"""
    },
    {
        "model_identifier": "M",
        "output": """'''
AFTER = '''"""
    }
}

## Task

A good output should be in the same language as the instruction, except when the instruction \
explicitly requests the output in a different language. Evaluate the models based on the quality \
and relevance of their outputs, and select the model that generated the best output. Answer by \
providing the model identifier of the best model. We will use your output as the name of the best \
model, so make sure your output only contains one of the following model identifiers and nothing \
else (no quotes, no spaces, no new lines, ...): m or M.

## Best Model Identifier'''


@dataclass(frozen=True)
class Question:
    """The fields of a prompt in this format."""

    question: str
    outputs: tuple[str, str]


def request(question: str, first: str, second: str) -> Request:
    """Ask which of two outputs is better; the first token's probabilities are the answer."""
    text = BEFORE + question + BETWEEN + first + SECOND + second + AFTER
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": text}]
    # The sampled token does not matter, so neither does the temperature.
    return Request(messages, max_tokens=1, temperature=1.0, top_logprobs=5)


def read(text: str) -> Question | None:
    """The fields of a prompt; None if it has another format."""
    parts: list[str] = []
    for mark in (BEFORE, BETWEEN, SECOND, AFTER):
        before, separator, text = text.partition(mark)
        if not separator:
            return None
        parts.append(before)
    return Question(parts[1], (parts[2], parts[3]))


def probability_of_first(tokens: Sequence[Mapping[str, float]] | None) -> float | None:
    """P(m) / (P(m) + P(M)) from the first token's alternatives.

    A name that is not among the alternatives has probability 0. None if both are missing, if there
    are no alternatives, or if a probability is not a number.
    """
    first = tokens[0] if tokens else {}
    m, other = (first.get(name, -math.inf) for name in NAMES)
    if m == other == -math.inf or not (m < math.inf and other < math.inf):
        return None
    return 1.0 if other == -math.inf else 1 / (1 + math.exp(min(700.0, other - m)))


def swapped(question: str, seed: int) -> bool:
    """Whether the model's output comes first, drawn as in alpaca_eval."""
    key = f"is_switched_outputs{question}{seed}"
    return random.Random(key).choices([False, True])[0]
