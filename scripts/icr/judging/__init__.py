"""Judge answers with a language model: send requests, store verdicts, serve judges."""

from icr.judging.client import Judge, Request, Verdict
from icr.judging.server import open_judge
from icr.judging.settings import JudgeSettings

__all__ = ["Judge", "JudgeSettings", "Request", "Verdict", "open_judge"]
