"""The whole stage: whatever the order, the splitting or the formats of the files, the same true timeline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logcorr.schema import RECORDS, STAMP_KINDS, TIMELINE, Source
from logcorr.timeline import ClockSettings, build
from logcorr.timeline.build import _at
from tests.timeline.frames import at, records, source

NOW = ClockSettings(now=at("2026-11-22 12:00:00"))
START = at("2025-12-30 00:00:00")
LATEST = at("2026-01-10 00:00:00")

#: No two alike: the same line at the same time in two files is one record, and would be two in one file.
MOMENTS = st.lists(
    st.integers(0, 4 * 86_400 * 10**6).map(lambda micros: START + timedelta(microseconds=micros)),
    min_size=1, max_size=30, unique=True,
).map(sorted)  # fmt: skip
LAGS = st.floats(0.5, 400)


def whole(moments: list[datetime]) -> list[datetime]:
    return [one.replace(microsecond=0) for one in moments]


def exact(name: str, moments: list[datetime]) -> Source:
    return source(f"{name}.utc", records(moments, host=name, message=[f"{name} {one}" for one in moments]))


def yearless(name: str, moments: list[datetime], zone: timezone) -> Source:
    walls = [one.astimezone(zone).replace(year=1972, tzinfo=at("1972-01-01").tzinfo) for one in whole(moments)]
    message = [f"{name} {one}" for one in moments]
    rows = records(walls, "yearless", host=name, resolution=1_000_000, message=message)
    return source(f"{name}.log", rows, modified=LATEST)


def relayed(name: str, moments: list[datetime], zone: timezone, lags: list[float]) -> Source:
    walls = [one.astimezone(zone).replace(tzinfo=at("1972-01-01").tzinfo) for one in whole(moments)]
    received = [one + timedelta(seconds=lag) for one, lag in zip(moments, lags, strict=False)]
    message = [f"{name} {one}" for one in moments]
    rows = records(walls, "local", host=name, resolution=1_000_000, message=message, received=received)
    return source(f"{name}.relay", rows)


def boots(name: str, moments: list[datetime]) -> Source:
    first = moments[0]
    columns: dict[str, Any] = {
        "monotonic": [(one - first) // timedelta(microseconds=1) + 10**6 for one in moments],
        "boot": "b" * 32, "seqnum": range(1, len(moments) + 1), "seqnum_id": "s" * 32,
    }  # fmt: skip
    return source(
        f"{name}.export", records(moments, host=name, message=[f"{name} {one}" for one in moments], **columns)
    )


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Source], ClockSettings]:
    """Four machines, each logging in its own way, in zones of its own."""
    zone = timezone(timedelta(hours=draw(st.integers(-11, 13))))
    moments = draw(MOMENTS)
    lags = [draw(LAGS) for _ in moments]
    lags[len(lags) // 2] = 0.5
    sources = [
        exact("vps", draw(MOMENTS)), yearless("nas", draw(MOMENTS), zone), relayed("router", moments, zone, lags),
        boots("pi", draw(MOMENTS)),
    ]  # fmt: skip
    offset = f"{zone.utcoffset(None) // timedelta(hours=1):+03}:00"
    return sources, ClockSettings(now=NOW.now, zones={"nas": offset})


@settings(max_examples=60, deadline=None)
@given(worlds(), st.randoms())
def test_the_true_time_lies_within_the_interval_and_the_order_of_files_changes_nothing(
    world: tuple[list[Source], ClockSettings], shuffle: Any
) -> None:
    sources, clocks = world
    timeline = build(sources, clocks)
    frame = timeline.frame
    assert dict(frame.schema) == TIMELINE
    assert frame.height == sum(len(one.rows) for one in sources)
    assert frame["time"].is_sorted()
    assert frame["id"].to_list() == list(range(frame.height))
    for row in frame.iter_rows(named=True):
        true = datetime.fromisoformat(row["message"].split(" ", 1)[1])
        assert row["time_lo"] <= true <= row["time_hi"]
        assert row["time_lo"] <= row["time"] <= row["time_hi"]
    inside = frame.filter(pl.col("monotonic").is_not_null())
    assert inside["monotonic"].is_sorted()
    shuffled = list(sources)
    shuffle.shuffle(shuffled)
    again = build(shuffled, clocks)
    assert again.frame.equals(frame)
    assert again.inputs == timeline.inputs
    assert again.gaps == timeline.gaps


@settings(max_examples=60, deadline=None)
@given(worlds(), st.integers(0, 30), st.integers(0, 1))
def test_splitting_a_file_changes_nothing(world: tuple[list[Source], ClockSettings], cut: int, which: int) -> None:
    sources, clocks = world
    one = sources.pop([0, 1][which])
    at_line = min(cut, len(one.rows))
    parts = [
        source(one.path + suffix, rows, modified=one.modified)
        for suffix, rows in ((".1", one.rows[:at_line]), ("", one.rows[at_line:]))
    ]
    compared = ["time", "time_lo", "time_hi", "host", "message", "clock", "time_basis"]
    merged = build([*sources, one], clocks).frame.select(compared)
    assert build([*sources, *parts], clocks).frame.select(compared).equals(merged)


def test_no_sources_and_sources_without_rows() -> None:
    assert build([], NOW).frame.schema == TIMELINE
    timeline = build([source("empty.log", records([]))], NOW)
    assert timeline.frame.schema == TIMELINE
    assert timeline.frame.is_empty()
    assert len(timeline.inputs) == 1
    assert timeline.inputs[0].host is None


def test_hosts_are_filled_in() -> None:
    journal = source("a.export", records(["2025-11-04 02:00:00"] * 2, host="opg-srv"))
    printed = source("b.log", records(["2025-11-04 02:00:00"] * 3, host=["vps1", None, "vps1.example.org"]))
    monitor = source("logs/opg-srv-monitor.log", records(["2025-11-04 02:00:00"]))
    router = source("logs/er605.log.2.gz", records(["2025-11-04 02:00:00"]))
    named = source("logs/x.log", records(["2025-11-04 02:00:00"]))
    timeline = build([journal, printed, monitor, router, named], ClockSettings(hosts={"*/x.log": "nas"}))
    assert {item.path: item.host for item in timeline.inputs} == {
        "a.export": "opg-srv", "b.log": "vps1", "logs/opg-srv-monitor.log": "opg-srv", "logs/er605.log.2.gz": "er605",
        "logs/x.log": "nas",
    }  # fmt: skip
    assert timeline.frame.filter(pl.col("source") == 1)["host"].to_list() == ["vps1"] * 3


def test_a_file_named_after_a_program_is_of_the_only_host_whose_text_log_has_it() -> None:
    night = [at("2026-01-01 03:00:00"), at("2026-01-01 03:01:00")]
    one = source("one.log", records(night, host="db-2", program=["cron", "link-check"]))
    own = source("link-check.log", records(night))
    two = source("two.log", records(night, host="web-3", program="cron"))
    shared = source("cron.log", records(night))
    hosts = {item.path: item.host for item in build([one, two, own, shared], NOW).inputs}
    assert hosts == {"one.log": "db-2", "two.log": "web-3", "link-check.log": "db-2", "cron.log": "cron"}


def test_what_a_boot_logged_before_it_had_a_name_belongs_to_the_name_it_got() -> None:
    rows = records(
        ["2025-11-04 02:00:00", "2025-11-04 02:00:01", "2025-11-04 02:00:02"],
        host=["localhost", "pi", "pi"], boot="b" * 32, monotonic=[1, 1_000_001, 2_000_001],
    )  # fmt: skip
    assert build([source("a.export", rows)], NOW).frame["host"].to_list() == ["pi", "pi", "pi"]


def test_hostile_stamps_do_no_harm() -> None:
    rows = records(["0001-01-01 00:00:00", "9999-12-31 23:59:59", "2025-11-04 00:00:00"], "local", host="h")
    timeline = build([source("a.log", rows)], ClockSettings(zones={"h": "Europe/Berlin"}))
    assert timeline.frame.height == 3
    assert len(timeline.inputs) == 1


ANYTHING = st.fixed_dictionaries(
    {
        "stamp": st.none() | st.datetimes(),
        "stamp_kind": st.sampled_from(STAMP_KINDS) | st.none(),
        "resolution": st.sampled_from([1, 1_000_000, 2**62, 0, None]),
        "received": st.none() | st.datetimes(timezones=st.just(UTC)),
        "boot": st.sampled_from([None, "a" * 32, "b" * 32]),
        "monotonic": st.none() | st.integers(-(2**63), 2**63 - 1) | st.integers(0, 10**10),
        "seqnum": st.none() | st.integers(0, 2**64 - 1) | st.integers(0, 9),
        "seqnum_id": st.sampled_from([None, "s" * 32]),
        "host": st.sampled_from([None, "", "h", "h.example.org", "localhost"]),
        "program": st.sampled_from([None, "kernel", "x"]),
        "message": st.sampled_from(
            [None, "", "Linux version 6", "Suppressed 9 messages from x", "PM: suspend exit", "time reset +9 s"]
        )
        | st.text(max_size=20),
    }
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(ANYTHING, max_size=25), max_size=4), st.sampled_from(["UTC", "Europe/Berlin", "+13:00"]))
def test_whatever_parsers_find_becomes_a_timeline(files: list[list[dict[str, Any]]], zone: str) -> None:
    schema = pl.Schema(RECORDS)
    sources = [
        source(f"{number}.log", pl.DataFrame(rows, schema=schema, strict=False, orient="row"))
        for number, rows in enumerate(files)
    ]
    timeline = build(sources, ClockSettings(default_zone=zone, now=NOW.now))
    frame = timeline.frame
    assert frame.height == sum(map(len, files)) - sum(item.dropped for item in timeline.inputs)
    assert frame["time"].is_sorted()
    assert frame.filter(pl.col("time_lo") > pl.col("time_hi")).is_empty()
    assert len(frame.rows()) == frame.height


@pytest.mark.parametrize(
    "runs",
    [
        [(40_000, 60_000), (0, 40_000)],  # a rotated log: the file that is written to sorts first
        [(0, 60_000)],
        [(10_000, 35_000), (35_005, 60_000), (0, 9_999)],  # some lines are left out
        [(30, 40), (20, 30), (0, 5)],
        [(7, 7)],
    ],
)
def test_records_come_in_the_order_of_their_places_whether_copied_or_not(runs: list[tuple[int, int]]) -> None:
    text = pl.concat([pl.DataFrame({"line": range(low, low + 20_000)}) for low in (0, 20_000, 40_000)])
    places = np.concatenate([np.arange(low, high) for low, high in runs])
    assert _at([text], places).equals(text[places])
