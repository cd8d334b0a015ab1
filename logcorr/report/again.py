"""A report read back from its JSON, to be rendered again without the logs."""

from __future__ import annotations

import types
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from logcorr.errors import InputError
from logcorr.model import Lane, Report
from logcorr.report.document import NAMES, SCHEMA

_HINT: Final = "give the file that `logcorr analyze --format json` wrote"
_DEEPEST: Final = 12


def read_again(value: object, location: str) -> Report:
    """The report that ``value``, a parsed JSON report, describes; keys of later versions are passed over.

    Raises InputError where it is no such report, with the place in it that is wrong.
    """
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise InputError(f"is no report of the schema {SCHEMA}", location=location, hint=_HINT)
    try:
        report: Report = _read(value, Report, "")
    except _WrongError as error:
        place = error.place.lstrip(".")
        raise InputError(f"{place}{': ' if place else ''}{error.what}", location=location, hint=_HINT) from None
    return report


class _WrongError(Exception):
    def __init__(self, place: str, what: str) -> None:
        super().__init__(what)
        self.place, self.what = place, what


def _read(value: Any, kind: Any, place: str) -> Any:  # noqa: ANN401 - it makes values of every type of the model
    if place.count(".") > _DEEPEST:
        raise _WrongError(place, "is nested too deeply")
    origin = get_origin(kind)
    if origin in {Union, types.UnionType}:
        return _optional(value, get_args(kind), place)
    if origin is Literal:
        return _plain(value, str, place)  # a word that a later version knows is shown as it is
    if origin is tuple:
        return _tuple(value, get_args(kind), place)
    if origin is dict:
        return _dict(value, get_args(kind)[1], place)
    if is_dataclass(kind) and isinstance(kind, type):
        return _lane(value, place) if kind is Lane else _object(value, kind, place)
    return _time(value, place) if kind is datetime else _plain(value, kind, place)


def _optional(value: Any, kinds: tuple[Any, ...], place: str) -> Any:  # noqa: ANN401 - see _read
    if value is None and type(None) in kinds:
        return None
    for kind in kinds:
        if kind in {str, int, float, bool} and (type(value) is kind or (kind is float and type(value) is int)):
            return value
    rest = [kind for kind in kinds if kind is not type(None)]
    if len(rest) == 1:
        return _read(value, rest[0], place)
    raise _WrongError(place, "is of the wrong kind")


def _plain(value: Any, kind: type, place: str) -> Any:  # noqa: ANN401 - see _read
    if kind is float and type(value) is int:
        return value  # JSON has one kind of number, and the same bytes are to come out again
    if type(value) is not kind and not (kind is float and value is None):  # a number that was not finite is null
        raise _WrongError(place, f"is no {kind.__name__}")
    return value


def _time(value: Any, place: str) -> datetime:  # noqa: ANN401 - see _read
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise _WrongError(place, "is no time") from None


def _list(value: Any, place: str) -> list[Any]:  # noqa: ANN401 - see _read
    if not isinstance(value, list):
        raise _WrongError(place, "is no list")
    return value


def _tuple(value: Any, kinds: tuple[Any, ...], place: str) -> tuple[Any, ...]:  # noqa: ANN401 - see _read
    items = _list(value, place)
    if kinds[-1] is ...:
        return tuple(_read(item, kinds[0], f"{place}[{number}]") for number, item in enumerate(items))
    if len(items) != len(kinds):
        raise _WrongError(place, f"has {len(items)} entries instead of {len(kinds)}")
    return tuple(_read(item, kind, place) for item, kind in zip(items, kinds, strict=True))


def _dict(value: Any, kind: Any, place: str) -> dict[str, Any]:  # noqa: ANN401 - see _read
    if not isinstance(value, dict):
        raise _WrongError(place, "is no object")
    return {str(name): _read(item, kind, f"{place}.{name}") for name, item in value.items()}


def _object(value: Any, kind: type, place: str) -> Any:  # noqa: ANN401 - see _read
    if not isinstance(value, dict):
        raise _WrongError(place, "is no object")
    hints = _hints(kind)
    told = {
        name: _read(value[key], hints[name], f"{place}.{key}")
        for name in hints
        if (key := NAMES.get((kind, name), name)) in value
    }
    try:
        return kind(**told)
    except TypeError:
        needed = [each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING]
        missing = [name for name in needed if name not in told]
        raise _WrongError(place, f"{', '.join(missing)} is missing") from None


def _lane(value: Any, place: str) -> Any:  # noqa: ANN401 - see _read
    """A lane, whose stretches are objects in the JSON."""
    if not isinstance(value, dict):
        raise _WrongError(place, "is no object")
    keys = {"spans": ("from", "until"), "gaps": ("from", "until", "reason")}
    flat = {
        name: [
            [item.get(key) if isinstance(item, dict) else None for key in keys[name]]
            for item in _list(value.get(name, []), f"{place}.{name}")
        ]
        for name in keys
    }
    return _object({**value, **flat}, Lane, place)


@cache
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}
