"""Two rewards: of the text alone, and of the policy alone. docs/extending.md tells them."""

from icr.rewards import REWARDS, Responses, Reward


@REWARDS.register("few-repeats")
@Reward
def few_repeats(responses: Responses, *, free: float = 0.0):
    """Minus the share of words that stand in the response already, above a share that is free."""
    words = responses.samples["response"].str.split()
    repeated = 1 - words.map(lambda texts: len(set(texts)) / max(len(texts), 1))
    return -(repeated - free).clip(lower=0).to_numpy()


@REWARDS.register("confidence")
@Reward.reading(view="multilingual", milliseconds=2)
def confidence(responses: Responses):
    """The policy's mean log-probability of a token, given the native prompt."""
    return responses.policy / responses.tokens
