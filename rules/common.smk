# The checked configuration, and what all stages share.
import sys
from functools import cache
from os.path import relpath

sys.path.insert(0, f"{workflow.basedir}/scripts")

from icr.config import load_config
from icr.config.tables import described
from icr.config.twice import check_keys
from icr.errors import InputError
from icr.miniature.claims import read_claims
from icr.tables.description import read_description
from icr.workflow.claims import Claims
from icr.workflow.compared import compared
from icr.workflow.fingerprint import definitions, records
from icr.workflow.fingerprint.choices import extensions_of, not_chosen
from icr.workflow.grouping import languages_of
from icr.workflow.inputs import check_inputs
from icr.workflow.resources import smaller
from icr.workflow.study import Study
from icr.workflow.tables import Tables
from snakemake.exceptions import WorkflowError

# No setting: which jobs `why` and `accept` look at.
STAGE = config.pop("stage", None)

try:
    if workflow.is_main_process:  # and not again in each job
        for path in workflow.configfiles:
            check_keys(path)
    settings = load_config(config)
    study = Study(settings)
    if workflow.is_main_process:  # and not again in each job
        check_inputs(study)
except InputError as error:
    raise WorkflowError(error) from None

# Scripts read these here and not from their parameters: where a file was downloaded from must
# not decide whether what was made from it is still good.
config["mirrors"] = settings.mirrors.model_dump()
config["upstream_files"] = f"{workflow.basedir}/config/upstream-files.tsv"
# A setting that changes no result must not rerun the record of what made the results.
config["resolved"] = settings.model_dump(mode="json")
# What a file under resources/ came from is recorded beside it.
config["origins"] = study.fetched.origins()

# Whom rules ask. All paths stand in scripts/icr/workflow/paths.py.
paths = study.paths
policies = study.policies
parameters = study.parameters
blocks = study.blocks
greedy = study.greedy
judges = study.judges
evaluations = study.evaluations
fetched = study.fetched
local = study.local
jobs = study.jobs
reporting = study.reporting

# Relative, so that a checkout that was moved or copied has the same inputs.
CONFIG = relpath(f"{workflow.basedir}/config")
try:
    description = read_description(
        f"{CONFIG}/tables.yaml", described(settings.tables), evaluations.nlp_benchmarks
    )
except InputError as error:
    raise WorkflowError(error) from None
tables = Tables(description, policies, evaluations)
tested = Claims(
    read_claims(f"{CONFIG}/miniature/claims.yaml"), policies, blocks, evaluations
)


wildcard_constraints:
    prompts="[a-z0-9.-]+",
    language="[a-z]{2}",
    languages="[a-z]{2}(-[a-z]{2})*",
    block=r"\d{4}",
    first=r"\d+",
    target="[a-z]{2}",
    view="[a-z0-9-]+",
    policy="[a-z0-9.-]+",
    scorer="[a-z0-9.-]+",


@cache
def fingerprint(script, languages, also, methods):
    """Fingerprint of what a script reaches in some languages, None being any, by some methods."""
    chosen = dict(methods)
    omitted = not_chosen(backend=settings.sampling.backend, **chosen)
    rows = (
        {} if languages is None else {"icr.prompts.languages.ENGLISH_NAMES": languages}
    )
    path = f"{workflow.basedir}/scripts/{script}.py"
    own = extensions_of(**chosen)
    return records.take(definitions(path, omitted, rows, extensions=own, also=also))


def code(script, languages=None, also=None, **methods):
    """Fingerprint of the code that decides a job's result (icr.workflow.fingerprint).

    ``methods`` (loss, reward, pairing, judged) and ``languages`` say of the wildcards by which
    methods a job works, and which languages it names in English: of the rest of the code, and of
    the table of languages, it uses nothing. ``also`` is what the script looks up by a name among
    its parameters. The fingerprint is made when Snakemake asks for it.
    """

    def of_job(wildcards):
        taken = fingerprint(
            script,
            tuple(languages(wildcards)) if languages else None,
            (also,) if also else (),
            tuple((kind, method(wildcards)) for kind, method in methods.items()),
        )
        if (
            workflow.is_main_process
            and workflow.executor_plugin
            and not workflow.dryrun
        ):
            records.keep(taken)
        return taken

    return of_job


def asks(job):
    """Resources of a rule whose jobs ask for what ``job(wildcards, attempt)`` says."""
    return {
        "gpu": lambda w: job(w).gpus,
        "mem_mb": lambda w, attempt: job(w, attempt).mem_mb,
        "runtime": lambda w, attempt: job(w, attempt).minutes,
        # Not asked for: what `plan` shows and adds up, and the report compares with the hours spent.
        "cpus": lambda w: job(w).cpus,
        "expected_seconds": lambda w: round(60 * job(w).expected),
        "cents": lambda w: round(100 * job(w).usd),
    }


def pictures(name):
    """The files of a figure, by its rule."""
    stem = name.removeprefix("figure_").replace("_", "-")
    return expand(paths.figure, name=stem, kind=("pdf", "png"))


def one_of(names):
    """A wildcard constraint that matches these names and nothing else."""
    return "|".join(name.replace(".", r"\.") for name in names) or "(?!)"


def of_iteration(read):
    """Input function: what an iteration reads in a language, as ``read(step, language)`` says."""
    return lambda w: read(policies.iterations[w.policy], w.language)
