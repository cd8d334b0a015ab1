"""Events, rulebooks and coverage in a few words, for tests of the patterns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from string import ascii_lowercase
from typing import Any

import polars as pl

from logcorr import schema
from logcorr.model import CoverageGap
from logcorr.patterns import Matches, match
from logcorr.rulebook.models import Event, EventFile, Pattern, Rulebook

START = datetime(2025, 11, 4, 3, 0, tzinfo=UTC)
FIELDS = {"x": pl.Int64, "y": pl.String, "name": pl.String}

#: Seconds before the first and after the last instant that tests use.
ALWAYS = ((-100_000.0, 1_000_000.0),)


@dataclass(frozen=True, slots=True)
class Ev:
    """One event at ``at`` seconds, give or take ``blur``. ``record`` names its line where several events share one."""

    name: str
    at: float
    host: str | None = "h1"
    blur: float = 0.0
    source: int = 0
    fields: dict[str, Any] = field(default_factory=dict)
    repeat: int = 1
    record: str | None = None


def moment(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def seconds(time: datetime) -> float:
    return (time - START).total_seconds()


def frame_of(events: Sequence[Ev]) -> pl.DataFrame:
    """schema.EVENTS in timeline order: by time, then as given. Ids count lines."""
    ordered = sorted(events, key=lambda ev: ev.at)
    lines: dict[str, int] = {}
    rows = [
        {
            "id": lines.setdefault(ev.record or f"line {number}", len(lines)),
            "event": ev.name,
            "time": moment(ev.at),
            "time_lo": moment(ev.at - ev.blur),
            "time_hi": moment(ev.at + ev.blur),
            "host": ev.host,
            "program": "p",
            "pid": 1,
            "clock": f"{ev.host}/boot",
            "source": ev.source,
            "trusted": None,
            "repeat": ev.repeat,
            "fields": {name: ev.fields.get(name) for name in FIELDS},
        }
        for number, ev in enumerate(ordered)
    ]
    return pl.DataFrame(rows, schema={**schema.EVENTS, "fields": pl.Struct(FIELDS)})


def timeline_of(
    hosts: Iterable[str | None] = ("h1", "h2"),
    spans: Sequence[tuple[float, float]] = ALWAYS,
    gaps: tuple[CoverageGap, ...] = (),
) -> schema.Timeline:
    """A timeline whose hosts were all observed during ``spans``, in a source that shows every event of ``p``."""
    rows = [(0, host, moment(start), moment(end)) for host in hosts for start, end in spans]
    frame = pl.DataFrame([{"source": 0, "program": "p"}], schema=schema.TIMELINE)
    return schema.Timeline(frame=frame, spans=pl.DataFrame(rows, schema=schema.SPANS, orient="row"), gaps=gaps)


def rule(**parts: Any) -> Pattern:
    return Pattern.model_validate({"id": "rule", "title": "title", **parts})


def rulebook(**patterns: Pattern) -> Rulebook:
    """Patterns over a vocabulary of one-letter events of the program ``p``."""
    vocabulary = EventFile(program="p", events={name: Event(says=f"{name} happened") for name in ascii_lowercase})
    return Rulebook(events=(vocabulary,), patterns=patterns)


def run(events: Sequence[Ev], timeline: schema.Timeline | None = None, **parts: Any) -> Matches:
    """Match one rule."""
    return match(frame_of(events), rulebook(rule=rule(**parts)), timeline or timeline_of())


def outcomes(matches: Matches) -> list[tuple[tuple[int, ...], str]]:
    """(records, outcome) of each match, in order."""
    frame = matches.frame
    return [(tuple(ids), out) for ids, out in zip(frame["records"], frame["outcome"], strict=True)]


def pairs(matches: Matches) -> list[tuple[int, ...]]:
    """The records of each match that is not inconclusive."""
    return [ids for ids, out in outcomes(matches) if out == "matched"]
