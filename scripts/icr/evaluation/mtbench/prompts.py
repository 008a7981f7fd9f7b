"""The grading prompts.

The wording is the benchmark's (Zheng et al., 2023, "Judging LLM-as-a-Judge with MT-Bench and
Chatbot Arena": the prompts ``single-v1``, ``single-math-v1`` and their ``-multi-turn`` forms of
FastChat's ``judge_prompts.jsonl``, Apache 2.0): another wording would be another benchmark. The
prompts are in English, whatever the language of the answer.
"""

from collections.abc import Mapping

_TASK = (
    "Please act as an impartial judge and evaluate the quality of the response provided by an AI "
    "assistant to the user question{displayed}. Your evaluation should consider "
)
_QUALITIES = (
    "factors such as the helpfulness, relevance, accuracy, depth, creativity, and level of detail "
    "of the response. "
)
_CORRECTNESS = (
    "correctness and helpfulness. You will be given a reference answer and the assistant's answer. "
)
_BEGIN = "Begin your evaluation by providing a short explanation. "
_COMPARE = (
    "Begin your evaluation by comparing the assistant's answer with the reference answer. "
    "Identify and correct any mistakes. "
)
_RATE = (
    "Be as objective as possible. After providing your explanation, you must rate the response on "
    'a scale of 1 to 10 by strictly following this format: "[[rating]]", for example: '
    '"Rating: [[5]]".\n\n'
)
_BELOW = " displayed below"
_SECOND = "You evaluation should focus on the assistant's answer to the second {what}. "
_ANSWER = "[The Start of Assistant's Answer]\n{answer}\n[The End of Assistant's Answer]"
_REFERENCE = "[The Start of Reference Answer]\n{ref_answer_1}\n[The End of Reference Answer]\n\n"
_TALK = (
    "<|The Start of Assistant A's Conversation with User|>\n\n"
    "### User:\n{question_1}\n\n### Assistant A:\n{answer_1}\n\n"
    "### User:\n{question_2}\n\n### Assistant A:\n{answer_2}\n\n"
    "<|The End of Assistant A's Conversation with User|>"
)
_REFERENCES = (
    "<|The Start of Reference Answer|>\n\n"
    "### User:\n{question_1}\n\n### Reference answer:\n{ref_answer_1}\n\n"
    "### User:\n{question_2}\n\n### Reference answer:\n{ref_answer_2}\n\n"
    "<|The End of Reference Answer|>\n\n\n"
)
_HELPFUL = "You are a helpful assistant."
_GENERAL_TASK, _MATH_TASK = (
    _TASK.format(displayed=_BELOW) + _QUALITIES,
    _TASK.format(displayed="") + _CORRECTNESS,
)

PROMPTS: Mapping[str, Mapping[str, str]] = {
    "single-v1": {
        "system_prompt": _HELPFUL,
        "prompt_template": "[Instruction]\n"
        + _GENERAL_TASK
        + _BEGIN
        + _RATE
        + "[Question]\n{question}\n\n"
        + _ANSWER,
    },
    "single-math-v1": {
        "system_prompt": _HELPFUL,
        "prompt_template": "[Instruction]\n"
        + _TASK.format(displayed=_BELOW)
        + _CORRECTNESS
        + _COMPARE
        + _RATE
        + "[Question]\n{question}\n\n"
        + _REFERENCE
        + _ANSWER,
    },
    "single-v1-multi-turn": {
        "system_prompt": _GENERAL_TASK + _SECOND.format(what="user question") + _BEGIN + _RATE,
        "prompt_template": _TALK,
    },
    "single-math-v1-multi-turn": {
        "system_prompt": _MATH_TASK + _SECOND.format(what="question") + _COMPARE + _RATE,
        "prompt_template": _REFERENCES + _TALK,
    },
}
"""``system_prompt`` and ``prompt_template`` by kind of grading."""
