"""Where an offset changed, and what is left open around it."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from logcorr.schema import Source
from logcorr.timeline import ClockSettings, build
from logcorr.timeline.dating.offset_changes import Doubt, latency, place_changes
from logcorr.timeline.dating.offsets import OffsetPiece, SharedOffset
from tests.timeline.frames import at, records, source

MINUTE = 60_000_000
START = at("2025-10-26 00:00:00")


def found(
    walls: list[float], *pieces: tuple[int, int, int], seen: list[int] | None = None, **fields: object
) -> SharedOffset:
    given = tuple(OffsetPiece(start, offset * MINUTE, since) for start, offset, since in pieces)
    return SharedOffset(given, len(walls), np.array(seen or [], dtype=np.int64), **fields)  # type: ignore[arg-type]  # strays


def settled(walls: list[float], told: SharedOffset) -> tuple[list[tuple[int, int]], list[tuple[int, int, int, int]]]:
    pieces, doubts = place_changes((np.array(walls) * MINUTE).astype(np.int64), told)
    return [(one.start, one.offset // MINUTE) for one in pieces], [
        (one.begin, one.end, one.earlier // MINUTE, one.later // MINUTE) for one in doubts
    ]


@pytest.mark.parametrize(
    ("walls", "start", "doubt"),
    [
        ([100, 110, 120, 65, 75, 85], 3, []),  # the clock falls back by an hour, less the time between two lines
        ([100, 110, 120, 190, 200, 210], 3, []),  # it leaps ahead by an hour, and nowhere else could it
        ([0, 70, 150, 230, 310, 390], 5, [(1, 5, 60, 0)]),  # so seldom a line that it may have leapt anywhere
    ],
)
def test_the_order_of_the_lines_tells_where_an_offset_changed(
    walls: list[float], start: int, doubt: list[tuple[int, int, int, int]]
) -> None:
    offsets = (120, 60) if walls[3] < walls[2] else (60, 120)
    told = found(walls, (0, offsets[0], 0), (5, offsets[1], 1), seen=[0, 5])
    assert settled(walls, told) == ([(0, offsets[0]), (start, offsets[1])], doubt)


def test_one_event_that_shows_another_zone_leaves_the_lines_around_it_open() -> None:
    walls = [float(minute) for minute in range(8)]
    told = found(walls, (0, 60, 0), seen=[1, 6], strays=((3, 120 * MINUTE),))
    assert settled(walls, told) == ([(0, 60)], [(2, 6, 60, 0)])


def test_times_that_fall_back_for_good_are_open_up_to_the_next_shared_events() -> None:
    walls = [0.0, 10, 20, 200, 210, 40, 50, 60, 70, 80, 90]
    told = found(walls, (0, 60, 0), seen=[2, 8])
    assert settled(walls, told) == ([(0, 60)], [(3, 5, 195, 0), (5, 8, 0, 195)])


def one_way(lag: list[float], ahead: float) -> Source:
    """A clock an hour east of UTC that is ``ahead`` (s); each line reaches a collector after ``lag`` (s)."""
    true = [START + timedelta(minutes=10 * number) for number in range(len(lag))]
    walls = [when + timedelta(hours=1, seconds=ahead) for when in true]
    received = [when + timedelta(seconds=late) for when, late in zip(true, lag, strict=True)]
    return source("omada.log", records(walls, "local", resolution=1_000_000, host="omada", received=received))


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (0, "which came 1 to 30 s after"),
        (-240, "its clock may be up to 241 s slow"),
        (240, "its clock is ahead by 239 s or more"),
    ],
)
def test_a_delay_that_all_lines_have_may_be_the_clock(ahead: float, words: str) -> None:
    lags = [1.0 + 29 * (number % 2) for number in range(20)]
    timeline = build([one_way(lags, ahead)], ClockSettings())
    assert words in str(timeline.inputs[0].timezone_from)
    for number, row in enumerate(timeline.frame.sort("line").iter_rows(named=True)):
        true = START + timedelta(minutes=10 * number)
        assert row["time_lo"] <= true <= row["time_hi"]
        assert row["time_lo"] <= row["time"] <= min(row["time_hi"], row["received"])
        assert ahead or row["time_hi"] - row["time_lo"] < timedelta(seconds=1)


def test_a_few_lines_too_fresh_to_be_true_say_nothing_of_the_clock() -> None:
    wall = np.arange(300, dtype=np.int64) * MINUTE
    received = wall + 3_000_000
    received[7] -= 60_000_000
    assert latency(wall, received, [OffsetPiece(0, 0)])[0] == (Doubt(0, 300, 0, 3_000_000),)


def test_a_fall_at_a_boot_is_no_change_of_zone() -> None:
    walls = (np.array([0.0, 10, 20, 200, 210, 40, 50, 60, 70, 80, 90]) * MINUTE).astype(np.int64)
    told = found([*walls], (0, 60, 0), seen=[2, 8])
    assert place_changes(walls, told, np.array([5]))[1] == ()
