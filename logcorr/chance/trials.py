"""How often chance alone would have effects follow causes: the expected count and its p-value.

Causes closer than 2 N are one *episode*, judged by its first cause. For each episode the chance that an effect follows
within N is the share of the surrounding observed time (± the larger of 30 min and 30 N) from which an effect within N
would have been seen. Their sum is what chance would give; the p-value is the upper tail of their Poisson-binomial
distribution at the number of episodes that were followed. For the p-value the share in a part of the surroundings
counts instead where it is higher: of one given pair the time before or after the episode, as at the edge of busy hours
half of the surroundings are quiet, and many such episodes would make chance a cause. Where many pairs are tried, it is
the close surroundings (± 30 N), as one incident in which everything happens at once must not decide. The effects stay
in their own surroundings, which errs on the side of chance. It says association, never proof.
``python -m tests.patterns.level`` measures the level.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from logcorr.chance.tails import upper_tail
from logcorr.coverage import intervals
from logcorr.coverage.intervals import TimeSet
from logcorr.dataclass import dataclass
from logcorr.grouped import order_of
from logcorr.times.micros import MINUTE, NEVER, Bools, Floats, Ints

SURROUNDINGS: Final = 30 * MINUTE
WINDOWS: Final = 30
#: With fewer episodes nothing is judged.
FEWEST: Final = 4

#: A stretch of time around an episode: from so many µs after its first cause (negative: before) to so many.
Part = tuple[int, int]


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
    """Of each episode whose window was observed: an element of each array."""

    start: Ints  # its first cause, on the axis
    followed: Bools  # whether an effect came
    share: Floats  # the chance that one would: that of its surroundings
    highest: Floats  # the same, of that part of its surroundings that has most


def judge(causes: Points, effects: Points, within: int, seen: Observation, *, itself: bool = False) -> Chance:
    """What chance would give of one pair. ``within`` in µs.

    ``itself``: the causes are among the effects, and none is its own effect.
    """
    made = trials_by_key(causes, effects, within, seen, itself=itself)
    episodes, followed = len(made.followed), int(made.followed.sum())
    if episodes < FEWEST:
        return Chance(episodes, followed)
    return Chance(episodes, followed, float(made.share.sum()), upper_tail(made.highest, followed))


def reach_of(within: int) -> int:
    """How far around a cause its surroundings reach, in µs."""
    return max(SURROUNDINGS, WINDOWS * within)


def before_and_after(within: int) -> tuple[Part, ...]:
    """Both halves of an episode's surroundings."""
    return (-reach_of(within), 0), (0, reach_of(within))


def close(within: int) -> tuple[Part, ...]:
    """The close surroundings of an episode."""
    return ((-WINDOWS * within, WINDOWS * within),)


def covering(effects: Ints, within: int, observed: TimeSet, *, at_once: bool) -> TimeSet:
    """The observed time from which an effect within ``within`` would have been seen.

    ``at_once``: an effect at the very instant of its cause is one.
    """
    spans = intervals.union(np.stack([effects - within, effects + (1 if at_once else 0)], axis=1))
    return TimeSet.of(intervals.intersect(spans, observed.spans))


def trials(causes: Ints, covered: TimeSet, within: int, observed: TimeSet, parts: tuple[Part, ...]) -> Trials:
    """The episodes whose window was observed. All times in µs, ascending, on one axis.

    Args:
        causes: instants.
        covered: the ``covering`` of the effects.
        within: how soon an effect must follow.
        observed: when effects could be seen.
        parts: the stretches around an episode that count for ``highest``.
    """
    first = episodes(causes, 2 * within)
    first = first[observed.end_of(first) > first + within]
    reach = reach_of(within)
    share = _share(covered, observed, first, (-reach, reach))
    highest = np.maximum.reduce([share, *(_share(covered, observed, first, part) for part in parts)])
    return Trials(first, covered.end_of(first) > first, share, highest)


def _share(covered: TimeSet, observed: TimeSet, first: Ints, part: Part) -> Floats:
    """How much of the observed time in this part of each episode's surroundings is covered."""
    since, until = first + part[0], first + part[1]
    near, around = (each.length_before(until) - each.length_before(since) for each in (covered, observed))
    return np.asarray(np.minimum(near / np.maximum(around, 1), 1.0))


def episodes(causes: Ints, apart: int) -> Ints:
    """The first of each run of causes (ascending) that are closer than ``apart``."""
    return causes[np.concatenate([[True], np.diff(causes) >= apart])] if len(causes) else causes


# --- many keys --------------------------------------------------------------------------------------------------------


def trials_by_key(causes: Points, effects: Points, within: int, seen: Observation, *, itself: bool = False) -> Trials:
    """The episodes of all keys. Effects follow causes of their own key alone."""
    if not len(causes.time):
        return Trials(causes.time, np.zeros(0, dtype=bool), np.zeros(0), np.zeros(0))
    reach = reach_of(within)
    start, end = int(causes.time.min()) - 2 * reach, int(causes.time.max()) + 2 * reach
    room = end - start + 4 * within + 4
    present = np.flatnonzero(np.bincount(causes.key))
    at_once = max(int(NEVER // room) - 1, 1)
    made = []
    for keys in np.split(present, range(at_once, len(present), at_once)):
        axis = _Axis(keys, start, end, room)
        observed = TimeSet.of(axis.sets([seen.sets[seen.which[key]] for key in keys]))
        covered = covering(axis.places(effects), within, observed, at_once=not itself)
        made.append(trials(axis.places(causes), covered, within, observed, before_and_after(within)))
    arrays = ([getattr(part, name) for part in made] for name in ("start", "followed", "share", "highest"))
    return Trials(*(np.concatenate(each) for each in arrays))


@dataclass(frozen=True, slots=True, eq=False)
class _Axis:
    """Some keys laid one after the other on one time axis, far enough apart to be looked at all at once."""

    keys: Ints
    start: int
    end: int
    room: int

    def places(self, points: Points) -> Ints:
        """Where the instants of these keys lie, ascending."""
        place = np.full(max(int(self.keys[-1]), int(points.key.max(initial=0))) + 1, -1, dtype=np.int64)
        place[self.keys] = np.arange(len(self.keys))
        at = place[points.key]
        inside = (at >= 0) & (points.time >= self.start) & (points.time < self.end)
        time, at = (points.time, at) if inside.all() else (points.time[inside], at[inside])
        order = order_of(at)
        along = (time - self.start + at * self.room)[order]
        return along if bool((along[1:] >= along[:-1]).all()) else np.sort(along)

    def sets(self, seen: Sequence[Ints]) -> Ints:
        """The observed time of each key as one set."""
        clipped = [np.clip(part, self.start, self.end) for part in seen]
        place = np.repeat(np.arange(len(seen)), [len(part) for part in clipped])
        return intervals.union(
            np.concatenate([*clipped, intervals.NOTHING]) - self.start + (place * self.room)[:, None]
        )
