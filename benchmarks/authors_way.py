"""Scoring in "batches of 3 in file order, full-vocabulary log-softmax", to compare with."""

import torch


def batches_of_three(model, prompts, rows):
    """The baseline: right-padded whole sequences, with a log-softmax over all positions."""
    sums = []
    for start in range(0, len(rows), 3):
        batch = rows[start : start + 3]
        whole = [[*prompts[row.prompt], *row.ids] for row in batch]
        width = max(map(len, whole))
        ids = torch.tensor([row + [0] * (width - len(row)) for row in whole])
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in whole])
        ids, mask = ids.to(model.device), mask.to(model.device)
        with torch.inference_mode():
            logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1].float()
            logprobs = logits.log_softmax(-1).gather(2, ids[:, 1:, None])[..., 0]
        for k, row in enumerate(batch):
            first = len(prompts[row.prompt]) - 1
            sums.append(float(logprobs[k, first : first + len(row.ids)].double().sum()))
    return sums
