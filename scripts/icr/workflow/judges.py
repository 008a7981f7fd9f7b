"""Settings, input files and environments of judges, for the rules of the evaluations."""

from typing import Any

from icr.config import Config
from icr.workflow.compared import compared
from icr.workflow.policies import Policies


class Judges:
    """The judges of a configuration."""

    def __init__(self, config: Config, policies: Policies) -> None:
        self.config, self.policies = config, policies

    def settings(self, name: str) -> dict[str, Any]:
        """The settings that decide a judge's verdicts (icr.judging.JudgeSettings)."""
        judge = self.config.judges[name]
        serve = None
        model = judge.model or ("oracle" if judge.oracle else name)
        if judge.serve is not None:
            served = judge.serve
            path = served.gguf if served.model is None else self.policies.folder(served.model)
            serve = {"backend": served.backend, "path": path, "options": served.options}
            model = judge.model or served.model or name
        identity = {"name": name, "model": model, "serve": serve}
        return compared(judge, include={"oracle", "options", "price"}, more=identity)

    def inputs(self, name: str) -> list[str]:
        """The local files that a judge needs."""
        judge = self.config.judges[name]
        served = judge.serve
        if served is not None and served.model is not None:
            return [self.policies.folder(served.model)]
        if served is not None and served.gguf is not None:
            return [] if served.gguf.startswith("package:") else [served.gguf]
        return [] if judge.oracle is None else [judge.oracle]

    def environment(self, name: str) -> str:
        """The environment of jobs that query a judge; one served by vLLM needs vLLM."""
        served = self.config.judges[name].serve
        return "sampling" if served and served.backend == "vllm" else "xalpacaeval"
