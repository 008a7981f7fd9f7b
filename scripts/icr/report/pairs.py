"""Tables of pair building: α, what was dropped and why, and the noise floor."""

from collections.abc import Mapping
from typing import Any

from icr.report.parts import Examples, Table, Text, number
from icr.sampling.cuts import mostly_cut

Pairs = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Summary of pair building (icr.pairing.pairs) by policy, then by language."""


def pair_table(pairs: Pairs) -> Table:
    """α, lengths and rewards of each language of each iteration."""
    rows = []
    for policy, languages in pairs.items():
        for language, one in languages.items():
            alpha = one["alpha"] or {}
            rows.append(
                [
                    policy,
                    language,
                    number(alpha.get("value"), ".3g"),
                    number(alpha.get("difference_without"), "+.1f"),
                    number(alpha.get("difference"), "+.1f"),
                    f"{one['pairs']} of {one['prompts']}",
                    number(one["chosen_length"], ".0f"),
                    number(one["rejected_length"], ".0f"),
                    number(one["reward_spread"], ".2g"),
                    number(one["noise_floor"], ".1g"),
                ]
            )
    columns = ["policy", "language", "α", "difference without α", "with α", "pairs", "chosen",
               "rejected", "reward spread", "noise floor"]  # fmt: skip
    return Table(
        columns,
        rows,
        "α in reward per character, chosen for each language so that chosen and rejected "
        "responses are equally long on average (Eq. 15); lengths in characters.",
        folded="α, lengths and rewards of each language",
    )


def dropped_table(pairs: Pairs, training: Mapping[str, Mapping[str, Any]]) -> Table:
    """What was left out on the way from prompts to training, over all languages of a policy."""
    reasons = list(dict.fromkeys(r for la in pairs.values() for o in la.values()
                                 for r in o["dropped"]))  # fmt: skip
    failed = {p: sum(_count(one.get("failed_translations") or 0) for one in la.values())
              for p, la in pairs.items()}  # fmt: skip
    rows = []
    for policy, languages in pairs.items():
        ones = list(languages.values())
        counts = [str(sum(one["dropped"].get(reason, 0) for one in ones)) for reason in reasons]
        answers = {k: sum(one["responses"][k] for one in ones)
                   for k in ("all", "empty", "cut", "in_language")}  # fmt: skip
        rows.append(
            [
                policy,
                str(sum(one["prompts"] for one in ones)),
                *counts,
                *([str(failed[policy])] if any(failed.values()) else []),
                str(training.get(policy, {}).get("dropped", 0)),
                str(sum(one["pairs"] for one in ones)),
                *(f"{answers[k] / answers['all']:.1%}" for k in ("empty", "cut")),
                f"{1 - answers['in_language'] / answers['all']:.1%}",
            ]
        )
    columns = ["policy", "prompts", *(r.replace("_", " ") for r in reasons),
               *(["failed translations"] if any(failed.values()) else []),
               "too long to train on", "pairs", "empty", "cut", "other language"]  # fmt: skip
    return Table(
        columns,
        rows,
        "Prompts that made no pair, by reason, over all languages; and the shares of responses "
        "that were empty, cut at the token limit, or identified as another language; a response "
        "of a word or two is easily misjudged." + _cut_warning(pairs),
    )


def _cut_warning(pairs: Pairs) -> str:
    """Where most responses were cut, in a sentence; nothing where none were."""
    where = [
        f"{policy} ({language})"
        for policy, languages in pairs.items()
        for language, one in languages.items()
        if mostly_cut(one["responses"]["cut"], one["responses"]["all"])
    ]
    if not where:
        return ""
    return (
        f" WARNING: most responses were cut in {', '.join(where)}: max_tokens is too small, or the "
        "model ends its turns with a token that is not looked for; the log of their sampling says "
        "which are."
    )


def noise_table(pairs: Pairs) -> Table:
    """Reward spread within a prompt as a multiple of the noise floor, policies by languages."""
    languages = list(dict.fromkeys(la for one in pairs.values() for la in one))
    rows = []
    for policy, by_language in pairs.items():
        cells = []
        for language in languages:
            one = by_language.get(language)
            noise = one and one["noise_floor"]
            cells.append(_times(one["reward_spread"] / noise) if one and noise else "–")
        if set(cells) != {"–"}:
            rows.append([policy, *cells])
    return Table(
        ["policy", *languages],
        rows,
        "Standard deviation of the rewards of one prompt's responses, as a multiple of the error "
        "that arithmetic alone adds to a reward. Near 1×, the ranking would be chance.",
    )


def pair_examples(pairs: Mapping[str, Mapping[str, Any]], names: Mapping[str, str]) -> list:
    """One typical pair of each language of a policy."""
    found = []
    for language, one in pairs.items():
        pair = one["examples"][0]
        texts = [
            Text("chosen", pair["chosen"], _rewarded(pair.get("chosen_reward"))),
            Text("rejected", pair["rejected"], _rewarded(pair.get("rejected_reward"))),
        ]
        found.append(Examples(language, names[language], [(pair["prompt"], texts)]))
    return found


def _rewarded(reward: float | None) -> str:
    """A note for a side of a pair; LIDR's have no reward."""
    return "" if reward is None else f"reward {reward:+.3f}"


def _count(failures: Any) -> int:
    """Failures added up, by whatever they are counted by."""
    if isinstance(failures, Mapping):
        return sum(map(_count, failures.values()))
    return int(failures)


def _times(ratio: float) -> str:
    return f"{ratio:.1f}×" if ratio < 10 else f"{ratio:,.0f}×"
