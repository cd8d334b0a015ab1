"""The JSON report, schema ``logcorr.report/1``: the public interface, complete whatever the page leaves out."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from logcorr.model import CoverageGap, Hypothesis, Lane, Rates, Report
from logcorr.report.text.clean import clean
from logcorr.report.text.clock import rfc3339

SCHEMA: Final = "logcorr.report/1"

#: Where JSON's names differ from the model's, which may not use Python's keywords.
NAMES: Final = {
    (Hypothesis, "supports"): "for",
    (CoverageGap, "start"): "from",
    (CoverageGap, "end"): "until",
    (Rates, "start"): "from",
    (Rates, "end"): "until",
}

#: The contract's order; what the contract does not name follows.
_ORDER: Final = (
    "tool", "window", "verdict", "incidents", "hypotheses", "findings", "evidence", "actions", "checks", "questions",
    "coverage", "changes", "inputs", "limits", "redaction", "zone", "lanes",
)  # fmt: skip


def document(report: Report) -> dict[str, Any]:
    """Return the report as plain JSON values: times RFC 3339 in UTC with microseconds, what is not known null."""
    plain = _plain(clean(report))
    return {"schema": SCHEMA, **{name: plain.pop(name) for name in _ORDER}, **plain}


def render(report: Report) -> str:
    """Return the report as JSON text."""
    return json.dumps(document(report), ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def _plain(value: Any) -> Any:  # noqa: ANN401 - it walks values of every type
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, Lane):
        return _lane(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(getattr(value, attribute)) for name, attribute in _names_of(type(value))}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(value[key]) for key in sorted(value)}
    return value


@cache
def _names_of(kind: type) -> tuple[tuple[str, str], ...]:
    """JSON's names of the fields of a part of the report, and the model's."""
    return tuple((NAMES.get((kind, field.name), field.name), field.name) for field in fields(kind))


def _lane(lane: Lane) -> dict[str, Any]:
    return {
        "label": lane.label,
        "host": lane.host,
        "spans": [{"from": rfc3339(start), "until": rfc3339(end)} for start, end in lane.spans],
        "gaps": [{"from": rfc3339(start), "until": rfc3339(end), "reason": reason} for start, end, reason in lane.gaps],
        "marks": _plain(lane.marks),
        "rates": _plain(lane.rates),
    }
