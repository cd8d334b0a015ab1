"""Faults in rule files: each with its place, what is wrong, and what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from logcorr.dataclass import dataclass
from logcorr.errors import LogcorrError
from logcorr.rulebook.documents import Document, Path
from logcorr.rulebook.files import RuleFile

#: Faults of one file that are told one by one.
MOST_FAULTS = 200
#: How often a rule is put right and looked at again.
_MENDS = 3
_KINDS = {
    "string_type": "text", "tuple_type": "a list", "dict_type": "a mapping", "int_type": "a whole number",
    "int_parsing": "a whole number", "int_from_float": "a whole number", "float_type": "a number",
    "float_parsing": "a number", "bool_type": "true or false", "bool_parsing": "true or false",
    "model_type": "a mapping", "model_attributes_type": "a mapping", "list_type": "a list",
}  # fmt: skip
_SHAPES = {
    r"^[a-z0-9]+(-[a-z0-9]+)*$": ("an id", "lower-case words joined by hyphens: reset-after-link-down"),
    r"^[a-z0-9_*]+(\.[a-z0-9_*]+)*$": ("an event name", "lower-case words joined by dots: link.down"),
    r"^[0-9a-f]{32}$": ("a message id", "32 hexadecimal digits in lower case"),
}


def meant(word: str, known: Iterable[str], *, otherwise: str | None = None) -> str | None:
    """A hint that names the nearest known word, or lists a few."""
    options = sorted(set(known))
    near = difflib.get_close_matches(word, options, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return (
        otherwise if otherwise is not None else f"known: {', '.join(options[:12])}{', …' if len(options) > 12 else ''}"
    )


def shape_faults(
    error: ValidationError, model: type[BaseModel], document: Document, file: RuleFile
) -> list[LogcorrError]:
    """What a validation error says, without the branches of alternatives that were not meant."""
    errors = error.errors(include_url=False)
    found = [_Problem(details, document.resolve(details["loc"])) for details in errors[:MOST_FAULTS]]
    told = [problem for problem in found if not _overshadowed(problem, found)]
    faults = [fault for problem in _merged(told) for fault in _told(problem, model, document, file)]
    if len(errors) > MOST_FAULTS:
        faults.append(file.fault(document.place, f"about {len(errors) - MOST_FAULTS:,} more faults in this file"))
    return faults


def mended(data: Mapping[str, Any], error: ValidationError, model: type[BaseModel]) -> Any:  # noqa: ANN401  # a model
    """The rule without what is wrong with it, misspelt keys put right; None where too little is left of it."""
    copied = deepcopy(dict(data))
    for _ in range(_MENDS):
        found = error.errors(include_url=False)
        if len(found) > MOST_FAULTS:
            return None
        if not all(_mend(copied, each["loc"], each["type"], found) for each in found):
            return None
        try:
            return model.model_validate(copied)
        except ValidationError as again:
            error = again
    return None


def _mend(data: Any, loc: tuple[str | int, ...], kind: str, found: Sequence[ErrorDetails]) -> bool:  # noqa: ANN401  # YAML
    """Rename the key at ``loc`` to the missing one that was meant, or take the value out; False for parts of a list."""
    where, parent, last = data, None, None
    for part in loc:
        inside = isinstance(where, dict) and part in where
        if inside or (isinstance(where, list) and isinstance(part, int) and part < len(where)):
            parent, last, where = where, part, where[part]  # other parts are the validator's names of its own choices
    if kind == "missing":
        return True  # where its misspelling is put right
    if not isinstance(parent, dict):
        return False
    missing = [str(each["loc"][-1]) for each in found if each["type"] == "missing" and each["loc"][:-1] == loc[:-1]]
    near = difflib.get_close_matches(str(last), missing, n=1)
    value = parent.pop(last, None)
    if near:
        parent[near[0]] = value
    return True


@dataclass(frozen=True, slots=True)
class _Problem:
    details: ErrorDetails
    path: Path
    kinds: tuple[str, ...] = ()  # what would have been accepted

    @property
    def of_kind(self) -> str | None:
        """What was expected, where this is about the kind of value."""
        return _KINDS.get(self.details["type"])


def _overshadowed(problem: _Problem, found: Sequence[_Problem]) -> bool:
    """Whether another alternative got further with the same value or says more about it, or a key is only misspelt."""
    length = len(problem.path)
    deeper = any(len(other.path) > length and other.path[:length] == problem.path for other in found)
    better = any(other.path == problem.path and not other.of_kind for other in found)
    if problem.details["type"] == "missing":
        extra = [
            str(other.path[-1])
            for other in found
            if other.details["type"] == "extra_forbidden" and other.path[:-1] == problem.path
        ]
        return bool(difflib.get_close_matches(str(problem.details["loc"][-1]), extra, n=1))
    if problem.details["type"] == "literal_error":
        return deeper
    return problem.of_kind is not None and (deeper or better)


def _merged(problems: Sequence[_Problem]) -> Iterator[_Problem]:
    """Complaints about the kind of one value as one complaint."""
    kinds: dict[Path, list[str]] = {}
    for problem in problems:
        if problem.of_kind:
            kinds.setdefault(problem.path, []).append(problem.of_kind)
    for problem in problems:
        if not problem.of_kind:
            yield problem
        elif wanted := kinds.pop(problem.path, None):
            yield _Problem(problem.details, problem.path, tuple(dict.fromkeys(wanted)))


def _told(problem: _Problem, model: type[BaseModel], document: Document, file: RuleFile) -> Iterator[LogcorrError]:
    details, path = problem.details, problem.path
    value, context = details["input"], details.get("ctx", {})
    place = document.locate(path, key=details["loc"][-1:] == ("[key]",))
    match details["type"]:
        case "extra_forbidden":
            known = [name for found in _models_at(model, path[:-1]) for name in found.model_fields]
            yield file.fault(
                document.locate(path, key=True), f"unknown key {str(path[-1])!r}", meant(str(path[-1]), known)
            )
        case "missing":
            yield file.fault(place, f"{str(details['loc'][-1])!r} is missing{_inside(path)}")
        case "literal_error":
            options = [str(option) for found in _literals(context) for option in found]
            yield file.fault(
                place, f"{_shown(value)} is not one of {', '.join(options)}", meant(str(value), options, otherwise="")
            )
        case "string_pattern_mismatch":
            what, hint = _SHAPES.get(
                context.get("pattern", ""), ("of the right form", f"it must match {context.get('pattern')}")
            )
            yield file.fault(place, f"{_shown(value)} is not {what}", hint)
        case "value_error":
            yield file.fault(place, str(context["error"]) if "error" in context else details["msg"])
        case _ if problem.kinds:
            yield file.fault(place, f"expected {' or '.join(problem.kinds)}{_inside(path)}, found {_shown(value)}")
        case _:
            yield file.fault(place, f"{_shown(value)}: {details['msg'][0].lower()}{details['msg'][1:]}")


def _inside(path: Path) -> str:
    words = [str(part) for part in path if isinstance(part, str)]
    return f" in {words[-1]!r}" if words else ""


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict | list | tuple):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _literals(context: dict[str, Any]) -> Iterator[list[str]]:
    expected = context.get("expected", "")
    yield [part.strip().strip("'") for part in expected.replace(" or ", ", ").split(",")]


def _models_at(model: type[BaseModel], path: Path) -> list[type[BaseModel]]:
    """The models that may stand at a path of the data."""
    models: list[type[BaseModel]] = [model]
    inside: list[object] = [model]
    for part in path:
        inside = [found for kind in inside for found in _below(kind, part)]
        models = [found for kind in inside for found in _models_in(kind)]
    return models


def _below(kind: object, part: str | int) -> list[object]:
    """What a value of type ``kind`` holds at a key or index."""
    fields: list[object] = [
        found.model_fields[part].annotation for found in _models_in(kind) if part in found.model_fields
    ]
    if fields:
        return fields
    return [argument for argument in _flat(kind) for argument in get_args(argument)]


def _flat(kind: object) -> Iterator[object]:
    yield kind
    for argument in get_args(kind):
        if not isinstance(argument, str):
            yield from _flat(argument)


def _models_in(kind: object) -> list[type[BaseModel]]:
    found = [part for part in _flat(kind) if isinstance(part, type) and issubclass(part, BaseModel)]
    return list(dict.fromkeys(found))
