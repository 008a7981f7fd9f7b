"""Judge a system's X-AlpacaEval outputs in one language against the reference outputs."""

from icr.evaluation.questions import read_rows
from icr.evaluation.xalpacaeval.judging import annotate, in_alpaca_format, questions_of
from icr.judging import JudgeSettings, open_judge
from icr.miniature import judge as oracle
from icr.models.gpus import require_gpus
from icr.storage.files import read_table, write_json
from icr.storage.logs import log_to
from icr.storage.schemas.evaluation import (
    XALPACAEVAL_ANNOTATIONS,
    XALPACAEVAL_JUDGING,
    XALPACAEVAL_OUTPUTS,
)

log_to(snakemake.log[0])
require_gpus(snakemake.resources.gpu)
params, language = snakemake.params, snakemake.wildcards.language
questions = questions_of(read_rows(snakemake.input.questions), params.first)
answers = snakemake.input.answers
if answers.endswith(".parquet"):
    table = read_table(answers, columns=["id", "prompt", "response"])
    table = table[table["id"].str.startswith(f"{language}/")]
    table = table.rename(columns={"prompt": "instruction", "response": "output"})
    rows = table.to_dict("records")
else:
    rows = read_rows(answers)
outputs = in_alpaca_format(questions, rows, snakemake.wildcards.policy)
settings = JudgeSettings(**params.judge, **snakemake.config["asking"][params.judge["name"]])
with open_judge(settings, params.verdicts, oracle) as judge:
    references = read_rows(snakemake.input.references)
    annotations, summary = annotate(judge, questions, references, outputs, params.order_seed)
write_json(outputs, snakemake.output.outputs, XALPACAEVAL_OUTPUTS)
write_json(annotations, snakemake.output.annotations, XALPACAEVAL_ANNOTATIONS)
write_json(summary, snakemake.output.summary, XALPACAEVAL_JUDGING)
