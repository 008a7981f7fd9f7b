"""A training step on one GPU as one of four: padded against variable length, and a checkpoint.

Weights and gradients are in bfloat16, as under DeepSpeed ZeRO-2, and the optimizer holds a quarter
of the weights. All pairs make up one step, the longest first. The shares count forward and backward
pass of every token that is not padding; the forward pass that gradient checkpointing repeats counts
as waste.
"""

import os
import shutil
from importlib.util import find_spec

import torch
from benchmarks.gpu.clock import data_sheet, forget, forward_flop, matmul_rate, peak_gb, seconds
from benchmarks.gpu.goals import Goal

from icr.cluster.calibration import Texts
from icr.models.load import load_model
from icr.training.data import REFERENCE_TOKENS
from icr.training.losses import LOSSES, Pairs
from icr.training.packing import pack
from icr.training.settings import TrainingSettings

PROCESSES = 4
"""GPUs that share the optimizer."""
PACKED, PADDED = "variable length", "padded, TRL's head"
COLUMNS = {
    "tokens_per_second": ("tokens/s", "{:,.0f}"),
    "share_of_peak": ("of peak", "{:.0%}"),
    "share_of_matmul": ("of matmul", "{:.0%}"),
    "gpu_gb": ("GPU GB", "{:.1f}"),
    "seconds": ("seconds", "{:.1f}"),
    "written_gb": ("GB written", "{:.1f}"),
}
GOALS = [Goal("training without padding at 32% of peak or more", PACKED, "share_of_peak", 0.32)]


def measure(case):
    """Rows: reference and step of both kinds of batch, the optimizer's step, what is written."""
    rate = matmul_rate(torch.bfloat16, case.product)
    pairs = random_pairs(case)
    pieces = [
        (0, len(prompt) + len(response), len(response))
        for prompt, *both in pairs
        for response in both
    ]
    tokens = sum(count for _, count, _ in pieces)
    flop = forward_flop(case.model, pieces)

    def row(name, spent, passes):
        peak = data_sheet()
        return {
            "name": name,
            "tokens_per_second": tokens / spent,
            "share_of_peak": passes * flop / spent / peak if peak else None,
            "share_of_matmul": passes * flop / spent / rate,
            "gpu_gb": peak_gb(),
            "seconds": spent,
        }

    if find_spec("trl"):
        yield from measured(case, PADDED, fuse_head, pairs, row)
    else:
        reason = "TRL is missing here; `make env-gpu` installs it"
        yield {"name": PADDED, "not_measured": reason}
    yield from measured(case, PACKED, pack, pairs, row)


def measured(case, name, prepare, pairs, row):
    """Rows of one kind of batch; for variable lengths also what does not depend on the kind."""
    forget()
    try:
        step = Step(case, prepare)
        references, spent = seconds(lambda: step.references(pairs))
        yield row(f"reference, {name}", spent, passes=1)
        step.backward(pairs[:1], references, of=len(pairs))  # what is compiled at first use
        forget()
        _, spent = seconds(lambda: step.gradients(pairs, references))
        yield row(name, spent, passes=3)
        if name == PACKED:
            yield from after(step, case)
    except torch.OutOfMemoryError:
        yield {"name": name, "not_measured": "does not fit the GPU's memory"}


def after(step, case):
    """Rows of the optimizer's step and of what is written to disk."""
    _, spent = seconds(step.update)
    name = f"optimizer, 1/{PROCESSES} of the weights"
    yield {"name": name, "seconds": spent, "gpu_gb": peak_gb()}
    weights = 2 * sum(weight.numel() for weight in step.model.parameters())
    share = 12 * sum(weight.numel() for weight in step.masters)
    for name, size, write in (
        ("policy", weights, lambda: step.model.save_pretrained(case.scratch / "policy")),
        (f"checkpoint, 1/{PROCESSES}", share, lambda: step.save(case.scratch / "checkpoint")),
    ):
        free = shutil.disk_usage(case.scratch).free
        if free < 1.1 * size:
            reason = f"needs {size / 1e9:.0f} GB of disk, {free / 1e9:.0f} are free"
            yield {"name": name, "not_measured": reason}
            continue
        _, spent = seconds(lambda w=write: (w(), os.sync()))
        yield {"name": name, "seconds": spent, "written_gb": size / 1e9}


def fuse_head(model):
    """TRL's output layer, which padded trainings use."""
    from trl.trainer.utils import add_fused_lm_head

    add_fused_lm_head(model)


class Step:
    """A model with its gradients and a share of the optimizer, and the work of a training step."""

    def __init__(self, case, prepare):
        settings = TrainingSettings()
        self.case, self.losses = case, LOSSES[settings.loss].bind(settings)
        self.model = load_model(case.folder, "bfloat16").train()
        self.model.config.use_cache = False
        self.model.gradient_checkpointing_enable()
        prepare(self.model)
        self.shared = share(list(self.model.parameters()), PROCESSES)
        self.masters = [weight.detach().float() for weight in self.shared]
        self.optimizer = torch.optim.AdamW(
            self.masters,
            lr=settings.learning_rate,
            weight_decay=settings.weight_decay,
            fused=torch.cuda.is_available(),
        )
        for master in self.masters:
            master.grad = torch.zeros_like(master)
        self.optimizer.step()  # so that its moments take their memory

    def logprobs(self, pairs):
        """Sums of the chosen and of the rejected responses, and their lengths; (pairs,) each."""
        rows = [(prompt, pair[side]) for side in (0, 1) for prompt, *pair in pairs]
        width = max(len(prompt) + len(response) for prompt, response in rows)
        ids = torch.zeros(len(rows), width, dtype=torch.long)
        attended, labels = torch.zeros_like(ids), torch.full_like(ids, -100)
        for place, (prompt, response) in enumerate(rows):
            start, end = len(prompt), len(prompt) + len(response)
            ids[place, :end] = torch.tensor([*prompt, *response])
            attended[place, :end] = 1
            labels[place, start:end] = ids[place, start:end]
        where = self.model.device
        output = self.model(
            input_ids=ids.to(where),
            attention_mask=attended.to(where),
            labels=labels.to(where),
            fused_lm_head=True,
            use_cache=False,
        )
        sums = output.log_probs.float().sum(dim=1)
        lengths = torch.tensor([len(response) for _, response in rows], device=where)
        return *sums.chunk(2), *lengths.chunk(2)

    @torch.no_grad()
    def references(self, pairs):
        """Log-probabilities of each pair's responses before the step, in large batches."""
        longest = max(2 * len(prompt) + sum(map(len, both)) for prompt, *both in pairs)
        size = max(1, REFERENCE_TOKENS // longest)
        parts = [self.logprobs(pairs[i : i + size])[:2] for i in range(0, len(pairs), size)]
        return [torch.cat(side) for side in zip(*parts, strict=True)]

    def gradients(self, pairs, references):
        """Forward and backward pass of all pairs, by micro-batch."""
        size = self.case.micro_batch
        for start in range(0, len(pairs), size):
            part = slice(start, start + size)
            self.backward(pairs[part], [side[part] for side in references], of=len(pairs))

    def backward(self, pairs, references, of):
        """Add the gradient of some pairs' share in the mean over ``of`` pairs."""
        chosen, rejected, *lengths = self.logprobs(pairs)
        references = [side[: len(pairs)] for side in references]
        losses, _ = self.losses(Pairs(chosen, rejected, *references, *lengths))
        (losses.sum() / of).backward()

    def update(self):
        """Clip all gradients, and update the share of the weights."""
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for master, weight in zip(self.masters, self.shared, strict=True):
            master.grad.copy_(weight.grad)
        self.optimizer.step()
        for master, weight in zip(self.masters, self.shared, strict=True):
            weight.data.copy_(master)

    def save(self, file):
        """Write the share of the optimizer: float32 weights and two moments."""
        torch.save({"weights": self.masters, "optimizer": self.optimizer.state_dict()}, file)


def share(weights, parts):
    """The first of the weights that make up one of so many equal parts, or a little more."""
    total, taken = sum(weight.numel() for weight in weights), []
    while sum(weight.numel() for weight in taken) * parts < total:
        taken.append(weights[len(taken)])
    return taken


def random_pairs(case):
    """(prompt, chosen, rejected) as token ids: one long pair, then those of the usual length."""
    texts = Texts(case.folder, case.scoring)
    lengths = [case.long_tokens] + case.pairs * [case.response_tokens]
    return [
        (texts.tokens(case.prompt_tokens), texts.tokens(length), texts.tokens(length))
        for length in lengths
    ]
