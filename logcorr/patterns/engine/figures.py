"""How often chance alone would match: the expected count and its p-value.

Causes closer than 2 N are one *episode*, judged by its first cause. For each episode the chance that an effect follows
within N is the share of the surrounding observed time (± the larger of 30 min and 30 N) from which an effect within N
would have been seen. Their sum is what chance would give; the p-value is the upper tail of their Poisson-binomial
distribution at the number of episodes that were followed. For the p-value the share of the time before or after the
episode counts instead where it is higher: at the edge of busy hours half of the surroundings are quiet, and many such
episodes would make chance a cause. The effects stay in their own surroundings, which errs on the side of chance. It
says association, never proof. ``python -m tests.patterns.level`` measures the level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import erfc, sqrt
from typing import Final

import numpy as np

from logcorr.coverage import intervals
from logcorr.grouped import order_of
from logcorr.micros import Bools, Floats, Ints

SURROUNDINGS: Final = 30 * 60 * 1_000_000
WINDOWS: Final = 30
FEWEST: Final = 4
TOO_FEW: Final = "too few to judge"

#: Beyond this many episodes the exact convolution gives way to the normal approximation.
MOST_EXACT: Final = 5_000

_ROOM: Final = np.iinfo(np.int64).max // 4


@dataclass(frozen=True, slots=True)
class Chance:
    """What chance would give. Without ``expected`` there were too few episodes to judge."""

    episodes: int
    followed: int
    expected: float | None = None
    p_value: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Instants in µs, each with the code of its key."""

    time: Ints
    key: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """Key k was observed during ``sets[which[k]]``."""

    sets: Sequence[Ints]
    which: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """Of each episode whose window was observed."""

    followed: Bools  # whether an effect came
    share: Floats  # the chance that one would: that of its surroundings
    highest: Floats  # the same, of the side of its surroundings that has more


def judge(causes: Points, effects: Points, within: int, seen: Observation, *, itself: bool = False) -> Chance:
    """``within`` in µs. ``itself``: the causes are among the effects, and none is its own effect."""
    made = trials(causes, effects, within, seen, itself=itself)
    episodes, followed = len(made.followed), int(made.followed.sum())
    if episodes < FEWEST:
        return Chance(episodes, followed)
    return Chance(episodes, followed, float(made.share.sum()), upper_tail(made.highest, followed))


def trials(causes: Points, effects: Points, within: int, seen: Observation, *, itself: bool = False) -> Trials:
    """The episodes of all keys."""
    if not len(causes.time):
        return Trials(np.zeros(0, dtype=bool), np.zeros(0), np.zeros(0))
    reach = max(SURROUNDINGS, WINDOWS * within)
    start, end = int(causes.time.min()) - 2 * reach, int(causes.time.max()) + 2 * reach
    room = end - start + 4 * within + 4
    present = np.flatnonzero(np.bincount(causes.key))
    at_once = max(int(_ROOM // room) - 1, 1)
    window = (within, reach, 0 if itself else 1)
    parts = [
        _on_one_axis(causes, effects, window, (start, end, room), [seen.sets[seen.which[key]] for key in keys], keys)
        for keys in np.split(present, range(at_once, len(present), at_once))
    ]
    followed = np.concatenate([part.followed for part in parts])
    share, highest = (np.concatenate([getattr(part, name) for part in parts]) for name in ("share", "highest"))
    return Trials(followed, share, highest)


def _on_one_axis(
    causes: Points,
    effects: Points,
    window: tuple[int, int, int],
    frame: tuple[int, int, int],
    seen: list[Ints],
    keys: Ints,
) -> Trials:
    """Lay the keys one after the other on one time axis, far enough apart, and look at all of them at once."""
    within, reach, tie = window
    start, end, room = frame
    clipped = [np.clip(part, start, end) for part in seen]
    place = np.repeat(np.arange(len(seen)), [len(part) for part in clipped])
    observed = intervals.union(np.concatenate([*clipped, intervals.NOTHING]) - start + (place * room)[:, None])
    first = _episodes(_along(causes, keys, start, end, room), 2 * within)
    first = first[intervals.end_of(observed, first) > first + within]
    effect = _along(effects, keys, start, end, room)
    covering = intervals.union(np.stack([effect - within, effect + tie], axis=1))
    covering = intervals.intersect(covering, observed)
    edges = (first - reach, first, first + reach)
    before, after = (np.stack([_between(each, *pair) for each in (covering, observed)]) for pair in pairwise(edges))
    highest = np.maximum(_share(before), _share(after))
    return Trials(intervals.holds(covering, first), _share(before + after), highest)


def _along(points: Points, keys: Ints, start: int, end: int, room: int) -> Ints:
    place = np.full(max(int(keys[-1]), int(points.key.max(initial=0))) + 1, -1, dtype=np.int64)
    place[keys] = np.arange(len(keys))
    at = place[points.key]
    inside = (at >= 0) & (points.time >= start) & (points.time < end)
    time, at = (points.time, at) if inside.all() else (points.time[inside], at[inside])
    order = order_of(at)
    along = (time - start + at * room)[order]
    return along if bool((along[1:] >= along[:-1]).all()) else np.sort(along)


def _episodes(times: Ints, apart: int) -> Ints:
    """The first of each run of times that are closer than ``apart``."""
    return times[np.concatenate([[True], np.diff(times) >= apart])] if len(times) else times


def _between(seen: Ints, start: Ints, end: Ints) -> Ints:
    return intervals.length_before(seen, end) - intervals.length_before(seen, start)


def _share(covered: Ints) -> Floats:
    """The first row's share in the second's time."""
    return np.asarray(np.minimum(covered[0] / np.maximum(covered[1], 1), 1.0))


def upper_tail(shares: Floats, at_least: int) -> float:
    """P(X >= at_least), where X counts the successes of independent trials with these probabilities."""
    if at_least <= 0:
        return 1.0
    if len(shares) > MOST_EXACT:
        spread = sqrt(max(float((shares * (1 - shares)).sum()), 1e-12))
        return 0.5 * erfc((at_least - 0.5 - float(shares.sum())) / (spread * sqrt(2)))
    parts = [np.array([1 - share, share]) for share in shares]
    while len(parts) > 1:
        halves = [np.convolve(one, other) for one, other in zip(parts[::2], parts[1::2], strict=False)]
        parts = halves + parts[len(halves) * 2 :]
    return float(min(1.0, parts[0][at_least:].sum()))


def adjust(p_values: Sequence[float]) -> list[float]:
    """Benjamini-Hochberg: the false-discovery rate at which each p-value would still be accepted."""
    order = np.argsort(p_values)[::-1]
    rank = len(p_values) - np.arange(len(p_values))
    scaled = np.minimum.accumulate(np.asarray(p_values, dtype=float)[order] * len(p_values) / rank)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(scaled, 1.0)
    return [float(each) for each in adjusted]


@dataclass(frozen=True, slots=True)
class Figure:
    """What the report says about chance. ``words`` has a place for the p-value, adjusted for the run's rules."""

    words: str
    expected: float | None = None
    p_value: float | None = None

    def adjusted(self, p_value: float | None) -> tuple[float | None, str]:
        """The p-value to print, and the sentence with it."""
        shown = self.p_value if p_value is None else p_value
        return shown, self.words if shown is None else self.words.replace("{p}", f"{shown:.1g}")


def figure(chance: Chance, cause: str, effect: str, window: str) -> Figure:
    """The figure as a sentence: "11 of 14 link.down episodes were followed by connection.reset within 30 s; ..."."""
    if chance.expected is None or chance.p_value is None:
        return Figure(TOO_FEW)
    ratio = f"×{chance.followed / chance.expected:.2g}; " if chance.expected > 0 and chance.followed else ""
    words = (
        f"{chance.followed} of {chance.episodes} {cause} episodes were followed by {effect} within {window}; "
        f"{chance.expected:.2g} expected by chance given how frequent {effect} was around them ({ratio}P = {{p}})"
    )
    return Figure(words, chance.expected, chance.p_value)
