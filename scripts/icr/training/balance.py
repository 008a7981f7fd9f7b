"""Which process trains on which rows of a global batch, so that none waits for the others."""

from collections.abc import Iterator, Sequence

from torch.utils.data import Sampler


def balanced(
    rows: Sequence[int], tokens: Sequence[int], processes: int, micro_batch: int
) -> list[int]:
    """The rows of one global batch, in the order in which the data loader deals them out.

    The loader gives the first ``micro_batch`` rows to the first process, the next to the second,
    and so on, once for each accumulation step. All processes get equally many rows. ``tokens``
    holds the length of each row of the data set, which ``rows`` indexes.

    Greedy, longest first: an accumulation step takes the longest rows left, and each row goes to
    the process with the fewest tokens in this step, then in all steps so far, that has room.
    """
    at_once = processes * micro_batch
    assert len(rows) % at_once == 0, "padding rows fill up the last global batch"
    longest_first = sorted(rows, key=lambda row: -tokens[row])
    order: list[int] = []
    totals = [0] * processes
    for start in range(0, len(rows), at_once):
        shares: list[list[int]] = [[] for _ in range(processes)]
        loads = [0] * processes
        for row in longest_first[start : start + at_once]:
            free = (process for process in range(processes) if len(shares[process]) < micro_batch)
            process = min(free, key=lambda process: (loads[process], totals[process]))
            shares[process].append(row)
            loads[process] += tokens[row]
            totals[process] += tokens[row]
        order += [row for share in shares for row in share]
    return order


class BalancedSampler(Sampler[int]):
    """The rows of another sampler, reordered within each global batch by :func:`balanced`.

    A loss that is a sum over the rows of a global batch stays the same. The order depends on the
    other sampler and on the lengths alone, so a resumed run continues in it.
    """

    def __init__(
        self,
        sampler: Sampler[int],
        tokens: Sequence[int],
        global_batch: int,
        processes: int,
        micro_batch: int,
    ) -> None:
        self.sampler, self.tokens, self.global_batch = sampler, tokens, global_batch
        self.processes, self.micro_batch = processes, micro_batch

    def __len__(self) -> int:
        return len(self.tokens)

    def __iter__(self) -> Iterator[int]:
        rows = list(self.sampler)
        for start in range(0, len(rows), self.global_batch):
            batch = rows[start : start + self.global_batch]
            yield from balanced(batch, self.tokens, self.processes, self.micro_batch)
