"""One statistic for one given pair and for many: the same episodes, the same shares, and a bound that is one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from logcorr.chance.tails import adjust, log_tail_bound, upper_tail
from logcorr.chance.trials import Observation, Points, close, covering, reach_of, trials, trials_by_key
from logcorr.coverage import intervals
from logcorr.coverage.intervals import TimeSet
from logcorr.times.micros import Ints
from tests.suggest.generate import DAY, SECOND, bursty, busy_hours, poisson

OBSERVED = np.array([[0, DAY // 4], [DAY // 4 + 90 * SECOND, DAY // 2], [DAY // 2 + 3600 * SECOND, DAY]])


def share_around(cause: int, effects: Ints, within: int, reach: int) -> float:
    """The share of the observed seconds around a cause from which an effect comes within N, one after the other."""
    seconds = np.arange(cause - reach, cause + reach, SECOND)
    seconds = seconds[intervals.holds(OBSERVED, seconds)]
    place = np.searchsorted(effects, seconds, side="right")
    following = np.append(effects, np.iinfo(np.int64).max)[place]
    return float((following - seconds <= within).mean())


@pytest.mark.parametrize("within", [SECOND, 30 * SECOND, 600 * SECOND])
@pytest.mark.parametrize("make", [poisson, bursty, busy_hours])
def test_keys_of_their_own_axis_are_the_axis(make: Callable[..., Ints], within: int) -> None:
    rng = np.random.default_rng(20251104)
    observed = TimeSet.of(OBSERVED)
    for _ in range(20):
        causes, effects = (np.unique(make(rng, 200)) for _ in range(2))
        causes, effects = (times[intervals.holds(OBSERVED, times)] for times in (causes, effects))
        key = np.zeros(1, dtype=np.int64)
        mine = trials(causes, covering(effects, within, observed, at_once=False), within, observed, close(within))
        early, late = (Points(times, np.zeros(len(times), dtype=np.int64)) for times in (causes, effects))
        keyed = trials_by_key(early, late, within, Observation([OBSERVED], key), itself=True)
        assert (mine.followed == keyed.followed).all()
        assert mine.share == pytest.approx(keyed.share)
        for each in (mine, keyed):
            assert (each.highest >= each.share - 1e-12).all()
        followed = int(mine.followed.sum())
        exact = upper_tail(mine.share, followed)
        assert np.log(max(exact, 1e-300)) <= log_tail_bound(mine.share, followed) + 1e-9


def test_a_share_is_that_of_the_observed_seconds_counted() -> None:
    rng = np.random.default_rng(7)
    causes, effects = (np.unique(poisson(rng, 60)) // SECOND * SECOND for _ in range(2))
    within, observed = 120 * SECOND, TimeSet.of(OBSERVED)
    made = trials(causes, covering(effects, within, observed, at_once=False), within, observed, ())
    counted = [share_around(start, effects, within, reach_of(within)) for start in made.start.tolist()]
    assert made.share == pytest.approx(counted, abs=0.01)


def test_what_was_tried_and_is_not_listed_counts() -> None:
    p_values = [0.02, 0.001, 0.5]
    assert adjust(p_values, 100) == pytest.approx(adjust([*p_values, *[1.0] * 97])[:3])


def test_no_trial_and_no_success() -> None:
    assert upper_tail(np.zeros(0), 0) == 1.0
    assert upper_tail(np.zeros(0), 1) == 0.0
    assert adjust([]) == []
