"""What does not fit into memory is merged block by block, to the same timeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logcorr.schema import TIMELINE, Source
from logcorr.timeline import ClockSettings, build, merge_blocks
from tests.timeline.frames import at, records, source
from tests.timeline.test_build import worlds

NOW = ClockSettings(now=at("2026-11-22 12:00:00"))


def blocks(sources: list[Source], size: int) -> Iterator[Source]:
    """Every source in blocks of ``size`` records, as parsers.read_blocks gives them."""
    for one in sources:
        for start in range(0, max(len(one.rows), 1), size):
            rows = one.rows[start : start + size]
            yield replace(one, rows=rows, lines=len(rows), sha256=None)


@settings(max_examples=30, deadline=None)
@given(worlds(), st.integers(1, 12), st.integers(1, 40))
def test_the_streamed_timeline_is_the_one_built_in_memory(
    world: tuple[list[Source], ClockSettings], size: int, rows: int
) -> None:
    sources, clocks = world
    whole = build(sources, clocks)
    with merge_blocks(blocks(sources, size), clocks) as timeline:
        frames = list(timeline.frames(rows))
        assert all(frame.height <= rows for frame in frames)
        assert pl.concat(frames).equals(whole.frame)
        assert timeline.records == whole.frame.height
        assert timeline.inputs == whole.inputs
        spans, gaps = timeline.coverage()
        assert gaps == whole.gaps
        assert spans.equals(whole.spans)


def test_newest_first_blocks_come_out_in_order() -> None:
    stamps = [f"2025-11-04 02:{minute:02}:00" for minute in range(59, -1, -1)]
    log = source("fritz.log", records(stamps, "local", host="fritz"))
    with merge_blocks(blocks([log], 7), NOW) as timeline:
        frame = pl.concat(timeline.frames(10))
    assert frame.equals(build([log], NOW).frame)
    assert frame["line"].to_list() == list(range(60, 0, -1))


def test_parquet_holds_the_same_rows_and_the_temporary_folder_is_gone(tmp_path: Path) -> None:
    log = source("a.log", records([f"2025-11-04 02:{minute:02}:00" for minute in range(60)], host="h"))
    spill = tmp_path / "spill"
    spill.mkdir()
    with merge_blocks(blocks([log], 7), NOW, folder=spill) as timeline:
        assert list(spill.iterdir())
        timeline.write_parquet(tmp_path / "out.parquet")
    assert not list(spill.iterdir())
    found = pl.read_parquet(tmp_path / "out.parquet").cast(pl.Schema(TIMELINE))
    assert found.equals(build([log], NOW).frame)


def test_the_temporary_folder_is_gone_after_a_failure_too(tmp_path: Path) -> None:
    def broken() -> Iterator[Source]:
        yield source("a.log", records(["2025-11-04 02:00:00"]))
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="gone"), merge_blocks(broken(), NOW, folder=tmp_path):
        pass
    assert not list(tmp_path.iterdir())


def test_nothing_at_all(tmp_path: Path) -> None:
    with merge_blocks(iter(()), NOW) as timeline:
        assert timeline.records == 0
        timeline.write_parquet(tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet").is_empty()
