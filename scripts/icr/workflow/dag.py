"""What depends on what, as names and paths: the one place that knows where a fact lives.

Everything here follows from the configuration alone, so the whole plan can be listed before
anything is computed. A *policy* is any model that can answer: a base model (``llama-3-8b-sft``)
or an experiment's iteration (``main-2``).
"""

from icr.workflow.fetched import Fetched
from icr.workflow.iterations import Iteration
from icr.workflow.reporting import Reporting
from icr.workflow.settings import Settings

__all__ = ["Dag", "Iteration"]


class Dag(Reporting, Settings, Fetched):
    """Names and paths of a configuration."""
