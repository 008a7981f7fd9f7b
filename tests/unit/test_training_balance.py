"""How the rows of a global batch are dealt out to processes."""

import random

import pytest

from icr.training.balance import BalancedSampler, balanced
from icr.training.exact import PaddedShuffle


def dealt(order, processes, micro_batch):
    """Rows by accumulation step and process, as the data loader deals them out."""
    batches = [order[at : at + micro_batch] for at in range(0, len(order), micro_batch)]
    return [batches[at : at + processes] for at in range(0, len(batches), processes)]


def test_longest_rows_go_first_and_processes_get_equally_many():
    tokens = [10, 1, 7, 2, 9, 3, 8, 4]
    assert dealt(balanced(range(8), tokens, 2, 4), 2, 4) == [[[0, 2, 7, 1], [4, 6, 5, 3]]]


def test_accumulation_steps_hold_rows_of_similar_lengths():
    tokens = [10, 1, 9, 2]
    steps = dealt(balanced(range(4), tokens, 2, 1), 2, 1)
    assert steps == [[[0], [2]], [[1], [3]]], "the longer of the short rows joins the lighter side"


@pytest.mark.parametrize(("processes", "micro_batch"), [(8, 2), (4, 4), (4, 1), (8, 1)])
def test_no_process_holds_much_more_than_its_share(processes, micro_batch):
    draw = random.Random(processes)
    ratios = {True: [], False: []}
    for _ in range(200):
        tokens = [
            sum(250 + round(draw.lognormvariate(5.9, 0.75)) for _ in range(2)) for _ in range(16)
        ]
        for even in ratios:
            order = balanced(range(16), tokens, processes, micro_batch) if even else range(16)
            assert sorted(order) == list(range(16))
            steps = dealt(order, processes, micro_batch)
            slowest = sum(max(sum(tokens[r] for r in rows) for rows in step) for step in steps)
            ratios[even].append(slowest / (sum(tokens) / processes))
    before, after = (sum(ratios[even]) / 200 for even in (False, True))
    assert after - 1 < 0.7 * (before - 1)


def test_each_global_batch_keeps_its_rows_and_the_order_repeats():
    tokens = [random.Random(row).randrange(1, 100) for row in range(22)] + [1, 1]

    def shuffle():
        return PaddedShuffle(22, 24, seed=3, epoch=lambda: 1)

    sampler = BalancedSampler(shuffle(), tokens, global_batch=8, processes=2, micro_batch=2)
    plain, order = list(shuffle()), list(sampler)
    assert order != plain and list(sampler) == order and len(sampler) == 24
    for start in (0, 8, 16):
        assert sorted(order[start : start + 8]) == sorted(plain[start : start + 8])


def test_the_data_loader_deals_out_as_the_order_expects():
    from accelerate.data_loader import BatchSamplerShard
    from torch.utils.data import BatchSampler

    order = balanced(range(16), [*range(16)], 4, 2)
    steps = dealt(order, 4, 2)
    for process in range(4):
        shard = BatchSamplerShard(BatchSampler(order, 2, drop_last=False), 4, process)
        assert list(shard) == [step[process] for step in steps]
