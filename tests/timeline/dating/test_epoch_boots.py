"""Boots with a clock at the epoch, where no year is printed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from logcorr.schema import Source, Timeline
from logcorr.timeline import ClockSettings, build
from tests.timeline.frames import at, records, source, times

NOW = ClockSettings(now=at("2026-11-22 12:00:00"))
BOOT = "started: BusyBox v1.36.1"


def log(*lines: tuple[str, str, float | None], modified: str) -> Source:
    """Lines of (stamp in 1972, message, uptime in seconds)."""
    rows = records(
        [line[0] for line in lines],
        "yearless",
        host="r",
        message=[line[1] for line in lines],
        monotonic=[None if line[2] is None else int(line[2] * 1e6) for line in lines],
    )
    return source("r.log", rows, modified=at(modified))


def shown(timeline: Timeline) -> list[datetime]:
    return [at(one) for one in times(timeline)]


@pytest.mark.parametrize("hour", ["01-01 00", "01-01 01", "01-01 05", "12-31 19"])
@pytest.mark.parametrize("sign", [("app", 3.0), (BOOT, None)])
def test_a_log_that_begins_with_the_boot(hour: str, sign: tuple[str, float | None]) -> None:
    before = [(f"1972-{hour}:00:03", *sign), (f"1972-{hour}:00:20", "wan up", None)]
    after = [("1972-11-04 03:00:50", "time is set", None), ("1972-11-04 03:05:00", "later", None)]
    timeline = build([log(*before, *after, modified="2025-11-04 03:06:00")], NOW)
    assert times(timeline) == [
        "2025-11-04 03:00:33",
        "2025-11-04 03:00:50",
        "2025-11-04 03:00:50",
        "2025-11-04 03:05:00",
    ]
    assert timeline.frame["time_basis"].to_list()[:2] == ["anchored"] * 2
    assert [gap.kind for gap in timeline.gaps].count("clock-step") == 1


@pytest.mark.parametrize("stamp", ["12-31 20:30:04", "01-01 05:45:30"])
def test_the_epoch_in_zones_that_are_off_by_part_of_an_hour(stamp: str) -> None:
    lines = [(f"1972-{stamp}", BOOT, None), ("1972-11-04 03:00:50", "time is set", None)]
    timeline = build([log(*lines, modified="2025-11-04 03:06:00")], NOW)
    assert times(timeline) == ["2025-11-04 03:00:50"] * 2


@pytest.mark.parametrize(
    ("begin", "after", "shown"),
    [("00:00", "12-31 12:40", "2025-12-31 12:39:44"), ("12:00", "01-01 00:51", "2026-01-01 00:50:44")],
)
def test_a_boot_in_the_night_of_a_new_year_where_the_clock_then_goes_back(begin: str, after: str, shown: str) -> None:
    boot = [(f"1972-01-01 {begin}:04", BOOT, None), (f"1972-01-01 {begin}:20", "wan up", None)]
    later = [(f"1972-{after}:{second:02}", "x", None) for second in range(6)]
    timeline = build([log(*boot, *later, modified="2026-01-01 09:00:00")], NOW)
    assert times(timeline)[:2] == [shown, f"{shown[:4]}-{after}:00"]


def test_a_log_that_ends_before_the_clock_was_set_keeps_its_year() -> None:
    lines = [
        ("1972-11-04 02:00:00", "up", None),
        ("1972-01-01 00:00:03", BOOT, None),
        ("1972-01-01 06:00:00", "x", None),
    ]
    timeline = build([log(*lines, modified="2025-11-04 09:00:00")], NOW)
    assert timeline.frame["time"][0] == at("2025-11-04 02:00:00")
    assert all(one >= at("2025-11-04 02:00:00") for one in shown(timeline))
    assert timeline.frame["time_hi"][2] <= at("2025-11-04 09:00:01")


def test_a_log_that_knows_no_other_time_ends_with_its_file() -> None:
    lines = [("1972-01-01 00:00:03", BOOT, None), ("1972-01-01 02:00:00", "x", None)]
    timeline = build([log(*lines, modified="2025-11-04 09:00:00")], NOW)
    assert times(timeline) == ["2025-11-04 07:00:03", "2025-11-04 09:00:00"]


@pytest.mark.parametrize(
    "lines",
    [
        [("1972-12-31 23:50:00", "x", None), ("1972-01-01 00:00:03", BOOT, None), ("1972-02-01 00:00:00", "y", None)],
        [("1972-01-01 00:00:03", "heartbeat", None), ("1972-02-01 00:00:03", "heartbeat", None)],
        [("1972-01-01 09:07:30", "x", 3.0), ("1972-02-01 00:00:00", "y", None)],
        [("1972-01-01 08:38:03", BOOT, None), ("1972-02-01 00:00:00", "y", None)],
    ],
)
def test_a_true_new_year_is_left_alone(lines: list[tuple[str, str, float | None]]) -> None:
    timeline = build([log(*lines, modified="2025-02-01 01:00:00")], NOW)
    assert timeline.frame["time"].is_sorted()
    assert timeline.frame["time"][-2] - at("2025-01-01 00:00:00") < timedelta(days=1)
    assert "anchored" not in timeline.frame["time_basis"].to_list()
