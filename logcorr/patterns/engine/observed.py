"""Where the events of a pattern could have been seen, had they occurred: without that, their absence says nothing.

What each source could show is ``logcorr.coverage``'s business; here it is laid out for the events of one stream.
"""

from __future__ import annotations

from dataclasses import field

import numpy as np

from logcorr.coverage import intervals
from logcorr.coverage.limiters import OnHosts
from logcorr.coverage.survey import Survey
from logcorr.dataclass import dataclass
from logcorr.grouped import Grouped
from logcorr.patterns.engine.stream import EventStream, expand
from logcorr.ratelimits import TAILSCALED_BURST as BURST
from logcorr.ratelimits import TAILSCALED_SUPPRESSION as SUPPRESSION
from logcorr.rulebook.globs import is_glob
from logcorr.times.micros import NEVER, Ints


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

    def until(self, rows: Ints, stream: EventStream, *, own_host: bool) -> Ints:
        """Up to when each row's future is observed without interruption; just before the row where it is not."""
        return self.until_from(stream.time[rows], rows, stream, own_host=own_host)

    def until_from(self, start: Ints, rows: Ints, stream: EventStream, *, own_host: bool) -> Ints:
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
class StreamCoverage:
    """A survey for the events of one stream."""

    survey: Survey
    stream: EventStream
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
            if is_glob(name):  # events that nothing in the run could show are no part of a glob, unless all are
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
            last = time[BURST - 1 :]
            full = last[last - time[: len(last)] <= SUPPRESSION]
            holes = intervals.union(np.stack([full + 1, full + SUPPRESSION], axis=1))
            if host in left:
                left[host] = intervals.subtract(left[host], holes)
        return left
