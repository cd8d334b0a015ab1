"""The same record out of two sources is one; two records that look the same are two."""

from __future__ import annotations

from typing import Any

import polars as pl

from logcorr.timeline import ClockSettings, build
from tests.timeline.frames import at, records, source

NOW = ClockSettings(now=at("2026-11-22 12:00:00"))
STAMPS = ["2025-11-04 02:00:00.1", "2025-11-04 02:00:00.5", "2025-11-04 02:00:00.9", "2025-11-04 02:00:01.2"]
ENTRY: dict[str, Any] = {
    "host": "h",
    "boot": "b" * 32,
    "monotonic": [1, 2, 3, 4],
    "seqnum": [1, 2, 3, 4],
    "seqnum_id": "s" * 32,
}


def test_journal_entries_are_known_by_their_sequence_number() -> None:
    whole = source("a.export", records(STAMPS, **ENTRY))
    part = source("b.json", records(STAMPS, **ENTRY)[1:3])
    timeline = build([whole, part], NOW)
    assert timeline.frame.height == 4
    assert [item.dropped for item in timeline.inputs] == [0, 2]


def test_entries_that_only_look_the_same_stay() -> None:
    first = source("a.export", records(STAMPS, message="same", **ENTRY))
    second = source("b.export", records(STAMPS, message="same", **{**ENTRY, "seqnum": [5, 6, 7, 8]}))
    assert build([first, second], NOW).frame.height == 8


def test_syslogs_copy_of_the_journal_is_dropped_and_the_journals_kept() -> None:
    messages = ["tick", "tick", "tick", "tock"]
    journal = source("a.export", records(STAMPS, message=messages, pid=7, **ENTRY))
    coarse = [f"2025-11-04 02:00:0{second}" for second in (0, 0, 0, 1)]
    syslog = source("b.log", records(coarse, resolution=1_000_000, host="h", pid=7, message=messages))
    timeline = build([journal, syslog], NOW)
    assert timeline.frame.height == 4
    assert timeline.frame["monotonic"].null_count() == 0
    assert [item.dropped for item in timeline.inputs] == [0, 4]


def test_syslog_need_not_know_the_pid_nor_keep_the_blanks() -> None:
    journal = source("a.export", records(STAMPS[:1], host="h", message="  root : x ", pid=7, seqnum=1, seqnum_id="s"))
    syslog = source("b.log", records(STAMPS[:1], host="h", message="root : x"))
    frame = build([journal, syslog], NOW).frame
    assert frame["pid"].to_list() == [7]


def test_copies_a_few_milliseconds_apart_are_found_across_the_turn_of_a_second() -> None:
    journal = source("a.export", records(["2025-11-04 02:00:00.999"], host="h", message="x", seqnum=1, seqnum_id="s"))
    syslog = source("b.log", records(["2025-11-04 02:00:01.002"], host="h", message="x"))
    assert build([journal, syslog], NOW).frame.height == 1


def test_a_record_more_often_in_one_source_is_kept_as_often() -> None:
    one = source("a.log", records(["2025-11-04 02:00:00.1"] * 3, host="h", message="x"))
    two = source("b.log", records(["2025-11-04 02:00:00.1"] * 2, host="h", message="x"))
    assert build([one, two], NOW).frame.height == 3


def test_repeats_within_one_source_and_on_other_hosts_stay() -> None:
    one = source("a.log", records(["2025-11-04 02:00:00.1"] * 3, host="h", message="x"))
    two = source("b.log", records(["2025-11-04 02:00:00.1"] * 3, host="i", message="x"))
    assert build([one, two], NOW).frame.height == 6


def test_the_same_file_under_two_names_counts_once_although_it_names_no_host() -> None:
    rows = records(STAMPS)
    timeline = build([source("x/one.log", rows, sha256="0" * 64), source("y/two.log", rows, sha256="0" * 64)], NOW)
    assert timeline.frame.height == 4
    assert set(timeline.frame["host"]) == {"one"}


def test_seconds_that_repeat_a_message_for_an_hour_in_turn_lose_nothing() -> None:
    stamps = [f"2025-11-04 02:{minute:02}:{second:02}" for minute in range(4) for second in range(60)]
    rows = records(stamps, host="h", message="beat", resolution=1_000_000)
    rotated = [source("a.log.1", rows[:120]), source("a.log", rows[120:])]
    frame = build(rotated, NOW).frame
    assert frame.height == 240
    assert frame.select(pl.col("time").n_unique()).item() == 240
