"""Whether the chance figure keeps its level: series in which nothing is going on, and a true effect.

``python -m tests.patterns.level [RUNS]`` prints the share of p-values under 0.05 for each kind of series, and
``test_chance`` bounds it. The series are those of the design, one day long: independent Poisson events, independent
bursts, events that share nothing but eight busy hours; and effects that follow 30 % of 40 causes within N, among as
many that follow nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Final

import numpy as np

from logcorr.chance.trials import Observation, Points, judge
from logcorr.times.micros import Ints

SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND
WITHIN: Final = 30 * SECOND
SEEN: Final = Observation([np.array([[0, DAY]])], np.zeros(1, dtype=np.int64))
SEED: Final = 20251104
LEVEL: Final = 0.05
#: N in seconds, and events a day, beyond the 30 s and 120 of the design.
WINDOWS: Final = (5, 30, 300)
COUNTS: Final = (12, 120, 1000)

Maker = Callable[[np.random.Generator, float], Ints]


def one_key(times: Ints) -> Points:
    """All instants of one key."""
    return Points(np.sort(times), np.zeros(len(times), dtype=np.int64))


def p_value(causes: Ints, effects: Ints, within: int = WITHIN) -> float:
    """The p-value of "an effect within N of a cause"; 1 where there are too few to judge."""
    figure = judge(one_key(causes), one_key(effects), within, SEEN)
    return 1.0 if figure.p_value is None else figure.p_value


def poisson(rng: np.random.Generator, count: float, start: int = 0, end: int = DAY) -> Ints:
    """Independent events, evenly spread."""
    return rng.integers(start, end, rng.poisson(count))


def bursty(rng: np.random.Generator, count: float) -> Ints:
    """Bursts of about six within two minutes, independent of one another."""
    centres = poisson(rng, count / 6)
    return np.concatenate([at + rng.integers(0, 120 * SECOND, rng.poisson(6)) for at in centres] or [centres])


def busy_hours(rng: np.random.Generator, count: float) -> Ints:
    """Independent events, all of them between 8 and 16 o'clock."""
    return poisson(rng, count, 8 * 3600 * SECOND, 16 * 3600 * SECOND)


NOTHING_GOING_ON: Final[dict[str, Maker]] = {"poisson": poisson, "bursty": bursty, "shared busy hours": busy_hours}


def false_alarms(make: Maker, runs: int, within: int = WITHIN, count: float = 120, seed: int = SEED) -> float:
    """The share of p-values under LEVEL where causes and effects have nothing to do with one another."""
    rng = np.random.default_rng(seed)
    return float(np.mean([p_value(make(rng, count), make(rng, count), within) < LEVEL for _ in range(runs)]))


def found(runs: int, within: int = WITHIN, seed: int = SEED) -> float:
    """The share of runs in which an effect of 30 % of 40 causes has a p-value under LEVEL."""
    rng = np.random.default_rng(seed)
    hits = 0
    for _ in range(runs):
        causes = rng.integers(0, DAY, 40)
        hit = rng.random(40) < 0.3
        caused = causes[hit] + rng.integers(0, within, hit.sum())
        hits += p_value(causes, np.concatenate([caused, poisson(rng, 120)]), within) < LEVEL
    return hits / runs


def _lines(runs: int) -> Iterator[str]:
    yield f"share of p-values under {LEVEL} in {runs} series of a day; true effect: share of runs that find it"
    for kind, make in NOTHING_GOING_ON.items():
        yield f"{kind:18} N  30 s,  120 a day {false_alarms(make, runs):7.2%}"
    yield f"{'true effect':18} N  30 s,  40 causes {found(runs):7.2%}"
    for (kind, make), within, count in product(NOTHING_GOING_ON.items(), WINDOWS, COUNTS):
        share = false_alarms(make, max(runs // 4, 1), within * SECOND, count)
        yield f"{kind:18} N {within:3} s, {count:4} a day {share:7.2%}"


def main(arguments: Sequence[str]) -> None:
    """Print the measured shares."""
    for line in _lines(int(arguments[0]) if arguments else 2_000):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
