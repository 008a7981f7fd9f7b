"""Figures of pair building: the search for α, and the rewards."""

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from icr.figures import by_policy
from icr.figures.style import colour, legend, narrowing, panels

Summaries = Mapping[tuple[str, str], Mapping[str, Any]]
"""Summary of pair building (icr.pairing.summary) by policy and language."""


def alpha_curves(summaries: Summaries) -> Figure:
    """Mean length difference of chosen and rejected against α, one panel per policy (Eq. 15)."""
    policies = by_policy(summaries)
    figure, axes = panels(len(policies), columns=4)
    for axis, (policy, languages) in zip(axes, policies.items(), strict=True):
        for number, (language, summary) in enumerate(languages.items()):
            alpha = summary["alpha"]
            x, y = zip(*alpha["curve"], strict=True)
            axis.step(x, y, where="mid", color=colour(number), label=language, linewidth=1.2)
            size = narrowing(number, len(languages), 8, 4)
            axis.plot(alpha["value"], alpha["difference"], "o", color=colour(number), ms=size)
        axis.axhline(0, color="black", linewidth=0.8)
        axis.set(title=policy, xlabel="length penalty α")
        axis.locator_params(axis="x", nbins=4)
        axis.ticklabel_format(axis="x", style="sci", scilimits=(-2, 2))
    axes[0].set_ylabel("chosen − rejected\n(mean characters)")
    axes[0].plot([], [], "o", color="grey", markersize=5, label="the α that was used")
    legend(figure, axes)
    return figure


def reward_distributions(summaries: Summaries) -> Figure:
    """Distribution of the rewards of all responses by language; a bar shows the noise floor."""
    policies = by_policy(summaries)
    figure, axes = panels(len(policies), columns=4)
    for axis, (policy, languages) in zip(axes, policies.items(), strict=True):
        boxes = []
        for summary in languages.values():
            q = summary["reward_quantiles"]
            at = lambda share, q=q: q[round(share * (len(q) - 1))]  # noqa: E731
            boxes.append(
                {"med": at(0.5), "q1": at(0.25), "q3": at(0.75), "whislo": at(0.05),
                 "whishi": at(0.95), "fliers": []}
            )  # fmt: skip
        drawn = axis.bxp(boxes, patch_artist=True, widths=0.6, showfliers=False)
        for number, patch in enumerate(drawn["boxes"]):
            patch.set(facecolor=colour(number), alpha=0.5)
        for x, summary in enumerate(languages.values(), start=1):
            axis.errorbar(
                x + 0.38,
                0,
                yerr=summary["noise_floor"] or 0,
                color="black",
                capsize=2,
                linewidth=1,
            )
        axis.set(title=policy, xticklabels=list(languages))
        axis.axhline(0, color="black", linewidth=0.6)
    axes[0].set_ylabel("β log π/π_ref  (5–95 %)\nblack bar: noise floor")
    return figure
