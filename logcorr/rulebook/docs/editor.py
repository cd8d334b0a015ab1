"""What editors and authors are given: the JSON Schema of each kind of file, and what each key means."""

from __future__ import annotations

import inspect
import re
from typing import Any, Final, Literal

from pydantic import BaseModel, TypeAdapter

from logcorr.rulebook import models
from logcorr.rulebook.models import Cause, EventFile, Pattern, SourceKind, StateKind, SymptomClass
from logcorr.rulebook.testing.cases import CauseCase, EventCase, PatternCase

FileKind = Literal["events", "patterns", "causes", "symptoms", "sources", "states", "cases"]

_CONTENTS: Final[dict[FileKind, Any]] = {
    "events": EventFile,
    "patterns": Pattern,
    "causes": Cause,
    "symptoms": list[SymptomClass],
    "sources": list[SourceKind],
    "states": list[StateKind],
    "cases": list[EventCase] | list[PatternCase] | list[CauseCase],
}
_NOTE: Final = re.compile(r"^    (?P<name>[a-z_]+): .*?  # (?P<note>.+)$", re.MULTILINE)


def schema(kind: FileKind) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a kind of rule file.

    A file names it in its first line: ``# yaml-language-server: $schema=patterns.schema.json``.
    """
    found: dict[str, Any] = TypeAdapter(_CONTENTS[kind]).json_schema()
    for part in (found, *found.get("$defs", {}).values()):
        _describe(part)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"logcorr {kind}",
        **{key: value for key, value in found.items() if key != "title"},
    }


def notes(model: type[BaseModel]) -> dict[str, str]:
    """What each key of a model means: the comment beside it."""
    return {match["name"]: match["note"] for match in _NOTE.finditer(inspect.getsource(model))}


def _describe(part: dict[str, Any]) -> None:
    """Put the notes into one object schema, and take pydantic's made-up titles out."""
    model = getattr(models, str(part.get("title")), None)
    known = notes(model) if isinstance(model, type) and issubclass(model, BaseModel) else {}
    for name, content in part.get("properties", {}).items():
        content.pop("title", None)
        if name in known:
            content["description"] = known[name]
    if "description" in part:
        part["description"] = " ".join(part["description"].replace("``", "`").split())
