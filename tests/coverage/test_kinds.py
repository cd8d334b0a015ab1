"""A kind of source was there only where nothing of the time that is asked for is missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from logcorr.coverage.kinds import SourceKinds, find_kinds
from logcorr.model import CoverageGap, GapKind, SourceFile
from logcorr.rulebook.models import Rulebook, SourceKind
from logcorr.schema import EVENTS, SPANS, TIMELINE, Timeline, empty

START = datetime(2025, 11, 4, 0, 0, tzinfo=UTC)
KERNEL = SourceKind(id="kernel", title="the kernel's log", programs=("kernel",), command="dmesg", on="the host")
SYSLOG = SourceKind(id="machine", title="the machine's log", formats=("syslog*",), command="cat", on="the host")

Rows = list[tuple[int, str, str, float]]  # source, host, program, hour
Spans = list[tuple[int, str, float, float]]  # source, host, from hour, to hour


def at(hour: float) -> datetime:
    return START + timedelta(hours=hour)


def kinds(
    rows: Rows,
    spans: Spans,
    *gaps: CoverageGap,
    formats: tuple[str, ...] = ("syslog-rfc3164",),
    zones: tuple[str, ...] = ("in the log",) * 2,
) -> SourceKinds:
    table = {"source": [row[0] for row in rows], "host": [row[1] for row in rows], "program": [row[2] for row in rows]}
    frame = pl.DataFrame(table | {"time": [at(row[3]) for row in rows]}, schema_overrides=TIMELINE)
    frame = pl.concat([empty(TIMELINE), frame.cast({name: TIMELINE[name] for name in frame.columns})], how="diagonal")
    covered = [(source, host, at(start), at(end)) for source, host, start, end in spans]
    timeline = Timeline(
        frame=frame,
        inputs=tuple(
            SourceFile(path=f"{number}.log", format=form, timezone_from=zone)
            for number, (form, zone) in enumerate(zip(formats, zones, strict=False))
        ),
        spans=pl.DataFrame(covered, schema=SPANS, orient="row"),
        gaps=gaps,
    )
    return find_kinds(timeline, empty(EVENTS), Rulebook(sources={kind.id: kind for kind in (KERNEL, SYSLOG)}))


def gap(kind: GapKind, since: float, until: float, source: str = "0.log", host: str = "srv") -> CoverageGap:
    return CoverageGap(source=source, host=host, kind=kind, start=at(since), end=at(until), reason="a test's")


ALL_DAY: Rows = [(0, "srv", "kernel", 0), (0, "srv", "kernel", 24)]


def test_a_log_without_a_hole_covers_what_it_spans() -> None:
    found = kinds(ALL_DAY, [(0, "srv", 0, 24)])
    assert found.seen_on("kernel", at(2), at(3)) == {"srv"}
    assert found.seen_on("machine", at(2), at(3)) == set(), "one program is no whole log"
    assert found.given == {"kernel"}


@pytest.mark.parametrize(("since", "until", "seen"), [(2, 3, False), (0.5, 3, False), (4, 6, False), (6, 7, True)])
def test_a_silence_is_a_hole(since: float, until: float, *, seen: bool) -> None:
    found = kinds(ALL_DAY, [(0, "srv", 0, 1), (0, "srv", 5, 24)], gap("silence", 1, 5))
    assert found.seen_on("kernel", at(since), at(until)) == ({"srv"} if seen else set())


@pytest.mark.parametrize("kind", ["lost-messages", "rate-limited", "unreadable", "limit"])
def test_what_a_source_lost_is_a_hole(kind: GapKind) -> None:
    found = kinds(ALL_DAY, [(0, "srv", 0, 24)], gap(kind, 2, 2.1))
    assert found.seen_on("kernel", at(1), at(3)) == set()
    assert found.seen_on("kernel", at(3), at(4)) == {"srv"}


def test_a_step_of_the_clock_is_none() -> None:
    assert kinds(ALL_DAY, [(0, "srv", 0, 24)], gap("clock-step", 2, 2.1)).seen_on("kernel", at(1), at(3)) == {"srv"}


def test_another_source_of_the_host_fills_the_hole() -> None:
    rows: Rows = [*ALL_DAY, (1, "srv", "kernel", 0), (1, "srv", "kernel", 24)]
    spans: Spans = [(0, "srv", 0, 1), (0, "srv", 5, 24), (1, "srv", 0, 24)]
    found = kinds(rows, spans, gap("silence", 1, 5), formats=("syslog", "dmesg"))
    assert found.seen_on("kernel", at(2), at(3)) == {"srv"}


def test_a_quiet_log_reaches_to_the_edges_of_the_run_unless_a_gap_says_otherwise() -> None:
    rows: Rows = [(0, "srv", "kernel", 1), (0, "srv", "kernel", 2), (1, "web", "nginx", 0), (1, "web", "nginx", 3)]
    spans: Spans = [(0, "srv", 1, 2), (1, "web", 0, 3)]
    assert kinds(rows, spans, formats=("dmesg", "nginx")).seen_on("kernel", at(0.5), at(2.5)) == {"srv"}
    late = kinds(rows, spans, gap("starts-late", 0, 1), formats=("dmesg", "nginx"))
    assert late.seen_on("kernel", at(0.5), at(1.5)) == set()
    assert late.seen_on("kernel", at(1.5), at(2.5)) == {"srv"}
    early = kinds(rows, spans, gap("ends-early", 2, 3), formats=("dmesg", "nginx"))
    assert early.seen_on("kernel", at(1.5), at(2.5)) == set()


def test_time_before_the_run_is_not_asked_for_and_time_outside_is_never_seen() -> None:
    found = kinds(ALL_DAY, [(0, "srv", 0, 24)])
    assert found.seen_on("kernel", at(-2), at(1)) == {"srv"}
    assert found.seen_on("kernel", at(-2), at(-1)) == set()
    assert found.seen_on("kernel", at(25), at(26)) == set()


def test_a_run_without_records_saw_nothing() -> None:
    assert kinds([], []).seen_on("kernel", at(0), at(1)) == set()


def test_a_log_in_an_assumed_zone_covers_its_own_times_alone() -> None:
    """Lines of another clock may be hours off: neither log says what the other did not see."""
    rows: Rows = [
        (0, "srv", "kernel", 0),
        (0, "srv", "kernel", 24),
        (1, "gate", "kernel", 0),
        (1, "gate", "kernel", 24),
    ]
    spans: Spans = [(0, "srv", 0, 24), (1, "gate", 0, 24)]
    both = kinds(rows, spans, formats=("syslog-rfc3164",) * 2, zones=("in the log", "assumed: nothing shows it"))
    assert both.seen_on("kernel", at(2), at(3), [0]) == {"srv"}
    assert both.seen_on("kernel", at(2), at(3), [1]) == {"gate"}
    assert both.seen_on("kernel", at(2), at(3), [0, 1]) == set()
    assert both.seen_on("kernel", at(2), at(3)) == {"srv", "gate"}, "whatever clock dates them"
    told = kinds(rows, spans, formats=("syslog-rfc3164",) * 2, zones=("in the log", "given"))
    assert told.seen_on("kernel", at(2), at(3), [0]) == {"srv", "gate"}
