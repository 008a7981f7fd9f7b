# The checked configuration, and the objects and helper functions that all stages share.
import atexit
import sys
from functools import cache
from os.path import relpath
from pathlib import Path

sys.path.insert(0, f"{workflow.basedir}/scripts")

from icr.cluster.failures import Failures
from icr.config import load_config
from icr.config.tables import described
from icr.config.twice import check_keys
from icr.errors import InputError
from icr.extensions import extension_files
from icr.miniature.claims import read_claims
from icr.tables.description import read_description
from icr.workflow.cautions import cautions
from icr.workflow.claims import Claims
from icr.workflow.compared import compared
from icr.workflow.fingerprint import definitions, records
from icr.workflow.fingerprint.choices import extensions_of, not_chosen
from icr.workflow.fingerprint.remembered import Remembered
from icr.workflow.grouping import Span, blocks_of, languages_of
from icr.workflow.inputs import check_inputs
from icr.workflow.open_paths import split_view
from icr.workflow.resources import smaller
from icr.workflow.study import Study
from icr.workflow.tables import Tables
from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

# Not a setting: the stage that `why` and `accept` are limited to.
STAGE = config.pop("stage", None)

try:
    if workflow.is_main_process:  # not again in each job
        for path in workflow.configfiles:
            check_keys(path)
    settings = load_config(config)
    study = Study(settings)
    if workflow.is_main_process:  # not again in each job
        check_inputs(study)
        for caution in cautions(settings):
            logger.warning(caution)
except InputError as error:
    raise WorkflowError(error) from None

# Scripts read these values from the configuration instead of their parameters, because a change
# of them must not rerun jobs. The hosts that files are downloaded from:
config["mirrors"] = settings.mirrors.model_dump()
config["upstream_files"] = f"{workflow.basedir}/config/upstream-files.tsv"
# All settings, for the provenance record: settings that change no result must not rerun it.
config["resolved"] = settings.model_dump(mode="json")
# The origin of each file under resources/, which is recorded beside the file.
config["origins"] = study.fetched.origins()

# The objects that rules use. All paths are listed in scripts/icr/workflow/paths.py.
paths = study.paths
policies = study.policies
parameters = study.parameters
blocks = study.blocks
decisions = study.decisions
greedy = study.greedy
judges = study.judges
evaluations = study.evaluations
rewardbench = study.rewardbench
fetched = study.fetched
local = study.local
jobs = study.jobs
calibrations = study.calibrations
reporting = study.reporting
failures = Failures(paths.failures)
rivals = study.rivals

# Relative, so that inputs stay the same when the checkout is moved or copied.
CONFIG = relpath(f"{workflow.basedir}/config")
try:
    description = read_description(
        f"{CONFIG}/tables.yaml", described(settings.tables), evaluations.nlp_benchmarks
    )
except InputError as error:
    raise WorkflowError(error) from None
tables = Tables(description, policies, evaluations)
testable_claims = Claims(
    read_claims(f"{CONFIG}/miniature/claims.yaml"),
    policies,
    blocks,
    evaluations,
    rewardbench,
)


wildcard_constraints:
    prompts="[a-z0-9.-]+",
    preferences="[a-z0-9.-]+",
    language="[a-z]{2}",
    languages="[a-z]{2}(-[a-z]{2})*",
    blocks=r"\d{4}(-\d{4})?",
    first=r"\d+",
    layer=r"\d+",
    target="[a-z]{2}",
    view="[a-z0-9-]+",
    policy="[a-z0-9.-]+",
    scorer="[a-z0-9.-]+",


remembered = None
if workflow.is_main_process:  # a job needs the definitions of its own script alone
    modules = Path(f"{workflow.basedir}/scripts").glob("**/*.py")
    remembered = Remembered([*modules, *extension_files().values()])
    atexit.register(remembered.save)


@cache
def _fingerprint(script, languages, also, methods):
    methods = dict(methods)
    omitted = not_chosen(backend=settings.sampling.backend, **methods)
    rows = (
        {} if languages is None else {"icr.prompts.languages.ENGLISH_NAMES": languages}
    )
    path = f"{workflow.basedir}/scripts/{script}.py"
    extensions = extensions_of(**methods)

    def follow():
        return definitions(path, omitted, rows, extensions=extensions, also=also)

    if remembered is None:
        return records.take(follow())
    arguments = (script, sorted(omitted), rows, also, sorted(extensions.items()))
    return records.take(remembered.definitions(arguments, follow))


def fingerprint(script, languages=None, also=None, **methods):
    """Parameter function: fingerprint of the code that decides a job's result.

    ``methods`` (loss, reward, pairing, judged) map wildcards to the name of the method that a job
    uses, and ``languages`` maps them to the languages that it names in English: the code of other
    methods and the names of other languages do not count. ``also`` is the dotted name of a
    definition that the script looks up by a parameter. See icr.workflow.fingerprint.
    """

    def of_job(wildcards):
        digest = _fingerprint(
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
            records.keep(digest)
        return digest

    return of_job


def resources_of(request):
    """Resources of a rule; ``request(wildcards, attempt)`` is a method of icr.workflow.jobs."""
    return {
        "gpu": lambda w: request(w).gpus,
        "mem_mb": lambda w, rulename: jobs.work.site.memory_after(
            failures.out_of_memory(rulename, w), request(w).mem_mb
        ),
        "runtime": lambda w, attempt: request(w, attempt).minutes,
        # Not requested from the cluster: `plan` shows and adds these up, and the report compares
        # them with the hours spent.
        "cpus": lambda w: request(w).cpus,
        "expected_seconds": lambda w: round(60 * request(w).expected),
        "cents": lambda w: round(100 * request(w).usd),
    }


def figure_files(rule_name):
    """The files of a figure, by the name of its rule."""
    name = rule_name.removeprefix("figure_").replace("_", "-")
    return expand(paths.figure, name=name, kind=("pdf", "png"))


def existing(files, otherwise):
    """``files``, the input of a target; if there are none, an error that says why."""
    if files:
        return files
    raise WorkflowError(otherwise)


def one_of(names):
    """A wildcard constraint that matches these names and nothing else."""
    return "|".join(name.replace(".", r"\.") for name in names) or "(?!)"


def for_iteration(function):
    """Input function that returns ``function(iteration, language)`` for a job's wildcards."""
    return lambda w: function(policies.iterations[w.policy], w.language)
