"""Time of a training step over its ideal: as dealt out by a shuffle, unpadded, and balanced.

A simulation of global batches of 16 pairs, with prompts of 250 tokens and log-normal responses of
480 on average. A process takes as long as it has tokens, and processes wait for the slowest at each
gradient synchronisation. Ideal: all tokens, and nothing else, spread evenly.

- shuffled: padded micro-batches of one pair, and a synchronisation after each;
- unpadded: the same without padding;
- balanced: unpadded, one synchronisation a step, pairs dealt out by icr.training.balance.
"""

import numpy as np

from icr.training.balance import balanced

PAIRS, STEPS, PROMPT, MEAN, SIGMA = 16, 2000, 250, 480, 0.75


def slowest(tokens, processes, micro_batch):
    """Σ over synchronisations of the most tokens of a process; ``tokens`` is (steps, pairs)."""
    return tokens.reshape(len(tokens), -1, processes, micro_batch).sum(-1).max(-1).sum()


def main():
    """Print a line for 8 and for 4 GPUs."""
    generator = np.random.default_rng(0)
    drawn = generator.lognormal(np.log(MEAN) - SIGMA**2 / 2, SIGMA, (STEPS, PAIRS, 2))
    rows = PROMPT + drawn.round().astype(int)
    padded, tokens = 2 * rows.max(-1), rows.sum(-1)
    for processes in (8, 4):
        share = PAIRS // processes
        even = [step[balanced(range(PAIRS), step, processes, share)] for step in tokens]
        ratios = (
            slowest(padded, processes, 1),
            slowest(tokens, processes, 1),
            slowest(np.array(even), processes, share),
        ) / (tokens.sum() / processes)
        named = zip(("shuffled", "unpadded", "balanced"), ratios, strict=True)
        print(f"{processes} GPUs:", ", ".join(f"{name} {ratio:.2f}" for name, ratio in named))


if __name__ == "__main__":
    main()
