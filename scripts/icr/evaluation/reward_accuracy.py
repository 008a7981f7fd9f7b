"""Reward accuracy: how often a judge prefers the chosen response (Section 4.2, Table 1)."""

import re
from functools import partial
from typing import Any

import pandas as pd

from icr.errors import InputError
from icr.judging.client import Judge, Request, Verdict
from icr.judging.formats import reader
from icr.judging.reading import counted, read
from icr.prompts.languages import english_name
from icr.seeds import seed_of

PROMPT = """\
You are a helpful following assistant whose goal is to select the preferred (least wrong) output \
for a given instruction in {language}.

Which of the following answers is the best one for given instruction in {language}.

A good answer should follow these rules:

1. It should be in {language}, except when the instruction explicitly requests the answer in a \
different language.
2. It should answer the request in the instruction.
3. It should be factually and semantically comprehensible.
4. It should be grammatically correct and fluent.

<instruction>

{instruction}

</instruction>

<answer1>

{output1}

</answer1>

<answer2>

{output2}

</answer2>

FIRST, provide a one-sentence comparison of the two answers, explaining which you prefer and why.

SECOND, on a new line, state only 'answer1' or 'answer2' to indicate your choice. If both answers \
are equally good or bad, state 'tie'. Your response should use the format:

Comparison: <one-sentence comparison and explanation>

Preferred: <'answer1' or 'answer2' or 'tie'>"""
"""The wording of Appendix E.3 (Yang et al., 2025)."""

_READER = reader(PROMPT)
WIN, TIE, LOSS = 1.0, 0.5, 0.0


def draw(pairs: pd.DataFrame, count: int, language: str, seed: int) -> pd.DataFrame:
    """``count`` pairs of one language, or all if there are fewer.

    Columns: id, prompt, chosen, rejected, swapped (whether the judge sees the rejected response
    first). The draw and the order depend only on ``seed``, language and id, so that rewards are
    compared on the same prompts, as far as all of them made pairs from these.

    Raises InputError if there are no pairs.
    """
    if pairs.empty:
        raise InputError(f"language '{language}' has no preference pairs to judge")
    numbers = [seed_of(seed, "reward accuracy", language, prompt_id) for prompt_id in pairs["id"]]
    table = pairs[["id", "prompt", "chosen", "rejected"]].assign(number=numbers)
    drawn = table.sort_values("number", ignore_index=True).head(count)
    return drawn.assign(swapped=drawn["number"] % 2 == 1).drop(columns="number")


def message(row: Any, language: str) -> dict[str, str]:
    """The judge's prompt for a drawn pair; swapped pairs show the rejected response first."""
    shown = (row.rejected, row.chosen) if row.swapped else (row.chosen, row.rejected)
    text = PROMPT.format(
        language=english_name(language),
        instruction=row.prompt,
        output1=shown[0],
        output2=shown[1],
    )
    return {"role": "user", "content": text}


def compared(text: str) -> tuple[str, str, str] | None:
    """Instruction and both answers of a prompt, in the order shown; None for any other text."""
    match = _READER.search(text)
    return match and (match["instruction"], match["output1"], match["output2"])


def parse_preference(text: str, swapped: bool) -> float | None:
    """1 if the judge prefers the chosen response, 0 if the rejected response, 0.5 for a tie.

    The preference is read after the last ``Preferred:``, or from a last line that holds nothing
    else; None if there is neither.
    """
    # A preference followed by "or" only repeats the format.
    preference = r"[\s*_`'\"<\[(]*(answer\s?1|answer\s?2|tie)\b(?!['\"]?\s+or\b)"
    matches = re.findall(rf"preferred[\s*_]*:{preference}", text, re.IGNORECASE)
    lines = [line for line in text.splitlines() if line.strip()]
    if not matches and lines:
        matches = re.findall(rf"^{preference}[\s*_`'\">\])]*\.?\s*$", lines[-1], re.IGNORECASE)
    if not matches:
        return None
    preferred = matches[-1].lower()
    if preferred == "tie":
        return TIE
    return WIN if (preferred[-1] == "2") == swapped else LOSS


def compare(
    judge: Judge, drawn: pd.DataFrame, language: str, max_tokens: int
) -> tuple[pd.DataFrame, list[Verdict]]:
    """The judge's preference on each drawn pair, and its verdicts, in the same order.

    Columns: id, verdict (1, 0.5, 0; NaN if there is none), problem (see icr.judging.reading).
    """
    requests = [
        Request([message(row, language)], max_tokens, parts=["reward accuracy", str(row.id)])
        for row in drawn.itertuples()
    ]
    verdicts = judge.ask(requests)
    parsers = [partial(parse_preference, swapped=swapped) for swapped in drawn["swapped"]]
    table = read(verdicts, parsers).rename(columns={"value": "verdict"})
    return table.assign(id=drawn["id"])[["id", "verdict", "problem"]], verdicts


def metrics(table: pd.DataFrame) -> dict[str, Any]:
    """Accuracy over the pairs with a readable verdict.

    ``table`` is that of :func:`compare`. accuracy counts a tie as half; accuracy_without_ties
    leaves ties out and is None if all verdicts are ties. Both have standard errors. pairs counts
    all drawn pairs, including those without a verdict (unparsed or unjudged).

    Raises InputError if no verdict is readable.
    """
    verdicts = table["verdict"].dropna()
    if verdicts.empty:
        raise InputError(
            f"none of the judge's {len(table)} verdicts names answer1, answer2 or tie; read "
            "them, and choose another judge"
        )
    decided = verdicts[verdicts != TIE]
    return {
        "accuracy": float(verdicts.mean()),
        "accuracy_se": _standard_error(verdicts),
        "accuracy_without_ties": float(decided.mean()) if len(decided) else None,
        "accuracy_without_ties_se": _standard_error(decided),
        "wins": int((verdicts == WIN).sum()),
        "ties": int((verdicts == TIE).sum()),
        "losses": int((verdicts == LOSS).sum()),
        "pairs": len(table),
        **counted(table["problem"]),
    }


def _standard_error(values: pd.Series) -> float | None:
    return float(values.std(ddof=1) / len(values) ** 0.5) if len(values) > 1 else None
