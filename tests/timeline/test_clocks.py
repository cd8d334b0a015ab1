"""Clocks that were wrong, and boots that know it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest

from logcorr.schema import Source
from logcorr.timeline import ClockSettings, build
from tests.timeline.frames import at, micros, records, source, times

NOW = ClockSettings(now=at("2026-11-22 12:00:00"), default_zone="UTC")
BOOT = "b" * 32


def boot(offsets: list[tuple[float, datetime]], name: str = BOOT, **columns: Any) -> pl.DataFrame:
    """A boot's records: seconds since boot, and what the wall clock showed."""
    return records(
        [wall for _, wall in offsets],
        host="pi",
        boot=name,
        monotonic=[int(mono * 1e6) for mono, _ in offsets],
        **columns,
    )


def stretch(start: float, wall: str, count: int, step: float = 1.0) -> list[tuple[float, datetime]]:
    return [(start + step * index, at(wall) + timedelta(seconds=step * index)) for index in range(count)]


def test_a_step_early_in_the_boot_corrects_what_came_before() -> None:
    rows = boot([*stretch(5, "2022-10-24 00:00:01", 10), *stretch(15, "2022-10-24 04:00:11", 10)])
    timeline = build([source("pi.export", rows)], NOW)
    assert times(timeline)[0] == "2022-10-24 04:00:01"
    assert timeline.frame["time_basis"].to_list() == ["anchored"] * 10 + ["exact"] * 10
    (gap,) = [gap for gap in timeline.gaps if gap.kind == "clock-step"]
    assert "+14400.0 s" in gap.reason


def test_two_steps_add_up_and_a_line_written_before_them_stays_with_its_time() -> None:
    rows = boot(
        [
            *stretch(5, "2022-10-24 00:00:01", 10),
            *stretch(15, "2022-10-24 04:00:11", 5),
            (20.0, at("2022-10-24 00:00:12.5")),  # written at 16.5 s, read late
            *stretch(21, "2022-10-24 04:00:17", 5),
            *stretch(26, "2022-10-24 04:04:27.5", 10),
        ]
    )
    frame = build([source("pi.export", rows)], NOW).frame
    assert frame["time"].is_sorted()
    assert frame["time"][0] == at("2022-10-24 04:04:06.5")
    late = frame.filter(pl.col("monotonic") == 20_000_000)["time"].item()
    assert late == at("2022-10-24 04:04:18.0")


def test_sleep_is_no_error_of_the_clock() -> None:
    message = ["x"] * 9 + ["PM: suspend entry (deep)"] + ["y"] * 10
    rows = boot([*stretch(5000, "2025-11-04 00:00:00", 10), *stretch(5010, "2025-11-04 06:00:00", 10)], message=message)
    timeline = build([source("pi.export", rows)], NOW)
    assert times(timeline)[0] == "2025-11-04 00:00:00"
    assert any("slept" in gap.reason for gap in timeline.gaps)


def test_a_clock_set_back_leaves_both_readings_open_where_nothing_tells_which_was_right() -> None:
    rows = boot([*stretch(5000, "2025-11-04 03:00:00", 10), *stretch(5010, "2025-11-04 02:00:10", 10)])
    frame = build([source("pi.export", rows)], NOW).frame
    assert frame["monotonic"].is_sorted()
    assert frame["time"].is_sorted()
    assert frame["time_lo"][0] <= at("2025-11-04 02:00:00")
    assert frame["time_hi"][0] >= at("2025-11-04 03:00:00")


def test_a_clock_that_something_says_was_set_back_is_corrected_for_sure() -> None:
    message = ["x"] * 10 + ["Initial synchronization to time server 192.0.2.1:123."] + ["y"] * 9
    rows = boot([*stretch(5000, "2025-11-04 03:00:00", 10), *stretch(5010, "2025-11-04 02:00:10", 10)], message=message)
    frame = build([source("pi.export", rows)], NOW).frame
    assert frame["time"][0] == frame["time_hi"][0] == at("2025-11-04 02:00:00")


def test_the_monotonic_clock_orders_records_that_were_stamped_out_of_order() -> None:
    walls = ["2025-11-04 02:00:00.5", "2025-11-04 02:00:00.3", "2025-11-04 02:00:00.4"]
    frame = build([source("pi.export", boot([(float(i), at(wall)) for i, wall in enumerate(walls, 5000)]))], NOW).frame
    assert frame["monotonic"].is_sorted()
    assert frame["time"].is_sorted()
    assert frame["time_lo"].to_list() == [at(wall) for wall in walls]


def test_boots_of_one_machine_that_overlap_are_told() -> None:
    sources = [
        source("one.export", boot(stretch(5, "2022-10-24 00:00:01", 100), "1" * 32)),
        source("two.export", boot(stretch(5, "2022-10-24 00:00:01", 100), "2" * 32)),
    ]
    assert any("overlap" in gap.reason for gap in build(sources, NOW).gaps)


def test_every_boot_is_a_clock_domain_and_text_joins_the_boot_that_was_running() -> None:
    sources = [
        source("one.export", boot(stretch(5, "2025-11-04 00:00:00", 5), "1" * 32)),
        source("two.export", boot(stretch(5, "2025-11-04 01:00:00", 5), "2" * 32)),
        source("pi.log", records(["2025-11-04 00:30:00", "2025-11-04 02:00:00"], host="pi", program="cron")),
    ]
    frame = build(sources, NOW).frame.filter(pl.col("program") == "cron")
    assert frame["clock"].to_list() == ["pi/" + "1" * 32, "pi/" + "2" * 32]


def test_a_reset_starts_a_new_domain_where_there_are_no_boots() -> None:
    message = ["a", "Linux version 6.1.0-9-arm64", "b"]
    rows = records(["2025-11-04 00:00:00", "2025-11-04 01:00:00", "2025-11-04 01:00:01"], host="r", message=message)
    assert build([source("r.log", rows)], NOW).frame["clock"].to_list() == ["r/1", "r/2", "r/2"]


def test_a_reset_in_a_newest_first_file_is_found_where_it_is() -> None:
    message = ["d", "c", "b", "Linux version 6.1.0-9-arm64", "a"]
    stamps = [f"2025-11-04 0{hour}:00:00" for hour in (5, 4, 3, 2, 1)]
    frame = build([source("r.log", records(stamps, host="r", message=message))], NOW).frame
    assert frame["line"].to_list() == [5, 4, 3, 2, 1]
    assert frame["clock"].to_list() == ["r/1", "r/2", "r/2", "r/2", "r/2"]


def kernel_text() -> Source:
    """A syslog file of a machine without a clock: 1970 until it asks the network at 30 s of uptime."""
    uptime = [*range(10, 30, 2), *range(30, 60, 2)]
    wall = [at("1970-01-01 00:00:00") + timedelta(seconds=up) for up in uptime[:10]]
    wall += [at("2025-11-04 03:00:00") + timedelta(seconds=up - 30) for up in uptime[10:]]
    rows = records(wall, host="r", resolution=1_000_000, program="kernel", monotonic=[up * 1_000_000 for up in uptime])
    return source("r.log", rows)


def test_kernel_lines_place_a_boot_that_began_in_1970() -> None:
    frame = build([kernel_text()], NOW).frame
    true = [at("2025-11-04 02:59:40") + timedelta(seconds=2 * index) for index in range(25)]
    assert frame["monotonic"].is_sorted()
    assert all(low <= one <= high for low, one, high in zip(frame["time_lo"], true, frame["time_hi"], strict=True))
    assert abs(frame["time"][0] - true[0]) < timedelta(seconds=3)


def test_lines_dated_impossibly_are_placed_before_what_follows_and_told() -> None:
    wrong = at("1970-01-01 00:00:10")
    walls = [at("2025-11-04 02:00:00"), wrong, wrong + timedelta(seconds=40), at("2025-11-04 02:10:00")]
    timeline = build([source("r.log", records(walls, host="r"))], NOW)
    frame = timeline.frame
    told = "2 lines are dated 1970 by a clock that was not set, and placed by what is around them"
    assert timeline.inputs[0].notes[0].startswith(told)
    assert times(timeline) == [
        "2025-11-04 02:00:00",
        "2025-11-04 02:09:20",
        "2025-11-04 02:10:00",
        "2025-11-04 02:10:00",
    ]
    assert frame["line"].to_list() == [1, 2, 3, 4]
    assert frame["time_lo"][1] == at("2025-11-04 02:00:00")
    assert frame["time_basis"].to_list() == ["exact", "anchored", "anchored", "exact"]


@pytest.mark.parametrize("kind", ["utc", "local"])
def test_whole_dates_are_believed_in_whatever_order_a_file_was_put_together(kind: str) -> None:
    days = [20, 4, 9, 10, 3, 11]
    walls = [at(f"2025-11-{day:02} 02:00:00") + timedelta(minutes=minute) for day in days for minute in range(30)]
    frame = build([source("all.log", records(walls, kind, host="r", resolution=1_000_000))], NOW).frame
    assert frame.sort("line")["time"].to_list() == walls


def test_an_old_log_that_begins_with_a_boot_amid_newer_ones_is_believed() -> None:
    days = [(f"2025-11-{day} 03:00:00", 40, 60.0) for day in ("10", "03", "12")]
    log = router(*days, boot_at=40)
    assert str(build([log], NOW).frame.sort("line")["time"][40])[:19] == "2025-11-03 03:00:00"


def test_a_log_that_is_dated_1970_throughout_is_told() -> None:
    walls = [at("1970-01-01 00:02:00") + timedelta(minutes=minute) for minute in range(5)]
    timeline = build([source("t.log", records(walls, host="r"), modified=at("2025-11-04 03:00:00"))], NOW)
    assert times(timeline)[-1] == "2025-11-04 03:00:00"
    assert "5 lines are dated 1970" in timeline.inputs[0].notes[0]
    assert any(gap.reason == timeline.inputs[0].notes[0] for gap in timeline.gaps)


def test_yearless_lines_from_1970_are_placed_too() -> None:
    stamps = ["1972-11-04 02:00:00", "1972-01-01 00:00:10", "1972-01-01 00:00:50", "1972-11-04 02:10:00"]
    log = source("r.log", records(stamps, "yearless", host="r"), modified=at("2025-11-05 00:00:00"))
    assert times(build([log], NOW))[1] == "2025-11-04 02:09:20"


def test_text_beside_a_healed_journal_is_healed_with_it() -> None:
    journal = boot([*stretch(5, "2022-10-24 00:00:01", 10), *stretch(15, "2022-10-24 04:00:11", 10)])
    text = records(["2022-10-24 00:00:04", "2022-10-24 04:00:15"], host="pi", program="cron", message=["a", "b"])
    timeline = build([source("pi.export", journal), source("pi.log", text)], NOW)
    assert times(timeline, "a") == ["2022-10-24 04:00:04"]
    assert times(timeline, "b") == ["2022-10-24 04:00:15"]


def test_stamps_that_fall_back_for_good_are_told() -> None:
    walls = [at("2025-11-04 02:00:00") + timedelta(seconds=second) for second in [*range(60), *range(-600, -540)]]
    gaps = build([source("r.log", records(walls, host="r"))], NOW).gaps
    assert any("fall back by 10 min 59 s" in gap.reason for gap in gaps)


def uptime(path: str = "dmesg.txt", **columns: Any) -> Source:
    rows = records(
        ["1970-01-01 00:00:01.5", "1970-01-01 00:01:40", "1970-01-01 00:02:00.25"],
        "uptime",
        program="kernel",
        message=["one", "two", "three"],
        **columns,
    )
    return source(path, rows, modified=at("2025-11-04 06:00:00"))


def test_uptime_is_placed_by_lines_that_carry_both_clocks() -> None:
    mono = [1_500_000, 100_000_000, 120_250_000]
    start = at("2025-11-04 02:00:00")
    journal = records(
        [start + timedelta(microseconds=one + 20_000) for one in mono],
        host="pi",
        boot=BOOT,
        monotonic=mono,
        program="kernel",
        message=["one", "two", "three"],
        seqnum=[1, 2, 3],
        seqnum_id="s",
    )
    rows = records(
        ["1970-01-01 00:00:01.5", "1970-01-01 00:01:40", "1970-01-01 00:02:00.25", "1970-01-01 00:03:00"],
        "uptime",
        program="kernel",
        message=["one", "two", "three", "four"],
    )
    timeline = build([source("pi.export", journal), source("dmesg.txt", rows)], NOW)
    four = timeline.frame.filter(pl.col("message") == "four").row(0, named=True)
    assert four["host"] == "pi"
    assert four["clock"] == f"pi/{BOOT}"
    assert four["time_basis"] == "anchored"
    assert four["time_lo"] <= start + timedelta(minutes=3) <= four["time_hi"]
    assert timeline.frame.height == 4
    assert timeline.inputs[0].dropped == 3


def test_uptime_beside_a_dated_line_is_of_that_day() -> None:
    stamps = ["2026-03-14 00:44:56", "1970-01-01 00:11:38", "1970-01-01 00:11:50"]
    rows = records(stamps, ["local", "uptime", "uptime"], host="r", program=["ci", "kernel", "kernel"])
    timeline = build([source("ci.log", rows, modified=at("2026-11-20 00:00:00"))], NOW)
    assert timeline.frame.sort("line")["time"].to_list() == [
        at(one) for one in ("2026-03-14 00:44:56", "2026-03-14 00:44:44", "2026-03-14 00:44:56")
    ]
    assert "within a day of it" in str(timeline.inputs[0].timezone_from)


def test_uptime_without_any_anchor_ends_at_the_files_modification_and_says_so() -> None:
    timeline = build([uptime()], NOW)
    assert times(timeline)[-1] == "2025-11-04 06:00:00"
    assert timeline.frame["time_lo"][0] < timeline.frame["time"][0]
    assert "may be earlier" in str(timeline.inputs[0].timezone_from)


def test_a_line_without_any_stamp_lies_between_its_neighbours() -> None:
    rows = records(["2025-11-04 02:00:00", "2025-11-04 02:00:00", "2025-11-04 02:10:00"], host="h").with_columns(
        stamp=pl.when(pl.col("line") == 2).then(None).otherwise("stamp")
    )
    row = build([source("a.log", rows)], NOW).frame.row(1, named=True)
    assert row["line"] == 2
    assert (row["time_lo"], row["time_hi"]) == (at("2025-11-04 02:00:00"), at("2025-11-04 02:10:00"))


def test_micros_is_the_inverse_of_the_stamp() -> None:
    assert micros(at("1970-01-01 00:00:01")) == 1_000_000


def router(*stretches: tuple[str, int, float], boot_at: int = 0, told: str = "- init -") -> Source:
    """A router's log: (first stamp, lines, seconds between them) in turn; line ``boot_at`` says that it starts."""
    walls = [
        at(first) + timedelta(seconds=step * number) for first, count, step in stretches for number in range(count)
    ]
    said = [told if number == boot_at else f"line {number}" for number in range(len(walls))]
    return source("r.log", records(walls, "local", host="r", resolution=1_000_000, message=said))


def test_a_boot_at_the_build_date_is_placed_before_what_follows() -> None:
    frame = build([router(("2024-09-23 12:34:47", 40, 1.0), ("2025-11-04 03:05:00", 60, 30.0))], NOW).frame
    assert frame["time"][0] == at("2025-11-04 03:04:21")
    assert frame["time_lo"][0] <= at("2025-11-04 02:10:00")
    assert frame["time"].is_sorted()
    assert frame["time_basis"].to_list() == ["anchored"] * 40 + ["zone-assumed"] * 60


@pytest.mark.parametrize(
    "log",
    [
        router(("2024-09-23 12:34:47", 40, 1.0), ("2025-11-04 03:05:00", 60, 30.0), told="no boot"),
        router(("2024-09-23 12:34:47", 40, 1.0), ("2025-11-04 03:05:00", 10, 30.0)),  # too few to know its silences
        router(("2024-09-23 12:34:47", 40, 1.0), ("2025-11-04 03:05:00", 60, 5e6)),  # often silent for as long
        router(("2024-09-23 12:34:47", 40, 9000.0), ("2025-11-04 03:05:00", 60, 30.0)),  # on for days
        router(("2024-09-23 12:34:47", 40, 1.0), ("2025-11-04 03:05:00", 60, 30.0), boot_at=41),
    ],
)
def test_a_log_that_rests_is_no_clock_at_its_build_date(log: Source) -> None:
    assert build([log], NOW).frame["time"][0] == at("2024-09-23 12:34:47")


def test_lines_between_the_kernels_lines_tell_when_the_clock_was_set() -> None:
    walls = [at("2024-09-23 12:00:00"), at("2024-09-23 12:02:00"), at("2025-11-04 03:00:00"), at("2025-11-04 09:00:00")]
    mono = [0, None, None, 21_720_000_000]  # the next kernel line comes six hours later
    rows = records(walls, "local", host="r", resolution=1_000_000, monotonic=mono)
    timeline = build([source("r.log", rows)], NOW)
    assert times(timeline) == [
        "2025-11-04 02:58:00",
        "2025-11-04 03:00:00",
        "2025-11-04 03:00:00",
        "2025-11-04 09:00:00",
    ]
    assert "early in the boot; the records before it are corrected" in timeline.gaps[0].reason


@pytest.mark.parametrize(
    "wrong", ["2025-11-04 01:00:00", "2025-11-04 02:50:00", "2026-05-05 05:05:09", "2023-01-01 00:00:00"]
)
def test_a_boot_in_a_log_whose_clock_leaps_and_returns_lies_between_the_lines_around_it(wrong: str) -> None:
    log = router(("2025-11-04 02:00:00", 60, 60.0), (wrong, 40, 1.0), ("2025-11-04 03:05:00", 60, 30.0), boot_at=62)
    frame = build([log], NOW).frame
    assert frame["time"].is_sorted()
    boot = frame.filter(pl.col("line").is_between(61, 100))
    assert boot["time_lo"].min() >= at("2025-11-04 02:59:00")  # type: ignore[operator]  # a datetime
    assert boot["time_hi"].max() <= at("2025-11-04 03:05:01")  # type: ignore[operator]  # a datetime


@pytest.mark.parametrize("told", ["no boot", "- init -"])
def test_a_clock_that_falls_back_and_catches_up_without_a_leap_is_left_alone(told: str) -> None:
    log = router(("2025-11-04 02:00:00", 60, 60.0), ("2025-11-04 02:50:00", 60, 60.0), boot_at=61, told=told)
    frame = build([log], NOW).frame.sort("line")
    assert frame["time"][60] == at("2025-11-04 02:50:00")


@pytest.mark.parametrize("size", [-0.5, 0.5])
def test_a_step_of_half_a_second_is_told_and_leaves_what_came_before_open(size: float) -> None:
    before = [(100.0 + second, at("2025-11-04 03:00:00") + timedelta(seconds=second - size)) for second in range(40)]
    rows = boot([*before, *stretch(140, "2025-11-04 03:00:40", 40)])
    timeline = build([source("a.export", rows)], NOW)
    frame = timeline.frame.sort("monotonic")
    true = [at("2025-11-04 03:00:00") + timedelta(seconds=second) for second in range(80)]
    lows, highs = frame["time_lo"].to_list(), frame["time_hi"].to_list()
    assert all(low <= one <= high for low, one, high in zip(lows, true, highs, strict=True))
    assert lows[-1] == highs[-1]
    assert [gap.reason[:31] for gap in timeline.gaps] == [f"the wall clock jumped by {size:+.1f} s"]


def test_records_read_late_from_a_queue_are_no_small_step() -> None:
    queued = [(10.0, at("2025-11-04 03:00:00") + timedelta(seconds=8 + number / 25)) for number in range(50)]
    rows = boot([*queued, *stretch(10.01, "2025-11-04 03:00:10.01", 60)])
    timeline = build([source("a.export", rows)], NOW)
    assert timeline.gaps == ()
    assert (timeline.frame["time_hi"] - timeline.frame["time_lo"]).max() == timedelta(0)
