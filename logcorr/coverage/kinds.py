"""Whether a source of some kind ("the kernel's log") was there, without a gap, on a host, between two times.

A source that carries a program of the kind would have carried its other lines too, so the kind is seen for as long as
the source is, not only when the program spoke. A log with few records says little about when it began and ended: its
edges reach to those of the run, unless a gap says that it starts late or ends early.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import field
from datetime import datetime
from functools import cache, partial
from itertools import product
from typing import Final, TypeAlias

import numpy as np
import polars as pl

from logcorr.coverage import intervals, limiters
from logcorr.coverage.limiters import OnHosts
from logcorr.coverage.survey import (
    Place,
    by_host,
    is_general,
    is_whole_log,
    observed_places,
    programs_of,
    reporters_of,
)
from logcorr.dataclass import dataclass
from logcorr.rulebook.globs import any_matches, glob_matches
from logcorr.rulebook.models import Rulebook, SourceKind
from logcorr.schema import Timeline
from logcorr.times.micros import Ints, ints, to_micros

#: Kinds of gap that say where a log begins and ends.
_EDGES: Final = frozenset({"starts-late", "ends-early"})


#: Kind, since, until, sources, hosts.
_Asked: TypeAlias = tuple[str, datetime, datetime, tuple[int, ...] | None, tuple[str, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class SourceKinds:
    """The kinds of source of a run, and when each was observed on each host (sets of time in µs)."""

    seen: Mapping[str, OnHosts]
    by_clock: Mapping[str | None, Mapping[str, OnHosts]]  # the same by `clocks`; None: of known zone
    clocks: Mapping[int, str]  # of sources whose zone is only assumed: whose local time it is
    limited: Mapping[str, OnHosts]  # the events of which limiters held some back, and when
    start: int  # of the run: first and last record, µs
    end: int
    workers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # hosts that do a kind's work, in other words
    _asked: dict[_Asked, bool] = field(default_factory=dict)

    @property
    def given(self) -> frozenset[str]:
        """The kinds of which there is a source at all."""
        return frozenset(self.seen)

    def seen_on(
        self, kind: str, since: datetime, until: datetime, sources: Iterable[int] | None = None
    ) -> set[str | None]:
        """The hosts on which a source of ``kind`` was observed all the time between ``since`` and ``until``.

        ``sources``: those whose lines date the two times; None: whatever clock does. What another clock recorded
        then, cannot be told where the zone of either is only assumed.

        Time before the first record of the run and after its last one is not asked for; where that leaves nothing, no
        host was observed.
        """
        first, last = self._within(since, until)
        seen = self.seen if sources is None else self._dated_by(sources)
        on_hosts = seen.get(kind, {}) if first <= last else {}
        return {host for host, spans in on_hosts.items() if intervals.covers(spans, first, last)}

    def is_seen(
        self,
        kind: str,
        since: datetime,
        until: datetime,
        sources: Iterable[int] | None = None,
        hosts: tuple[str, ...] = (),
    ) -> bool:
        """Whether it was so on all of ``hosts``; without any, on some host. Causes ask the same again and again."""
        asked = (kind, since, until, None if sources is None else tuple(sources), hosts)
        known = self._asked.get(asked)
        if known is None:
            first, last = self._within(since, until)
            seen = (self.seen if asked[3] is None else self._dated_by(asked[3])).get(kind, {}) if first <= last else {}
            known = self._asked[asked] = _is_covered(seen, hosts, first, last)
        return known

    def _within(self, since: datetime, until: datetime) -> tuple[int, int]:
        """The two times in µs, within the run."""
        return max(to_micros(since), self.start), min(to_micros(until), self.end)

    def _dated_by(self, sources: Iterable[int]) -> Mapping[str, OnHosts]:
        """What was observed by the clock of these sources; nothing where they have several."""
        dating = {self.clocks.get(source) for source in sources}
        return self.by_clock.get(dating.pop(), {}) if len(dating) == 1 else {}

    def held_back(self, wanted: Iterable[str], hosts: Sequence[str], since: datetime, until: datetime) -> bool:
        """Whether a limiter held back any of the events ``wanted`` (names or globs) between the two times.

        ``hosts``: where; without any, anywhere.
        """
        if not self.limited:
            return False
        span = np.array([[to_micros(since), to_micros(until) + 1]], dtype=np.int64)
        globs = tuple(wanted)
        return any(
            len(intervals.intersect(spans, span))
            for name, on_hosts in self.limited.items()
            if glob_matches(name, globs)
            for host, spans in on_hosts.items()
            if not hosts or host is None or host in hosts
        )


def _is_covered(seen: OnHosts, hosts: Iterable[str], first: int, last: int) -> bool:
    """Whether the time from ``first`` to ``last`` is seen on all of the hosts; without any, on some host."""
    if hosts:
        return all(host in seen and intervals.covers(seen[host], first, last) for host in hosts)
    return any(intervals.covers(spans, first, last) for spans in seen.values())


def find_kinds(timeline: Timeline, events: pl.DataFrame, rules: Rulebook) -> SourceKinds:
    """The kinds of source that ``rules`` know and ``timeline`` has. ``events``: schema.EVENTS."""
    reporters = reporters_of(rules)
    hidden = limiters.read(events, timeline, reporters)
    time = ints(timeline.frame["time"].drop_nulls())
    start, end = (int(time.min()), int(time.max())) if len(time) else (0, -1)
    observed = observed_places(timeline, hidden)
    programs = programs_of(timeline.frame)
    clocks = _assumed_clocks(timeline)
    edges = _edges_of(timeline)
    seen: dict[str, OnHosts] = {}
    by_clock: dict[str | None, dict[str, OnHosts]] = {}
    for kind in rules.sources.values():
        shows = cache(partial(_shows, kind))
        places = [place for place in programs if shows(_format(timeline, place), programs[place])]
        by_its_clock: dict[str | None, list[Place]] = {}
        for place in places:
            by_its_clock.setdefault(clocks.get(place[0]), []).append(place)
        mine = [(by_clock.setdefault(clock, {}), some) for clock, some in by_its_clock.items()]
        for kept, some in ((seen, places), *mine) if places else ():
            kept[kind.id] = {
                host: _to_the_edges(spans, edges(sources, host), (start, end))
                for host, (spans, sources) in _on_hosts(observed, some).items()
            }
    limited = {name: spans for name in reporters if (spans := hidden.of(name))}
    return SourceKinds(seen, by_clock, clocks, limited, start, end, _workers(events, rules))


def _workers(events: pl.DataFrame, rules: Rulebook) -> dict[str, tuple[str, ...]]:
    """By kind of source, the hosts that do the work of which it tells. What their logs leave out refutes nothing: the
    programs there may not be those that report it.
    """
    asked = [kind for kind in rules.sources.values() if kind.shown_by]
    believed = events.filter(pl.col("trusted").fill_null(value=True)) if asked else events
    hosts = {kind.id: believed.filter(pl.col("event").is_in(kind.shown_by))["host"] for kind in asked}
    return {name: tuple(found.drop_nulls().unique().sort()) for name, found in hosts.items() if found.len()}


def _on_hosts(observed: Mapping[Place, Ints], places: Sequence[Place]) -> dict[str | None, tuple[Ints, list[int]]]:
    """When any of the places was observed, and their sources, host by host."""
    sources: dict[str | None, list[int]] = {}
    for source, host in places:
        sources.setdefault(host, []).append(source)
    covered = by_host(observed, [place for place in places if place in observed])
    return {host: (covered.get(host, intervals.NOTHING), each) for host, each in sources.items()}


def _assumed_clocks(timeline: Timeline) -> dict[int, str]:
    """Whose local time each source is in of which nothing tells the zone: its host's, or its own."""
    return {
        number: item.host or item.path
        for number, item in enumerate(timeline.inputs)
        if (item.timezone_from or "").startswith("assumed")
    }


def _format(timeline: Timeline, place: Place) -> str:
    return (timeline.inputs[place[0]].format if place[0] < len(timeline.inputs) else None) or ""


def _shows(kind: SourceKind, formats: str, programs: frozenset[str]) -> bool:
    """Whether a source of ``formats`` in which ``programs`` speak would show what the kind reports."""
    if any_matches(programs, kind.programs):
        return True
    by_format = any(glob_matches(part, kind.formats) for part in formats.split("+"))
    return by_format and (not is_general(formats) or is_whole_log(formats, programs))


def _edges_of(timeline: Timeline) -> Callable[[Sequence[int], str | None], set[str]]:
    """What finds which edges of some sources' log of a host gaps tell of."""
    told: dict[tuple[str | None, str | None], set[str]] = {}  # None: of any source, on any host
    for gap in timeline.gaps:
        if gap.kind in _EDGES and not (gap.start is None and gap.end is None):
            told.setdefault((gap.source, gap.host), set()).add(gap.kind)

    def edges(sources: Sequence[int], host: str | None) -> set[str]:
        paths = [timeline.inputs[source].path for source in sources if source < len(timeline.inputs)]
        keys = product([*paths, None] if paths else (), (host, None))
        return {kind for key in keys for kind in told.get(key, ())}

    return edges


def _to_the_edges(spans: Ints, told: AbstractSet[str], run: tuple[int, int]) -> Ints:
    """The observed time, to the edges of the run where it is not ``told`` that the log starts late or ends early."""
    if not len(spans):
        return spans
    reached = spans.copy()
    if "starts-late" not in told:
        reached[0, 0] = min(int(reached[0, 0]), run[0])
    if "ends-early" not in told:
        reached[-1, 1] = max(int(reached[-1, 1]), run[1] + 1)
    return reached
