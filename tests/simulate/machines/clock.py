"""True time, and what the clocks of simulated machines make of it. All instants and durations are integer µs."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(text: str) -> int:
    """µs since the epoch of an ISO 8601 text, UTC unless it says otherwise."""
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // timedelta(microseconds=1)


def seconds(value: float) -> int:
    """µs of a duration in seconds."""
    return round(value * SECOND)


def moment(us: int) -> datetime:
    """The aware UTC datetime of ``us``."""
    return EPOCH + timedelta(microseconds=us)


def stream(seed: str, *names: object) -> Random:
    """An independent random stream, so that a change in one behaviour does not move another."""
    return Random("/".join([seed, *map(str, names)]))


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of true time, [start, end)."""

    start: int
    end: int

    def arrivals(self, rng: Random, per_hour: float) -> Iterator[int]:
        """Poisson arrivals inside the window."""
        at = self.start
        while True:
            at += seconds(rng.expovariate(per_hour / 3600))
            if at >= self.end:
                return
            yield at

    def periodic(self, rng: Random, period: int, jitter: int = 0) -> Iterator[int]:
        """Every ``period`` from a random phase, each beat up to ``jitter`` late."""
        at = self.start + rng.randrange(period)
        while at < self.end:
            yield at + (rng.randrange(jitter) if jitter else 0)
            at += period

    def aligned(self, period: int, phase: int = 0) -> Iterator[int]:
        """Every wall-clock multiple of ``period`` (a cron job at work)."""
        at = self.start - self.start % period + phase
        while at < self.end:
            if at >= self.start:
                yield at
            at += period

    def __contains__(self, at: int) -> bool:
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class Clock:
    """A wall clock: true time plus an offset that may step. ``steps`` are (true instant, offset from then on)."""

    offset: int = 0
    steps: tuple[tuple[int, int], ...] = ()

    def wall(self, at: int) -> int:
        """What the clock shows at true time ``at``."""
        index = bisect.bisect_right([step for step, _ in self.steps], at)
        return at + (self.steps[index - 1][1] if index else self.offset)


@dataclass(frozen=True, slots=True)
class Boot:
    """One boot of a machine. CLOCK_MONOTONIC stands still in ``sleeps`` (stretches of true time)."""

    id: str
    start: int
    sleeps: tuple[Window, ...] = ()

    def monotonic(self, at: int) -> int:
        """µs since boot at true time ``at``."""
        asleep = sum(min(at, nap.end) - nap.start for nap in self.sleeps if at > nap.start)
        return at - self.start - asleep
