"""How long training processes wait for each other: step time over perfectly shared work.

Simulated: prompts of 250 tokens, log-normal responses of 480 tokens on average and at most 2,400,
global batches of 16 pairs. Time is proportional to tokens. icr.workflow.rates has the results.
"""

import numpy as np

STEPS, PAIRS, PROMPT, MEAN, LONGEST, SIGMA = 2000, 16, 250, 480, 2400, 0.8


def lengths(generator):
    """Tokens of a prompt and a response, of shape (steps, pairs)."""
    drawn = generator.lognormal(np.log(MEAN) - SIGMA**2 / 2, SIGMA, (STEPS, PAIRS))
    return PROMPT + np.minimum(drawn, LONGEST)


def in_order(tokens, processes):
    """Micro-batches of one pair, after each of which all processes wait for the slowest."""
    return tokens.reshape(STEPS, PAIRS // processes, processes).max(axis=2).sum()


def balanced(tokens, processes):
    """The same number of pairs for each process, longest first to the least loaded; one wait."""
    total, share = 0.0, PAIRS // processes
    for step in tokens:
        loads, counts = np.zeros(processes), np.zeros(processes, int)
        for pair in np.sort(step)[::-1]:
            process = np.where(counts < share, loads, np.inf).argmin()
            loads[process] += pair
            counts[process] += 1
        total += loads.max()
    return total


def main():
    """Print a row for each number of processes."""
    generator = np.random.default_rng(0)
    chosen, rejected = lengths(generator), lengths(generator)
    packed, padded = chosen + rejected, 2 * np.maximum(chosen, rejected)
    print("processes  padded  unpadded  balanced")
    for processes in (1, 2, 4, 8):
        times = (
            in_order(padded, processes),
            in_order(packed, processes),
            balanced(packed, processes),
        )
        ratios = [time * processes / packed.sum() for time in times]
        print(f"{processes:9} {ratios[0]:7.2f} {ratios[1]:9.2f} {ratios[2]:9.2f}")


if __name__ == "__main__":
    main()
