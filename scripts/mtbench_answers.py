"""Generate a policy's answers to both turns of the MT-Bench questions in every language."""

from icr.evaluation.mtbench.answers import answer_questions
from icr.evaluation.mtbench.questions import read_questions
from icr.models.gpus import require_gpus
from icr.sampling import BackendOptions
from icr.storage.files import write_jsonl
from icr.storage.logs import log_to
from icr.storage.resumable import remove_work
from icr.storage.schemas.evaluation import MTBENCH_ANSWERS

log_to(snakemake.log[0])
require_gpus(snakemake.resources.gpu)
source, params, output = snakemake.input, snakemake.params, snakemake.output[0]
files = zip(params.languages, source.questions, source.references, strict=True)
table = answer_questions(
    folder=source.policy,
    questions={language: read_questions(*paths)[: params.first] for language, *paths in files},
    output=output,
    max_tokens=params.max_tokens,
    backend=params.backend,
    options=BackendOptions(**params.options),
    seed_parts=(params.seed, snakemake.wildcards.policy),
    code=params.code,
)
for language, rows in table.groupby("language"):
    print(language, rows["finish_reason"].value_counts().to_dict())
write_jsonl(table.to_dict("records"), output, MTBENCH_ANSWERS)
remove_work(output)
