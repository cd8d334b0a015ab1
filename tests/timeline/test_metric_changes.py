"""What metrics show, from the numbers that a machine's accounting keeps."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import combinations

import pytest

from logcorr import parsers
from logcorr.chance.runs import side_by_side
from logcorr.timeline import ClockSettings, build

START = datetime(2026, 3, 14, tzinfo=UTC)


def shown(metric: str, values: Sequence[float], thing: str = "eno1", step: int = 60) -> list[str]:
    """What a series of one metric shows, oldest first, as collectd's and others' tables keep it."""
    lines = [
        f"{(START + timedelta(seconds=step * at)).isoformat()},srv1,{thing},{one}" for at, one in enumerate(values)
    ]
    text = "\n".join([f"time,host,target,{metric}", *lines]) + "\n"
    source = parsers.read("samples.csv", BytesIO(text.encode()))
    frame = build([source], ClockSettings(now=START + timedelta(days=1))).frame
    return [str(one) for one in frame.filter(frame["program"] == "metric")["message"]]


@pytest.mark.parametrize(("values", "high", "together"), [(8, 3, 3), (9, 3, 2), (10, 1, 1), (6, 4, 3)])
def test_chance_of_neighbours_is_an_upper_bound(values: int, high: int, together: int) -> None:
    def has_run(places: tuple[int, ...]) -> bool:
        return any(set(range(at, at + together)) <= set(places) for at in range(values))

    sets = list(combinations(range(values), high))
    share = sum(has_run(one) for one in sets) / len(sets)
    assert side_by_side(values, high, together) >= share - 1e-12
    if together == high:
        assert side_by_side(values, high, together) == pytest.approx(share)


def test_errors_that_appear_are_told_once_with_their_number() -> None:
    (told,) = shown("rxerr/s", [0.0] * 20 + [2.0, 3.0, 2.0] + [0.0] * 20)
    assert told == (
        "eno1: rx_errors +420 within 180.0 s, from 00:19:00 to 00:22:00 UTC; "
        "3 of 43 values, side by side by chance: 1 in 301"
    )


def test_a_counter_is_told_by_its_growth_and_may_begin_again() -> None:
    (told,) = shown("node_network_receive_errs_total", [5] * 12 + [65] + [65] * 12 + [0] * 12)
    assert told.startswith("eno1: rx_errors +60 within 60.0 s, from 00:11:00 to 00:12:00 UTC")


@pytest.mark.parametrize("metric", ["rxerr/s", "rxdrop/s", "%ufsused", "node_network_carrier", "retrans/s", "rxpck/s"])
def test_what_stays_shows_nothing(metric: str) -> None:
    assert shown(metric, [1.0] * 30) == []


def test_scattered_drops_are_everyday_life() -> None:
    assert shown("rxdrop/s", ([0.0] * 9 + [0.5]) * 6) == []


def test_a_limit_is_reached_at_all_of_it() -> None:
    assert shown("%ufsused", [99.9] * 10) == []
    (told,) = shown("%ufsused", [90.0, 100.0, 100.0, 91.0], "/srv")
    assert told == "/srv: space used up (%ufsused 100.0) for 60.0 s, from 00:01:00 to 00:02:00 UTC; 2 of 4 values"


def test_a_link_that_ends_and_comes_back() -> None:
    gone, back = shown("node_network_carrier", [1, 1, 0, 0, 1])
    assert gone == "eno1: carrier yes -> no within 60.0 s, from 00:01:00 to 00:02:00 UTC"
    assert back == "eno1: carrier no -> yes within 60.0 s, from 00:03:00 to 00:04:00 UTC"


def test_traffic_that_ends_had_never_ended_before() -> None:
    assert shown("rxpck/s", [0.0, 5.0] * 20) == []
    (told,) = shown("rxpck/s", [5.0] * 20 + [0.0] * 3)
    assert told.startswith("eno1: no traffic any more (rxpck/s 0, before 5.0) within 180.0 s, from 00:19:00")
