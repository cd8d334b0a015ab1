"""Where an event could have been seen, had it occurred: without that, its absence says nothing.

A source shows an event if a program that reports the event speaks in it, or if it is a whole log (journal or syslog of
at least ``WHOLE_LOG`` programs). Time counts as observed on a host where one of its sources covers it
(``Timeline.spans``), less what ``Timeline.gaps`` takes away.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

import numpy as np
import polars as pl

from logcorr.model import CoverageGap
from logcorr.patterns import intervals
from logcorr.patterns.grouped import NEVER, Ints
from logcorr.patterns.stream import Stream, expand, micros
from logcorr.rulebook.models import Rulebook
from logcorr.schema import Timeline

#: Formats that carry whatever was asked for: only with this many programs in it does a file speak for the whole host.
GENERAL_FORMATS: Final = ("journal", "syslog")
WHOLE_LOG: Final = 4

#: Kinds of gap during which lines are missing although the source goes on.
BLIND: Final = frozenset(
    {"unreadable", "silence", "rate-limited", "lost-messages", "limit", "starts-late", "ends-early"}
)

#: After each line of a rate-limited format, its next lines may be suppressed: tailscaled prints five at once, then one
#: each 5 s for each format (types/logger/logger.go); a minute is past any backlog that an incident leaves.
SUPPRESSION: Final = 60_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """Observed time of one set of events: on each host, and on all hosts together."""

    hosts: dict[int, Ints]  # by the stream's code of the host
    everywhere: Ints

    def until(self, rows: Ints, stream: Stream, *, own_host: bool) -> Ints:
        """Up to when each row's future is observed without interruption; just before the row where it is not."""
        return self.until_from(stream.time[rows], rows, stream, own_host=own_host)

    def until_from(self, start: Ints, rows: Ints, stream: Stream, *, own_host: bool) -> Ints:
        """The same from ``start`` on, on the hosts of ``rows``."""
        if not own_host:
            return _observed_until(self.everywhere, start)
        until = start - 1
        code = stream.codes("host")[rows]
        for host, seen in self.hosts.items():
            here = code == host
            until[here] = _observed_until(seen, start[here])
        return until

    def of(self, host: int, *, own_host: bool) -> Ints:
        """Observed time on the host with this code, or everywhere."""
        return self.hosts.get(host, intervals.NOTHING) if own_host else self.everywhere


def _observed_until(seen: Ints, start: Ints) -> Ints:
    return intervals.end_of(seen, start) - 1  # the sets are half-open: the last observed µs


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """What the sources of a run could show."""

    stream: Stream
    rules: Rulebook
    seen: dict[tuple[int, str | None], Ints]  # by source and host
    shows: dict[int, frozenset[str]]  # programs in each source
    general: frozenset[int]
    _made: dict[tuple[tuple[str, ...], bool], Observed] = field(default_factory=dict)

    def observed(self, wanted: str | tuple[str, ...], *, absence: bool = True) -> Observed:
        """Where all events that ``wanted`` names could be seen. With ``absence``, time after a line of a rate-limited
        format does not count, for the next one may have been suppressed.
        """
        names = (wanted,) if isinstance(wanted, str) else tuple(wanted)
        if (names, absence) not in self._made:
            self._made[names, absence] = self._observe(names, absence=absence)
        return self._made[names, absence]

    def _observe(self, wanted: tuple[str, ...], *, absence: bool) -> Observed:
        programs = _reporters(self.rules)
        known = frozenset(programs) | frozenset(self.stream.rows_of)
        per_name = []
        for name in wanted:
            parts = [self._shown(each, programs.get(each)) for each in expand(name, known)]
            parts = [part for part in parts if part] or parts[:1] if "*" in name else parts
            per_name += [self._limited(part, name) if absence else part for part in (parts or [{}])]
        return self._over_hosts(per_name)

    def _shown(self, name: str, programs: tuple[str, ...] | None) -> dict[str | None, Ints]:
        """Observed time of one event on each host that shows it."""
        witnessed = set()
        if name in self.stream.rows_of:
            witnessed = set(self.stream.frame["source"].gather(self.stream.rows_of[name]).unique())
        found: dict[str | None, list[Ints]] = {}
        for (source, host), seen in self.seen.items():
            if source in witnessed or programs is None or source in self.general or self._speaks(source, programs):
                found.setdefault(host, []).append(seen)
        return {host: intervals.merge_all(parts) for host, parts in found.items()}

    def _speaks(self, source: int, programs: tuple[str, ...]) -> bool:
        return any(fnmatchcase(present, glob) for present in self.shows.get(source, ()) for glob in programs)

    def _limited(self, seen: dict[str | None, Ints], wanted: str) -> dict[str | None, Ints]:
        limited = [name for name in self.stream.names(wanted) if _is_limited(name, self.rules)]
        if not limited:
            return seen
        rows = np.concatenate([self.stream.rows_of[name] for name in limited])
        hosts = self.stream.values("host", rows).to_list()
        time = self.stream.time[rows]
        holes = {
            host: intervals.union(np.stack([at + 1, at + SUPPRESSION], axis=1))
            for host in set(hosts)
            for at in [time[np.array([each == host for each in hosts], dtype=bool)]]
        }
        return {host: intervals.subtract(part, holes.get(host, intervals.NOTHING)) for host, part in seen.items()}

    def _over_hosts(self, per_name: list[dict[str | None, Ints]]) -> Observed:
        codes = _host_codes(self.stream)
        hosts = set[str | None]().union(*per_name)
        on_host = {
            codes[host]: intervals.intersect(*(part.get(host, intervals.NOTHING) for part in per_name))
            for host in hosts
            if host in codes
        }
        everywhere = [intervals.intersect(*part.values()) if part else intervals.NOTHING for part in per_name]
        return Observed(on_host, intervals.intersect(*everywhere))


def survey(timeline: Timeline, stream: Stream, rules: Rulebook) -> Coverage:
    """What the sources of ``timeline`` cover."""
    seen: dict[tuple[int, str | None], list[list[int]]] = {}
    spans = timeline.spans.with_columns(pl.col("start", "end").to_physical())
    for source, host, start, end in spans.select("source", "host", "start", "end").iter_rows():
        seen.setdefault((source, host), []).append([start, end + 1])
    merged = {place: intervals.union(np.array(parts, dtype=np.int64)) for place, parts in seen.items()}
    cut = {place: _without_gaps(parts, *place, timeline) for place, parts in merged.items()}
    programs = timeline.frame.lazy().select("source", "program").unique().drop_nulls().collect()
    shows = {int(source): frozenset(group["program"]) for (source,), group in programs.group_by("source")}
    general = frozenset(
        number
        for number, file in enumerate(timeline.inputs)
        if len(shows.get(number, ())) >= WHOLE_LOG
        and any(part.startswith(GENERAL_FORMATS) for part in (file.format or "").split("+"))
    )
    return Coverage(stream, rules, cut, shows, general)


def _without_gaps(seen: Ints, source: int, host: str | None, timeline: Timeline) -> Ints:
    path = timeline.inputs[source].path if source < len(timeline.inputs) else None
    holes = [[_micros(gap.start, -NEVER), _micros(gap.end, NEVER)] for gap in timeline.gaps if _blinds(gap, path, host)]
    return intervals.subtract(seen, np.array(holes, dtype=np.int64)) if holes else seen


def _blinds(gap: CoverageGap, path: str | None, host: str | None) -> bool:
    if gap.kind not in BLIND or (gap.start is None and gap.end is None):
        return False
    return (gap.source is None or gap.source == path) and (gap.host is None or gap.host == host)


def _micros(moment: object, otherwise: int) -> int:
    return otherwise if moment is None else int(micros(pl.Series([moment], dtype=pl.Datetime("us", "UTC")))[0])


def _reporters(rules: Rulebook) -> dict[str, tuple[str, ...]]:
    """The programs (globs) that report each event."""
    programs: dict[str, list[str]] = {}
    for file in rules.events:
        for name in file.events:
            programs.setdefault(name, []).extend([file.program] if isinstance(file.program, str) else file.program)
    return {name: tuple(each) for name, each in programs.items()}


def _is_limited(name: str, rules: Rulebook) -> bool:
    return any(name in file.events and file.events[name].rate_limited for file in rules.events)


def _host_codes(stream: Stream) -> dict[str | None, int]:
    hosts: Iterable[str | None] = stream.frame["host"].unique(maintain_order=True)
    first = stream.frame.with_row_index("row").unique("host", keep="first", maintain_order=True)
    codes = stream.codes("host")
    return {host: int(codes[row]) for host, row in zip(hosts, first["row"], strict=True) if host is not None}
