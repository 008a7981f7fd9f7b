"""Translate the English prompts of a set into one language."""

from pathlib import Path

from icr.models.gpus import require_gpus
from icr.prompts.parallel import read_prompts
from icr.sampling import BackendOptions
from icr.storage.files import write_jsonl
from icr.storage.logs import log_to
from icr.storage.origins import record_origin
from icr.translation.backends import by_model, from_folder, google
from icr.translation.prompts import translate_prompts

log_to(snakemake.log[0])
require_gpus(snakemake.resources.gpu)
config, params, language = snakemake.config, snakemake.params, snakemake.wildcards.language
settings = params.translate
if settings["backend"] == "file":
    backend = from_folder(settings["folder"], language)
elif settings["backend"] == "google":
    backend = google(language)
else:
    options = BackendOptions(**config["translators"][snakemake.wildcards.prompts])
    folder, limit = snakemake.input.model[0], settings["max_tokens"]
    backend = by_model(folder, language, limit, settings["sampler"], options)
output = snakemake.output.prompts
# Neither file is an output of the rule, so that Snakemake keeps both after a failure.
store = Path(output).with_suffix(".translations.jsonl")
report = Path(output).with_suffix(".report.json")
rows = translate_prompts(
    read_prompts(snakemake.input.english), language, backend, settings["on_failure"], store, report
)
write_jsonl(rows, output)
record_origin(output, config["run"], config["origins"][output])
