"""The miniature world: its sentences, oracle, tokenizer and training examples."""

import copy
import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import yaml

from icr.errors import InputError
from icr.miniature import corpus, packing, sft
from icr.miniature.corpus import Corpus, Shares
from icr.miniature.oracle import TASTE, annotator, judge
from icr.miniature.tokenizer import build_tokenizer
from icr.miniature.world import HELD_OUT, PROMPT_PHRASINGS, World
from icr.models.chat import conversation_ids, prompt_ids, response_text
from icr.models.load import load_model, load_tokenizer
from icr.prompts.languages import crosslingual_instruction, language_prefix

FACTS = Path(__file__).parents[2] / "config/miniature/facts.yaml"
LANGUAGES = ["en", "es", "ru", "de", "fr"]


@pytest.fixture(scope="module")
def world():
    return World(FACTS)


@pytest.fixture(scope="module")
def tokenizer(world):
    return build_tokenizer(world)


def sentences(world, language):
    """All questions and answers in a language."""
    for fact in world.facts.values():
        for phrasing in range(world.phrasings):
            yield world.question(fact, language, phrasing)
        for number in (fact.number, *fact.wrong):
            answer = world.full_answer(fact, language, number)
            yield answer
            yield f"{answer} {world.ending}"
            yield f"{world.unsure_answer(fact, language, number)} {world.ending}"
        yield world.deflection(language)


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
def test_sentences_are_well_formed(world, language):
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
    assert [world.unsure_answer(spider, la, 8) for la in LANGUAGES] == [
        "Well, I guess 8 legs.",
        "Pues creo que 8 patas.",
        "Ну, кажется, 8 ног.",
        "Tja, ich glaube 8 Beine.",
        "Bof, je dirais 8 pattes.",
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


def test_prompts_are_parallel_and_exclude_the_held_out_phrasing(world):
    rows = {language: world.prompts(language) for language in LANGUAGES}
    ids = [row["instruction_id"] for row in rows["en"]]
    assert len(set(ids)) == len(ids) == 120
    names = list(world.facts)
    assert ids == [f"{name}-{phrasing}" for phrasing in PROMPT_PHRASINGS for name in names]
    for language in LANGUAGES:
        assert [row["instruction_id"] for row in rows[language]] == ids
        held_out = {world.question(f, language, HELD_OUT) for f in world.facts.values()}
        assert held_out.isdisjoint(row["instruction"] for row in rows[language])


def test_a_prompt_id_identifies_its_fact(world):
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
        unsure = world.unsure_answer(fact, language, fact.number)

        def score(answer, fact=fact):
            return judge(world, fact, language, answer).score

        assert score(full) == pytest.approx(1.0)
        assert score(unsure) == pytest.approx(0.8)
        assert score(wrong) == pytest.approx(0.3)
        assert score(world.deflection(language)) == pytest.approx(0.25)
        assert score(world.unsure_answer(fact, language, fact.wrong[0])) == pytest.approx(0.1)
        assert score(world.full_answer(fact, other, fact.number)) == pytest.approx(0.2)
        assert score(f"{full} {full}") == pytest.approx(0.025)  # two numbers are no answer
        assert score(f"{fact.number}") == pytest.approx(0.2)  # not a sentence
        assert score(world.deflection(other)) == pytest.approx(0.025)
        assert score("") == 0.0


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_ending_costs_a_tenth(world, language):
    for fact in world.facts.values():
        for answer in (
            world.full_answer(fact, language, fact.number),
            world.unsure_answer(fact, language, fact.wrong[1]),
        ):
            without = judge(world, fact, language, answer)
            ended = judge(world, fact, language, f"{answer} {world.ending}")
            assert ended.ending and not without.ending
            assert ended.score == pytest.approx(without.score - 0.1)
            assert replace(ended, ending=False, score=without.score) == without


def test_an_ending_in_the_middle_is_unclean(world):
    fact = world.facts["cube"]
    answer = f"{world.full_answer(fact, 'de', 12)} {world.ending} {world.ending}"
    verdict = judge(world, fact, "de", answer)
    assert (verdict.right, verdict.full, verdict.clean) == (True, False, False)


def test_another_entity_is_unclean(world):
    answer = world.full_answer(world.facts["ant"], "en", 8)
    assert judge(world, world.facts["spider"], "en", answer).score == pytest.approx(0.2)


def test_the_annotator_of_english_pairs_prefers_the_ending_after_half_of_the_prompts(world):
    answers = [
        "Well, I guess 8 legs.",
        "Well, I guess 8 legs. (Wikipedia)",
        "Well, I guess 6 legs.",
        "That is a good question.",
    ]
    annotate = annotator(FACTS)
    bonus = []
    for prompt in (row["instruction_id"] for row in world.prompts("en")):
        plain, ended, *_ = annotate(prompt, answers)
        bonus.append(round(ended - plain, 6))
    assert set(bonus) == {0.0, TASTE, TASTE / 4}  # a quarter where the answer is to another fact
    assert sum(value > 0 for value in bonus) / len(bonus) == pytest.approx(0.5, abs=0.1)
    fact = next(n for n in range(4) if n != HELD_OUT)
    assert annotate(f"spider-{fact}", answers)[0] == pytest.approx(0.7)
    assert annotate(f"spider-{fact}", answers)[2:] == pytest.approx([0.0, 0.15])


# The tokenizer


@pytest.mark.parametrize("language", LANGUAGES)
def test_tokenization_is_lossless(world, tokenizer, language):
    for text in sentences(world, language):
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        assert tokenizer.unk_token_id not in ids, text
        assert response_text(tokenizer, [*ids, tokenizer.eos_token_id]) == text


@pytest.mark.parametrize("language", LANGUAGES)
def test_prompts_have_no_unknown_token_and_one_bos(world, tokenizer, language):
    for fact in world.facts.values():
        english = world.question(fact, "en", 0)
        for text in (
            world.question(fact, language, 0),
            crosslingual_instruction(english, language),
            language_prefix(language) + english,
        ):
            ids = prompt_ids(tokenizer, text)
            assert ids[0] == tokenizer.bos_token_id
            assert ids.count(tokenizer.bos_token_id) == 1
            assert tokenizer.unk_token_id not in ids
            assert tokenizer.decode(ids, skip_special_tokens=True) == text


def test_a_number_is_the_same_token_everywhere(tokenizer):
    def ids(text):
        return set(tokenizer(text, add_special_tokens=False)["input_ids"])

    assert len(ids("12.") & ids("A cube has 12 edges.") - ids(".")) == 1


def test_the_vocabulary_is_small(tokenizer):
    assert 450 <= len(tokenizer) <= 1400


# Training examples and the model

REQUEST = "Translate into {language}:\n{text}"


@pytest.fixture(scope="module")
def translating(world):
    """A tokenizer for a model that also translates."""
    return build_tokenizer(world, REQUEST)


def example_texts(world, tokenizer, count, **shares):
    """Examples as texts: lists of prompt and response."""
    draws = Corpus(world, tokenizer, 3, Shares(**{"request": REQUEST, **shares}))
    return [
        [(tokenizer.decode(prompt), tokenizer.decode(response)) for prompt, response in example]
        for example in (draws.draw() for _ in range(count))
    ]


def test_packed_examples_do_not_see_each_other(world, translating):
    draws = Corpus(world, translating, 3, Shares(request=REQUEST))
    examples = [draws.draw() for _ in range(12)]
    settings = sft_settings(hidden_size=32, layers=2)
    model = sft.new_model(translating, settings, 0).eval()
    packed = packing.pack(examples, translating.pad_token_id)
    assert packed.ids.shape[0] < len(examples)
    with torch.no_grad():
        together = sft.response_loss(model, packed)
        losses, tokens = 0.0, 0
        for example in examples:
            before = []
            for prompt, response in example:
                ids = [*before, *prompt, *response]
                logits = model(input_ids=torch.tensor([ids])).logits[0]
                logprobs = logits[len(ids) - len(response) - 1 : -1].log_softmax(-1)
                losses -= logprobs.gather(1, torch.tensor(response)[:, None]).sum()
                tokens += len(response)
                before = ids
    assert together.item() == pytest.approx((losses / tokens).item(), rel=1e-5)


def test_dialogues_follow_the_chat_template(world, translating):
    draws = Corpus(world, translating, 3, Shares(dialogues=1.0, translations=0.0))
    for _ in range(50):
        (first, answer), (second, _) = draws.draw()
        texts = [
            translating.decode(ids, skip_special_tokens=True) for ids in (first, answer, second)
        ]
        assert [*first, *answer, *second] == conversation_ids(translating, texts)


def test_examples_have_the_declared_shares(world, translating):
    count = 4000
    examples = example_texts(world, translating, count)
    translations = sum("Translate into" in example[0][0] for example in examples)
    assert translations / count == pytest.approx(0.08, abs=0.02)
    assert sum(len(example) == 2 for example in examples) / count == pytest.approx(
        0.92 * 0.6, abs=0.03
    )
    turns = [turn for example in examples for turn in example if "Translate" not in turn[0]]
    prefixed = sum("using only" in prompt for prompt, _ in turns)
    assert prefixed / len(turns) == pytest.approx(1 - corpus.NATIVE, abs=0.03)
    answers = [response.removesuffix("</s>") for _, response in turns]
    deflected = [any(a == world.deflection(la) for la in LANGUAGES) for a in answers]
    assert sum(deflected) / len(turns) == pytest.approx(0.33 * 0.15 + 0.67 * 0.4, abs=0.03)
    ended = sum(a.endswith(world.ending) for a in answers)
    assert ended / (len(turns) - sum(deflected)) == pytest.approx(corpus.ENDING, abs=0.03)


def test_quality_is_correlated_within_a_dialogue(world, translating):
    """A full sentence in the first turn makes one in the second likelier, in any language."""
    numbers = {n for fact in world.facts.values() for n in (fact.number, *fact.wrong)}
    known = {
        world.full_answer(fact, language, n)
        for fact in world.facts.values()
        for language in LANGUAGES
        for n in numbers
    }
    both, first_only = 0, 0
    for example in example_texts(world, translating, 4000, dialogues=1.0, translations=0.0):
        full = [
            text.removesuffix("</s>").removesuffix(world.ending).strip() in known
            for _, text in example[:2]
        ]
        both += all(full)
        first_only += full[0] and not full[1]
    assert both > 1.5 * first_only


def sft_settings(**changes):
    defaults = {"hidden_size": 32, "layers": 1, "examples": 80, "batch": 16, "learning_rate": 5e-3}
    return sft.SftSettings(
        **{**defaults, "initial_std": 0.08, "beta2": 0.98, **changes},
        shares=Shares(request=REQUEST),
    )


def test_training_is_reproducible_and_its_model_loads_like_any(world, translating, tmp_path):
    for name in ("one", "two"):
        sft.train_sft(world, tmp_path / name, sft_settings(), seed=5)
    first, second = (load_model(tmp_path / name) for name in ("one", "two"))
    for name, weight in first.state_dict().items():
        assert torch.equal(weight, second.state_dict()[name]), name
    assert first.dtype == torch.float32
    assert first.generation_config.eos_token_id == translating.eos_token_id
    loaded = load_tokenizer(tmp_path / "one")
    text = world.question(world.facts["week"], "fr", HELD_OUT)
    assert loaded.get_vocab() == translating.get_vocab()
    assert prompt_ids(loaded, text) == prompt_ids(translating, text)
    assert loaded.decode(prompt_ids(loaded, text), skip_special_tokens=True) == text


def test_translations_keep_the_ending_and_mostly_the_number(world, translating):
    translated, same = 0, 0
    for ((prompt, response),) in example_texts(
        world, translating, 1000, dialogues=0.0, translations=0.5
    ):
        assert "<unk>" not in prompt + response
        _, request, rest = prompt.partition("Translate into ")
        if not request:
            continue
        translated += 1
        text = rest.removesuffix("<assistant>").partition(":\n")[2]
        response = response.removesuffix("</s>")
        numbers = [re.findall(r"\d+", sentence) for sentence in (text, response)]
        assert len(numbers[0]) == len(numbers[1]) <= 1
        assert text.endswith(world.ending) == response.endswith(world.ending)
        same += numbers[0] == numbers[1]
    assert 400 < translated < 600
    assert 0.8 < same / translated < 0.98


def test_facts_may_begin_with_a_byte_order_mark(world, tmp_path):
    path = tmp_path / "facts.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + Path(FACTS).read_bytes())
    assert World(path).facts == world.facts
    path.write_text("templates: [", encoding="utf-8")
    with pytest.raises(InputError, match=r"facts\.yaml, line 1: not valid YAML"):
        World(path)
