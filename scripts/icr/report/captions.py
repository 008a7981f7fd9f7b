"""The words of the report: chapters, captions, and what a picture shows to who cannot see it."""

LEAD = (
    "A model that was aligned with English preferences (π⁰) answers prompts in several languages. "
    "How much likelier it finds an answer than the model it was trained from (π_I) did is a reward "
    "for that answer, in any language. The model is trained on its best answers against its worst, "
    "which makes π¹, and again, which makes π²."
)

MINIATURE = (
    "This is the miniature: the model is tiny and was trained on the spot to answer questions such "
    "as how many legs a spider has, and an oracle that knows the answers stands in for the judges. "
    "It shows the method at work; its numbers say nothing of large models."
)

INTRODUCTIONS = {
    "run": (
        "What was run",
        "One main experiment, and others that differ from it in a setting or two.",
    ),
    "results": (
        "Results",
        "What the configuration asked to be evaluated. The policies to compare are π⁰, aligned in "
        "English alone, and π¹ and π², which never saw a human preference in another language.",
    ),
    "pairs": (
        "The length penalty and the rewards",
        "The reward of a response is β·(log π − log π_I) − α·length. It pairs the best response "
        "to each prompt with the worst.",
    ),
    "training": (
        "Training",
        "On the pairs of all languages together, from the policy that sampled the responses.",
    ),
    "examples": (
        "The same prompt, answered by each policy",
        "Prompts were drawn by a fixed seed, not chosen.",
    ),
    "pair-examples": (
        "Typical pairs",
        "From each language, the pair of the first iteration whose reward margin is the median: "
        "what training ordinarily sees, not the clearest case.",
    ),
    "dropped": ("What was dropped, and why", "Nothing is left out in silence."),
    "noise": (
        "Noise floor",
        "Rewards of responses to one prompt differ by little. Arithmetic must differ by less.",
    ),
    "costs": ("Costs", "By stage, from the benchmark file that each job left."),
    "sources": ("Versions, seeds, configuration", "What it takes to get the same numbers again."),
}
"""Title and first words of each chapter, in the order of the story."""

PAIRING: dict[str, dict[str, str]] = {
    "implicit": {},
    "natural": {
        "pairs": "The reward of a response is what an external model gives it, less α·length. It "
        "pairs the best response to each prompt with the worst.",
    },
    "lidr": {
        "pairs": "No reward: an own English answer is preferred to a translated one, and in other "
        "languages a translated English answer to an own one (LIDR).",
        "pair-examples": "From each language, the first pair of the first iteration.",
    },
}
"""Other first words of chapters, by what makes the pairs of the main experiment."""

FIGURES = {
    "scores": (
        "results",
        "The true score of each policy's answers, by the world's oracle, on questions kept out of "
        "training; bars are 95 % intervals over questions' facts.",
        "One panel a language; the mean score against π_I, π⁰, π¹, π².",
    ),
    "xalpacaeval": (
        "results",
        "X-AlpacaEval: how often the judge prefers a policy's answer to the reference's.",
        "Win rates of the policies by language.",
    ),
    "mtbench": (
        "results",
        "MT-Bench: the judge's mean grade of two-turn answers.",
        "Grades of the policies by language.",
    ),
    "reward-accuracy": (
        "results",
        "Reward accuracy: how often the judge prefers the response that the reward chose.",
        "Bars of reward accuracy by kind of reward and language.",
    ),
    "nlp": (
        "results",
        "Benchmarks that answer by choosing, which alignment may cost: a policy that grew surer "
        "of a wrong answer loses here what it gains elsewhere. A star marks a stand-in for the "
        "benchmark named.",
        "Accuracy by benchmark and policy.",
    ),
    "figure1": ("results", "Figure 1: win rates by iteration.", "Win rates against iteration."),
    "figure3": (
        "results",
        "Figure 3: the ways of computing the reward, compared.",
        "Win rates by kind of reward.",
    ),
    "figure4": (
        "results",
        "Figure 4: win rates by number of prompts.",
        "Win rates against the number of prompts.",
    ),
    "accuracy": (
        "results",
        "Does a reward that agrees with the judge make a better policy? Each point is a language "
        "of an iteration.",
        "Scatter of reward accuracy against win rate.",
    ),
    "lengths": (
        "results",
        "Mean length of responses by iteration: growth here is what the length penalty is for.",
        "Mean characters of a response against iteration, a line a language, a panel an "
        "experiment.",
    ),
    "alpha": (
        "pairs",
        "Mean length difference of chosen and rejected responses against the penalty α (Eq. 15). "
        "The dot is the α that was used.",
        "Step curves falling through zero, one a language, a panel a policy.",
    ),
    "rewards": (
        "pairs",
        "Rewards of all responses, without the penalty: quartiles, and the range of 90 %. The "
        "black bar is the noise floor.",
        "Box plots of rewards by language, a panel a policy.",
    ),
    "training": (
        "training",
        "Training curves.",
        "Loss, NLL, reward accuracy, margin, lengths and learning rate against the step.",
    ),
    "costs": ("costs", "Where the time went.", "Bars of hours by stage."),
}
"""Chapter, caption and alternative text of the figures, in their order."""


def caption(name: str) -> tuple[str, str, str]:
    """Chapter, caption and alternative text of a figure; a new one stands among the results."""
    words = name.replace("-", " ").capitalize()
    return FIGURES.get(name, ("results", f"{words}.", f"Figure: {words}."))
