"""The time axis of the timeline picture: what stretch it shows, and where its ticks stand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from logcorr.dataclass import dataclass
from logcorr.model import Report, Verdict
from logcorr.report.text.clock import Clock

_DAY: Final = 86400
_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, _DAY)
_CHARACTER: Final = 7.0  # width of a figure at the picture's text size; a little too wide for most fonts
_LEGIBLE: Final = 0.1  # share of the picture in which a chain can still be read
_GAP: Final = 22.0  # empty space between two tick labels


@dataclass(frozen=True, slots=True)
class Axis:
    """A linear scale from time to x."""

    start: datetime
    end: datetime
    left: float
    right: float

    @property
    def seconds(self) -> float:
        """Length of the stretch shown, at least a millisecond."""
        return max((self.end - self.start).total_seconds(), 0.001)

    def x(self, time: datetime) -> float:
        """Return the place of ``time``, kept inside the axis."""
        share = (time - self.start).total_seconds() / self.seconds
        return round(self.left + min(max(share, 0.0), 1.0) * (self.right - self.left), 1)

    def shows(self, time: datetime) -> bool:
        """Say whether ``time`` lies inside the stretch shown."""
        return self.start <= time <= self.end


@dataclass(frozen=True, slots=True)
class Tick:
    """One labelled place on the axis."""

    x: float
    label: str


def extent(report: Report) -> tuple[datetime, datetime] | None:
    """Return the first and last time that the lanes and the chains know; None where they know none."""
    times = [step.time for verdict in (report.verdict, *report.incidents) for step in verdict.chain]
    for lane in report.lanes:
        times += [time for span in lane.spans for time in span]
        times += [time for start, end, _ in lane.gaps for time in (start, end)]
        times += [time for mark in lane.marks for time in (mark.time, mark.until) if time]
    return (min(times), max(times)) if times else None


def focus(verdict: Verdict, whole: tuple[datetime, datetime]) -> tuple[datetime, datetime]:
    """Return the stretch to draw large: the incident with some air, or everything where that is not much longer.

    Of an incident that is very much longer than its chain, the chain alone.
    """
    times = [step.time for step in verdict.chain]
    edges = [time for time in (verdict.started, verdict.ended) if time]
    if not times and not edges:
        return whole
    first, last = min(times or edges), max(times or edges)
    if (max(times + edges) - min(times + edges)) * _LEGIBLE <= last - first or last == first:
        first, last = min(times + edges), max(times + edges)
    air = max((last - first) * 0.08, timedelta(seconds=20))
    start = whole[0] if first - whole[0] < air else first - air
    end = whole[1] if whole[1] - last < air else last + air
    return (start, end) if (end - start) * 2 < whole[1] - whole[0] else whole


def ticks(axis: Axis, clock: Clock) -> tuple[Tick, ...]:
    """Place ticks on round times of the clock's zone, as many as fit without touching."""
    days = clock.stamp(axis.start).date != clock.stamp(axis.end).date
    for step in _steps(axis.seconds):
        width = _CHARACTER * (10 if days or step >= _DAY else 8 if step < 60 else 5) + _GAP
        if step / axis.seconds * (axis.right - axis.left) >= width:
            return tuple(_labelled(axis, clock, step))
    return ()


def _steps(seconds: float) -> Iterator[int]:
    yield from _STEPS
    days = 2
    while days * _DAY < seconds:
        yield days * _DAY
        days *= 2


def _labelled(axis: Axis, clock: Clock, step: int) -> Iterator[Tick]:
    try:
        shift = int((axis.start.astimezone(clock.zone).utcoffset() or timedelta()).total_seconds())
    except OverflowError:
        shift = 0
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    first = -(-((axis.start - epoch).total_seconds() + shift) // step)
    last = ((axis.end - epoch).total_seconds() + shift) // step
    for number in range(int(first), int(last) + 1):
        time = epoch + timedelta(seconds=number * step - shift)
        stamp = clock.stamp(time)
        midnight = stamp.time == "00:00:00"
        label = stamp.date if step >= _DAY or midnight else stamp.time if step < 60 else stamp.time[:5]
        yield Tick(axis.x(time), label)
