"""Samples and scores that the paper's experiments share, by the names of their files."""

from pathlib import Path

import pytest
from configurations import raw, shipped

from icr.config import load_config
from icr.errors import InputError
from icr.workflow.grouping import Span
from icr.workflow.open_paths import split_view
from icr.workflow.study import Study


@pytest.fixture(scope="module")
def study():
    return shipped()


def samples(study, policy, language="es"):
    return study.blocks.samples(study.policies.iterations[policy], language)


def logprobs(study, policy, language="es"):
    step = study.policies.iterations[policy]
    return [
        path
        for scorer in (step.start, step.reference)
        for path in study.blocks.logprobs(step, scorer, language)
    ]


def parts(files):
    """What files of jobs hold, by their names."""
    made = [Span.named(Path(file).parent.name, Path(file).stem) for file in files]
    return {part for job in made for part in job.parts}


def spanish(blocks):
    return {("es", block) for block in range(blocks)}


@pytest.mark.parametrize(
    "policy",
    ["no-length-penalty-1", "multilingual-reward-1", "translated-reward-1", "natural-reward-1"],
)
def test_rewards_and_ablations_reuse_the_samples_of_main(study, policy):
    assert samples(study, policy) == samples(study, "main-1")


def test_english_scores_are_the_same_in_every_view(study):
    english = logprobs(study, "main-1", "en")
    for policy in ("multilingual-reward-1", "translated-reward-1", "no-length-penalty-1"):
        assert logprobs(study, policy, "en") == english


def test_views_have_separate_scores_in_other_languages(study):
    names = ("main-1", "multilingual-reward-1", "translated-reward-1")
    assert len({tuple(logprobs(study, name)) for name in names}) == 3


def test_prompt_sets_that_nest_share_their_files(study):
    fewer, main, more = (
        set(samples(study, n)) for n in ("prompts-1000-1", "main-1", "prompts-5000-1")
    )
    assert fewer < main < more
    for files, blocks in ((fewer, 2), (main, 6), (more, 10)):
        assert spanish(blocks) <= parts(files)
        assert all(block < blocks for _, block in parts(files)), "nobody waits for a larger one"
    assert set(logprobs(study, "prompts-1000-1")) < set(logprobs(study, "main-1"))


def test_a_block_is_the_same_whoever_asks(study):
    assert study.blocks.rows("ultrafeedback", range(2, 3)) == (1000, 500)
    assert study.blocks.rows("ultrafeedback", range(2, 6)) == (1000, 2000)
    config = raw()
    config["prompts"]["ultrafeedback"]["size"] = 5100
    larger = Study(load_config(config)).blocks
    assert larger.rows("ultrafeedback", range(10, 11)) == (5000, 100)
    assert larger.rows("ultrafeedback", range(9, 11)) == (4500, 600)


def test_a_job_takes_as_many_blocks_as_it_may():
    config = raw()
    counts = []
    for per_job in (1, 4, 100):
        config["compute"]["blocks_per_job"] = per_job
        study = Study(load_config(config))
        step = study.policies.iterations["main-1"]
        files = {f for la in step.settings.languages for f in study.blocks.samples(step, la)}
        assert max(len(parts([file])) for file in files) <= per_job
        counts.append(len(files))
    # Five languages of 6 blocks: 30. Of 2 and 4 blocks: 3 and 5. Then English alone, which other
    # experiments read too, and the others.
    assert counts == [30, 8, 4]


def test_files_on_disk_are_read_before_new_ones_are_planned(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = raw()
    config["compute"]["blocks_per_job"] = 100
    start = config["experiments"]["main"]["start"]
    folder = tmp_path / f"results/paper/samples/{start}/ultrafeedback"
    for name in ("es-xx/0000-0001", "es/0000", "es/9000"):
        file = folder / f"{name}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    study = Study(load_config(config))
    first, *rest = samples(study, "main-1")
    assert first.endswith("/es/0000.parquet"), "'xx' has no prompts, block 9000 does not exist"
    assert parts([first, *rest]) >= spanish(6)


def test_without_a_reference_nothing_is_scored_with_it(study):
    step = study.policies.iterations["no-reference-1"]
    assert (step.start, step.reference) == (study.policies.iterations["main-1"].start, None)
    assert study.blocks.logprobs(step, step.reference, "es") == []
    scored = study.blocks.logprobs(step, step.start, "es")
    assert scored and set(scored) < set(logprobs(study, "main-1"))
    assert samples(study, "no-reference-1") == samples(study, "main-1")


def test_every_block_of_samples_has_a_translation_except_in_english(study):
    step, blocks = study.policies.iterations["translated-reward-1"], study.blocks
    translations = blocks.translations(step, "es")
    assert parts(translations) >= spanish(6)
    for file in translations:
        job = Span.named(Path(file).parent.name, Path(file).stem)
        read = blocks.sampled(step.start, "ultrafeedback", job)
        assert parts(read) >= job.parts and set(read) <= set(
            f for la in job.languages for f in samples(study, "main-1", la)
        )
    assert blocks.translations(step, "en") == []
    assert blocks.translations(study.policies.iterations["main-1"], "es") == []
    job = Span(("es",), range(1))
    for view, folder in (("translated", "translations"), ("multilingual", "samples")):
        (file,) = blocks.scored(view, step.start, "ultrafeedback", job)
        assert file.startswith(f"results/paper/{folder}/")


def test_an_external_reward_scores_the_samples_of_main(study):
    step = study.policies.iterations["natural-reward-1"]
    rewards = study.blocks.natural_rewards(step, "es")
    assert all("/natural-rewards/tulu-v2.5-13b-rm/" in file for file in rewards)
    assert parts(rewards) >= spanish(6)
    assert study.blocks.logprobs(step, step.start, "es") == []
    main = study.policies.iterations["main-1"]
    assert study.blocks.natural_rewards(main, "es") == []


def test_views_condition_on_a_language(study):
    for view in ("crosslingual", "translated", "crosslingual-authors-9"):
        assert study.blocks.condition_language(view, "de") == "en"
    assert study.blocks.condition_language("multilingual", "de") == "de"


def test_the_authors_sums_are_taken_over_all_prompts_of_an_experiment():
    config = raw()
    config["experiments"]["main"] |= {
        "reward": {"view": "crosslingual", "tokens": "authors"},
        "prompts": {"set": "ultrafeedback", "count": 1000},
    }
    config["compute"]["blocks_per_job"] = 100
    study = Study(load_config(config))
    step, blocks = study.policies.iterations["main-1"], study.blocks
    (file,) = blocks.logprobs(step, step.reference, "es")
    assert "/logprobs/crosslingual-authors-1000/" in file
    assert parts([file]) == spanish(2), "one language, whose file makes their batches"
    assert split_view("crosslingual-authors-1000") == ("crosslingual", 1000)
    assert split_view("crosslingual") == ("crosslingual", None)
    job = Span(("es",), range(1, 2))
    read = blocks.scored("crosslingual-authors-1000", step.start, "ultrafeedback", job)
    assert parts(read) >= spanish(2), "the first block decides about batches of the second"


def finished(study):
    """Create every file of samples, scores and decisions of a study, empty."""
    files = set()
    for step in study.policies.iterations.values():
        for language in step.settings.languages if step.pairing.rewarded else []:
            files |= set(study.blocks.samples(step, language))
            files |= set(study.blocks.translations(step, language))
            files |= set(study.decisions.of_step(step, language))
            for scorer in (step.start, step.reference):
                files |= set(study.blocks.logprobs(step, scorer, language))
    for file in files:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).touch()
    return files


def read(study, file):
    """The files that a finished file of scores reads."""
    view, policy, _, prompts = file.split("/")[3:7]
    span = Span.named(Path(file).parent.name, Path(file).stem)
    return {
        *study.blocks.scored(view, policy, prompts, span),
        *study.decisions.of_view(view, policy, prompts, span.languages),
    }


@pytest.mark.parametrize("change", ["add", "remove a language", "remove", "slower"])
def test_other_experiments_change_no_input_of_a_finished_score(tmp_path, monkeypatch, change):
    config, before = raw(), shipped()
    monkeypatch.chdir(tmp_path)
    scores = [file for file in finished(before) if "/logprobs/" in file]
    inputs = {file: read(before, file) for file in scores}
    rows = config["experiments"]
    if change == "add":
        rows["two"] = {"languages": ["en", "es"], "iterations": 1}
    elif change == "remove a language":
        for row in rows.values():
            if row and "fr" in row.get("languages", []):
                row["languages"] = [la for la in row["languages"] if la != "fr"]
        config["evaluation"]["nlp"]["languages"].remove("fr")
    elif change == "remove":
        del rows["prompts-5000"]
    else:
        config["compute"]["speed"] = 0.3
    after = Study(load_config(config))
    assert scores and {file: read(after, file) for file in scores} == inputs


def test_what_nobody_reads_is_named(study):
    with pytest.raises(InputError, match="no experiment reads block 0099 .* 'es'"):
        study.blocks.sampled("llama-3-8b-sft-dpo", "ultrafeedback", Span(("es",), range(99, 100)))
