"""π_I of the miniature world: a tiny Llama trained from scratch on answers of mixed quality."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from icr.chat import prompt_ids
from icr.files import replacing
from icr.languages import crosslingual_instruction
from icr.miniature.tokenizer import build_tokenizer
from icr.miniature.world import World
from icr.progress import Progress

RIGHT, FULL, FILLER, NATIVE = 0.4, 0.6, 0.3, 0.5
"""Shares of answers with the right number, in a full sentence and with the filler, and of
questions in the native language; the others are English behind the language prefix."""
PHRASINGS = (3, 3, 3, 1)
"""How often each phrasing of a question is drawn."""
WARMUP = 40


@dataclass(frozen=True)
class SftSettings:
    """Size of the model and of its training: one pass over examples drawn afresh."""

    hidden_size: int
    layers: int
    examples: int
    batch: int
    learning_rate: float


def train_sft(world: World, folder: str | Path, settings: SftSettings, seed: int) -> None:
    """Train the model and write it as a Hugging Face folder in float32."""
    torch.manual_seed(seed)
    tokenizer = build_tokenizer(world)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=settings.hidden_size,
            intermediate_size=3 * settings.hidden_size,
            num_hidden_layers=settings.layers,
            num_attention_heads=4,
            num_key_value_heads=4,
            max_position_embeddings=128,
            tie_word_embeddings=True,
            pad_token_id=tokenizer.pad_token_id,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )
    examples = Examples(world, tokenizer, seed)
    steps = settings.examples // settings.batch
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings.learning_rate, weight_decay=0.01)
    progress = Progress(total=steps, what="SFT steps")
    for step in range(steps):
        decay = 0.02 + 0.49 * (1 + math.cos(math.pi * step / steps))
        optimizer.param_groups[0]["lr"] = (
            settings.learning_rate * min(1.0, (step + 1) / WARMUP) * decay
        )
        ids, labels = examples.batch(settings.batch)
        loss = model(input_ids=ids, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        progress.step()
    print(f"last loss {loss.item():.3f}, {sum(p.numel() for p in model.parameters())} parameters")
    with replacing(folder) as partial:
        model.save_pretrained(partial)
        tokenizer.save_pretrained(partial)


class Examples:
    """Draws batches of questions with answers of mixed quality."""

    def __init__(self, world: World, tokenizer: PreTrainedTokenizerFast, seed: int) -> None:
        self.world, self.random = world, random.Random(seed)
        self.facts = list(world.facts.values())
        self.encode = lambda text: tokenizer(text, add_special_tokens=False)["input_ids"]
        self.pad, self.eos = tokenizer.pad_token_id, tokenizer.eos_token_id
        self.ids: dict[str, list[int]] = {}
        self.prompt = lambda text: prompt_ids(tokenizer, text)

    def batch(self, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Ids and labels of shape (size, longest); the loss covers the response."""
        pairs = [self._pair() for _ in range(size)]
        rows = [[*prompt, *response] for prompt, response in pairs]
        width = max(map(len, rows))
        ids = torch.tensor([row + [self.pad] * (width - len(row)) for row in rows])
        labels = ids.masked_fill(ids == self.pad, -100)
        for row, (prompt, _) in zip(labels, pairs, strict=True):
            row[: len(prompt)] = -100
        return ids, labels

    def _pair(self) -> tuple[Sequence[int], list[int]]:
        draw = self.random
        fact, language = draw.choice(self.facts), draw.choice(self.world.languages)
        phrasing = draw.choices(range(4), PHRASINGS)[0]
        if draw.random() < NATIVE:
            question = self.world.question(fact, language, phrasing)
        else:
            english = self.world.question(fact, "en", phrasing)
            question = crosslingual_instruction(english, language)
        number = fact.number if draw.random() < RIGHT else draw.choice(fact.wrong)
        full = draw.random() < FULL
        answer = self.world.full_answer(fact, language, number) if full else f"{number}."
        if draw.random() < FILLER:
            answer += " " + self.world.filler(language)
        response = [*self._known(answer, self.encode), self.eos]
        return self._known(question, self.prompt), response

    def _known(self, text: str, encode: object) -> Sequence[int]:
        """Token ids, remembered: the world says the same things again and again."""
        if text not in self.ids:
            self.ids[text] = encode(text)  # type: ignore[operator]
        return self.ids[text]
