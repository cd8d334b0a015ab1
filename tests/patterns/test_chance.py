"""The chance figure: its arithmetic, and that it keeps its level where nothing is going on.

The simulated series are those of the design: independent Poisson events, independent bursts, and events that share
nothing but their busy hours; and a true effect in 30 % of 40 causes. N is 30 s over a day.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from logcorr.patterns import intervals, match
from logcorr.patterns.chance import Observation, Points, adjust, judge, trials, upper_tail
from logcorr.patterns.grouped import Ints
from tests.patterns.material import Ev, frame_of, rule, rulebook, run, timeline_of

SECOND = 1_000_000
DAY = 86_400 * SECOND
WITHIN = 30 * SECOND
RUNS = 300
SEEN = Observation([np.array([[0, DAY]])], np.zeros(1, dtype=np.int64))


def one_key(times: Ints) -> Points:
    return Points(np.sort(times), np.zeros(len(times), dtype=np.int64))


def p_value(causes: Ints, effects: Ints) -> float:
    figure = judge(one_key(causes), one_key(effects), WITHIN, SEEN)
    return 1.0 if figure.p_value is None else figure.p_value


def poisson(rng: np.random.Generator, count: float, start: int = 0, end: int = DAY) -> Ints:
    return rng.integers(start, end, rng.poisson(count))


def bursty(rng: np.random.Generator, count: float) -> Ints:
    centres = poisson(rng, count / 6)
    return np.concatenate([at + rng.integers(0, 120 * SECOND, rng.poisson(6)) for at in centres] or [centres])


def busy_hours(rng: np.random.Generator, count: float) -> Ints:
    return poisson(rng, count, 8 * 3600 * SECOND, 16 * 3600 * SECOND)


NOTHING_GOING_ON = {"poisson": poisson, "bursty": bursty, "shared busy hours": busy_hours}


@pytest.mark.parametrize("series", NOTHING_GOING_ON)
def test_keeps_its_level(series: str) -> None:
    rng = np.random.default_rng(20251104)
    make = NOTHING_GOING_ON[series]
    p_values = [p_value(make(rng, 120), make(rng, 120)) for _ in range(RUNS)]
    assert np.mean(np.array(p_values) < 0.05) <= 0.07


def test_a_true_effect_is_found() -> None:
    rng = np.random.default_rng(20251104)
    found = 0
    for _ in range(RUNS):
        causes = rng.integers(0, DAY, 40)
        hit = rng.random(40) < 0.3
        caused = causes[hit] + rng.integers(0, WITHIN, hit.sum())
        found += p_value(causes, np.concatenate([caused, poisson(rng, 120)])) < 0.05
    assert found / RUNS >= 0.95


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
    hits, shares = trials(one_key(np.array([cause])), one_key(effects), WITHIN, SEEN)
    assert hits.tolist() == [False]
    assert shares == pytest.approx([60 / 3600], rel=1e-5)


def test_only_observed_time_counts() -> None:
    cause = 12 * 3600 * SECOND
    seen = Observation([np.array([[cause - 60 * SECOND, cause + 60 * SECOND]])], np.zeros(1, dtype=np.int64))
    _, shares = trials(one_key(np.array([cause])), one_key(np.array([cause + 45 * SECOND])), WITHIN, seen)
    assert shares == pytest.approx([30 / 120], rel=1e-5)
    hits, _ = trials(one_key(np.array([cause + 40 * SECOND])), one_key(np.array([cause])), WITHIN, seen)
    assert len(hits) == 0, "a window that is not observed to its end is no trial"


def test_causes_closer_than_two_windows_are_one_episode() -> None:
    causes = np.array([0, 59, 118, 178]) * SECOND
    hits, _ = trials(one_key(causes), one_key(np.array([150 * SECOND])), WITHIN, SEEN)
    assert hits.tolist() == [False, False], "0, 59 and 118 are one episode, 178 another"


def test_keys_do_not_mix() -> None:
    causes = Points(np.array([0, 0]) + 3600 * SECOND, np.array([0, 1]))
    effects = Points(np.array([3610 * SECOND]), np.array([1]))
    seen = Observation([np.array([[0, DAY]])], np.zeros(2, dtype=np.int64))
    hits, shares = trials(causes, effects, WITHIN, seen)
    assert hits.tolist() == [False, True]
    assert shares[0] == 0


def test_many_keys_over_a_long_time_are_laid_out_in_parts() -> None:
    """Times and keys that do not fit into one 64-bit axis."""
    century = 100 * 365 * DAY
    keys = np.arange(40_000)
    causes = Points(np.tile(np.array([0, century]), 20_000), keys)
    seen = Observation([np.array([[-DAY, century + DAY]])], np.zeros(40_000, dtype=np.int64))
    hits, _ = trials(causes, Points(causes.time + SECOND, keys), WITHIN, seen)
    assert hits.all()
    assert len(hits) == 40_000


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
