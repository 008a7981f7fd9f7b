"""Grade a policy's answers to MT-Bench with the judge, in every language."""

import pandas as pd

from icr.evaluation.mtbench.grading import grade
from icr.evaluation.mtbench.metrics import metrics
from icr.evaluation.mtbench.questions import read_questions
from icr.judging import JudgeSettings, open_judge
from icr.judging.client import spent
from icr.miniature import judge as oracle
from icr.models.gpus import require_gpus
from icr.storage.files import read_jsonl, write_csv, write_json, write_jsonl
from icr.storage.logs import log_to
from icr.storage.schemas.evaluation import MTBENCH_METRICS, MTBENCH_QUESTIONS, MTBENCH_VERDICTS

log_to(snakemake.log[0])
require_gpus(snakemake.resources.gpu)
source, params, output = snakemake.input, snakemake.params, snakemake.output
settings = JudgeSettings(**params.judge, **snakemake.config["asking"][params.judge["name"]])
with open_judge(settings, params.store, oracle) as judge:
    for number, language in enumerate(params.languages):
        answers = pd.DataFrame(read_jsonl(source.answers[number]))
        scores, verdicts = grade(
            judge,
            read_questions(source.questions[number], source.references[number])[: params.first],
            answers[answers["language"] == language].drop(columns="language"),
            params.max_tokens,
        )
        rows = scores.assign(text=[verdict.text for verdict in verdicts]).astype(object)
        rows = rows.where(rows.notna(), None).to_dict("records")
        write_jsonl(rows, output.verdicts[number], MTBENCH_VERDICTS)
        graded = scores[["id", "category", "turn", "score"]]
        write_csv(graded, output.questions[number], MTBENCH_QUESTIONS)
        judged = {"judge": settings.name, "model": settings.model}
        result = {**metrics(scores), **spent(verdicts, settings.price), **judged}
        result["footnote"] = params.notes[number]
        print(language, {key: result[key] for key in ("score", "score_se", "unparsed")})
        write_json(result, output.metrics[number], MTBENCH_METRICS)
