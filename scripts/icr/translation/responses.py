"""Translation of responses by a policy: T(ℓ, y) of the translate-to-English reward (Eq. 13)."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from icr.models.chat import prompt_ids, response_text
from icr.models.load import load_tokenizer
from icr.models.turn_ends import end_ids, ends_line
from icr.prompts.languages import english_name
from icr.sampling import BackendOptions, Sample, Sampler, SamplingSettings, open_sampler
from icr.sampling.cuts import check_cuts
from icr.sampling.room import room
from icr.storage.blocks import language_of, pieces
from icr.storage.resumable import compute_resumable, identity
from icr.translation.failures import failures

OPEN, CLOSE = "<translated>", "</translated>"


@dataclass(frozen=True)
class Request:
    """The request to a policy for a translation (Appendix E.2)."""

    prompt: str
    """A template with ``{language}``, the English name of the target, and ``{text}``."""
    primer: str
    """The text that the answer is forced to begin with."""
    max_tokens: int

    def text(self, response: str, target: str) -> str:
        """The instruction to translate one response."""
        return self.prompt.replace("{language}", english_name(target)).replace("{text}", response)


def translate_block(
    folder: str | Path,
    samples: pd.DataFrame,
    output: str | Path,
    target: str,
    request: Request,
    backend: str,
    options: BackendOptions,
    chunk: int,
    key: Any = None,
    block: int | None = None,
) -> pd.DataFrame:
    """Greedy translations of a table of responses into ``target``, row by row.

    Columns: id, index, failed, and response, response_ids, finish_reason of the translation, so
    that it can be scored in place of the response. ``failed`` is empty or the reason: ``nothing``
    (an empty response), ``too-long`` (no room in the model's context), ``cut`` (at the token limit)
    or ``empty``; a failed row has no ids. The ids end with the end token of the response, if it has
    one, so that a translation is complete if and only if its response is. Equal responses in a
    chunk are translated once. A killed job resumes from finished chunks of ``chunk`` prompts;
    ``key`` is anything else that determines their content.

    Raises InputError if no translation ends by itself (:func:`icr.sampling.cuts.check_cuts`).
    """
    tokenizer = load_tokenizer(folder)
    primer = tokenizer(request.primer, add_special_tokens=False)["input_ids"]
    settings = SamplingSettings(n=1, temperature=0.0, max_tokens=request.max_tokens)
    ids = list(dict.fromkeys(samples["id"]))
    space, ends = room(folder, options.max_model_len), end_ids(folder, tokenizer)
    with ExitStack() as stack:
        opened: list[Sampler] = []

        def answers(texts: Sequence[str]) -> dict[str, Sample | None]:
            """The answer to the request for each text; None if the model has no room for it."""
            if not opened:
                opened.append(stack.enter_context(open_sampler(backend, folder, settings, options)))
            prompts = {t: [*prompt_ids(tokenizer, request.text(t, target)), *primer] for t in texts}
            fitting = [t for t in texts if space.left(prompts[t], 1)]
            space.check(fitting, [prompts[t] for t in fitting], request.max_tokens)
            groups = opened[0].generate([prompts[t] for t in fitting], [0] * len(fitting))
            samples_by_text = {t: group[0] for t, group in zip(fitting, groups, strict=True)}
            return {t: samples_by_text.get(t) for t in texts}

        def compute(piece: Sequence[str]) -> pd.DataFrame:
            table = samples[samples["id"].isin(set(piece))]
            texts = list(dict.fromkeys(text for text in table["response"] if text))
            answer_of = answers(texts) if texts else {}
            return pd.DataFrame([row(sample, answer_of) for sample in table.to_dict("records")])

        def row(
            sample: Mapping[Any, Any], answer_of: Mapping[str, Sample | None]
        ) -> dict[str, Any]:
            failed, text = outcome(sample["response"], answer_of)
            content: list[int] = []
            if not failed:
                content = tokenizer(text, add_special_tokens=False)["input_ids"]
                if sample["finish_reason"] == "stop":
                    content = [*content, int(sample["response_ids"][-1])]
            return {
                "id": sample["id"],
                "index": sample["index"],
                "failed": failed,
                "response": text,
                "response_ids": content,
                "finish_reason": sample["finish_reason"],
            }

        def outcome(response: str, answer_of: Mapping[str, Sample | None]) -> tuple[str, str]:
            if not response:
                return "nothing", ""
            answer = answer_of[response]
            if answer is None:
                return "too-long", ""
            return judged(
                request.primer + response_text(tokenizer, answer.content_ids), answer.finish_reason
            )

        cut = pieces(list(map(language_of, ids)), chunk, block)
        pieces_of = [[ids[number] for number in numbers] for numbers in cut]
        parts = [
            "".join(samples["response"]), ids, target, asdict(request), asdict(options),
            identity(folder), tokenizer.chat_template, ends, key,
        ]  # fmt: skip
        table = compute_resumable(output, {"parts": parts, "chunk": chunk}, pieces_of, compute)
    if not table[["id", "index"]].equals(samples[["id", "index"]].reset_index(drop=True)):
        raise RuntimeError("the translations are not in the order of the responses")
    print(f"{len(table)} responses; {failures(table) or 'no'} failed translations")
    answered = table["failed"][~table["failed"].isin(["nothing", "too-long"])]
    reasons = ["length" if failed == "cut" else "stop" for failed in answered]
    check_cuts(reasons, request.max_tokens, ends_line(tokenizer, ends))
    return table


def judged(answer: str, finish_reason: str) -> tuple[str, str]:
    """The reason for a failed translation (or ``""``), and the text between the tags.

    The closing tag may be missing if the model ended the answer itself.
    """
    text, closing, _ = answer.strip().removeprefix(OPEN).partition(CLOSE)
    if not closing and finish_reason == "length":
        return "cut", ""
    return ("", text.strip()) if text.strip() else ("empty", "")
