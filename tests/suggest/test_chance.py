"""The figures are those of the patterns' own statistic, and their bound is one."""

from __future__ import annotations

import numpy as np
import pytest

from logcorr.coverage import intervals
from logcorr.patterns.engine import figures as patterns
from logcorr.suggest import chance
from tests.suggest.generate import DAY, SECOND, bursty, busy_hours, poisson


@pytest.mark.parametrize("within", [SECOND, 30 * SECOND, 600 * SECOND])
@pytest.mark.parametrize("make", [poisson, bursty, busy_hours])
def test_trials_are_those_of_the_patterns(make: object, within: int) -> None:
    rng = np.random.default_rng(20251104)
    observed = np.array([[0, DAY // 4], [DAY // 4 + 90 * SECOND, DAY // 2], [DAY // 2 + 3600 * SECOND, DAY]])
    for _ in range(20):
        causes, effects = (np.unique(make(rng, 200)) for _ in range(2))  # type: ignore[operator]  # one of the makers
        causes, effects = (times[intervals.holds(observed, times)] for times in (causes, effects))
        covered, seen = chance.covering(effects, within, observed), chance.Times.of(observed)
        mine = chance.trials(causes, covered, within, seen)
        key = np.zeros(1, dtype=np.int64)
        theirs = patterns.trials(
            patterns.Points(causes, np.zeros(len(causes), dtype=np.int64)),
            patterns.Points(effects, np.zeros(len(effects), dtype=np.int64)),
            within,
            patterns.Observation([observed], key),
            itself=True,
        )
        hits, shares = theirs.followed, theirs.share
        assert (mine.followed == hits).all()
        assert chance.share_of(covered, seen, mine.start, chance.reach_of(within)) == pytest.approx(shares)
        assert (mine.share >= shares - 1e-12).all()
        followed = int(hits.sum())
        exact = chance.upper_tail(shares, followed)
        assert exact == pytest.approx(patterns.upper_tail(shares, followed))
        assert np.log(max(exact, 1e-300)) <= chance.log_tail_bound(shares, followed) + 1e-9


def test_adjusted_counts_what_was_tried_and_not_listed() -> None:
    p_values = np.array([0.02, 0.001, 0.5])
    assert chance.adjust(p_values, 3).tolist() == pytest.approx(patterns.adjust(p_values.tolist()))
    with_others = patterns.adjust([*p_values.tolist(), *[1.0] * 97])
    assert chance.adjust(p_values, 100).tolist() == pytest.approx(with_others[:3])
