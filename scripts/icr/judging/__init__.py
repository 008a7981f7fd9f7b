"""Judging answers with a language model: asking, keeping what was answered, serving."""

from icr.judging.client import Judge, Request, Verdict
from icr.judging.server import open_judge
from icr.judging.settings import JudgeSettings

__all__ = ["Judge", "JudgeSettings", "Request", "Verdict", "open_judge"]
