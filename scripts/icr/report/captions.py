"""The report's wording: section titles and introductions, figure captions, alternative texts."""

from collections.abc import Mapping, Sequence

LEAD = (
    "A model aligned with English preferences (π⁰) answers prompts in several languages. The "
    "reward of an answer, in any language, is how much likelier it is under π⁰ than under the "
    "model that π⁰ was trained from (π_I). Training on the best answers against the worst gives "
    "π¹, and a second round gives π²."
)

MINIATURE = (
    "This is the miniature: a tiny model, trained on the spot to answer questions such as how many "
    "legs a spider has, and an oracle that knows the answers in place of the judges. It shows how "
    "the method works; its numbers say nothing about large models."
)

INTRODUCTIONS = {
    "results": (
        "Results",
        "The evaluations that the configuration asks for. Compare π⁰, aligned in English only, "
        "with π¹ and π², which saw no human preferences in any other language.",
    ),
    "examples": (
        "The same prompt, answered by each policy",
        "The prompts are drawn at random, with a fixed seed.",
    ),
    "run": (
        "What was run",
        "The main experiment, and others that differ from it in one or two settings.",
    ),
    "pairs": (
        "Length penalty and rewards",
        "How the preference pairs of the main experiment are made.",
    ),
    "training": (
        "Training",
        "Each iteration trains on the pairs of all languages together, starting from the policy "
        "that sampled the responses.",
    ),
    "pair-examples": (
        "Typical pairs",
        "For each language, the pair of the first iteration with the median reward margin: a "
        "typical training example, not the clearest one.",
    ),
    "tables": (
        "Tables",
        "The paper's tables with this run's numbers, averages first. Rows that only the paper has "
        "are folded.",
    ),
    "discarded": ("Discarded data", "Everything that was left out, with the reason."),
    "noise": (
        "Noise floor",
        "Rewards of responses to the same prompt differ only slightly. The numerical error must be "
        "smaller still.",
    ),
    "costs": ("Costs", "By stage, from the benchmark file of each job."),
    "provenance": (
        "Versions, seeds and configuration",
        "What is needed to reproduce these numbers.",
    ),
}
"""Title and introduction of each section, in the order of the report."""

UNREWARDED_EXAMPLES = "For each language, the first pair of the first iteration."
"""Introduction of the example pairs where responses have no rewards."""

FIGURES = {
    "scores": (
        "results",
        "The oracle's mean score of each policy's answers to held-out questions; bars are 95 % "
        "intervals over facts.",
        "One panel per language: the mean score of π_I, π⁰, π¹, π².",
    ),
    "nlp": (
        "results",
        "Multiple-choice benchmarks, on which alignment may lose accuracy. A star marks a task "
        "that stands in for the benchmark named.",
        "Accuracy by benchmark and policy.",
    ),
    "figure1": ("results", "Figure 1: win rates by iteration.", "Win rates against iteration."),
    "figure3": ("results", "Figure 3: win rates by reward.", "Win rates by reward."),
    "figure4": (
        "results",
        "Figure 4: win rates by number of prompts.",
        "Win rates against the number of prompts.",
    ),
    "rivals": (
        "results",
        "Ways of making preferences, compared in one setting: win rates after one iteration.",
        "Win rates by language; one series per system.",
    ),
    "rewardbench": (
        "results",
        "How often each reward prefers the better response of a triple, by language.",
        "Accuracies by language; one series per reward.",
    ),
    "representation": (
        "results",
        "How much closer to one line the states of a text in all languages are after training a "
        "reward model (docs/reward-models.md).",
        "Shifts of f by reward model, for the whole conversation and for the prompt.",
    ),
    "accuracy": (
        "results",
        "Does a reward that agrees with the judge give a better policy? Each point is one language "
        "in one iteration.",
        "Scatter of reward accuracy against win rate.",
    ),
    "lengths": (
        "results",
        "Mean length of responses by iteration. The length penalty is there to prevent growth.",
        "Mean characters per response against iteration; one line per language, one panel per "
        "experiment.",
    ),
    "alpha": (
        "pairs",
        "Mean length difference between chosen and rejected responses against the length penalty "
        "α (Eq. 15). The dot marks the α that was used.",
        "Step curves falling through zero; one curve per language, one panel per policy.",
    ),
    "rewards": (
        "pairs",
        "Rewards of all responses before the length penalty: quartiles, and the central 90 %. The "
        "black bar is the noise floor.",
        "Box plots of rewards by language; one panel per policy.",
    ),
    "training": (
        "training",
        "Training curves.",
        "Loss, NLL, reward accuracy, margin, lengths and learning rate against the step.",
    ),
    "costs": ("costs", "Time by stage.", "Bars of hours by stage."),
}
"""Section, caption and alternative text of each figure, in the order of the report. Those of judged
benchmarks, which state their own, follow the oracle's scores."""


def captions(judged: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, str, str]]:
    """:data:`FIGURES` with the judged benchmarks' figures: caption and alternative text by name."""
    (first, scores), *others = FIGURES.items()
    benchmarks = {name: ("results", *texts) for name, texts in judged.items()}
    return {first: scores, **benchmarks, **dict(others)}


def caption(name: str, known: Mapping[str, tuple[str, str, str]]) -> tuple[str, str, str]:
    """Section, caption and alternative text of a figure; unlisted figures go to the results."""
    title = name.replace("-", " ").capitalize()
    return known.get(name, ("results", f"{title}.", f"Figure: {title}."))
