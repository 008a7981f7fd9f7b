"""A reward of the text alone, and one of the policy alone. docs/extending.md describes them."""

from icr.rewards import REWARDS, Responses, Reward


@REWARDS.register("few-repeats")
@Reward
def few_repeats(responses: Responses, *, free: float = 0.0):
    """Minus the share of repeated words in a response, above a share that is free."""
    words = responses.samples["response"].str.split()
    repeated = 1 - words.map(lambda response: len(set(response)) / max(len(response), 1))
    return -(repeated - free).clip(lower=0).to_numpy()


@REWARDS.register("confidence")
@Reward.reading(view="multilingual", milliseconds=2)
def confidence(responses: Responses):
    """The policy's mean log-probability per token, given the native prompt."""
    return responses.policy / responses.tokens
