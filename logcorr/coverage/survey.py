"""What the sources of a run could show: for how long each was observed, and which events could stand in it.

Time counts as observed on a host where one of its sources covers it (``Timeline.spans``), less what ``Timeline.gaps``
takes away. A rate limiter takes away only the events that it hides, where its note says which
(``logcorr.coverage.limiters``).

A source shows an event if a program that reports the event speaks in it, or if it is a whole log (journal or syslog of
at least ``WHOLE_LOG`` programs).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from itertools import pairwise, product
from typing import Final

import numpy as np
import polars as pl

from logcorr.coverage import intervals, limiters
from logcorr.coverage.limiters import Hidden, OnHosts
from logcorr.dataclass import dataclass
from logcorr.model import CoverageGap
from logcorr.rulebook.globs import glob_matches
from logcorr.rulebook.models import Rulebook
from logcorr.schema import Timeline
from logcorr.times.micros import MINUTE, NEVER, Ints, to_micros

#: Formats that carry whatever was asked for: only with this many programs in it does a file speak for the whole host.
GENERAL_FORMATS: Final = ("journal", "syslog")
WHOLE_LOG: Final = 4

#: Kinds of gap during which lines are missing although the source goes on.
BLIND: Final = frozenset(
    {"unreadable", "silence", "rate-limited", "lost-messages", "limit", "starts-late", "ends-early"}
)

#: Between the last record of one file and the first of the next of the same host and format, the log was rotated; a
#: stretch without records longer than this (µs) would have been told as a silence.
ROTATION: Final = 5 * MINUTE

#: A source (its number among the inputs) and one of its hosts.
Place = tuple[int, str | None]


# --- time -------------------------------------------------------------------------------------------------------------


def observed_places(timeline: Timeline, hidden: Hidden) -> dict[Place, Ints]:
    """When each source was observed on each of its hosts, as sets of time (µs).

    ``hidden``: gaps that these notes of limiters tell of hide some events only, and leave the time observed.
    """
    spans = timeline.spans.with_columns(pl.col("start", "end").to_physical())
    parts: dict[Place, list[list[int]]] = {}
    for source, host, start, end in spans.select("source", "host", "start", "end").rows():
        parts.setdefault((source, host), []).append([start, end + 1])
    whole = _over_rotations({place: np.array(part, dtype=np.int64) for place, part in parts.items()}, timeline)
    blind: dict[tuple[str | None, str | None], list[CoverageGap]] = {}  # None: of any source, on any host
    for gap in timeline.gaps:
        blind.setdefault((gap.source, gap.host), []).append(gap)
    return {place: _without_gaps(part, place, timeline, blind, hidden) for place, part in whole.items()}


def _over_rotations(parts: Mapping[Place, Ints], timeline: Timeline) -> dict[Place, Ints]:
    """The spans, each stretched to the next one if that is of the same log in another file."""
    logs: dict[tuple[str | None, str], list[tuple[int, int, int]]] = {}
    for (source, host), spans in parts.items():
        form = timeline.inputs[source].format if source < len(timeline.inputs) else None
        if form:
            logs.setdefault((host, form), []).extend((int(start), int(end), source) for start, end in spans)
    longer = {place: [spans] for place, spans in parts.items()}
    for (host, _), rows in logs.items():
        for (_, end, source), (start, _, after) in pairwise(sorted(rows)):
            if source != after and 0 < start - end <= ROTATION:
                longer[source, host].append(np.array([[end, start]], dtype=np.int64))
    return {place: np.concatenate(spans) for place, spans in longer.items()}


def _without_gaps(
    seen: Ints,
    place: Place,
    timeline: Timeline,
    blind: Mapping[tuple[str | None, str | None], Sequence[CoverageGap]],
    hidden: Hidden,
) -> Ints:
    source, host = place
    path = timeline.inputs[source].path if source < len(timeline.inputs) else None
    holes = [
        [_bound(gap.start, -NEVER), _bound(gap.end, NEVER)]
        for key in dict.fromkeys(product((path, None), (host, None)))
        for gap in blind.get(key, ())
        if blinds(gap, path, host) and not _is_told(gap, source, hidden)
    ]
    seen = intervals.union(seen)
    holes = [hole for hole in holes if len(seen) and hole[0] < seen[-1, 1] and hole[1] > seen[0, 0]]
    return intervals.subtract(seen, np.array(holes, dtype=np.int64)) if holes else seen


def blinds(gap: CoverageGap, path: str | None, host: str | None) -> bool:
    """Whether lines of this host in this source are missing during the gap."""
    if gap.kind not in BLIND or (gap.start is None and gap.end is None):
        return False
    return (gap.source is None or gap.source == path) and (gap.host is None or gap.host == host)


def _is_told(gap: CoverageGap, source: int, hidden: Hidden) -> bool:
    """Whether a note among the events says which events the gap hides: then it hides no others."""
    return gap.kind == "rate-limited" and (source, gap.host, _bound(gap.end, NEVER)) in hidden.told


def _bound(moment: datetime | None, otherwise: int) -> int:
    return otherwise if moment is None else to_micros(moment)


# --- programs ---------------------------------------------------------------------------------------------------------


def programs_of(frame: pl.DataFrame) -> dict[Place, frozenset[str]]:
    """The programs that speak in each source, host by host. ``frame``: schema.TIMELINE."""
    told = frame.lazy().select("source", "host", "program").unique()  # few: no lists of all that each source says
    found = told.group_by("source", "host").agg(pl.col("program").drop_nulls())
    rows = found.drop_nulls("source").sort("source", "host").collect().rows()
    return {(source, host): frozenset(programs) for source, host, programs in rows}


def is_general(formats: str | None) -> bool:
    """Whether a file of these formats (``Source.format``) carries whatever was asked for."""
    return any(part.startswith(GENERAL_FORMATS) for part in (formats or "").split("+"))


def is_whole_log(formats: str | None, programs: frozenset[str]) -> bool:
    """Whether a file of these formats, in which these programs speak, speaks for its whole host."""
    return len(programs) >= WHOLE_LOG and is_general(formats)


def reporters_of(rules: Rulebook) -> dict[str, tuple[str, ...]]:
    """The programs (globs) that report each event."""
    programs: dict[str, list[str]] = {}
    for file in rules.events:
        for name in file.events:
            programs.setdefault(name, []).extend([file.program] if isinstance(file.program, str) else file.program)
    return {name: tuple(each) for name, each in programs.items()}


# --- events -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What the sources of a run could show."""

    seen: dict[Place, Ints]  # observed time
    timeline: Timeline
    reporters: dict[str, tuple[str, ...]]  # programs (globs) that report each event
    limited: frozenset[str]  # events of rate-limited formats
    witnessed: dict[str, frozenset[int]]  # sources in which each event was seen
    hidden: Hidden  # what limiters held back
    _programs: dict[int, frozenset[str]] = field(default_factory=dict)  # that speak in each source; made when needed
    _shown: dict[tuple[tuple[Place, ...], int], OnHosts] = field(default_factory=dict)

    def shown(self, name: str) -> OnHosts:
        """Observed time of one event on each host that shows it; one object for all that the same sources show."""
        sources = {source for source in {source for source, _ in self.seen} if self._shows(source, name)}
        places = tuple(place for place in self.seen if place[0] in sources)
        hidden = self.hidden.of(name)
        if (places, id(hidden)) not in self._shown:
            merged = by_host(self.seen, places)
            self._shown[places, id(hidden)] = {
                host: intervals.subtract(spans, hidden[host]) if host in hidden else spans
                for host, spans in merged.items()
            }
        return self._shown[places, id(hidden)]

    def _shows(self, source: int, name: str) -> bool:
        if source in self.witnessed.get(name, ()):
            return True
        if not self._programs:
            for (each, _), programs in programs_of(self.timeline.frame).items():
                self._programs[each] = self._programs.get(each, frozenset()) | programs
        present, inputs = self._programs.get(source, frozenset()), self.timeline.inputs
        if is_whole_log(inputs[source].format if source < len(inputs) else None, present):
            return True
        globs = self.reporters.get(name, ())
        return any(glob_matches(program, globs) for program in present)


def survey(timeline: Timeline, events: pl.DataFrame, rules: Rulebook) -> Survey:
    """What the sources of ``timeline`` cover. ``events``: schema.EVENTS, of all rules in question."""
    reporters = reporters_of(rules)
    hidden = limiters.read(events, timeline, reporters)
    witnessed = events.lazy().group_by("event").agg(pl.col("source").unique().drop_nulls()).collect()
    limited = frozenset(name for file in rules.events for name, event in file.events.items() if event.rate_limited)
    return Survey(
        observed_places(timeline, hidden),
        timeline,
        reporters,
        limited,
        {name: frozenset(sources) for name, sources in witnessed.rows()},
        hidden,
    )


def by_host(seen: Mapping[Place, Ints], places: Sequence[Place]) -> OnHosts:
    """When any of the places was observed, host by host."""
    found: dict[str | None, list[Ints]] = {}
    for place in places:
        found.setdefault(place[1], []).append(seen[place])
    return {host: intervals.merge_all(parts) for host, parts in found.items()}
