"""Everything under ``resources/`` that a configuration names, and where it comes from."""

from collections.abc import Iterator
from typing import Any, Literal

from icr.config.base import Section
from icr.config.models import AlignedSource, MiniatureSource
from icr.config.prompts import TranslatedPrompts
from icr.storage.origins import Resource
from icr.workflow.compared import compared
from icr.workflow.evaluations import Evaluations
from icr.workflow.files import Files
from icr.workflow.local import Local


class Fetched(Local, Files, Evaluations):
    """Resources of a configuration. All configurations of a checkout share their names."""

    def resources(self) -> Iterator[Resource]:
        """Models, prompts, questions, references and stored outputs."""
        for name, model in self.config.models.items():
            if not isinstance(model.source, AlignedSource | MiniatureSource):
                origin = _plain(model, include={"source", "chat_template", "stop"})
                yield Resource(f"models.{name}", self.model_folder(name), origin)
        for name, prompts in self.config.prompts.items():
            origin = _plain(prompts.source)
            if isinstance(prompts.source, TranslatedPrompts):
                origin["translate"] = self.translation(name)
            for language in prompts.languages:
                yield Resource(f"prompts.{name}", self.prompt_file(name, language), origin)
        kinds: list[Literal["source", "references"]] = ["source", "references"]
        for name, questions in self.config.questions.items():
            for kind in kinds:
                for language in questions.languages:
                    source = self.file_source(name, language, kind)
                    file = self.question_file if kind == "source" else self.reference_file
                    if source is not None:
                        path = file(name, language)
                        yield Resource(f"questions.{name}", path, _plain(source))
        section = self.config.evaluation.xalpacaeval
        for name, outputs in section.outputs.items() if section else []:
            key = f"evaluation.xalpacaeval.outputs.{name}"
            for language in outputs.languages:
                path = self.output_file(name, language)
                yield Resource(key, path, _plain(outputs.source))

    def translation(self, prompts: str) -> dict[str, Any]:
        """What decides the translations of a set."""
        source = self.config.prompts[prompts].source
        assert isinstance(source, TranslatedPrompts)
        by, sampling = source.translate, self.config.sampling
        if by.model is None:
            return compared(by, include={"backend", "folder", "on_failure"})
        return compared(
            by,
            include={"backend", "max_tokens", "on_failure"},
            more={
                "model": self.model_folder(by.model),
                "sampler": sampling.backend,
                "precision": sampling.options.get("precision"),
            },
        )

    def local_questions(
        self, questions: str, language: str, kind: Literal["source", "references"]
    ) -> list[str]:
        """The user's file of a question set's questions or references, if it is one."""
        return self.local_rows(self.file_source(questions, language, kind), language)

    def origins(self) -> dict[str, Any]:
        """Where each resource comes from, by path."""
        return {resource.path: resource.origin for resource in self.resources()}


def _plain(section: Section, include: set[str] | None = None) -> dict[str, Any]:
    """Settings as plain values. A default is none of them, so that new keys make no new origin."""
    return section.model_dump(include=include, exclude_defaults=True)
