"""The bugs: plausible mistakes with which an iteration still runs to its end."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import torch
from torch.nn import functional

from icr.models.chat import prompt_ids
from icr.models.load import load_model, load_tokenizer
from icr.pairing import best_worst, selection
from icr.pairing.alpha import Alpha
from icr.prompts import languages
from icr.rewards import crosslingual as crosslingual_reward
from icr.rewards import multilingual as multilingual_reward
from icr.sampling import BackendOptions, SamplingSettings
from icr.sampling.block import sample_block
from icr.scoring import block
from icr.scoring.authors import Part
from icr.scoring.engine import Scorer
from icr.training import exact
from icr.training.losses import LOSSES
from mutants.iteration import Iteration


@dataclass(frozen=True)
class Bug:
    """A mistake in one iteration."""

    name: str
    patches: tuple[tuple[Any, str, Any], ...] = ()
    """Object, attribute, and replacement."""
    before: Callable[[Iteration], None] = lambda iteration: None
    """Changes the inputs of the iteration."""
    after: Callable[[Iteration], None] = lambda iteration: None
    """Changes pairs or start between pairing and training."""
    policy: str = "main-1"

    @contextmanager
    def planted(self) -> Iterator[None]:
        """Patch the library with the bug while the context is open."""
        with ExitStack() as stack:
            for target, name, replacement in self.patches:
                stack.enter_context(patch.object(target, name, replacement))
            yield


def part(change):
    """Patch which tokens are scored; ``change`` maps prompt and response ids to other ones."""
    return ((block, "Part", lambda prompt, ids: Part(*change(prompt, ids))),)


def reward(change):
    """Patch the formula of the implicit reward, β·(log π − log π_ref)."""
    modules = (crosslingual_reward, multilingual_reward)
    return tuple((module, "implicit_reward", change) for module in modules)


def random_reward(policy, reference, beta):
    return np.random.default_rng(len(policy)).normal(size=policy.shape)


def mean_score(score):
    def wrong(self, prompts, rows):
        sums = score(self, prompts, rows)
        return [value / max(len(row.ids), 1) for value, row in zip(sums, rows, strict=True)]

    return wrong


def penalty(change):
    """Patch α; ``change`` maps the correct one to another."""
    correct = best_worst.choose_alpha
    return ((best_worst, "choose_alpha", lambda *arguments: change(correct(*arguments))),)


class First:
    """Returns the argument of its first call, at every call."""

    def __init__(self):
        self.value = None

    def __call__(self, value):
        self.value = value if self.value is None else self.value
        return self.value


def first_two(adjusted, upper_bound):
    """Choose the first response and reject the second, whatever their rewards."""
    best = np.zeros(len(adjusted), dtype=int)
    return best, best + 1, np.ones(len(adjusted), dtype=bool)


def swapped_in(language):
    correct = selection._table

    def wrong(table, chosen, rejected, own):
        sides = (rejected, chosen) if own == language else (chosen, rejected)
        return correct(table, *sides, own)

    return ((selection, "_table", wrong),)


def other_prefix(english_prompt, language):
    others = {"es": "ru", "ru": "de", "de": "fr", "fr": "es"}
    return languages.crosslingual_instruction(english_prompt, others.get(language, language))


def native_instructions(iteration):
    iteration.instructions["crosslingual"] = iteration.instructions["multilingual"]


def other_questions(iteration):
    for language in iteration.foreign:
        instructions = iteration.instructions["crosslingual"][language]
        texts = list(instructions.values())
        iteration.instructions["crosslingual"][language] = dict(
            zip(instructions, [*texts[7:], *texts[:7]], strict=True)
        )


def other_samples(iteration):
    foreign = iteration.foreign
    iteration.scored |= dict(zip(foreign, [*foreign[1:], foreign[0]], strict=True))


def read_twice(iteration):
    for language, table in iteration.samples.items():
        iteration.samples[language] = pd.concat([table, table], ignore_index=True)


def stale(language):
    """Use iteration 1's samples of one language in iteration 2."""

    def change(iteration):
        first = iteration.study.policies.iterations["main-1"].start
        iteration.samples[language] = iteration.sampled(first, language)

    return change


def sampled_crosslingually(iteration):
    """Sample from the cross-lingual instruction, and record as answers to the native prompt."""
    sampling = iteration.study.config.sampling
    for language in iteration.foreign:
        native = iteration.samples[language]
        rows = [
            {"instruction": languages.crosslingual_instruction(
                iteration.instructions["crosslingual"][language][name], language),
             "instruction_id": name}
            for name in native["id"].unique()
        ]  # fmt: skip
        drawn = sample_block(
            iteration.start, rows, iteration.work / "drawn.parquet",
            SamplingSettings(sampling.n, sampling.temperature, sampling.max_tokens),
            sampling.backend, BackendOptions(**sampling.options), len(rows), ["mutants", language],
        )  # fmt: skip
        iteration.samples[language] = drawn.assign(
            prompt=native["prompt"], prompt_ids=native["prompt_ids"]
        )


def trained_on(text):
    """Replace the prompts of pairs by ``text(iteration, language, id)``."""

    def change(iteration):
        tokenizer = load_tokenizer(iteration.start)
        for language in iteration.foreign:
            table = iteration.pairs[language]
            ids = [prompt_ids(tokenizer, text(iteration, language, name)) for name in table["id"]]
            iteration.pairs[language] = table.assign(prompt_ids=ids)

    return change


def english(iteration, language, name):
    return iteration.instructions["crosslingual"][language][name]


def crosslingual(iteration, language, name):
    return languages.crosslingual_instruction(english(iteration, language, name), language)


def other_template(iteration):
    """Cut the last token of the generation prompt, which starts the assistant's turn."""
    for language, table in iteration.pairs.items():
        iteration.pairs[language] = table.assign(
            prompt_ids=table["prompt_ids"].map(lambda ids: ids[:-1])
        )


def without_ends(iteration):
    for language, table in iteration.pairs.items():
        cut = {
            side: table[side].map(lambda ids: ids[:-1]) for side in ("chosen_ids", "rejected_ids")
        }
        iteration.pairs[language] = table.assign(**cut)


def from_reference(iteration):
    iteration.trained_from = iteration.reference


def from_first_start(iteration):
    first = iteration.study.policies.iterations["main-1"].start
    iteration.trained_from = iteration.study.policies.folder(first)


def pairs_of_iteration_1(iteration):
    files = iteration.study.blocks.pairs(iteration.study.policies.iterations["main-1"])
    iteration.pairs = dict(zip(iteration.languages, map(pd.read_parquet, files), strict=True))


def measured_against_reference(compute):
    """Compute the training reference's log-probabilities with π_I."""

    def wrong(self, model, inputs):
        network = self.accelerator.unwrap_model(model)
        own = {name: weight.clone() for name, weight in network.state_dict().items()}
        network.load_state_dict(load_model(REFERENCE).state_dict())
        try:
            return compute(self, model, inputs)
        finally:
            network.load_state_dict(own)

    return wrong


REFERENCE = "results/demo/models/miniature-sft"


def without_nll(pairs, *, beta, nll_weight):
    return dpo(pairs, beta=beta, nll_weight=0.0)


dpo = LOSSES["dpo"].function
log_sigmoid = functional.logsigmoid
prefix = "crosslingual_instruction"

BUGS = [
    Bug("reward's sign flipped", reward(lambda p, r, beta: -beta * (p - r))),
    Bug("policy and reference swapped", reward(lambda p, r, beta: beta * (r - p))),
    Bug("no reference in the score", reward(lambda p, r, beta: beta * p)),
    Bug("random reward", reward(random_reward)),
    Bug("first response token not scored",
        ((block, "Part", lambda prompt, ids: Part(prompt, ids, 1)),)),
    Bug("end token not scored", part(lambda prompt, ids: (prompt, ids[:-1]))),
    Bug("mean of a response's tokens instead of their sum",
        ((Scorer, "score", mean_score(Scorer.score)),)),
    Bug("boundary of prompt and response off by one", part(lambda prompt, ids: (prompt[:-1], ids))),
    Bug("native prompt instead of the English instruction",
        ((block, prefix, lambda text, language: text),), native_instructions),
    Bug("prefix missing", ((block, prefix, lambda text, language: text),)),
    Bug("prefix of another language", ((block, prefix, other_prefix),)),
    Bug("English instruction of another question", before=other_questions),
    Bug("samples of another language scored", before=other_samples),
    Bug("sampled from the cross-lingual prompt", before=sampled_crosslingually),
    Bug("a block of samples read twice", before=read_twice),
    Bug("stale block of English samples", before=stale("en"), policy="main-2"),
    Bug("stale block of Spanish samples", before=stale("es"), policy="main-2"),
    Bug("length penalty's sign flipped", penalty(lambda a: Alpha(-a.value, a.difference))),
    Bug("length penalty of one language for all", penalty(First())),
    Bug("first and second sample as the pair", ((best_worst, "choose", first_two),)),
    Bug("pairs swapped in one language", swapped_in("de")),
    Bug("trained on the English prompt", after=trained_on(english)),
    Bug("trained on the cross-lingual prompt", after=trained_on(crosslingual)),
    Bug("wrong chat template in training", after=other_template),
    Bug("end token left out of training", after=without_ends),
    Bug("trained from π_I", after=from_reference),
    Bug("iteration 2 started from π⁰", after=from_first_start, policy="main-2"),
    Bug("pairs of iteration 1 in iteration 2", after=pairs_of_iteration_1, policy="main-2"),
    Bug("π_I as training reference",
        ((exact.ExactMeans, "compute_ref_log_probs",
          measured_against_reference(exact.ExactMeans.compute_ref_log_probs)),)),
    Bug("NLL left out of the loss",
        ((LOSSES["dpo"], "function", without_nll),)),
    Bug("NLL alone as the loss",
        ((functional, "logsigmoid", lambda margin: torch.zeros_like(margin)),)),
    Bug("DPO's sign flipped", ((functional, "logsigmoid", lambda margin: log_sigmoid(-margin)),)),
]  # fmt: skip
