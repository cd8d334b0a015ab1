"""Local times: given, stated, inferred and assumed zones."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logcorr.errors import UsageError
from logcorr.schema import Facts, Source
from logcorr.timeline import ClockSettings, build
from logcorr.timeline.dating.offsets import OFFSETS, from_receipts, from_shared, remove
from logcorr.timeline.dating.zones import find_zone, to_utc
from tests.timeline.frames import at, micros, records, source, times

NOW = ClockSettings(now=at("2026-11-22 12:00:00"))
MINUTE = 60_000_000


def local(*stamps: str, host: str = "h", **columns: object) -> pl.DataFrame:
    return records(stamps, "local", resolution=1_000_000, host=host, **columns)


def test_a_zone_given_by_host_beats_one_by_glob_and_one_in_the_log() -> None:
    log = source("logs/router.log", local("2025-11-04 03:00:00", host="er605"), facts=Facts(zone="America/New_York"))
    given_zones = ClockSettings(zones={"*.log": "Asia/Tokyo", "er605": "Europe/Zagreb"})
    timeline = build([log], given_zones)
    assert times(timeline) == ["2025-11-04 02:00:00"]
    assert (timeline.inputs[0].timezone, timeline.inputs[0].timezone_from) == ("Europe/Zagreb", "given")
    assert timeline.frame["time_basis"].to_list() == ["exact"]
    assert times(build([log], ClockSettings(zones={"*.log": "Asia/Tokyo"}))) == ["2025-11-03 18:00:00"]
    assert times(build([log], NOW)) == ["2025-11-04 08:00:00"]


def test_hosts_in_one_file_may_live_in_different_zones() -> None:
    rows = local("2025-11-04 03:00:00", "2025-11-04 03:00:00", host=["a", "b"])  # type: ignore[arg-type]  # per row
    timeline = build([source("all.log", rows)], ClockSettings(zones={"a": "+01:00", "b": "-0500"}))
    assert times(timeline) == ["2025-11-04 02:00:00", "2025-11-04 08:00:00"]
    assert timeline.frame["host"].to_list() == ["a", "b"]


def test_a_zone_stated_in_one_log_of_a_host_holds_for_its_others() -> None:
    stated = source("a.log", local("2025-11-04 03:00:00"), facts=Facts(zone="Europe/Zagreb"))
    silent = source("b.log", local("2025-11-04 03:10:00"))
    assert times(build([stated, silent], NOW)) == ["2025-11-04 02:00:00", "2025-11-04 02:10:00"]


def test_a_stated_zone_that_nobody_knows_is_no_error() -> None:
    timeline = build([source("a.log", local("2025-11-04 03:00:00"), facts=Facts(zone="CEST/IST"))], NOW)
    assert str(timeline.inputs[0].timezone_from).startswith("assumed")


def test_an_assumed_zone_says_so() -> None:
    timeline = build([source("a.log", local("2025-11-04 03:00:00"))], ClockSettings(default_zone="Europe/Berlin"))
    assert timeline.frame["time_basis"].to_list() == ["zone-assumed"]
    assert str(timeline.inputs[0].timezone_from).startswith("assumed")


def test_a_zone_for_all_is_that_of_logs_that_show_none() -> None:
    silent = source("a.log", local("2025-11-04 03:00:00"))
    timeline = build([silent], ClockSettings(general_zone="Asia/Tokyo", default_zone="Europe/Berlin"))
    assert times(timeline) == ["2025-11-03 18:00:00"]
    assert (timeline.inputs[0].timezone, timeline.inputs[0].timezone_from) == (
        "Asia/Tokyo",
        "given for all that show none",
    )
    assert timeline.frame["time_basis"].to_list() == ["exact"]


@pytest.mark.parametrize("given_for_all", ["America/New_York", "+09:00", "UTC"])
def test_a_zone_for_all_overrules_no_proof_and_the_contradiction_is_told(given_for_all: str) -> None:
    """A stated zone, and one that the collector's receive stamps prove."""
    stated = source("a.log", local("2025-11-04 03:00:00"), facts=Facts(zone="Europe/Zagreb", zone_from="head"))
    stamps = [f"2025-11-04 03:00:{second:02}" for second in range(30)]
    received = [at(f"2025-11-04 02:00:{second:02}") for second in range(30)]
    shown = source("b.log", local(*stamps, host="other", received=received))
    settings = ClockSettings(general_zone=given_for_all)
    timeline = build([stated, shown], settings)
    assert set(times(timeline)) == {stamp.replace(" 03", " 02") for stamp in stamps}
    for item in timeline.inputs:
        assert str(item.timezone_from).endswith(f"against the given {given_for_all}")


def test_a_zone_for_all_that_is_the_one_proven_contradicts_nothing() -> None:
    stated = source("a.log", local("2025-11-04 03:00:00"), facts=Facts(zone="Europe/Zagreb"))
    (item,) = build([stated], ClockSettings(general_zone="Europe/Berlin")).inputs
    assert "against" not in str(item.timezone_from)


def test_an_unknown_zone_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="Mars/Olympus"):
        build([source("a.log", local("2025-11-04 03:00:00"))], ClockSettings(zones={"h": "Mars/Olympus"}))


def test_the_repeated_hour_is_told_by_the_order_of_the_lines() -> None:
    stamps = [
        "2024-11-03 01:01:03",
        "2024-11-03 01:59:14",
        "2024-11-03 01:24:56",
        "2024-11-03 01:50:16",
        "2024-11-03 02:08:19",
    ]
    timeline = build([source("a.log", local(*stamps))], ClockSettings(zones={"h": "America/Los_Angeles"}))
    assert times(timeline) == [
        "2024-11-03 08:01:03",
        "2024-11-03 08:59:14",
        "2024-11-03 09:24:56",
        "2024-11-03 09:50:16",
        "2024-11-03 10:08:19",
    ]
    width = timeline.frame.select((pl.col("time_hi") - pl.col("time_lo")).max()).item()
    assert width < timedelta(seconds=1)


def test_a_late_line_of_the_first_pass_among_those_of_the_second_stays_open() -> None:
    clocks = ("01:58:00", "01:59:50", "01:00:05", "01:59:40", "01:00:30", "01:10:00")
    log = source("a.log", local(*(f"2024-11-03 {clock}" for clock in clocks)))
    frame = build([log], ClockSettings(zones={"h": "America/Los_Angeles"})).frame.sort("line")
    assert [str(one)[11:19] for one in frame["time_lo"]] == [
        "08:58:00",
        "08:59:50",
        "08:00:05",
        "08:59:40",
        "09:00:30",
        "09:10:00",
    ]
    wide = (frame["time_hi"] - frame["time_lo"]).dt.total_minutes() >= 60
    assert wide.to_list() == [False, False, True, True, False, False]


def test_the_repeated_hour_stays_open_where_nothing_tells() -> None:
    timeline = build([source("a.log", local("2025-10-26 02:30:00"))], ClockSettings(zones={"h": "Europe/Berlin"}))
    row = timeline.frame.row(0, named=True)
    assert row["time_lo"] == at("2025-10-26 00:30:00")
    assert row["time_hi"] == at("2025-10-26 01:30:00.999999")


def test_receive_stamps_tell_the_two_passes_apart() -> None:
    rows = local(
        "2025-10-26 02:30:00", "2025-10-26 02:40:00", received=[at("2025-10-26 01:30:04"), at("2025-10-26 01:40:09")]
    )
    timeline = build([source("a.log", rows)], ClockSettings(zones={"h": "Europe/Berlin"}))
    assert times(timeline) == ["2025-10-26 01:30:00", "2025-10-26 01:40:00"]


def test_a_skipped_hour_refutes_an_assumed_zone_and_is_reported_for_a_given_one() -> None:
    log = source("a.log", local("2025-03-30 01:59:00", "2025-03-30 02:30:00", "2025-03-30 03:01:00"))
    assumed = build([log], ClockSettings(default_zone="Europe/Berlin"))
    assert times(assumed) == ["2025-03-30 01:59:00", "2025-03-30 02:30:00", "2025-03-30 03:01:00"]
    assert "skips" in str(assumed.inputs[0].timezone_from)
    told = build([log], ClockSettings(zones={"h": "Europe/Berlin"}))
    assert "1 stamp" in str(told.inputs[0].timezone_from)


def test_lines_with_an_offset_in_the_same_file_tell_the_zone() -> None:
    kinds = ["utc", "local"] * 4
    stamps = [f"2025-11-04 {hour:02}:{minute:02}:00" for minute in range(4) for hour in (2, 3)]
    timeline = build([source("a.log", records(stamps, kinds, host="h"))], NOW)
    assert timeline.inputs[0].timezone == "+01:00"
    assert times(timeline)[-1] == "2025-11-04 02:03:00"


def test_a_witness_that_tells_nothing_leaves_the_next_one_all_lines() -> None:
    """Two lines beside ones with an offset say nothing of the zone; then those of the other sources are asked."""
    stamps = ["2025-11-04 02:00:00", "2025-11-04 02:00:01", "2025-11-04 03:00:02", "2025-11-04 07:19:03"]
    log = source("a.log", records(stamps, ["utc", "utc", "local", "local"], resolution=1_000_000, host="h"))
    (item,) = build([log, source("b.log", records(["2025-11-04 02:00:00"], host="j"))], NOW).inputs[:1]
    assert str(item.timezone_from).startswith("assumed")


def test_records_shared_with_a_journal_tell_the_zone_although_the_clock_is_off() -> None:
    minutes = range(0, 50, 7)
    told = [f"Accepted publickey for root from 192.0.2.9 port {50_000 + minute} ssh2" for minute in minutes]
    journal = source(
        "a.export", records([f"2025-11-04 02:{minute:02}:00" for minute in minutes], host="a", message=told)
    )
    stamps = [f"2025-11-04 03:{minute + 4:02}:10" for minute in minutes]
    firewall = source("fw.log", local(*stamps, host="fw", message=[f"fw: {text}" for text in told]))
    timeline = build([journal, firewall], ClockSettings(estimate_skew=False))
    assert timeline.inputs[1].timezone == "+01:00"
    assert times(timeline, f"fw: {told[0]}") == ["2025-11-04 02:04:10"]


TIMER = (
    "Starting fwupd-refresh.service - Refresh fwupd metadata and update motd...",
    "fwupd-refresh.service: Deactivated successfully.",
    "Finished fwupd-refresh.service - Refresh fwupd metadata and update motd.",
)


def own_timers(*, host: str | None) -> list[Source]:
    """Runs of the same unit on ``web`` and, without a zone, on ``host``: one run each, an hour less some apart."""
    there = [at("2025-07-14 15:19:00") + timedelta(seconds=second) for second in (0, 1, 2)]
    here = [when - timedelta(minutes=52, seconds=41) for when in there]
    fields = {"program": "systemd", "message": TIMER}
    return [
        source("web.log", records(there, host="web", **fields)),
        source("opg.log", records(here, "local", host=host, **fields)),
    ]


@pytest.mark.parametrize("host", ["opg", None])
def test_one_run_of_a_timer_on_two_hosts_does_not_tell_the_zone(host: str | None) -> None:
    timeline = build(own_timers(host=host), NOW)
    assert {one.path: one.timezone for one in timeline.inputs} == {"opg.log": "UTC", "web.log": "UTC"}
    assert str(timeline.inputs[0].timezone_from).startswith("assumed")


@pytest.mark.parametrize(
    ("host", "second", "zone"),
    [
        ("web", 13, "+01:00"),
        (None, 13, "+01:00"),
        ("opg", 13, "UTC"),
        ("web", 0, "+01:00"),
        (None, 0, "UTC"),  # both run the same jobs at the same local time
    ],
)
def test_texts_tell_the_zone_only_where_they_may_be_of_one_machine(host: str | None, second: int, zone: str) -> None:
    jobs = [
        at("2025-07-14 00:00:00") + timedelta(hours=hour, minutes=7 * hour, seconds=second * hour) for hour in range(5)
    ]
    told = [f"(root) CMD (/usr/local/bin/job-{number})" for number in range(5)]
    later = [when + timedelta(hours=1) for when in jobs]
    known = source("web.log", records(jobs, host="web", message=told))
    timeline = build([known, source("cron.log", records(later, "local", host=host, message=told))], NOW)
    assert timeline.inputs[0].timezone == zone


def test_two_long_runs_of_one_program_on_two_machines_tell_no_zone() -> None:
    told = [f"upgrade libexample{number}:amd64" for number in range(60)]
    there = [at("2025-07-14 06:12:03") + timedelta(seconds=11 * number) for number in range(60)]
    here = [when + timedelta(hours=3, minutes=59, seconds=10) for when in there]
    known = source("web.log", records(there, host="web", message=told))
    timeline = build([known, source("upgrades.log", records(here, "local", message=told))], NOW)
    assert str(timeline.inputs[0].timezone_from).startswith("assumed")


def shared(*events: tuple[float, float]) -> tuple[list[tuple[int, int]], int]:
    """``from_shared`` for (minute at which a line was written, minutes that its clock is ahead of UTC) by line."""
    written = np.array([minute * MINUTE for minute, _ in events], dtype=np.int64)
    ahead = np.array([minutes * MINUTE for _, minutes in events], dtype=np.int64)
    found = from_shared(np.arange(len(events)), ahead, written)
    return [(piece.start, piece.offset // MINUTE) for piece in found.pieces], found.agree


@pytest.mark.parametrize(
    ("events", "offset"),
    [
        ([(5, 60.1), (17, 60), (40, 60.2)], 60),
        ([(5, 60.1), (5.3, 60.1), (5.9, 60.1), (40, 60.1)], None),  # two witnesses
        ([(5.9, 60.1), (6.1, 60.1), (6.8, 60.1), (40, 60.1)], None),  # a run that passes the full minute
        ([(5, 59.2), (17, 60), (40, 60.9)], None),  # each near the offset, none near another
        ([(5, 53.1), (17, 53), (40, 53.1)], None),  # no zone, and few
        ([(5, 55.1), (17, 55), (30, 55), (40, 55.1), (50, 55), (60, 55)], 60),  # a clock that is off
        ([(5, 60), (17, 60), (40, 60), (50, 20), (52, -71), (54, 33), (56, 160)], None),  # most say otherwise
        ([*((minute, 20 + 7 * minute) for minute in range(5)), *((5 + second / 99, 60) for second in range(90))], None),
    ],
)
def test_an_offset_needs_three_witnesses_that_agree_with_one_another(
    events: list[tuple[float, float]], offset: int | None
) -> None:
    pieces, agree = shared(*events)
    assert pieces == ([] if offset is None else [(0, offset)])
    assert offset is None or agree == len(events)


def test_a_change_of_zone_shows_in_shared_records_too() -> None:
    summer = [(minute, 120) for minute in range(0, 120, 10)]
    winter = [(minute, 60) for minute in range(120, 240, 10)]
    assert shared(*summer, *winter) == ([(0, 120), (len(summer), 60)], len(summer) + len(winter))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, len(OFFSETS) - 1),
    st.integers(0, len(OFFSETS) - 1),
    st.lists(st.floats(1, 470), min_size=30, max_size=60),
    st.integers(8, 22),
)
def test_offsets_from_receipts_survive_delivery_lag_and_one_change(
    first: int, second: int, lags: list[float], change: int
) -> None:
    lags[0] = lags[change] = 5.0  # some line of each piece arrives promptly
    true = np.arange(len(lags), dtype=np.int64) * 20 * MINUTE + micros(at("2025-06-01 00:00:00"))
    offset = np.where(np.arange(len(lags)) < change, OFFSETS[first], OFFSETS[second])
    received = true + (np.array(lags) * 1e6).astype(np.int64)
    pieces = from_receipts(true + offset, received)
    assert (remove(true + offset, pieces) == true).all()


def test_a_backlog_delivered_at_once_is_lag_and_not_a_change_of_zone() -> None:
    true = np.arange(300, dtype=np.int64) * MINUTE + micros(at("2025-06-01 00:00:00"))
    received = true + 3_000_000
    received[60:240] = received[240]  # three hours without a path
    pieces = from_receipts(true + 60 * MINUTE, received)
    assert [(piece.start, piece.offset) for piece in pieces] == [(0, 60 * MINUTE)]


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Tokyo"]),
    st.lists(st.integers(0, 3 * 366 * 86_400), min_size=1, max_size=80),
)
def test_every_instant_comes_back_from_its_wall_clock(zone: str, seconds: list[int]) -> None:
    place = find_zone(zone)
    start = at("2023-01-01 00:00:00")
    instants = [start + timedelta(seconds=second) for second in sorted(seconds)]
    walls = np.array([micros(one.astimezone(place).replace(tzinfo=start.tzinfo)) for one in instants])
    found = to_utc(walls, place)
    true = np.array([micros(one) for one in instants])
    assert found.skipped == 0
    second = found.time.copy()
    second[found.open] = found.second
    assert ((found.time == true) | (second == true)).all()
    assert (second - found.time <= 60 * MINUTE).all()


def unit_runs(*, every: int, count: int = 400) -> list[datetime]:
    return [at("2025-11-04 00:00:00") + timedelta(seconds=every * run + run * run % 7) for run in range(count)]


def test_the_unit_that_a_file_is_named_after_tells_its_host_and_zone() -> None:
    runs = unit_runs(every=55)
    journal = records(runs, host="opg-srv", about="tailscale-monitor.service", message="Finished.")
    lines = records([run + timedelta(hours=1, seconds=1) for run in runs], "local", resolution=1_000_000)
    other = records(["2025-11-04 00:00:00"], host="vps1", about="ssh.service")
    sources = [source("a.export", journal), source("b.export", other), source("log/tailscale-monitor.log", lines)]
    timeline = build(sources, NOW)
    assert timeline.inputs[2].host == "opg-srv"
    assert timeline.inputs[2].timezone == "+01:00"
    assert "tailscale-monitor" in str(timeline.inputs[2].timezone_from)


def test_a_job_on_the_minute_all_day_does_not_tell_the_zone() -> None:
    runs = [at("2025-11-04 00:00:00") + timedelta(minutes=run) for run in range(1440)]
    journal = records(runs, host="a", about="job.service")
    lines = records([run + timedelta(hours=5) for run in runs[600:700]], "local", resolution=1_000_000)
    timeline = build([source("a.export", journal), source("job.log", lines)], NOW)
    assert str(timeline.inputs[1].timezone_from).startswith("assumed")
