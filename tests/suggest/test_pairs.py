"""A planted pair is found among forty kinds of line that have nothing to do with one another, and hardly any other."""

from __future__ import annotations

import numpy as np
import pytest

from logcorr.rulebook.models import Rulebook
from logcorr.suggest import FALSE_DISCOVERIES, Suggestion, suggest
from logcorr.suggest.pairs import MOST_TESTED
from logcorr.suggest.series import MOST_HOSTS, MOST_KINDS, occurrences
from tests.suggest.generate import (
    DAY,
    SECOND,
    bursty,
    busy_hours,
    in_whole_seconds,
    independent,
    planted,
    poisson,
    timeline_of,
)

SEEDS = 12
PLANTED = "app.valve.opened.pressure.guard within 10s after app.pump.lost.pressure.bar"


def suggested(seed: int, *, with_planted: bool) -> tuple[Suggestion, ...]:
    rng = np.random.default_rng(seed)
    kinds = independent(rng) | (planted(rng) if with_planted else {})
    return suggest(timeline_of(kinds), Rulebook(), most=100).rules


def test_the_kinds_of_line_are_told_apart() -> None:
    timeline = timeline_of(independent(np.random.default_rng(0)))
    assert len(occurrences(timeline, None).series) == 40


def test_the_planted_pair_is_found_and_hardly_anything_else() -> None:
    false_shares = []
    for seed in range(SEEDS):
        titles = [each.title for each in suggested(seed, with_planted=True)]
        assert titles[:1] == [PLANTED]
        false_shares.append(1 - 1 / len(titles))
    assert np.mean(false_shares) <= FALSE_DISCOVERIES


@pytest.mark.parametrize("seed", range(100, 100 + SEEDS))
def test_nothing_is_suggested_where_nothing_is_going_on(seed: int) -> None:
    assert [each.title for each in suggested(seed, with_planted=False)] == []


@pytest.mark.parametrize("seed", range(4))
def test_one_incident_in_which_everything_happens_suggests_nothing(seed: int) -> None:
    """Forty kinds of line, all of them frequent for twenty minutes and silent but for some lines before and after."""
    rng = np.random.default_rng(seed)
    kinds = {
        message: np.concatenate([DAY // 2 + rng.integers(0, 1200 * SECOND, 60), poisson(rng, 10)])
        for message in independent(rng)
    }
    assert suggest(timeline_of(kinds), Rulebook()).rules == ()


@pytest.mark.parametrize("seed", range(4))
def test_two_kinds_of_line_that_burst_together_once_are_no_pair(seed: int) -> None:
    rng = np.random.default_rng(seed)
    burst = 600 * SECOND
    kinds = {
        message: np.concatenate([DAY // 2 + rng.integers(0, burst, 60), poisson(rng, 10)])
        for message in ("the door opened", "the lamp was lit")
    }
    assert suggest(timeline_of(kinds), Rulebook()).rules == ()


def test_what_only_shares_its_sessions_has_no_order() -> None:
    rng = np.random.default_rng(11)
    sessions = np.sort(rng.integers(0, DAY, 60))
    kinds = {
        message: np.concatenate([at + rng.integers(0, 60 * SECOND, 5) for at in sessions])
        for message in ("the door opened", "the lamp was lit")
    }
    assert suggest(timeline_of(kinds), Rulebook()).rules == ()


def test_a_pair_on_two_hosts_names_the_other_host() -> None:
    rng = np.random.default_rng(3)
    pair = planted(rng)
    noise = {
        f"the {word} fell": make(rng, 40) for word, make in (("oak", poisson), ("elm", bursty), ("ash", busy_hours))
    }
    hosts = dict.fromkeys((list(pair)[1], "the elm fell"), "host2")
    titles = [each.title for each in suggest(timeline_of(pair | noise, hosts), Rulebook()).rules]
    assert titles == [f"{PLANTED} on another host"]


def test_the_same_log_suggests_the_same() -> None:
    assert suggested(5, with_planted=True) == suggested(5, with_planted=True)


def test_of_a_chain_the_steps_are_told_and_not_the_whole() -> None:
    rng = np.random.default_rng(2)
    first = np.sort(rng.integers(0, DAY - 300 * SECOND, 60))
    second = first + rng.integers(10 * SECOND, 14 * SECOND, 60)
    kinds = {"one fell": first, "two fell": second, "three fell": second + rng.integers(30 * SECOND, 40 * SECOND, 60)}
    titles = {each.title.replace("app.", "") for each in suggest(timeline_of(kinds), Rulebook()).rules}
    assert titles == {"two.fell within 20s after one.fell", "three.fell within 1min after two.fell"}


@pytest.mark.parametrize(("lag", "titles"), [(0, []), (3, ["app1.two.fell within 5s after app0.one.fell"])])
def test_what_came_first_must_be_known(lag: int, titles: list[str]) -> None:
    """Of lines of the same second in two logs nobody knows."""
    rng = np.random.default_rng(2)
    times = np.sort(rng.integers(0, DAY // SECOND, 80)) * SECOND
    found = suggest(in_whole_seconds({"one fell": times, "two fell": times + lag * SECOND}), Rulebook()).rules
    assert [each.title for each in found] == titles


# --- caps that were hit are said --------------------------------------------------------------------------------------


def test_kinds_beyond_the_most_frequent_are_said() -> None:
    rng = np.random.default_rng(1)
    words = (f"{one}{other}" for one in "abcdefghijklmnop" for other in "abcdefghijklmnop")
    kinds = {f"{word} {word} turned": poisson(rng, 12) for word in words}
    limit = suggest(timeline_of(kinds), Rulebook()).limits[0]
    assert (limit.limit, limit.what) == (MOST_KINDS, "kinds of line looked at; the most frequent")
    assert MOST_KINDS < limit.seen <= len(kinds)


def test_pairs_beyond_those_that_stand_out_most_are_said() -> None:
    """Thirty kinds that always come together: 870 ordered pairs stand out."""
    at = np.random.default_rng(2).integers(0, DAY, 60)
    names = [f"{one}{other}" for one in "abcde" for other in "fghijk"]
    kinds = {f"{name} {name} turned": np.sort(at + place * SECOND // 50) for place, name in enumerate(names)}
    limits = suggest(timeline_of(kinds), Rulebook()).limits
    assert [(limit.limit, limit.what) for limit in limits] == [
        (MOST_TESTED, "pairs of lines tested on one host; those that stand out most")
    ]
    assert limits[0].seen > MOST_TESTED


def test_hosts_that_are_not_held_against_one_another_are_said() -> None:
    rng = np.random.default_rng(3)
    names = [f"{name} {name} turned" for name in ("oak", "elm", "ash", "fir", "yew", "bay", "box", "fig", "nut")]
    hosts = {name: f"host{place}" for place, name in enumerate(names)}
    limits = suggest(timeline_of({name: poisson(rng, 30) for name in names}, hosts), Rulebook()).limits
    assert [(limit.limit, limit.seen) for limit in limits] == [(MOST_HOSTS, 9)]


def test_within_the_caps_nothing_is_said() -> None:
    assert suggest(timeline_of(independent(np.random.default_rng(0))), Rulebook()).limits == ()
