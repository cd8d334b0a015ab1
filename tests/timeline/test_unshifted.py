"""The timeline as it were without estimated corrections of clocks: only those, only by what was corrected."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from logcorr.model import SourceFile
from logcorr.schema import EVENTS, SPANS, Timeline
from logcorr.timeline import estimated_shifts, unshifted
from tests.events.material import timeline
from tests.timeline.frames import at

BEGIN = at("2026-03-14 03:00:00")
INPUTS = (
    SourceFile(path="a.log", host="alder", skew_s=None),
    SourceFile(
        path="b.log", host="birch", skew_s=30.0, skew_from="estimated from events shared with alder, "
        "5 one way and 5 the other, ±0.100 s", first=BEGIN, last=BEGIN + timedelta(seconds=20),
    ),
    SourceFile(path="c.log", host="cedar", skew_s=90.0, skew_from="given"),
    SourceFile(path="d.log", host="dogwood", skew_s=0.4, skew_from="estimated from events shared with alder, ±0.1 s"),
)  # fmt: skip


def shown() -> tuple[Timeline, pl.DataFrame]:
    """Three records, of which the second is birch's, and an event of each."""
    rows = [
        {"time": BEGIN + timedelta(seconds=second), "time_lo": BEGIN + timedelta(seconds=second),
         "time_hi": BEGIN + timedelta(seconds=second + 1), "source": source, "host": host, "message": host}
        for second, source, host in ((0, 0, "alder"), (10, 1, "birch"), (20, 0, "alder"))
    ]  # fmt: skip
    frame = timeline(rows).frame
    events = pl.DataFrame(
        {name: frame[name] if name in frame.columns else pl.Series(name, [None] * 3, dtype=kind)
         for name, kind in EVENTS.items()}
    ).with_columns(event=pl.Series(["one", "two", "three"]))  # fmt: skip
    spans = pl.DataFrame(
        {
            "source": [0, 1],
            "host": ["alder", "birch"],
            "start": [BEGIN] * 2,
            "end": [BEGIN + timedelta(seconds=20)] * 2,
        },
        schema=SPANS,
    )
    return Timeline(frame, INPUTS, spans), events


def test_only_estimates_that_matter_are_taken_back() -> None:
    given, _ = shown()
    assert estimated_shifts(given, 2.0) == {"birch": 30.0}
    assert estimated_shifts(given, 0.1) == {"birch": 30.0, "dogwood": 0.4}
    assert estimated_shifts(given, 60.0) == {}


def test_times_order_numbers_spans_and_inputs_follow_the_hosts_own_clock() -> None:
    given, events = shown()
    plain, moved = unshifted(given, events, {"birch": 30.0})
    assert plain.frame["message"].to_list() == ["alder", "alder", "birch"]
    assert plain.frame["id"].to_list() == [0, 1, 2]
    assert plain.frame["time"].to_list() == [BEGIN + timedelta(seconds=second) for second in (0, 20, 40)]
    assert plain.frame["time_hi"][2] == BEGIN + timedelta(seconds=41)
    assert moved.select("id", "event").rows() == [(0, "one"), (1, "three"), (2, "two")]
    assert moved["time"].to_list() == plain.frame["time"].to_list()
    assert plain.spans["start"].to_list() == [BEGIN, BEGIN + timedelta(seconds=30)]
    birch = plain.inputs[1]
    assert (birch.skew_s, birch.skew_from, birch.first) == (None, "not applied", BEGIN + timedelta(seconds=30))
    assert plain.inputs[2:] == INPUTS[2:]


def test_what_is_taken_back_by_nothing_is_as_it_was() -> None:
    given, events = shown()
    plain, moved = unshifted(given, events, {})
    assert plain.frame.equals(given.frame)
    assert moved.equals(events)
