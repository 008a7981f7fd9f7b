"""Everything under ``resources/`` that a configuration names, and where it comes from."""

from collections.abc import Iterator
from typing import Any, Literal

from icr.config.models import AlignedSource, MiniatureSource
from icr.dag.evaluations import Evaluations
from icr.dag.files import Files
from icr.dag.local import Local
from icr.origins import Resource


class Fetched(Local, Files, Evaluations):
    """Resources of a configuration. All configurations of a checkout share their names."""

    def resources(self) -> Iterator[Resource]:
        """Models, prompts, questions, references and stored outputs."""
        for name, model in self.config.models.items():
            if not isinstance(model.source, AlignedSource | MiniatureSource):
                origin = model.model_dump(include={"source", "chat_template"})
                yield Resource(f"models.{name}", self.model_folder(name), origin)
        for name, prompts in self.config.prompts.items():
            for language in prompts.languages:
                path = self.prompt_file(name, language)
                yield Resource(f"prompts.{name}", path, prompts.source.model_dump())
        kinds: list[Literal["source", "references"]] = ["source", "references"]
        for name, questions in self.config.questions.items():
            for kind in kinds:
                for language in questions.languages:
                    source = self.file_source(name, language, kind)
                    file = self.question_file if kind == "source" else self.reference_file
                    if source is not None:
                        path = file(name, language)
                        yield Resource(f"questions.{name}", path, source.model_dump())
        section = self.config.evaluation.xalpacaeval
        for name, outputs in section.outputs.items() if section else []:
            key = f"evaluation.xalpacaeval.outputs.{name}"
            for language in outputs.languages:
                path = self.output_file(name, language)
                yield Resource(key, path, outputs.source.model_dump())

    def origins(self) -> dict[str, Any]:
        """Where each resource comes from, by path."""
        return {resource.path: resource.origin for resource in self.resources()}
