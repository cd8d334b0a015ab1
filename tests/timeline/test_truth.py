"""Logs of which the true time is known: it lies within what the timeline says, or the timeline says that it assumes.

Each world is a list of events, which two machines write down, one in UTC and one by a clock and in a format of its own.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from logcorr.model import SourceFile
from logcorr.schema import Source
from logcorr.timeline import ClockSettings, build
from tests.timeline.frames import at, records, source

ZONES: Final = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Asia/Kathmandu", "UTC")
STARTS: Final = ("2025-06-10 08:13", "2025-12-31 09:00", "2024-02-28 12:00", "2025-10-25 15:00", "2026-03-28 15:00",
                 "2025-11-01 20:00", "2026-03-07 20:00", "2026-04-04 06:00", "2025-10-04 06:00")  # fmt: skip
NOW: Final = at("2026-11-22 12:00:00")
HOUR: Final = timedelta(hours=1)
SECOND: Final = timedelta(seconds=1)


@dataclass
class Clock:
    """A wall clock: zones from some moments on, how far ahead it is, and until when it is off by more."""

    zones: list[tuple[datetime, str]]
    ahead: float = 0.0  # s
    until: datetime | None = None
    off: timedelta = timedelta(0)
    since: datetime | None = None

    def shows(self, true: datetime) -> datetime:
        shown = true + timedelta(seconds=self.ahead)
        wrong = self.until and true < self.until and (self.since is None or true >= self.since)
        shown += self.off if wrong else timedelta(0)
        zone = [name for begin, name in self.zones if true >= begin][-1]
        return (shown + (shown.astimezone(ZoneInfo(zone)).utcoffset() or timedelta())).replace(microsecond=0)


@dataclass
class World:
    rng: random.Random
    start: datetime = field(init=False)
    end: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.start = at(f"{self.rng.choice(STARTS)}:00") + timedelta(seconds=self.rng.uniform(0, 9000))
        self.end = self.start + self.rng.choice([3, 12, 24, 48]) * HOUR

    def moment(self) -> datetime:
        return self.start + (self.end - self.start) * self.rng.random()

    def noise(self, name: str) -> list[tuple[datetime, str]]:
        return [(self.moment(), f"{name} {number} served") for number in range(150)]

    def flows(self, both_ways: bool = True) -> Iterator[tuple[datetime, datetime, str]]:
        """When each machine sees a flow, and what it says of it."""
        for port in range(20_000, 20_060):
            begun, late = self.moment(), timedelta(seconds=self.rng.uniform(0.001, 0.05))
            if both_ways and port % 2:
                yield begun + late, begun, f"tcp 198.51.100.2:{port}->192.0.2.1:443 opened"
            else:
                yield begun, begun + late, f"tcp 192.0.2.1:{port}->198.51.100.2:443 opened"

    def jobs(self, zone: str) -> list[tuple[datetime, str]]:
        """What runs at the same local times everywhere."""
        day = self.start.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
        times = [(hour, f"(root) CMD (/usr/local/bin/job-{hour})") for hour in range(0, 24, 2)]
        runs = [
            ((day + timedelta(days=days)).replace(hour=hour, minute=17), told)
            for days in (0, 1, 2)
            for hour, told in times
        ]
        late = [
            (when.astimezone(NOW.tzinfo) + timedelta(seconds=self.rng.uniform(0.5, 2)), told) for when, told in runs
        ]
        return [one for one in late if self.start <= one[0] < self.end]


Made = tuple[list[tuple[datetime, str]], list[tuple[datetime, str]], Clock]


def told_by_flows(world: World) -> Made:
    there, here = zip(*[((a, text), (b, text)) for a, b, text in world.flows(world.rng.random() < 0.5)], strict=True)
    return list(there), list(here), Clock([(world.start, world.rng.choice(ZONES))])


def that_moved(world: World) -> Made:
    there, here, clock = told_by_flows(world)
    clock.zones.append((world.moment(), world.rng.choice(ZONES)))
    return there, here, clock


def that_runs_the_same_jobs(world: World) -> Made:
    zone, other = world.rng.choice(ZONES), world.rng.choice(ZONES)
    return world.jobs(zone), world.jobs(other), Clock([(world.start, other)])


def that_is_ahead(world: World) -> Made:
    there, here, clock = told_by_flows(world)
    clock.ahead = world.rng.choice([-240.0, -30, -3.2, 3.2, 30, 240])
    return there, here, clock


def that_was_set(world: World) -> Made:
    there, here, clock = told_by_flows(world)
    # one event alone that disagrees is more likely another event
    clock.until = world.start + (world.end - world.start) * world.rng.uniform(0.2, 0.8)
    clock.off = timedelta(seconds=world.rng.choice([-600, -40, 40, 600]))
    return there, here, clock


def that_boots_at_its_build_date(world: World) -> Made:
    there, here, clock = told_by_flows(world)
    clock.until, clock.off = world.start + timedelta(seconds=world.rng.uniform(20, 400)), -400 * 24 * HOUR
    here = [(when, text) for when, text in here if when > clock.until]
    boot = [(world.start + SECOND * number / 3, "- init -" if not number else f"step {number}") for number in range(60)]
    return there, [*boot, *here], clock


def that_reboots(world: World) -> Made:
    there, here, clock = told_by_flows(world)
    clock.since = middle = world.start + (world.end - world.start) / 2
    clock.until = middle + timedelta(seconds=world.rng.uniform(30, 400))
    clock.off = timedelta(seconds=-world.rng.uniform(600, 80_000))
    here = [(when, text) for when, text in here if when < middle or when >= clock.until]
    boot = [(middle + SECOND * number / 3, "- init -" if not number else f"step {number}") for number in range(60)]
    return there, [*boot, *here], clock


#: And what share of the lines is to be right and certain at least.
MAKE: Final[dict[Callable[[World], Made], float]] = {
    told_by_flows: 0.95, that_moved: 0.8, that_runs_the_same_jobs: 0.0, that_is_ahead: 0.4, that_was_set: 0.2,
    that_boots_at_its_build_date: 0.6, that_reboots: 0.6,
}  # fmt: skip


def logs(world: World, make: Callable[[World], Made]) -> tuple[list[Source], list[datetime]]:
    """The two machines' logs; and the true times of the second's lines, in the order of its file."""
    there, here, clock = make(world)
    there = sorted([*there, *world.noise("a")])
    lines = sorted(
        [*here, *((when, text) for when, text in world.noise("b") if not clock.until or when >= clock.until)]
    )
    known = records([when for when, _ in there], host="srv", message=[text for _, text in there])
    newest_first = world.rng.random() < 0.2
    lines = lines[::-1] if newest_first else lines
    kind = "yearless" if world.rng.random() < 0.4 and make is not that_boots_at_its_build_date else "local"
    shown = [clock.shows(when) for when, _ in lines]
    walls = [one.replace(year=1972) for one in shown] if kind == "yearless" else shown
    host = world.rng.choice([None, "gw"])
    local = records(walls, kind, resolution=1_000_000, host=host, message=[text for _, text in lines])
    modified = world.end + world.rng.random() * HOUR if world.rng.random() < 0.7 else NOW
    return [source("srv.export", known), source("gw.log", local, modified=modified)], [when for when, _ in lines]


def is_said(item: SourceFile, error: timedelta) -> bool:
    """Whether the source is told to be in doubt, by as much."""
    skew = str(item.skew_from)
    agrees = "agrees with" in skew and error <= timedelta(seconds=float(skew.split("±")[1].split(maxsplit=1)[0]))
    return "assumed" in str(item.timezone_from) or agrees or (skew.startswith("not estimated") and error < HOUR)


def count(item: SourceFile, rows: Sequence[tuple[datetime, datetime]], true: Sequence[datetime]) -> Counter[str]:
    found: Counter[str] = Counter()
    for (low, high), when in zip(rows, true, strict=True):
        error = max(low - when, when - high, timedelta(0))
        right = error <= timedelta(milliseconds=1)
        sure = "assumed" not in str(item.timezone_from) and high - low < timedelta(minutes=1)
        found[
            f"{'right' if right else 'wrong'}, {'sure' if sure and not (error and is_said(item, error)) else 'said'}"
        ] += 1
    return found


@pytest.mark.parametrize("make", MAKE)
def test_no_time_is_wrong_and_certain(make: Callable[[World], Made]) -> None:
    total: Counter[str] = Counter()
    for seed in range(12):
        sources, true = logs(World(random.Random(f"{make.__name__} {seed}")), make)
        timeline = build(sources, ClockSettings(now=NOW))
        frame = timeline.frame.filter(timeline.frame["source"] == 0).sort("line")
        found = count(timeline.inputs[0], frame.select("time_lo", "time_hi").rows(), true)
        assert not found["wrong, sure"], (seed, timeline.inputs[0])
        total += found
    assert total["right, sure"] >= MAKE[make] * total.total(), total
