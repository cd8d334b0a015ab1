"""Stamps that lack a year or a date."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logcorr.schema import Facts
from logcorr.timeline import ClockSettings, build
from logcorr.timeline.dating.years import nearest_year, rebase, to_1972
from tests.timeline.frames import at, records, source, times

NOW = ClockSettings(now=at("2026-11-22 12:00:00"))


def yearless(*days: str, **columns: object) -> pl.DataFrame:
    return records([f"1972-{day}" for day in days], "yearless", resolution=1_000_000, host="h", **columns)


CASES = {
    "back from the file's modification": (
        source("a.log", yearless("11-03 10:00:00", "11-04 03:00:00"), modified=at("2025-11-05 00:00:00")),
        ["2025-11-03 10:00:00", "2025-11-04 03:00:00"],
    ),
    "a stamp after the modification is last year's": (
        source("a.log", yearless("12-30 10:00:00"), modified=at("2025-11-05 00:00:00")),
        ["2024-12-30 10:00:00"],
    ),
    "across New Year": (
        source("a.log", yearless("12-31 23:59:59", "01-01 00:00:01"), modified=at("2026-01-02 00:00:00")),
        ["2025-12-31 23:59:59", "2026-01-01 00:00:01"],
    ),
    "a late line across New Year": (
        source(
            "a.log",
            yearless("12-31 23:00:00", "01-01 00:00:01", "12-31 23:59:58", "01-01 00:00:02"),
            modified=at("2026-01-02 00:00:00"),
        ),
        ["2025-12-31 23:00:00", "2025-12-31 23:59:58", "2026-01-01 00:00:01", "2026-01-01 00:00:02"],
    ),
    "two years in one file": (
        source(
            "a.log",
            yearless("06-01 00:00:00", "12-01 00:00:00", "03-01 00:00:00", "10-01 00:00:00", "02-01 00:00:00"),
            modified=at("2026-02-02 00:00:00"),
        ),
        [
            "2024-06-01 00:00:00",
            "2024-12-01 00:00:00",
            "2025-03-01 00:00:00",
            "2025-10-01 00:00:00",
            "2026-02-01 00:00:00",
        ],
    ),
    "29 February needs a leap year": (
        source("a.log", yearless("02-28 10:00:00", "02-29 10:00:00"), modified=at("2026-03-05 00:00:00")),
        ["2024-02-28 10:00:00", "2024-02-29 10:00:00"],
    ),
    "stated in the text": (
        source("a.log", yearless("02-04 09:34:04", "02-10 16:19:19"), facts=Facts(year=2022, year_from="its header")),
        ["2022-02-04 09:34:04", "2022-02-10 16:19:19"],
    ),
    "nothing but the current date": (
        source("a.log", yearless("11-22 11:00:00", "11-22 13:00:00")),
        ["2026-11-22 11:00:00", "2026-11-22 13:00:00"],
    ),
    "newest first": (
        source(
            "a.log",
            yearless("01-02 00:00:03", "01-01 00:00:02", "12-31 23:59:58", "12-31 10:00:00", "12-30 10:00:00"),
            modified=at("2026-01-03 00:00:00"),
        ),
        [
            "2025-12-30 10:00:00",
            "2025-12-31 10:00:00",
            "2025-12-31 23:59:58",
            "2026-01-01 00:00:02",
            "2026-01-02 00:00:03",
        ],
    ),
}


@pytest.mark.parametrize(("log", "expected"), CASES.values(), ids=CASES.keys())
def test_years(log: object, expected: list[str]) -> None:
    assert times(build([log], NOW)) == expected  # type: ignore[list-item]  # a Source


def test_sources_with_years_overrule_a_copied_files_modification() -> None:
    journal = source("a.export", records(["2024-11-04 02:00:00", "2024-11-04 04:00:00"], host="h"))
    syslog = source("b.log", yearless("11-04 03:00:00"), modified=at("2026-11-20 00:00:00"))
    timeline = build([journal, syslog], NOW)
    assert times(timeline)[1] == "2024-11-04 03:00:00"
    assert "modification time" in str(timeline.inputs[1].year_from)


def test_the_window_stands_in_for_sources_with_years() -> None:
    syslog = source("b.log", yearless("11-04 03:00:00"), modified=at("2026-11-20 00:00:00"))
    window = ClockSettings(now=NOW.now, since=at("2023-11-04 00:00:00"), until=at("2023-11-05 00:00:00"))
    assert times(build([syslog], window)) == ["2023-11-04 03:00:00"]


def test_lines_with_a_year_in_the_same_file_date_the_others() -> None:
    rows = records(
        ["1972-12-31 23:59:00", "2023-12-31 23:59:30", "1972-01-01 00:00:10"], ["yearless", "utc", "yearless"], host="h"
    )
    assert times(build([source("a.log", rows, modified=at("2026-06-01 00:00:00"))], NOW)) == [
        "2023-12-31 23:59:00",
        "2023-12-31 23:59:30",
        "2024-01-01 00:00:10",
    ]


def test_a_year_of_a_clock_that_was_not_set_dates_no_other_line() -> None:
    rows = records(
        ["1970-01-02 02:00:09", "1972-09-15 09:54:33", "1972-09-15 12:33:18"],
        ["local", "yearless", "yearless"],
        resolution=1_000_000,
        host="r",
    )
    timeline = build([source("r.log", rows, modified=at("2025-11-05 00:00:00"))], NOW)
    assert times(timeline)[1:] == ["2025-09-15 09:54:33", "2025-09-15 12:33:18"]
    assert times(timeline)[0] <= "2025-09-15 09:54:33"


def test_receive_stamps_give_the_year() -> None:
    rows = yearless("12-31 23:59:59", "01-01 00:00:01", received=[at("2024-01-01 00:00:02"), at("2024-01-01 00:00:03")])
    assert times(build([source("a.log", rows)], NOW)) == ["2023-12-31 23:59:59", "2024-01-01 00:00:01"]


def test_a_year_off_by_one_yields_to_the_receive_stamp() -> None:
    stamps = ["2025-12-30 10:00:00", "2026-12-31 11:52:23", "2026-01-05 16:15:29"]
    received = [at("2025-12-30 10:00:04"), at("2025-12-31 11:52:25"), at("2026-01-05 16:15:32")]
    timeline = build([source("a.log", records(stamps, "local", host="h", received=received))], NOW)
    assert times(timeline) == ["2025-12-30 10:00:00", "2025-12-31 11:52:23", "2026-01-05 16:15:29"]
    assert "1 line" in str(timeline.inputs[0].year_from)


def test_times_of_day_count_days_back_from_the_end() -> None:
    stamps = [f"1972-01-01 {time}" for time in ("23:00:00", "23:59:58", "00:00:01", "22:00:00", "12:00:00")]
    log = source("a.log", records(stamps, "timeofday", host="h"), modified=at("2025-11-04 13:00:00"))
    assert times(build([log], NOW)) == [
        "2025-11-02 23:00:00",
        "2025-11-02 23:59:58",
        "2025-11-03 00:00:01",
        "2025-11-03 22:00:00",
        "2025-11-04 12:00:00",
    ]


@given(st.integers(0, 366 * 86_400 - 1), st.integers(1971, 2099))
def test_rebase_keeps_the_day_and_the_time(second: int, year: int) -> None:
    position = np.array([2 * 365 * 86_400 + second], dtype=np.int64) * 1_000_000
    moved = rebase(position, year)
    day = to_1972(moved)
    if day[0] != position[0]:
        assert 59 * 86_400 <= second < 60 * 86_400  # 29 February, in a year that has none
        assert year % 4
    assert nearest_year(day, moved)[0] == moved[0]


@pytest.mark.parametrize("mad", ["2058-02-10 03:00:30", "2024-02-10 03:00:30", "1970-02-10 03:00:30"])
def test_one_mad_date_does_not_date_the_logs_beside_it(mad: str) -> None:
    router = source("router.log", records(["2022-02-10 03:00:00", mad], "local", host="r"))
    known = source("app.log", records(["2022-02-10 03:00:02", "2022-02-10 03:00:40"], "local", host="a"))
    log = source("syslog", yearless("02-10 03:00:01", "02-10 03:05:31"), modified=at("2026-02-20 00:00:00"))
    timeline = build([router, known, log], NOW)
    mine = timeline.frame.filter(pl.col("source") == [one.path for one in timeline.inputs].index("syslog"))
    assert [str(one)[:19] for one in mine["time"]] == ["2022-02-10 03:00:01", "2022-02-10 03:05:31"]


def test_times_of_day_take_the_day_of_the_dated_lines_around_them() -> None:
    stamps = ["2026-03-14 23:59:00", "1972-01-01 23:59:30", "1972-01-01 00:00:10", "2026-03-18 08:00:00",
              "1972-01-01 08:00:01"]  # fmt: skip
    kinds = ["local", "timeofday", "timeofday", "local", "timeofday"]
    log = source("a.log", records(stamps, kinds, host="a"), modified=at("2026-11-20 00:00:00"))
    assert [one[:19] for one in times(build([log], NOW))] == [
        "2026-03-14 23:59:00", "2026-03-14 23:59:30", "2026-03-15 00:00:10", "2026-03-18 08:00:00",
        "2026-03-18 08:00:01",
    ]  # fmt: skip
