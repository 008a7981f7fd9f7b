"""A policy's answers to both turns of the questions."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import pandas as pd
from transformers import PreTrainedTokenizerBase

from icr.evaluation.mtbench.questions import Question
from icr.models.chat import check_turns, conversation_ids, prompt_ids, response_text
from icr.models.load import load_tokenizer
from icr.models.turn_ends import end_ids, ends_line
from icr.sampling import BackendOptions, Sampler, SamplingSettings, open_sampler
from icr.sampling.cuts import check_cuts
from icr.sampling.room import room
from icr.seeds import seed_of
from icr.storage.resumable import compute_resumable, identity


def answer_questions(
    folder: str | Path,
    questions: Mapping[str, Sequence[Question]],
    output: str | Path,
    max_tokens: int,
    backend: str,
    options: BackendOptions,
    seed_parts: Sequence[object],
    code: str = "",
) -> pd.DataFrame:
    """One answer to each turn of each question, in all languages with one loaded model.

    ``questions`` maps languages to their questions. The second turn follows the first turn and the
    policy's own answer to it. Seeds come from ``seed_parts``, language, question and turn.
    Finished languages survive a kill.

    Columns: language, id, category, turn (1, 2), answer (stripped text), finish_reason (``stop``,
    ``length``, or ``no room`` with an empty answer if the first turn has filled the context).

    Raises InputError, before anything is generated, if the first turn of a question leaves no room
    for an answer, or if the chat template leaves out a turn.
    """
    tokenizer = load_tokenizer(folder)
    check_turns(tokenizer, name=Path(folder).name)
    first_turns = {
        f"{language}/{question.id}": question.turns[0]
        for language, group in questions.items()
        for question in group
    }
    prompts = [prompt_ids(tokenizer, text) for text in first_turns.values()]
    room(folder, options.max_model_len).check(list(first_turns), prompts, max_tokens)
    ends = end_ids(folder, tokenizer)
    settings = SamplingSettings(n=1, temperature=0.0, max_tokens=max_tokens)
    key = {
        "model": identity(folder),
        "questions": {la: [asdict(q) for q in group] for la, group in questions.items()},
        "settings": asdict(settings),
        "options": asdict(options),
        "backend": backend,
        "seed": list(seed_parts),
        "template": tokenizer.chat_template,
        "ends": ends,
        "code": code,
    }
    with ExitStack() as stack:
        opened: list[Sampler] = []

        def compute(language: str) -> pd.DataFrame:
            if not opened:
                opened.append(stack.enter_context(open_sampler(backend, folder, settings, options)))
            seeds = [*seed_parts, language]
            table = both_turns(opened[0], tokenizer, questions[language], seeds)
            return table.assign(language=language)

        table = compute_resumable(output, key, list(questions), compute)
    reasons = table["finish_reason"][table["finish_reason"] != "no room"].tolist()
    check_cuts(reasons, max_tokens, ends_line(tokenizer, ends))
    return table


def both_turns(
    sampler: Sampler,
    tokenizer: PreTrainedTokenizerBase,
    questions: Sequence[Question],
    seed_parts: Sequence[object],
) -> pd.DataFrame:
    """Answers of one language, question by question and turn by turn.

    Each question is answered at its category's temperature.
    """
    conversations = [[question.turns[0]] for question in questions]
    turns = []
    for turn in (1, 2):
        prompts = [conversation_ids(tokenizer, texts) for texts in conversations]
        fits = [sampler.room.left(ids, 1) > 0 for ids in prompts]
        fitting = [number for number, fit in enumerate(fits) if fit]
        groups = sampler.generate(
            [prompts[number] for number in fitting],
            [seed_of(*seed_parts, questions[number].id, turn) for number in fitting],
            [questions[number].temperature for number in fitting],
        )
        texts, reasons = [""] * len(questions), ["no room"] * len(questions)
        for number, group in zip(fitting, groups, strict=True):
            texts[number] = response_text(tokenizer, group[0].content_ids)
            reasons[number] = group[0].finish_reason
        for question, conversation, text in zip(questions, conversations, texts, strict=True):
            conversation += [text, question.turns[1]]
        ids, categories = zip(*((q.id, q.category) for q in questions), strict=True)
        columns = {"id": ids, "category": categories, "answer": texts, "finish_reason": reasons}
        turns.append(pd.DataFrame(columns).assign(turn=turn, number=range(len(questions))))
    table = pd.concat(turns).sort_values(["number", "turn"], ignore_index=True)
    return table.drop(columns="number")
