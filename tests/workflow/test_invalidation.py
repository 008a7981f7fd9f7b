"""The jobs that an edit reruns on the finished demo, by dry runs: no more, and no fewer."""

import os

SECOND = {"build_pairs": "/pairs/main-2/", "sample": "/main-1/", "logprobs": "/main-1/"}


def first_iteration(jobs, rule):
    """A rule's jobs of iteration 1; those of iteration 2 follow from its policy."""
    return [output for output in jobs.get(rule, []) if SECOND[rule] not in output]


def test_edits_without_effect_on_results_rerun_nothing(edited):
    """Messages, progress, cards, unused code and languages, and a new setting at its default.

    Comments and docstrings, other mirrors and token budgets, and new modification times too.
    """
    edits = {
        "storage/progress": ("s left", "seconds left"),
        "prompts/languages": (
            '    "it": "Italian",',
            '    "is": "Icelandic",\n    "it": "Italian",',
        ),
        "models/chat": ("its tokenizer has no chat template; name", "no chat template; name"),
        "evaluation/reward_accuracy": ("has no preference pairs to judge", "has no pairs to judge"),
        "training/card": ("licence of the model that", "licence of the model which"),
        "training/losses/kto": ("weight * (1 - torch", "2 * weight * (1 - torch"),
        "sampling/vllm_backend": ("class VllmSampler", "UNUSED = 1\n\n\nclass VllmSampler"),
        "workflow/parameters": ("its own English responses to", "English responses of its own to"),
        "storage/logs": ("nError:", "nSorry:"),
    }
    for module, (old, new) in edits.items():
        edited.edit(f"scripts/icr/{module}.py", old, new)
    for module in ("config/experiments", "training/settings"):
        edited.edit(f"scripts/icr/{module}.py", "    weight_decay: float",
                    "    label_smoothing: float = 0.0\n    weight_decay: float")  # fmt: skip
    for file, (old, new) in {
        "icr/rewards/implicit.py": ('"""The implicit reward', '"""A comment: the reward'),
        "icr/scoring/engine.py": ("HEAD_CHUNK = 512", "# why\nHEAD_CHUNK = 512"),
        "pairs.py": (
            "from icr.storage.logs import log_to",
            "from icr.storage.logs import log_to  # first",
        ),
    }.items():
        edited.edit(f"scripts/{file}", old, new)
    edited.edit("config/demo.yaml", "seed: 1\n", "seed: 1\nmirrors: {hub: /somewhere}\n")
    edited.edit("config/demo.yaml", "token_budget: 8192", "token_budget: 1024")
    for name in ("scripts", "rules", "config", "envs", "Snakefile"):
        path = edited.folder / name
        for file in [path, *path.rglob("*")]:
            os.utime(file)
    assert edited.planned() == {}


def test_the_style_of_a_figure_or_table_reruns_it_and_the_report(edited):
    edited.edit("scripts/icr/figures/training.py", '"learning rate",\n}', '"step size",\n}')
    judged = "scripts/icr/evaluation/judged/xalpacaeval.py"
    edited.edit(judged, "Win rates of the policies", "Win rates")
    edited.edit("config/tables.yaml", "caption: Share of pairs whose", "caption: Share whose")
    assert set(edited.planned()) == {"figure_training", "table1", "report"}


def test_the_loss_of_dpo_reruns_trainings_and_later_jobs(edited):
    edited.edit("scripts/icr/training/losses/dpo.py", "logsigmoid(", "logsigmoid(2 * ")
    jobs = edited.planned()
    assert len(jobs["train"]) == 5 and len(jobs["align"]) == 1
    assert not {"english_pairs", "miniature_model", "miniature_prompts"} & set(jobs)


def test_a_changed_default_reruns_the_jobs_that_use_it(edited):
    edited.edit("scripts/icr/config/experiments.py", "warmup: float = Field(0.03",
                "warmup: float = Field(0.05")  # fmt: skip
    edited.edit("scripts/icr/config/experiments.py", "weight_decay: float = Field(0.0",
                "weight_decay: float = Field(0.1")  # fmt: skip
    jobs = edited.planned()
    assert len(jobs["train"]) == 5 and len(jobs["align"]) == 1  # the demo sets a warmup itself


def test_a_user_sees_why_and_accepts_a_refactoring(edited):
    edited.edit("scripts/icr/rewards/implicit.py", "beta * (policy - reference)",
                "beta * policy - beta * reference")  # fmt: skip
    edited.edit("config/demo.yaml", "learning_rate: 2.5e-4", "learning_rate: 5.0e-4")
    reasons = edited.snakemake("why").stdout
    assert "icr.rewards.implicit.implicit_reward changed\n    build_pairs 25\n" in reasons
    assert "training.learning_rate: 0.00025 → 0.0005\n    train 5\n" in reasons
    output = edited.snakemake("accept", "--config", "stage=pairs").stdout
    assert "The results of 25 jobs" in output
    jobs = edited.planned()
    assert not first_iteration(jobs, "build_pairs") and len(jobs["train"]) == 5
    edited.snakemake("accept")
    assert edited.planned() == {}


def test_the_mode_of_alpha_reruns_pairs_and_later_jobs(edited):
    edited.edit("config/demo.yaml", "    iterations: 2\n", "    iterations: 2\n"
                "    length_penalty: {mode: grid}\n")  # fmt: skip
    jobs = edited.planned()
    assert len(first_iteration(jobs, "build_pairs")) == 15  # not those without a penalty
    assert not first_iteration(jobs, "sample") and not first_iteration(jobs, "logprobs")
    assert {"train", "sample", "logprobs", "oracle_scores"} <= set(jobs)
    assert not {"align", "english_pairs", "miniature_model"} & set(jobs)
    assert not [out for out in jobs["train"] if "no-length-penalty" in out]


def test_a_training_setting_reruns_trainings_and_later_jobs(edited):
    edited.edit("config/demo.yaml", "      global_batch: 16", "      global_batch: 16\n"
                "      weight_decay: 0.01")  # fmt: skip
    edited.edit("config/demo.yaml", "training: {learning_rate: 3.0e-4", "training: "
                "{weight_decay: 0.0, learning_rate: 3.0e-4")  # fmt: skip
    jobs = edited.planned()
    assert len(jobs["train"]) == 5
    for rule in SECOND:
        assert jobs[rule] and not first_iteration(jobs, rule)
    assert not {"align", "english_pairs", "miniature_model"} & set(jobs)


def test_a_new_language_adds_its_files_and_reruns_trainings_and_later_jobs(edited):
    edited.edit("config/demo.yaml", "    languages: [en, es, ru, de, fr]\n    size",
                "    languages: [en, es, ru, de, fr, it]\n    size")  # fmt: skip
    edited.edit("config/demo.yaml", "    languages: [en, es, ru, de, fr]\n    prompts",
                "    languages: [en, es, ru, de, fr, it]\n    prompts")  # fmt: skip
    jobs = edited.planned()
    for rule in SECOND:
        first = first_iteration(jobs, rule)
        assert first and all("/it" in out for out in first), first
    assert len(jobs["train"]) == 5 and len(jobs["miniature_prompts"]) == 1
    aligned = [out for out in jobs["oracle_scores"] if "/miniature-dpo/" in out]
    assert len(aligned) == 1 and aligned[0].endswith("/it.parquet")
    assert not {"align", "english_pairs", "miniature_model"} & set(jobs)


def test_the_reward_formula_reruns_pairs_and_later_jobs(edited):
    edited.edit("scripts/icr/rewards/implicit.py", "beta * (policy - reference)",
                "beta * (policy - reference) / 2")  # fmt: skip
    jobs = edited.planned()
    assert len(jobs["build_pairs"]) == 25
    assert not first_iteration(jobs, "sample") and not first_iteration(jobs, "logprobs")
    assert not {"align", "english_pairs", "miniature_model"} & set(jobs)


def test_more_prompts_add_only_the_missing_blocks(edited):
    edited.edit("config/demo.yaml", "{set: miniature, count: 80}", "{set: miniature, count: 120}")
    jobs = edited.planned()
    for rule in ("sample", "logprobs"):
        first = first_iteration(jobs, rule)
        assert first and all(out.endswith("0001.parquet") for out in first)
    assert not {"align", "miniature_prompts", "miniature_model"} & set(jobs)


def test_the_style_of_figures_reruns_no_model(edited):
    edited.edit("scripts/icr/figures/style.py", '"font.size": 9', '"font.size": 10')
    jobs = set(edited.planned())
    assert {"figure_alpha", "figure_costs", "report"} <= jobs
    assert all(name.startswith("figure") or name == "report" for name in jobs), jobs
