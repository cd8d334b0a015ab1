"""An input that comes block by block gives the timeline that it gives in one piece, packed or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import polars as pl
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from logcorr import parsers
from logcorr.schema import Source, Timeline
from logcorr.timeline import ClockSettings, build
from tests.timeline.frames import at, records, source
from tests.timeline.test_build import worlds

NOW = ClockSettings(now=at("2026-11-22 12:00:00"))


def blocks(sources: list[Source], size: int) -> Iterator[Source]:
    """Every source in blocks of ``size`` records, as parsers.read_blocks gives them."""
    for one in sources:
        for start in range(0, max(len(one.rows), 1), size):
            rows = one.rows[start : start + size]
            more = start + size < len(one.rows)
            yield replace(one, rows=rows, lines=len(rows), sha256=None if more else one.sha256, more=more)


def all_of(timeline: Timeline, rows: int) -> pl.DataFrame:
    """Its frame, put together of parts of so many records."""
    parts = list(timeline.in_order(rows))
    assert all(part.height <= rows for part in parts)
    return pl.concat(parts)


@settings(max_examples=30, deadline=None)
@given(worlds(), st.integers(1, 12), st.integers(1, 40), st.sampled_from([None, 1, 20]))
def test_where_an_input_is_cut_changes_nothing(
    world: tuple[list[Source], ClockSettings], size: int, rows: int, packed_from: int | None
) -> None:
    sources, clocks = world
    whole = build(sources, clocks)
    timeline = build(blocks(sources, size), clocks, packed_from=packed_from)
    assert_frame_equal(all_of(timeline, rows), whole.frame)
    assert timeline.inputs == whole.inputs
    assert timeline.gaps == whole.gaps
    assert timeline.spans.equals(whole.spans)


def test_newest_first_blocks_come_out_in_order() -> None:
    stamps = [f"2025-11-04 02:{minute:02}:00" for minute in range(59, -1, -1)]
    log = source("fritz.log", records(stamps, "local", host="fritz"))
    frame = all_of(build(blocks([log], 7), NOW, packed_from=1), 10)
    assert frame.equals(build([log], NOW).frame)
    assert frame["line"].to_list() == list(range(60, 0, -1))


def test_two_inputs_of_one_name_are_two() -> None:
    """As an archive may hold two members of one path."""
    log = source("a.log", records(["2025-11-04 02:00:00", "2025-11-04 02:01:00"], host="h"))
    other = source("a.log", records(["2025-11-04 02:02:00"], host="h", message="another"))
    assert [one.records for one in build(blocks([log, other], 1), NOW).inputs] == [2, 1]


def test_nothing_at_all() -> None:
    assert all_of(build(iter(()), NOW, packed_from=1), 10).is_empty()


def lines() -> st.SearchStrategy[str]:
    """A log over the turn of a year, without years or zone, some of whose records go on for several lines."""
    trace = (
        "\tat org.example.Pool.take(Pool.java:81)\n"
        "Caused by: java.net.SocketException: Network is unreachable\n\t... 3 more\n"
    )
    record = st.sampled_from(
        [
            "alder kernel: e1000e 0000:00:1f.6 eno1: NIC Link is Down\n",
            "alder app[81]: java.io.IOException: cannot reach 192.0.2.9\n" + trace,
            "alder app[81]: order stored\n    in 12 ms\n",
            "alder last message repeated 3 times\n",
            "alder systemd-networkd[411]: eth1: Gained carrier\n",
        ]
    )
    logs = st.lists(st.tuples(record, st.integers(0, 90)), min_size=40, max_size=120)
    return logs.map(written)


def written(log: list[tuple[str, int]]) -> str:
    second, text = 0, ""
    for record, later in log:
        second += later * 60
        when = at("2025-12-31 20:00:00") + timedelta(seconds=second)
        text += f"{when:%b} {when.day:>2} {when:%H:%M:%S} {record}"
    return text


@settings(max_examples=10, deadline=None, phases=[Phase.generate])  # to shrink takes minutes
@given(lines(), st.integers(600, 4_000))
def test_where_a_text_is_cut_changes_nothing(text: str, size: int) -> None:
    data = text.encode()
    modified = at("2026-02-01 00:00:00")
    whole = build([parsers.read("messages", BytesIO(data), modified=modified)], NOW)
    parts = parsers.read_blocks("messages", BytesIO(data), modified=modified, block_bytes=size)
    timeline = build(parts, NOW, packed_from=1)
    assert_frame_equal(all_of(timeline, 50), whole.frame)
    assert (timeline.inputs, timeline.gaps) == (whole.inputs, whole.gaps)
