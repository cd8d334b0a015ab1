"""Text that is packed is the text that was there, wherever its records are in time."""

import re

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from logcorr.diagnosis import diagnose
from logcorr.events import classify
from logcorr.inputs.request import AnalyzeRequest, clock_settings
from logcorr.inputs.sources import read_sources
from logcorr.model import Window
from logcorr.packed import BLOCK, Packed, pack
from logcorr.patterns import match
from logcorr.rulebook import load_rules
from logcorr.schema import PACKED, PLACE, TIMELINE, Source, Timeline
from logcorr.timeline import build
from tests.conftest import ROOT

COUNT = 2 * BLOCK + 100
WHOLE = pl.DataFrame({"number": range(COUNT), "text": [f"line {number}" for number in range(COUNT)]})
TEXT = Packed.of([*pack(WHOLE[:700]), *pack(WHOLE[700:])])


@settings(deadline=None)  # the first reads a block; a busy machine is no fault
@given(st.lists(st.integers(0, COUNT - 1), max_size=20))
def test_records_are_read_in_the_order_in_which_they_are_asked_for(places: list[int]) -> None:
    at = np.array(places, dtype=np.int64)
    assert_frame_equal(TEXT.read(at, ["time", "text"]), WHOLE[at].select("text"))


def test_the_parts_are_all_records_each_once_and_in_order() -> None:
    every = np.arange(COUNT)
    parts = TEXT.parts(every, np.roll(every, 700 + BLOCK))
    assert np.sort(np.concatenate([every[part] for part in parts])).tolist() == every.tolist()
    rolled = np.concatenate([np.roll(every, 700 + BLOCK)[part] for part in parts])
    assert (rolled[1:] > rolled[:-1]).all()


@pytest.fixture(scope="module", params=["tailscale-link-flap", "quiet-night"])
def both(request: pytest.FixtureRequest) -> tuple[Timeline, Timeline]:
    asked = AnalyzeRequest(inputs=[str(ROOT / "fixtures" / request.param)])
    sources = [one for one in read_sources(asked) if isinstance(one, Source)]
    settings = clock_settings(asked)
    return build(sources, settings), build(sources, settings, packed_from=1)


def test_the_frame_has_all_records_in_order(both: tuple[Timeline, Timeline]) -> None:
    plain, packed = both
    assert not set(PACKED) & set(packed.frame.columns)
    assert_frame_equal(packed.rows(pl.int_range(packed.frame.height, eager=True)), plain.frame)


def test_a_column_that_no_log_fills_takes_no_memory() -> None:
    asked = AnalyzeRequest(inputs=[str(ROOT / "fixtures" / "tailscale-link-flap")])
    sources = [one for one in read_sources(asked) if isinstance(one, Source)]
    untimed = [one for one in sources if one.rows["monotonic"].is_null().all()]
    plain, packed = (build(untimed, clock_settings(asked), packed_from=start) for start in (None, 1))
    assert "monotonic" not in packed.frame.columns
    assert_frame_equal(packed.rows(np.arange(packed.frame.height)), plain.frame)
    assert_frame_equal(pl.concat(packed.slices(["monotonic"])), plain.frame.select("monotonic"))
    columns = ["monotonic", "id"]
    assert_frame_equal(pl.concat(packed.slices(columns)).sort("id"), plain.frame.select(columns))


def test_what_is_picked_is_in_order(both: tuple[Timeline, Timeline]) -> None:
    plain, packed = both
    mine = pl.col("message").str.contains("link|DHCP")
    assert_frame_equal(packed.pick(lambda said: said.filter(mine)), plain.frame.filter(mine))
    assert_frame_equal(packed.pick(lambda said: said, ["host", "id"]), plain.frame.select("host", "id"))


def test_parts_are_of_those_records_that_are_asked_for(both: tuple[Timeline, Timeline]) -> None:
    for timeline in both:
        some = (timeline.frame["id"] % 7 == 3).fill_null(value=False)
        parts = pl.concat(timeline.slices(["id", "message"], some)).sort("id")
        assert_frame_equal(parts, both[0].frame.filter(some).select("id", "message"))


def test_parts_may_be_of_packed_columns_alone() -> None:
    said = pl.DataFrame({"message": [f"line {number}" for number in range(2 * BLOCK)]})
    by_turns = np.arange(2 * BLOCK, dtype=np.uint32).reshape(2, BLOCK).T.ravel()
    timeline = Timeline(pl.DataFrame({PLACE: by_turns}).with_row_index("id"), text=Packed.of(pack(said)))
    parts = list(timeline.slices(["message"]))
    assert len(parts) > 1
    assert_frame_equal(pl.concat(parts), said)


def test_nothing_is_picked_of_no_records(both: tuple[Timeline, Timeline]) -> None:
    none = both[1].frame.clear()
    assert_frame_equal(Timeline(none, text=both[1].text).pick(lambda said: said), pl.DataFrame(schema=TIMELINE))


def test_events_matches_and_verdict_are_the_same(both: tuple[Timeline, Timeline]) -> None:
    rules = load_rules()
    found = []
    for timeline in both:
        events = classify(timeline, rules)
        matches = match(events, rules, timeline)
        window = Window(since=timeline.frame["time"][0], until=timeline.frame["time"][-1])
        result = diagnose(timeline, events, matches.frame, matches.findings, rules, window)
        found.append((events, matches.frame, matches.findings, result))
    (events, frame, findings, result), (events_again, frame_again, findings_again, result_again) = found
    assert_frame_equal(events, events_again)
    assert_frame_equal(frame, frame_again)
    assert findings == findings_again
    assert result == result_again


def test_no_stage_looks_for_packed_columns_in_the_frame() -> None:
    packed = re.compile(rf"""timeline\.frame\b.*"(?:{"|".join(PACKED)})\"""")
    folders = ("coverage", "diagnosis", "events", "patterns")
    files = [path for folder in folders for path in (ROOT / "logcorr" / folder).rglob("*.py")]
    assert files
    assert [str(path) for path in files if packed.search(path.read_text(encoding="utf-8"))] == []
