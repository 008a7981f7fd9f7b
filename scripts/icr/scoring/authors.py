"""Which tokens the authors' code sums, for comparison with their published scores."""

from collections.abc import Sequence

BATCH = 3
"""Rows of one batch in the authors' code, in file order."""


def authors_rows(
    prompt_lengths: Sequence[int], responses: Sequence[list[int]], pad: int, eos: int
) -> list[tuple[list[int], int]]:
    """Token ids to score and how many of the first to skip, a pair a response.

    The authors shift the labels but not the mask, so the first response token is left out; and
    in a batch of three right-padded rows, a row that is not the longest also sums the first pad
    after it, unless pad is EOS. Both are reproduced by choosing the ids, so that the engine is
    the same.
    """
    parts = []
    for start in range(0, len(responses), BATCH):
        batch = range(start, min(start + BATCH, len(responses)))
        longest = max(prompt_lengths[i] + len(responses[i]) for i in batch)
        for i in batch:
            padded = prompt_lengths[i] + len(responses[i]) < longest and pad != eos
            ids = [*responses[i], pad] if padded else list(responses[i])
            parts.append((ids, 1) if len(ids) > 1 else ([], 0))
    return parts
