"""What redaction must leave as it is: all of a report but its texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from logcorr.cli.redaction import rendered
from logcorr.errors import OutputError
from logcorr.model import Redaction, Report
from logcorr.redact import Redactor
from logcorr.redact.whole import OURS
from logcorr.report import FORMATS


def structure(report: Report) -> tuple[tuple[str, object], ...]:
    """Each value of ``report`` with its place: numbers, times, ids, states, the lengths of lists; of a text, whether
    there is one.
    """
    return tuple(_walk(report, "", ours=False))


def _walk(value: Any, place: str, *, ours: bool) -> Iterator[tuple[str, object]]:
    if isinstance(value, Redaction):
        return
    if isinstance(value, str):
        yield place, value if ours else bool(value)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            known = OURS.get(type(value), frozenset())
            yield from _walk(getattr(value, field.name), f"{place}.{field.name}", ours=field.name in known)
    elif isinstance(value, tuple | dict):
        items = value.values() if isinstance(value, dict) else value
        yield place, len(value)
        for number, item in enumerate(items):
            yield from _walk(item, f"{place}[{number}]", ours=ours)
    else:
        yield place, value


def refused(shown: Report, redactor: Redactor) -> list[str]:
    """The formats in which a redacted report is not written, with the reason."""
    found = []
    for form in FORMATS:
        try:
            rendered(shown, form, redactor, "report")
        except OutputError as error:
            found.append(f"{form}: {error}")
    return found
