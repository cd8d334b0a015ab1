"""Where an event could have been seen, had it occurred: without that, its absence says nothing.

A source shows an event if a program that reports the event speaks in it, or if it is a whole log (journal or syslog of
at least ``WHOLE_LOG`` programs). Time counts as observed on a host where one of its sources covers it
(``Timeline.spans``), less what ``Timeline.gaps`` takes away. A rate limiter takes away only the events that it hides,
where its note says which.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl

from logcorr.coverage import intervals, limiters
from logcorr.coverage.limiters import Hidden, OnHosts
from logcorr.grouped import Grouped
from logcorr.micros import NEVER, Ints
from logcorr.model import CoverageGap
from logcorr.patterns.engine.stream import Stream, expand, micros
from logcorr.rulebook.models import Rulebook
from logcorr.schema import Timeline

#: Formats that carry whatever was asked for: only with this many programs in it does a file speak for the whole host.
GENERAL_FORMATS: Final = ("journal", "syslog")
WHOLE_LOG: Final = 4

#: Kinds of gap during which lines are missing although the source goes on.
BLIND: Final = frozenset(
    {"unreadable", "silence", "rate-limited", "lost-messages", "limit", "starts-late", "ends-early"}
)

#: tailscaled prints five lines of a format at once and then one each 5 s (types/logger/logger.go). After so many lines
#: of a rate-limited event within SUPPRESSION (µs), further ones may go unseen for as long again.
BURST: Final = 5
SUPPRESSION: Final = 60_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """Observed time of one set of events: on each host, and on all hosts together."""

    events: tuple[OnHosts, ...]
    codes: dict[str, int]  # the stream's codes of the hosts
    _hosts: dict[int, Ints] = field(default_factory=dict)  # made when first asked for
    _everywhere: list[Ints] = field(default_factory=list)

    @property
    def hosts(self) -> dict[int, Ints]:
        """By the stream's code of the host: when all of the events could be seen there."""
        if not self._hosts:
            for host, code in self.codes.items():
                self._hosts[code] = intervals.intersect(*(event.get(host, intervals.NOTHING) for event in self.events))
        return self._hosts

    @property
    def everywhere(self) -> Ints:
        """When all of the events could be seen on every host that shows them."""
        if not self._everywhere:
            hosts = [intervals.intersect(*event.values()) if event else intervals.NOTHING for event in self.events]
            self._everywhere.append(intervals.intersect(*hosts))
        return self._everywhere[0]

    def until(self, rows: Ints, stream: Stream, *, own_host: bool) -> Ints:
        """Up to when each row's future is observed without interruption; just before the row where it is not."""
        return self.until_from(stream.time[rows], rows, stream, own_host=own_host)

    def until_from(self, start: Ints, rows: Ints, stream: Stream, *, own_host: bool) -> Ints:
        """The same from ``start`` on, on the hosts of ``rows``."""
        if not own_host:
            return _observed_until(self.everywhere, start)
        code = stream.codes("host")
        sets = [self.hosts.get(host, intervals.NOTHING) for host in range(int(code.max(initial=0)) + 1)]
        end = np.where(code[rows] >= 0, _ends(sets, np.maximum(code[rows], 0), start), -NEVER)
        return np.where(end > start, end, start) - 1

    def of(self, host: int, *, own_host: bool) -> Ints:
        """Observed time on the host with this code, or everywhere."""
        return self.hosts.get(host, intervals.NOTHING) if own_host else self.everywhere


def _ends(sets: list[Ints], which: Ints, start: Ints) -> Ints:
    """The end of the last interval of set ``which`` that begins by ``start``; -NEVER where none does."""
    if all(len(each) < 2 for each in sets):  # the usual case: seen from the first record to the last
        first, end = np.array([each[0] if len(each) else (NEVER, -NEVER) for each in sets]).T
        return np.where(first[which] <= start, end[which], -NEVER)
    spans = np.concatenate(sets)
    group = np.repeat(np.arange(len(sets)), [len(each) for each in sets])
    starts = Grouped.build(group, spans[:, 0], len(sets))
    at = starts.search(which, start, "right") - 1
    return np.where(at >= starts.starts[which], spans[np.maximum(at, 0), 1], -NEVER)


def _observed_until(seen: Ints, start: Ints) -> Ints:
    return intervals.end_of(seen, start) - 1  # the sets are half-open: the last observed µs


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What the sources of a run could show."""

    seen: dict[tuple[int, str | None], Ints]  # observed time, by source and host
    timeline: Timeline
    reporters: dict[str, tuple[str, ...]]  # programs (globs) that report each event
    limited: frozenset[str]  # events of rate-limited formats
    witnessed: dict[str, frozenset[int]]  # sources in which each event was seen
    hidden: Hidden  # what limiters held back
    _programs: dict[int, frozenset[str]] = field(default_factory=dict)  # that speak in each source; made when needed
    _shown: dict[tuple[tuple[tuple[int, str | None], ...], int], OnHosts] = field(default_factory=dict)

    def shown(self, name: str) -> OnHosts:
        """Observed time of one event on each host that shows it; one object for all that the same sources show."""
        places = tuple(place for place in self.seen if self._shows(place[0], name))
        hidden = self.hidden.of(name)
        if (places, id(hidden)) not in self._shown:
            found: dict[str | None, list[Ints]] = {}
            for place in places:
                found.setdefault(place[1], []).append(self.seen[place])
            merged = {host: intervals.merge_all(parts) for host, parts in found.items()}
            self._shown[places, id(hidden)] = {
                host: intervals.subtract(spans, hidden[host]) if host in hidden else spans
                for host, spans in merged.items()
            }
        return self._shown[places, id(hidden)]

    def _shows(self, source: int, name: str) -> bool:
        if source in self.witnessed.get(name, ()):
            return True
        if not self._programs:
            self._programs.update(_programs(self.timeline.frame))
        present = self._programs.get(source, frozenset())
        if len(present) >= WHOLE_LOG and self._is_general(source):
            return True
        return any(fnmatchcase(program, glob) for program in present for glob in self.reporters.get(name, ()))

    def _is_general(self, source: int) -> bool:
        inputs = self.timeline.inputs
        form = (inputs[source].format if source < len(inputs) else None) or ""
        return any(part.startswith(GENERAL_FORMATS) for part in form.split("+"))


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """A survey for the events of one stream."""

    survey: Survey
    stream: Stream
    _made: dict[tuple[tuple[str, ...], bool], Observed] = field(default_factory=dict)
    _alike: dict[tuple[int, ...], Observed] = field(default_factory=dict)  # by the identity of what they are made of

    def observed(self, wanted: str | tuple[str, ...], *, absence: bool = True) -> Observed:
        """Where all events that ``wanted`` names could be seen. With ``absence``, time after a line of a rate-limited
        format does not count, for the next one may have been suppressed.
        """
        names = (wanted,) if isinstance(wanted, str) else tuple(wanted)
        absence = absence and bool(self.survey.limited)
        if (names, absence) not in self._made:
            self._made[names, absence] = self._observe(names, absence=absence)
        return self._made[names, absence]

    def _observe(self, wanted: tuple[str, ...], *, absence: bool) -> Observed:
        known = frozenset(self.survey.reporters) | frozenset(self.survey.witnessed)
        events: list[OnHosts] = []
        for name in wanted:
            shown = {each: self.survey.shown(each) for each in expand(name, known)}
            if "*" in name:  # events that nothing in the run could show are no part of a glob, unless all are
                shown = {each: part for each, part in shown.items() if part} or dict(list(shown.items())[:1])
            events += [self._unlimited(part, each) if absence else part for each, part in shown.items()] or [{}]
        events = list({id(event): event for event in events}.values())
        alike = tuple(id(event) for event in events)
        if alike not in self._alike:
            self._alike[alike] = Observed(tuple(events), self.stream.hosts())
        return self._alike[alike]

    def _unlimited(self, seen: OnHosts, name: str) -> OnHosts:
        """``seen`` without the time in which further lines of a rate-limited format may have been suppressed."""
        rows = self.stream.rows_of.get(name)
        if rows is None or name not in self.survey.limited:
            return seen
        code = self.stream.codes("host")[rows]
        left = dict(seen)
        for host, number in self.stream.hosts(rows).items():
            time = self.stream.time[rows[code == number]]
            full = time[BURST - 1 :][time[BURST - 1 :] - time[: max(len(time) - BURST + 1, 0)] <= SUPPRESSION]
            holes = intervals.union(np.stack([full + 1, full + SUPPRESSION], axis=1))
            if host in left:
                left[host] = intervals.subtract(left[host], holes)
        return left


#: Between the last record of one file and the first of the next of the same host and format, the log was rotated; a
#: stretch without records longer than this (µs) would have been told as a silence.
ROTATION: Final = 300_000_000


def survey(timeline: Timeline, stream: Stream, rules: Rulebook) -> Survey:
    """What the sources of ``timeline`` cover. ``stream``: all events that the rules in question name."""
    spans = timeline.spans.with_columns(pl.col("start", "end").to_physical())
    parts: dict[tuple[int, str | None], list[list[int]]] = {}
    for source, host, start, end in spans.select("source", "host", "start", "end").rows():
        parts.setdefault((source, host), []).append([start, end + 1])
    whole_parts = _over_rotations({place: np.array(part, dtype=np.int64) for place, part in parts.items()}, timeline)
    reporters = _reporters(rules)
    hidden = limiters.read(stream.events, timeline, reporters)
    seen = {place: _without_gaps(part, *place, timeline, hidden) for place, part in whole_parts.items()}
    source = stream.values("source", np.arange(len(stream.index)))
    witnessed = {
        name: frozenset(source.gather(rows).unique().drop_nulls()) for name, rows in stream.rows_of.items() if len(rows)
    }
    limited = frozenset(name for file in rules.events for name, event in file.events.items() if event.rate_limited)
    return Survey(seen, timeline, reporters, limited, witnessed, hidden)


def _over_rotations(
    parts: dict[tuple[int, str | None], Ints], timeline: Timeline
) -> dict[tuple[int, str | None], Ints]:
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


def _programs(frame: pl.DataFrame) -> dict[int, frozenset[str]]:
    """The programs that speak in each source."""
    found = frame.lazy().group_by("source").agg(pl.col("program").unique().drop_nulls()).drop_nulls("source").collect()
    return {source: frozenset(programs) for source, programs in found.rows()}


def _without_gaps(seen: Ints, source: int, host: str | None, timeline: Timeline, hidden: Hidden) -> Ints:
    path = timeline.inputs[source].path if source < len(timeline.inputs) else None
    holes = [
        [_micros(gap.start, -NEVER), _micros(gap.end, NEVER)]
        for gap in timeline.gaps
        if _blinds(gap, path, host) and not _is_told(gap, source, hidden)
    ]
    seen = intervals.union(seen)
    return intervals.subtract(seen, np.array(holes, dtype=np.int64)) if holes else seen


def _blinds(gap: CoverageGap, path: str | None, host: str | None) -> bool:
    if gap.kind not in BLIND or (gap.start is None and gap.end is None):
        return False
    return (gap.source is None or gap.source == path) and (gap.host is None or gap.host == host)


def _is_told(gap: CoverageGap, source: int, hidden: Hidden) -> bool:
    """Whether a note among the events says which events the gap hides: then it hides no others."""
    return gap.kind == "rate-limited" and (source, gap.host, _micros(gap.end, NEVER)) in hidden.told


def _micros(moment: object, otherwise: int) -> int:
    return otherwise if moment is None else int(micros(pl.Series([moment], dtype=pl.Datetime("us", "UTC")))[0])


def _reporters(rules: Rulebook) -> dict[str, tuple[str, ...]]:
    """The programs (globs) that report each event."""
    programs: dict[str, list[str]] = {}
    for file in rules.events:
        for name in file.events:
            programs.setdefault(name, []).extend([file.program] if isinstance(file.program, str) else file.program)
    return {name: tuple(each) for name, each in programs.items()}
