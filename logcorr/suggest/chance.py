"""Whether effects follow causes more often than chance would have it, for many pairs at once.

The statistic is that of the patterns: for each episode of causes the chance that an effect follows within N is the
share of the surrounding observed time (± the larger of 30 min and 30 N) from which one would have been seen, and the
p-value the upper tail of their Poisson-binomial distribution (tests/suggest holds the two against each other). As many
pairs are tried here, one incident in which everything happens at once must not decide: the close surroundings (± 30 N)
of an episode count where they hold more effects than the wide ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

SECOND: Final = 1_000_000
SURROUNDINGS: Final = 1800 * SECOND
WINDOWS: Final = 30
FEWEST: Final = 4

NOTHING: Ints = np.zeros((0, 2), dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """One element for each episode: its first cause, whether an effect followed, and the chance that one would."""

    start: Ints
    followed: Bools
    share: Floats


def reach_of(within: int) -> int:
    """How far around a cause its surroundings reach."""
    return max(SURROUNDINGS, WINDOWS * within)


@dataclass(frozen=True, slots=True, eq=False)
class Times:
    """A set of time, and how much of it lies before each of its intervals."""

    intervals: Ints
    before: Ints

    @classmethod
    def of(cls, intervals: Ints) -> Times:
        """Of disjoint, ascending half-open intervals."""
        return cls(intervals, np.concatenate([[0], np.cumsum(intervals[:, 1] - intervals[:, 0])]))

    def end_of(self, instants: Ints) -> Ints:
        """The end of the interval that holds each instant; the instant itself where none does."""
        if not len(self.intervals):
            return instants
        index = np.searchsorted(self.intervals[:, 0], instants, side="right") - 1
        end = self.intervals[np.maximum(index, 0), 1]
        return np.where((index >= 0) & (end > instants), end, instants)

    def until(self, instants: Ints) -> Ints:
        """How much of the set lies before each instant."""
        if not len(self.intervals):
            return np.zeros(len(instants), dtype=np.int64)
        index = np.searchsorted(self.intervals[:, 0], instants, side="right")
        beyond = np.maximum(self.intervals[np.maximum(index - 1, 0), 1] - instants, 0)
        return np.asarray(self.before[index] - np.where(index > 0, beyond, 0))

    def length(self) -> int:
        """All of it, in µs."""
        return int(self.before[-1])


def covering(effects: Ints, within: int, observed: Ints) -> Times:
    """The observed time from which an effect within N would have been seen; an effect at the very instant is none."""
    return Times.of(intersect(union(np.stack([effects - within, effects], axis=1)), observed))


def trials(causes: Ints, covered: Times, within: int, observed: Times) -> Trials:
    """The episodes whose window was observed. All times in µs, ascending, on one axis; ``covered`` is the ``covering``
    of the effects.
    """
    first = episodes(causes, 2 * within)
    first = first[observed.end_of(first) > first + within]
    share = share_of(covered, observed, first, reach_of(within))
    if reach_of(within) > WINDOWS * within:
        share = np.maximum(share, share_of(covered, observed, first, WINDOWS * within))
    return Trials(first, covered.end_of(first) > first, share)


def share_of(covered: Times, observed: Times, instants: Ints, reach: int) -> Floats:
    """How much of the observed time around each instant is covered."""
    around = observed.until(instants + reach) - observed.until(instants - reach)
    near = covered.until(instants + reach) - covered.until(instants - reach)
    return np.asarray(np.minimum(near / np.maximum(around, 1), 1.0))


def episodes(causes: Ints, apart: int) -> Ints:
    """The first of each run of causes that are closer than ``apart``."""
    if not len(causes):
        return causes
    return np.asarray(causes[np.concatenate([[True], np.diff(causes) >= apart])])


def log_tail_bound(shares: Floats, followed: int) -> float:
    """Natural logarithm of an upper bound of P(X >= followed): Hoeffding 1963, theorem 1."""
    count, mean = len(shares), float(shares.mean()) if len(shares) else 1.0
    rate = followed / count if count else 0.0
    if rate <= mean or mean <= 0:
        return 0.0 if rate <= mean else -np.inf
    hit = rate * np.log(rate / mean)
    miss = (1 - rate) * np.log((1 - rate) / (1 - mean)) if rate < 1 else 0.0
    return float(-count * (hit + miss))


def upper_tail(shares: Floats, followed: int) -> float:
    """P(X >= followed), X the number of successes of independent trials with these chances."""
    if followed <= 0:
        return 1.0
    chance_of = np.zeros(len(shares) + 1)
    chance_of[0] = 1.0
    for share in shares:
        chance_of[1:] = chance_of[1:] * (1 - share) + chance_of[:-1] * share
        chance_of[0] *= 1 - share
    return float(min(1.0, chance_of[followed:].sum()))


def adjust(p_values: Floats, tried: int) -> Floats:
    """Benjamini-Hochberg over ``tried`` tests, of which those that are not listed count as p = 1."""
    order = np.argsort(p_values, kind="stable")
    scaled = p_values[order] * tried / np.arange(1, len(p_values) + 1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted


# --- sets of time: disjoint, ascending half-open intervals, an array of shape (n, 2) ----------------------------------


def union(intervals: Ints) -> Ints:
    """Merge intervals that overlap or touch; empty ones vanish."""
    intervals = intervals[intervals[:, 1] > intervals[:, 0]]
    if not len(intervals):
        return NOTHING
    ordered = intervals[np.argsort(intervals[:, 0], kind="stable")]
    reach = np.maximum.accumulate(ordered[:, 1])
    first = np.concatenate([[True], ordered[1:, 0] > reach[:-1]])
    return np.stack([ordered[first, 0], reach[np.concatenate([first[1:], [True]])]], axis=1)


def intersect(one: Ints, other: Ints) -> Ints:
    """Time that lies in both sets."""
    if not len(one) or not len(other):
        return NOTHING
    low = np.searchsorted(other[:, 1], one[:, 0], side="right")
    high = np.searchsorted(other[:, 0], one[:, 1], side="left")
    count = np.maximum(high - low, 0)
    mine = np.repeat(np.arange(len(one)), count)
    theirs = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(low, count)
    both = np.stack([np.maximum(one[mine, 0], other[theirs, 0]), np.minimum(one[mine, 1], other[theirs, 1])], axis=1)
    return both[both[:, 1] > both[:, 0]]


def subtract(intervals: Ints, holes: Ints) -> Ints:
    """The intervals without the holes."""
    if not len(holes) or not len(intervals):
        return intervals
    edge = np.iinfo(np.int64).max // 2
    rest = np.concatenate([[-edge], union(holes).ravel(), [edge]]).reshape(-1, 2)
    return intersect(intervals, rest)
