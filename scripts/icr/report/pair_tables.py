"""Tables of pair building: α, what was discarded and why, and the noise floor."""

from collections.abc import Mapping
from typing import Any

from icr.report.elements import Examples, Table, Text, number
from icr.sampling.cuts import mostly_cut

Pairs = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Summary of pair building (icr.pairing.summary) by policy, then by language."""


def pair_table(pairs: Pairs) -> Table:
    """α, lengths and rewards by policy and language."""
    rows = []
    for policy, languages in pairs.items():
        for language, summary in languages.items():
            alpha = summary["alpha"] or {}
            rows.append(
                [
                    policy,
                    language,
                    number(alpha.get("value"), ".3g"),
                    number(alpha.get("difference_without"), "+.1f"),
                    number(alpha.get("difference"), "+.1f"),
                    f"{summary['pairs']} of {summary['prompts']}",
                    number(summary["chosen_length"], ".0f"),
                    number(summary["rejected_length"], ".0f"),
                    number(summary["reward_spread"], ".2g"),
                    number(summary["noise_floor"], ".1g"),
                ]
            )
    columns = ["policy", "language", "α", "difference without α", "with α", "pairs", "chosen",
               "rejected", "reward spread", "noise floor"]  # fmt: skip
    return Table(
        columns,
        rows,
        "α in reward per character, set per language so that chosen and rejected responses have "
        "the same mean length (Eq. 15); lengths in characters.",
        folded="α, lengths and rewards by policy and language",
    )


def discarded_table(pairs: Pairs, training: Mapping[str, Mapping[str, Any]]) -> Table:
    """Data discarded between prompts and training, over all languages of a policy."""
    reasons = list(dict.fromkeys(reason for languages in pairs.values()
                                 for summary in languages.values()
                                 for reason in summary["dropped"]))  # fmt: skip
    failed = {policy: sum(_count(summary.get("failed_translations") or 0)
                          for summary in languages.values())
              for policy, languages in pairs.items()}  # fmt: skip
    rows = []
    for policy, languages in pairs.items():
        summaries = list(languages.values())
        counts = [str(sum(s["dropped"].get(reason, 0) for s in summaries)) for reason in reasons]
        responses = {key: sum(summary["responses"][key] for summary in summaries)
                     for key in ("all", "empty", "cut", "in_language")}  # fmt: skip
        rows.append(
            [
                policy,
                str(sum(summary["prompts"] for summary in summaries)),
                *counts,
                *([str(failed[policy])] if any(failed.values()) else []),
                str(training.get(policy, {}).get("dropped", 0)),
                str(sum(summary["pairs"] for summary in summaries)),
                *(f"{responses[key] / responses['all']:.1%}" for key in ("empty", "cut")),
                f"{1 - responses['in_language'] / responses['all']:.1%}",
            ]
        )
    columns = ["policy", "prompts", *(reason.replace("_", " ") for reason in reasons),
               *(["failed translations"] if any(failed.values()) else []),
               "too long to train on", "pairs", "empty", "cut", "other language"]  # fmt: skip
    return Table(
        columns,
        rows,
        "Prompts without a pair, by reason, over all languages; and the shares of responses that "
        "are empty, cut at the token limit, or identified as another language (identification is "
        "unreliable for responses of a word or two)." + _cut_warning(pairs),
    )


def _cut_warning(pairs: Pairs) -> str:
    """A sentence that names where most responses were cut; empty if nowhere."""
    affected = [
        f"{policy} ({language})"
        for policy, languages in pairs.items()
        for language, summary in languages.items()
        if mostly_cut(summary["responses"]["cut"], summary["responses"]["all"])
    ]
    if not affected:
        return ""
    return (
        f" WARNING: most responses were cut in {', '.join(affected)}: max_tokens is too small, or "
        "the model ends its turns with a token that does not stop sampling; the sampling log lists "
        "those that do."
    )


def shares_table(pairs: Pairs) -> Table | None:
    """Shares of pairs with a property that the pairing states; None where none states any."""
    rows = [
        [policy, name.replace("_", " "), language, f"{share:.1%}"]
        for policy, languages in pairs.items()
        for language, summary in languages.items()
        for name, share in summary.get("shares", {}).items()
    ]
    if not rows:
        return None
    return Table(
        ["policy", "pairs in which", "language", "share"],
        rows,
        "Shares of pairs, as the pairing states them. Where the rejected response is nearly always "
        "the lowest, mean minus two standard deviations selects what the minimum would.",
        folded="Shares of pairs by policy and language",
    )


def noise_table(pairs: Pairs) -> Table:
    """Reward spread within a prompt as a multiple of the noise floor, policies by languages."""
    languages = list(dict.fromkeys(language for policy in pairs for language in pairs[policy]))
    rows = []
    for policy, by_language in pairs.items():
        cells = []
        for language in languages:
            summary = by_language.get(language)
            noise = summary and summary["noise_floor"]
            ratio = _times(summary["reward_spread"] / noise) if summary and noise else "–"
            cells.append(ratio)
        if set(cells) != {"–"}:
            rows.append([policy, *cells])
    return Table(
        ["policy", *languages],
        rows,
        "Standard deviation of the rewards of one prompt's responses, as a multiple of the "
        "numerical error of a reward. Near 1×, the ranking is chance.",
    )


def arithmetic_table(pairs: Pairs) -> Table | None:
    """In which arithmetic responses were scored and why; None where nothing was decided.

    Ratios are those of noise over spread, counts those of the extreme rewards that float32 agrees
    on (:func:`icr.scoring.guard.check`).
    """
    rows = []
    for policy, languages in pairs.items():
        for language, summary in languages.items():
            if decided := summary.get("arithmetic"):
                trials = decided["trials"]
                taken = [trial for trial in trials if trial["arithmetic"] == decided["name"]]
                refused = [trial for trial in trials if not trial["accepted"]]
                rows.append(
                    [
                        policy,
                        language,
                        decided["name"],
                        *(_ranked(taken[0]) if taken else ("–", "–")),
                        ", ".join(
                            f"{trial['arithmetic']} ({' and '.join(_ranked(trial))})"
                            for trial in refused
                        )
                        or "–",
                        *(_ranked(decided["check"]) if decided["check"] else ("–", "–")),
                    ]
                )
    if not rows:
        return None
    return Table(
        ["policy", "language", "arithmetic", "noise / spread", "extremes kept", "refused",
         "noise / spread, all blocks", "extremes kept, all blocks"],
        rows,
        "The cheapest arithmetic in which the noise of a reward is below 5 % of its spread within "
        "a prompt, and in which the best and the worst response to each prompt are those of "
        "float32, decided on the first prompts and checked on some of every block. An arithmetic "
        "may also be refused for the same policy with another reference.",
    )  # fmt: skip


def _ranked(result: Mapping[str, Any]) -> tuple[str, str]:
    """Noise over spread, and the extremes kept."""
    ratio = "not finite" if result["ratio"] is None else f"{result['ratio']:.2%}"
    return ratio, f"{result['kept']} of {result['extremes']}"


def pair_examples(pairs: Mapping[str, Mapping[str, Any]], names: Mapping[str, str]) -> list:
    """The first example pair of each language of a policy."""
    examples = []
    for language, summary in pairs.items():
        if not summary["examples"]:  # a language without pairs
            continue
        pair = summary["examples"][0]
        texts = [
            Text("chosen", pair["chosen"], _reward_note(pair.get("chosen_reward"))),
            Text("rejected", pair["rejected"], _reward_note(pair.get("rejected_reward"))),
        ]
        examples.append(Examples(language, names[language], [(pair["prompt"], texts)]))
    return examples


def _reward_note(reward: float | None) -> str:
    """The note beside one side of a pair; LIDR's pairs have no reward."""
    return "" if reward is None else f"reward {reward:+.3f}"


def _count(failures: Any) -> int:
    """Sum of failure counts, nested or not."""
    if isinstance(failures, Mapping):
        return sum(map(_count, failures.values()))
    return int(failures)


def _times(ratio: float) -> str:
    return f"{ratio:.1f}×" if ratio < 10 else f"{ratio:,.0f}×"
