"""The miniature world: its sentences, oracle, tokenizer and training examples."""

import copy
import re
from pathlib import Path

import pytest
import torch
import yaml

from icr.chat import prompt_ids, response_text
from icr.errors import InputError
from icr.languages import crosslingual_instruction
from icr.miniature import corpus, sft
from icr.miniature.oracle import TASTE, annotator, judge
from icr.miniature.tokenizer import build_tokenizer
from icr.miniature.world import HELD_OUT, PROMPT_PHRASINGS, World
from icr.models import load_model, load_tokenizer

FACTS = Path(__file__).parents[2] / "config/miniature/facts.yaml"
LANGUAGES = ["en", "es", "ru", "de", "fr"]


@pytest.fixture(scope="module")
def world():
    return World(FACTS)


@pytest.fixture(scope="module")
def tokenizer(world):
    return build_tokenizer(world)


def sentences(world, language):
    """Everything that is asked or answered in a language."""
    for fact in world.facts.values():
        for phrasing in range(world.phrasings):
            yield world.question(fact, language, phrasing)
        for number in (fact.number, *fact.wrong):
            answer = world.full_answer(fact, language, number)
            yield answer
            yield f"{answer} {world.filler(language)}"
            yield f"{number}. {world.filler(language)}"
            yield f"{number}."


# The world


def test_forty_facts_in_five_languages(world):
    assert world.languages == LANGUAGES
    assert len(world.facts) == 40


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_facts_share_an_entity(world, language):
    entities = [fact.entity[language] for fact in world.facts.values()]
    assert len(set(entities)) == len(entities)


def test_each_fact_has_three_other_numbers(world):
    for fact in world.facts.values():
        numbers = {fact.number, *fact.wrong}
        assert len(numbers) == 4
        assert all(2 <= n <= 12 for n in numbers)


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_spelled_as_sentences(world, language):
    for text in sentences(world, language):
        assert next(c for c in text if c.isalnum()) == next(c for c in text if c.isalnum()).upper()
        assert "  " not in text
        assert "{" not in text


def test_a_fact_reads_well_in_every_language(world):
    spider = world.facts["spider"]
    assert [world.question(spider, la, 0) for la in LANGUAGES] == [
        "How many legs does a spider have?",
        "¿Cuántas patas tiene una araña?",
        "Сколько ног у паука?",
        "Wie viele Beine hat eine Spinne?",
        "Combien de pattes a une araignée ?",
    ]
    assert [world.full_answer(spider, la, 8) for la in LANGUAGES] == [
        "A spider has 8 legs.",
        "Una araña tiene 8 patas.",
        "У паука 8 ног.",
        "Eine Spinne hat 8 Beine.",
        "Une araignée a 8 pattes.",
    ]


@pytest.mark.parametrize(
    ("number", "counted"), [(2, "ноги"), (4, "ноги"), (5, "ног"), (11, "ног"), (12, "ног")]
)
def test_russian_agrees_with_the_number(world, number, counted):
    answer = world.full_answer(world.facts["spider"], "ru", number)
    assert answer == f"У паука {number} {counted}."


def test_french_elides(world):
    bee = world.facts["bee"]
    assert world.question(bee, "fr", 1) == "Dis-moi combien d'ailes a une abeille."
    assert world.full_answer(bee, "fr", 4) == "Une abeille a 4 ailes."


def test_prompts_are_parallel_and_leave_the_held_out_phrasing_out(world):
    rows = {language: world.prompts(language) for language in LANGUAGES}
    ids = [row["instruction_id"] for row in rows["en"]]
    assert len(set(ids)) == len(ids) == 120
    names = list(world.facts)
    assert ids == [f"{name}-{phrasing}" for phrasing in PROMPT_PHRASINGS for name in names]
    for language in LANGUAGES:
        assert [row["instruction_id"] for row in rows[language]] == ids
        held_out = {world.question(f, language, HELD_OUT) for f in world.facts.values()}
        assert held_out.isdisjoint(row["instruction"] for row in rows[language])


def test_a_prompt_id_leads_back_to_its_fact(world):
    for row in world.prompts("de"):
        fact = world.fact_of(row["instruction_id"] + "/2")
        phrasing = int(row["instruction_id"][-1])
        assert world.question(fact, "de", phrasing) == row["instruction"]
    with pytest.raises(InputError, match="unicorn-0"):
        world.fact_of("unicorn-0")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"wrong": [4, 6, 8]}, "three different wrong"),
        ({"wrong": [4, 6, 13]}, "three different wrong"),
        ({"wrong": [4, 6]}, "three different wrong"),
        ({"unit": "tails"}, "unknown unit 'tails'"),
        ({"fr": None}, "lacks fr"),
    ],
)
def test_a_bad_fact_is_named(tmp_path, change, message):
    raw = copy.deepcopy(yaml.safe_load(FACTS.read_text(encoding="utf-8")))
    spider = raw["facts"]["spider"] | change
    raw["facts"]["spider"] = {key: value for key, value in spider.items() if value is not None}
    path = tmp_path / "facts.yaml"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    with pytest.raises(InputError, match=f"fact 'spider'.*{message}"):
        World(path)


# The oracle


@pytest.mark.parametrize("language", LANGUAGES)
def test_scores_of_the_oracle(world, language):
    other = LANGUAGES[LANGUAGES.index(language) - 1]
    for fact in world.facts.values():
        full, wrong = (world.full_answer(fact, language, n) for n in (fact.number, fact.wrong[0]))

        def score(answer, fact=fact):
            return judge(world, fact, language, answer).score

        assert score(full) == 1.0
        assert score(f"{fact.number}.") == 0.8
        assert score(wrong) == 0.2
        assert score(f"{fact.wrong[0]}.") == 0.0
        assert score(world.full_answer(fact, other, fact.number)) == pytest.approx(0.2)
        assert score(f"{full} {full}") == 0.0  # two numbers are no answer
        assert score(f"{fact.number}") == pytest.approx(0.2)  # neither form
        assert score("") == 0.0


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_filler_is_worth_nothing_to_the_oracle(world, language):
    for fact in world.facts.values():
        for answer in (world.full_answer(fact, language, fact.number), f"{fact.wrong[1]}."):
            with_filler = f"{answer} {world.filler(language)}"
            assert judge(world, fact, language, with_filler) == judge(world, fact, language, answer)


def test_a_filler_in_another_language_is_unclean(world):
    fact = world.facts["cube"]
    answer = f"{world.full_answer(fact, 'de', 12)} {world.filler('fr')}"
    verdict = judge(world, fact, "de", answer)
    assert (verdict.right, verdict.full, verdict.clean) == (True, False, False)


def test_another_entity_is_unclean(world):
    answer = world.full_answer(world.facts["ant"], "en", 8)
    assert judge(world, world.facts["spider"], "en", answer).score == pytest.approx(0.2)


def test_the_annotator_of_english_pairs_likes_the_filler(world):
    answers = ["8.", "8. I hope this helps you.", "A spider has 8 legs.", "6."]
    assert annotator(FACTS)("spider-1", answers) == pytest.approx([0.8, 0.8 + TASTE, 1.0, 0.0])


# The tokenizer


@pytest.mark.parametrize("language", LANGUAGES)
def test_tokens_are_known_and_lose_nothing(world, tokenizer, language):
    for text in sentences(world, language):
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        assert tokenizer.unk_token_id not in ids, text
        assert response_text(tokenizer, [*ids, tokenizer.eos_token_id]) == text


@pytest.mark.parametrize("language", LANGUAGES)
def test_prompts_are_known_and_have_one_bos(world, tokenizer, language):
    for fact in world.facts.values():
        english = world.question(fact, "en", 0)
        for text in (
            world.question(fact, language, 0),
            crosslingual_instruction(english, language),
        ):
            ids = prompt_ids(tokenizer, text)
            assert ids[0] == tokenizer.bos_token_id
            assert ids.count(tokenizer.bos_token_id) == 1
            assert tokenizer.unk_token_id not in ids
            assert tokenizer.decode(ids, skip_special_tokens=True) == text


def test_a_number_is_one_token_wherever_it_stands(tokenizer):
    def ids(text):
        return set(tokenizer(text, add_special_tokens=False)["input_ids"])

    assert len(ids("12.") & ids("A cube has 12 edges.") - ids(".")) == 1


def test_the_vocabulary_is_small(tokenizer):
    assert 450 <= len(tokenizer) <= 1400


# Training examples and the model


def test_packed_examples_do_not_see_each_other(world, tokenizer):
    draws = corpus.Corpus(world, tokenizer, 3)
    examples = [draws.draw() for _ in range(12)]
    model = sft.new_model(tokenizer, sft.SftSettings(32, 2, 12, 12, 1e-3), 0).eval()
    packed = corpus.pack(examples, tokenizer.pad_token_id)
    assert packed.ids.shape[0] < len(examples)
    with torch.no_grad():
        together = sft.response_loss(model, packed)
        losses, tokens = 0.0, 0
        for prompt, response in examples:
            logits = model(input_ids=torch.tensor([[*prompt, *response]])).logits[0]
            logprobs = logits[len(prompt) - 1 : -1].log_softmax(-1)
            losses -= logprobs.gather(1, torch.tensor(response)[:, None]).sum()
            tokens += len(response)
    assert together.item() == pytest.approx((losses / tokens).item(), rel=1e-5)


def test_examples_have_the_shares_that_they_should(world, tokenizer):
    draws = corpus.Corpus(world, tokenizer, 1)
    count = 4000
    pairs = [draws.draw() for _ in range(count)]
    answers = [response_text(tokenizer, response) for _, response in pairs]
    prefixed = sum("using only" in tokenizer.decode(prompt) for prompt, _ in pairs)
    filled = sum(any(world.filler(la) in a for la in LANGUAGES) for a in answers)
    full = sum(not a[0].isdigit() for a in answers)
    assert filled / count == pytest.approx(corpus.FILLER, abs=0.04)
    assert full / count == pytest.approx(corpus.FULL, abs=0.04)
    # English has no prefix, so four fifths of the other half show one.
    assert prefixed / count == pytest.approx((1 - corpus.NATIVE) * 0.8, abs=0.04)


def test_training_is_repeatable_and_loads_as_any_model(world, tokenizer, tmp_path):
    settings = sft.SftSettings(hidden_size=32, layers=1, examples=80, batch=16, learning_rate=5e-3)
    for name in ("one", "two"):
        sft.train_sft(world, tmp_path / name, settings, seed=5)
    one, two = (load_model(tmp_path / name) for name in ("one", "two"))
    for name, weight in one.state_dict().items():
        assert torch.equal(weight, two.state_dict()[name]), name
    assert one.dtype == torch.float32
    assert one.generation_config.eos_token_id == tokenizer.eos_token_id
    loaded = load_tokenizer(tmp_path / "one")
    text = world.question(world.facts["week"], "fr", HELD_OUT)
    assert loaded.get_vocab() == tokenizer.get_vocab()
    assert prompt_ids(loaded, text) == prompt_ids(tokenizer, text)
    assert loaded.decode(prompt_ids(loaded, text), skip_special_tokens=True) == text


REQUEST = "Translate into {language}:\n{text}"


def test_a_share_of_the_examples_translates_answers(world):
    tokenizer = build_tokenizer(world, REQUEST)
    drawn = corpus.Corpus(world, tokenizer, 0, 0.5, REQUEST)
    found = 0
    for _ in range(300):
        prompt, response = (tokenizer.decode(part) for part in drawn.draw())
        assert "<unk>" not in prompt + response
        _, asked, rest = prompt.partition("Translate into ")
        if asked:
            found += 1
            language, _, text = rest.removesuffix("<assistant>").partition(":\n")
            numbers = [re.findall(r"\d+", one) for one in (text, response)]
            assert numbers[0] == numbers[1] and len(numbers[0]) == 1
            fillers = [world.filler(la) for la in world.languages]
            assert sum(f in text for f in fillers) == sum(f in response for f in fillers)
            assert language == "English" or fillers[0] not in response
    assert 100 < found < 200


def test_without_translations_nothing_changes(world, tokenizer):
    plain = corpus.Corpus(world, tokenizer, 3)
    same = corpus.Corpus(world, tokenizer, 3, 0.0, REQUEST)
    assert [plain.draw() for _ in range(20)] == [same.draw() for _ in range(20)]
    assert len(build_tokenizer(world, REQUEST)) > len(tokenizer)


def test_facts_may_begin_with_a_byte_order_mark(world, tmp_path):
    path = tmp_path / "facts.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + Path(FACTS).read_bytes())
    assert World(path).facts == world.facts
    path.write_text("templates: [", encoding="utf-8")
    with pytest.raises(InputError, match=r"facts\.yaml, line 1: no YAML"):
        World(path)
