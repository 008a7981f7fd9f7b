"""Answers and translations in three languages, and the pairs that LIDR's public code makes."""

import pandas as pd


def answers_of(language, source=None):
    """Answers in one language to prompts a, b, c and d, or their translation from ``source``."""
    failed = {("en", "de", "b"), ("de", "en", "c"), ("es", "en", "a")}
    rows = []
    for index, prompt in enumerate("abcd"):
        text = f"{source or language} answer to {prompt}"
        text += f", in {language}" if source else ""
        cut = (source, language, prompt) in failed
        rows.append({"id": prompt, "index": 0, "prompt": f"{language} prompt {prompt}",
                     "prompt_ids": [1], "response": "" if cut else text, "response_ids": [index],
                     "finish_reason": "stop", "failed": "cut" if cut else ""})  # fmt: skip
    return pd.DataFrame(rows)


PUBLIC_CODE = {
    "en": [("en answer to b", "es answer to b, in en"),
           ("en answer to c", "es answer to c, in en"),
           ("en answer to d", "es answer to d, in en")],
    "de": [("en answer to a, in de", "de answer to a"), ("en answer to d", "de answer to d")],
    "es": [("en answer to b, in es", "es answer to b"),
           ("en answer to c, in es", "es answer to c"),
           ("en answer to d", "es answer to d")],
}  # fmt: skip
"""Chosen and rejected responses that utils/preprocess_dpo_format_dataset.py of
ZNLP/Language-Imbalance-Driven-Rewarding at bd9764e makes from these answers, called for de and
then es, with d among the instructions about translation."""
