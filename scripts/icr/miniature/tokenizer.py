"""A tokenizer in which each word of the miniature is one token."""

from itertools import chain

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from icr.miniature.world import COUNTS, World
from icr.prompts.languages import crosslingual_instruction, english_name

SPECIAL = ["<pad>", "<s>", "</s>", "<unk>", "<user>", "<assistant>"]

# A number never includes the space before it, so that 8 is the same token everywhere; words and
# punctuation keep their space, so that decoding is lossless.
PIECES = r"\d+| ?[^\s\d\p{P}]+(?:['-][^\s\d\p{P}]+)*| ?\p{P}|\s"

CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if message.role == 'user' %}<user>{{ message.content }}"
    "{% else %}<assistant>{{ message.content }}{{ eos_token }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)


def build_tokenizer(world: World, request: str = "") -> PreTrainedTokenizerFast:
    """A word-level tokenizer of all sentences of the world, with about 700 tokens.

    ``request`` is the translation prompt, whose words are included. The fixed parts of the language
    prefix are one token each, which halves the length of prompts.
    """
    splitter = pre_tokenizers.Split(Regex(PIECES), behavior="isolated")
    vocabulary = {token: number for number, token in enumerate(SPECIAL)}
    for text in chain(_texts(world), _requests(world, request)):
        for piece, _ in splitter.pre_tokenize_str(text):
            vocabulary.setdefault(piece, len(vocabulary))
    core = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    core.pre_tokenizer = splitter
    core.decoder = decoders.Fuse()
    before, after = crosslingual_instruction("", "de").split(f" {english_name('de')}")
    core.add_tokens([AddedToken(part, normalized=False) for part in (before, after)])
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        additional_special_tokens=["<user>", "<assistant>"],
        chat_template=CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
    )


def _requests(world: World, request: str) -> list[str]:
    """Translation prompts without the text."""
    bare = request.replace("{text}", "")
    return [bare.replace("{language}", english_name(la)) for la in world.languages]


def _texts(world: World) -> chain[str]:
    """Texts that contain every word of the world, in a fixed order."""
    facts = world.facts.values()
    return chain(
        (f"{n}. {n}" for n in range(COUNTS[-1] + 1)),
        (f" {english_name(language)}" for language in world.languages),
        (
            text
            for language in world.languages
            for fact in facts
            for text in (
                *(world.question(fact, language, p) for p in range(world.phrasings)),
                *(world.full_answer(fact, language, n) for n in (2, 5)),
                *(world.unsure_answer(fact, language, n) for n in (2, 5)),
                world.deflection(language),
                f". {world.ending}",
            )
        ),
    )
