"""Have one policy answer both turns of the questions in every language."""

from icr.files import remove_work, write_jsonl
from icr.gpus import require_gpus
from icr.logs import log_to
from icr.mtbench.answers import answer_questions
from icr.mtbench.questions import read_questions
from icr.sampling import BackendOptions

log_to(snakemake.log[0])
require_gpus(snakemake.resources.gpu)
source, params, outputs = snakemake.input, snakemake.params, snakemake.output
files = zip(params.languages, source.questions, source.references, strict=True)
table = answer_questions(
    folder=source.policy,
    questions={language: read_questions(*paths)[: params.first] for language, *paths in files},
    output=outputs[0],
    max_tokens=params.max_tokens,
    backend=params.backend,
    options=BackendOptions(**params.options),
    seed_parts=(params.seed, snakemake.wildcards.policy),
    code=params.code,
)
for language, output in zip(params.languages, outputs, strict=True):
    rows = table[table["language"] == language].drop(columns="language")
    print(language, rows["finish_reason"].value_counts().to_dict())
    write_jsonl(rows.to_dict("records"), output)
remove_work(outputs[0])
