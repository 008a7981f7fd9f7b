"""Time of a training step over its ideal: as a shuffle deals pairs out, unpadded, and balanced.

A simulation of global batches of 16 pairs, with prompts of 250 tokens and log-normal responses of
480 tokens on average, at most 2,400. A process takes as long as it has tokens, and all wait for the
slowest at each gradient synchronisation. Ideal: all tokens, spread evenly, and no padding.

- shuffled: padded micro-batches of one pair, and a synchronisation after each;
- unpadded: the same without padding;
- balanced: unpadded, one synchronisation a step, pairs dealt out by icr.training.balance.
"""

import numpy as np

from icr.training.balance import balanced

STEPS, PAIRS, PROMPT, MEAN, LONGEST, SIGMA = 2000, 16, 250, 480, 2400, 0.8


def slowest(tokens, processes, micro_batch):
    """Σ over synchronisations of the most tokens of a process; ``tokens`` is (steps, pairs)."""
    return tokens.reshape(len(tokens), -1, processes, micro_batch).sum(-1).max(-1).sum()


def main():
    """Print a row for each number of processes, one a GPU."""
    generator = np.random.default_rng(0)
    drawn = generator.lognormal(np.log(MEAN) - SIGMA**2 / 2, SIGMA, (STEPS, PAIRS, 2))
    rows = PROMPT + np.minimum(drawn, LONGEST)
    padded, tokens = 2 * rows.max(-1), rows.sum(-1)
    print("GPUs  shuffled  unpadded  balanced")
    for processes in (8, 4, 2, 1):
        share = PAIRS // processes
        dealt = [step[balanced(range(PAIRS), step, processes, share)] for step in tokens]
        times = (
            slowest(padded, processes, 1),
            slowest(tokens, processes, 1),
            slowest(np.array(dealt), processes, share),
        )
        ratios = [time * processes / tokens.sum() for time in times]
        print(f"{processes:4} {ratios[0]:9.2f} {ratios[1]:9.2f} {ratios[2]:9.2f}")


if __name__ == "__main__":
    main()
