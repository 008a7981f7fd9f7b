"""Compare the exact α with the authors' 1,000-step grid search: time and |difference|.

Both run in turn, in this process, on the same 3,000 prompts with 10 responses each.
"""

import time

import numpy as np

from icr.pairing.alpha import difference, exact

PROMPTS, RESPONSES = 3000, 10


def grid_search(rewards, lengths, steps):
    """α by grid search over nested lists, with one NumPy call per prompt and step."""
    best, smallest = 0.0, float("inf")
    for alpha in np.arange(0.0, steps / 1000, 0.001):
        adjusted = [
            [r - alpha * le for r, le in zip(rs, ls, strict=True)]
            for rs, ls in zip(rewards, lengths, strict=True)
        ]
        chosen = [ls[np.argmax(row)] for row, ls in zip(adjusted, lengths, strict=True)]
        rejected = [ls[np.argmin(row)] for row, ls in zip(adjusted, lengths, strict=True)]
        mean = np.mean([a - b for a, b in zip(chosen, rejected, strict=True)])
        if abs(mean) < abs(smallest):
            best, smallest = alpha, mean
    return best


def main():
    """Print both times and their ratio."""
    generator = np.random.default_rng(0)
    lengths = generator.lognormal(6.5, 0.7, (PROMPTS, RESPONSES)).round()
    rewards = generator.normal(0, 8, lengths.shape) + 0.02 * lengths
    start = time.perf_counter()
    grid = grid_search(rewards.tolist(), lengths.tolist(), 1000)
    slow = time.perf_counter() - start
    times = []
    for _ in range(9):
        start = time.perf_counter()
        solution = exact(rewards, lengths)
        times.append(time.perf_counter() - start)
    fast = sorted(times)[len(times) // 2]
    print(f"alpha, {PROMPTS} prompts x {RESPONSES} responses")
    print(f"  grid   {slow:8.3f} s   |difference| {abs(difference(rewards, lengths, grid)):.4f}")
    print(f"  exact  {fast:8.3f} s   |difference| {abs(solution.difference):.4f}")
    print(f"  exact is {slow / fast:.0f} times faster (target: 300)")


if __name__ == "__main__":
    main()
