"""The chance figure: its arithmetic, and that it keeps its level where nothing is going on.

The series are made in ``level``, which prints what is bounded here.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from logcorr.chance.tails import adjust, upper_tail
from logcorr.chance.trials import Observation, Points, judge
from logcorr.chance.trials import trials_by_key as trials
from logcorr.coverage import intervals
from logcorr.patterns import match
from tests.patterns.level import (
    COUNTS,
    DAY,
    NOTHING_GOING_ON,
    SECOND,
    SEEN,
    WINDOWS,
    WITHIN,
    false_alarms,
    found,
    one_key,
)
from tests.patterns.material import Ev, frame_of, rule, rulebook, run, timeline_of

RUNS = 300


@pytest.mark.parametrize("series", NOTHING_GOING_ON)
def test_keeps_its_level(series: str) -> None:
    assert false_alarms(NOTHING_GOING_ON[series], 4 * RUNS) <= 0.07


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("within", WINDOWS)
@pytest.mark.parametrize("series", NOTHING_GOING_ON)
def test_keeps_its_level_whatever_the_window_and_the_rate(series: str, within: int, count: int) -> None:
    assert false_alarms(NOTHING_GOING_ON[series], RUNS // 2, within * SECOND, count) <= 0.07


def test_a_true_effect_is_found() -> None:
    assert found(2 * RUNS) >= 0.95


def test_one_frequent_effect_explains_itself() -> None:
    """With an effect every 20 s, every cause is followed within 30 s, and that says nothing."""
    effects = np.arange(0, DAY, 20 * SECOND)
    figure = judge(one_key(np.arange(1, 24) * 3600 * SECOND), one_key(effects), WITHIN, SEEN)
    assert (figure.episodes, figure.followed) == (23, 23)
    assert figure.expected == pytest.approx(23, abs=0.01)
    assert figure.p_value == pytest.approx(1, abs=0.02)


def test_shares_are_those_of_the_surroundings() -> None:
    """Two effects within ± 30 min, each seen from 30 s of it: a share of one in sixty."""
    cause = 12 * 3600 * SECOND
    effects = np.array([cause - 600 * SECOND, cause + 600 * SECOND, cause + 7200 * SECOND])
    made = trials(one_key(np.array([cause])), one_key(effects), WITHIN, SEEN)
    assert made.followed.tolist() == [False]
    assert made.share == pytest.approx([60 / 3600], rel=1e-5)
    assert made.highest == pytest.approx([30 / 1800], rel=1e-5)


def test_the_busier_side_counts_for_the_p_value() -> None:
    cause = 12 * 3600 * SECOND
    made = trials(one_key(np.array([cause])), one_key(cause + np.array([300, 900]) * SECOND), WITHIN, SEEN)
    assert made.share == pytest.approx([60 / 3600], rel=1e-5)
    assert made.highest == pytest.approx([60 / 1800], rel=1e-5)


def test_only_observed_time_counts() -> None:
    cause = 12 * 3600 * SECOND
    seen = Observation([np.array([[cause - 60 * SECOND, cause + 60 * SECOND]])], np.zeros(1, dtype=np.int64))
    made = trials(one_key(np.array([cause])), one_key(np.array([cause + 45 * SECOND])), WITHIN, seen)
    assert made.share == pytest.approx([30 / 120], rel=1e-5)
    made = trials(one_key(np.array([cause + 40 * SECOND])), one_key(np.array([cause])), WITHIN, seen)
    assert len(made.followed) == 0, "a window that is not observed to its end is no trial"


def test_causes_closer_than_two_windows_are_one_episode() -> None:
    causes = np.array([0, 59, 118, 178]) * SECOND
    made = trials(one_key(causes), one_key(np.array([150 * SECOND])), WITHIN, SEEN)
    assert made.followed.tolist() == [False, False], "0, 59 and 118 are one episode, 178 another"


def test_keys_do_not_mix() -> None:
    causes = Points(np.array([0, 0]) + 3600 * SECOND, np.array([0, 1]))
    effects = Points(np.array([3610 * SECOND]), np.array([1]))
    seen = Observation([np.array([[0, DAY]])], np.zeros(2, dtype=np.int64))
    made = trials(causes, effects, WITHIN, seen)
    assert made.followed.tolist() == [False, True]
    assert made.share[0] == 0


def test_many_keys_over_a_long_time_are_laid_out_in_parts() -> None:
    """Times and keys that do not fit into one 64-bit axis."""
    century = 100 * 365 * DAY
    keys = np.arange(40_000)
    causes = Points(np.tile(np.array([0, century]), 20_000), keys)
    seen = Observation([np.array([[-DAY, century + DAY]])], np.zeros(40_000, dtype=np.int64))
    made = trials(causes, Points(causes.time + SECOND, keys), WITHIN, seen)
    assert made.followed.all()
    assert len(made.followed) == 40_000


@pytest.mark.parametrize("at_least", range(6))
def test_upper_tail_is_the_sum_over_all_outcomes(at_least: int) -> None:
    shares = np.array([0.1, 0.5, 0.9, 0.2, 0.05])
    total = 0.0
    for outcome in product((0, 1), repeat=5):
        if sum(outcome) >= at_least:
            total += float(np.prod(np.where(outcome, shares, 1 - shares)))
    assert upper_tail(shares, at_least) == pytest.approx(total)


def test_very_many_episodes_are_approximated_closely() -> None:
    shares = np.full(5_001, 0.02)
    exact = upper_tail(shares[:-1], 120)
    assert upper_tail(shares, 120) == pytest.approx(exact, rel=0.15)


def test_adjusting_is_benjamini_hochberg() -> None:
    """The example of their paper (1995, table 1): at 5 % the first four of fifteen are accepted."""
    p_values = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    p_values += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    adjusted = adjust(p_values)
    assert [p <= 0.05 for p in adjusted] == [True] * 4 + [False] * 11
    assert adjusted[0] == pytest.approx(0.0015)


# --- as the report tells it -------------------------------------------------------------------------------------------

AFTER: dict[str, Any] = {"sequence": [{"down": "a"}, {"reset": "b", "within": 30}], "by": "host"}


def hourly(count: int, followed: int) -> list[Ev]:
    causes = [Ev("a", 3600.0 * at) for at in range(count)]
    return causes + [Ev("b", cause.at + 10) for cause in causes[:followed]]


def test_words() -> None:
    (finding,) = run(hourly(14, 11), **AFTER).findings
    assert finding.count == 11
    assert finding.expected_by_chance == pytest.approx(11 * 30 / 3600, rel=0.01)
    assert finding.p_value is not None
    assert finding.p_value < 1e-9
    assert finding.chance is not None
    assert finding.chance.startswith("11 of 14 a episodes were followed by b within 30 s; 0.092 expected by chance")


def test_too_few() -> None:
    (finding,) = run(hourly(3, 3), **AFTER).findings
    assert (finding.chance, finding.p_value, finding.expected_by_chance) == ("too few to judge", None, None)


def test_no_coverage_is_too_few() -> None:
    (finding,) = run(hourly(14, 11), timeline_of(spans=()), **AFTER).findings
    assert finding.chance == "too few to judge"


@pytest.mark.parametrize("others", [0, 1, 5])
@pytest.mark.parametrize("matched", [True, False])
def test_p_values_are_adjusted_over_all_rules_that_were_tested(others: int, *, matched: bool) -> None:
    """The rules that found nothing were tested too."""
    late = (
        [Ev("c", at) for at in range(0, 50_000, 400)]
        if matched
        else [Ev("c", 40.0 + at) for at in range(0, 50_000, 3600)]
    )
    events = frame_of(hourly(14, 2) + late)
    plain = rule(**AFTER)
    steps = [{"down": "a"}, {"late": "c", "within": 300 if matched else 30}]
    other = {f"other{n}": rule(sequence=steps).model_copy(update={"id": f"other{n}"}) for n in range(others)}
    alone = match(events, rulebook(rule=plain), timeline_of()).findings[0].p_value
    among = match(events, rulebook(rule=plain, **other), timeline_of()).findings[0].p_value
    assert alone is not None
    assert among == pytest.approx((others + 1) * alone)


def test_an_event_after_itself_is_not_followed_by_itself() -> None:
    alone = [Ev("a", 3600.0 * at) for at in range(8)]
    again = [Ev("a", 10.0 + 36_000)]
    (finding,) = run([*alone, *again, Ev("a", 20.0 + 36_000)], sequence=[{"s": "a"}, {"t": "a", "within": 30}]).findings
    assert finding.chance is not None
    assert finding.chance.startswith("1 of 9 a episodes")


def test_observed_time_is_that_of_the_hosts_own_sources() -> None:
    assert intervals.intersect(np.array([[0, 10]]), np.array([[5, 20]])).tolist() == [[5, 10]]
