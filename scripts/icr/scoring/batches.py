"""Batches of rows of similar length, within a budget of tokens."""

from collections.abc import Iterator, Mapping


def batches_by_length(lengths: Mapping[int, int], token_budget: int) -> Iterator[list[int]]:
    """Indices of the rows of each batch, from their lengths in tokens by index.

    The longest rows come first, so that what does not fit into memory fails at once. A batch has
    one row, or at most ``token_budget`` tokens, padding included.
    """
    batch: list[int] = []
    for i in sorted(lengths, key=lambda i: (-lengths[i], i)):
        if batch and (len(batch) + 1) * lengths[batch[0]] > token_budget:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
