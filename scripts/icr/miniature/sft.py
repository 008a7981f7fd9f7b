"""π_I of the miniature world: a tiny Llama trained from scratch on answers of mixed quality."""

import math
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerBase

from icr.miniature.corpus import Corpus, Shares
from icr.miniature.packing import UNTRAINED, Packed, pack
from icr.miniature.tokenizer import build_tokenizer
from icr.miniature.world import World
from icr.storage.files import atomic_write
from icr.storage.progress import Progress

WARMUP = 40


@dataclass(frozen=True)
class SftSettings:
    """Size of the model and of its training, a single pass over random examples."""

    hidden_size: int
    layers: int
    examples: int
    batch: int
    learning_rate: float
    initial_std: float
    """Standard deviation of the initial weights."""
    beta2: float
    """AdamW's second decay rate."""
    shares: Shares


def train_sft(world: World, folder: str | Path, settings: SftSettings, seed: int) -> None:
    """Train the model and write it as a Hugging Face folder in float32.

    The same seed gives the same weights on the same machine with the same number of threads. The
    loss is the mean over the response tokens of a batch.
    """
    tokenizer = build_tokenizer(world, settings.shares.request)
    model = new_model(tokenizer, settings, seed)
    corpus = Corpus(world, tokenizer, seed, settings.shares)
    steps = settings.examples // settings.batch
    optimizer = torch.optim.AdamW(
        model.parameters(),
        lr=settings.learning_rate,
        betas=(0.9, settings.beta2),
        weight_decay=0.01,
        fused=True,
    )
    progress = Progress(total=steps, what="SFT steps")
    mean = 0.0
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = settings.learning_rate * schedule(step, steps)
        examples = [corpus.draw() for _ in range(settings.batch)]
        loss = response_loss(model, pack(examples, int(tokenizer.pad_token_id)))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        progress.step()
        mean += (loss.item() - mean) / min(step + 1, 100)
    print(f"loss {mean:.3f}, {sum(p.numel() for p in model.parameters())} parameters")
    with atomic_write(folder) as partial:
        model.save_pretrained(partial)
        tokenizer.save_pretrained(partial)


def new_model(
    tokenizer: PreTrainedTokenizerBase, settings: SftSettings, seed: int
) -> LlamaForCausalLM:
    """An untrained Llama model for the tokenizer's vocabulary."""
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=settings.hidden_size,
        intermediate_size=3 * settings.hidden_size,
        num_hidden_layers=settings.layers,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=128,
        tie_word_embeddings=True,
        initializer_range=settings.initial_std,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    model = LlamaForCausalLM(config)
    model.set_attn_implementation("eager")  # the fastest on a CPU at this size
    return model


def schedule(step: int, steps: int) -> float:
    """Factor on the learning rate: linear warm-up, and a cosine decay to 2 %."""
    return min(1.0, (step + 1) / WARMUP) * (0.02 + 0.49 * (1 + math.cos(math.pi * step / steps)))


def response_loss(model: LlamaForCausalLM, batch: Packed) -> torch.Tensor:
    """Mean cross-entropy of the response tokens; the head is applied to these only."""
    hidden = model.model(
        input_ids=batch.ids,
        attention_mask=batch.mask,
        position_ids=batch.positions,
        use_cache=False,
    ).last_hidden_state[:, :-1]
    targets = batch.labels[:, 1:]
    trained = targets != UNTRAINED
    return cross_entropy(model.lm_head(hidden[trained]), targets[trained])
