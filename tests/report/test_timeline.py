"""The timeline picture: the right stretch, ticks that do not touch, signs in their place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logcorr.model import Lane, Mark, Report
from logcorr.report.budget import Budget
from logcorr.report.chart.axis import Axis, extent, focus, ticks
from logcorr.report.chart.bundles import bundle
from logcorr.report.chart.drawing import draw
from logcorr.report.clock import clock
from logcorr.report.material import gather
from tests.report import sample

START = datetime(2025, 11, 4, 2, 58, 12, tzinfo=UTC)


@given(
    seconds=st.floats(min_value=0, max_value=400 * 365 * 86400),
    zone=st.sampled_from(["UTC", "Europe/Zagreb", "Asia/Kathmandu", "America/St_Johns"]),
)
def test_ticks_stay_on_the_axis_and_never_touch(seconds: float, zone: str) -> None:
    axis = Axis(START, START + timedelta(seconds=seconds), 200, 1180)
    placed = ticks(axis, clock(zone))
    assert len(placed) <= 40
    for before, after in pairwise(placed):
        assert after.x - before.x >= 7 * (len(before.label) + len(after.label)) / 2
    assert all(axis.left <= tick.x <= axis.right for tick in placed)
    if seconds >= 1:
        assert placed


@pytest.mark.parametrize(
    ("seconds", "zone", "labels"),
    [
        (30, "UTC", ["02:58:15", "02:58:20", "02:58:25", "02:58:30", "02:58:35", "02:58:40"]),
        (3000, "Europe/Zagreb", [f"04:{minute:02}" for minute in range(0, 50, 5)]),
        (
            86_400 * 2,
            "Asia/Kathmandu",
            ["12:00", "18:00", "2025-11-05", "06:00", "12:00", "18:00", "2025-11-06", "06:00"],
        ),
    ],
)
def test_ticks_stand_on_round_times_of_the_zone(seconds: int, zone: str, labels: list[str]) -> None:
    axis = Axis(START, START + timedelta(seconds=seconds), 200, 1180)
    assert [tick.label for tick in ticks(axis, clock(zone))] == labels


def test_the_chain_is_drawn_large_and_everything_small_above_it() -> None:
    report = sample.incident()
    whole = extent(report)
    assert whole == (sample.at("00:00:00"), sample.at("05:59:59"))
    start, end = focus(report, whole)
    assert whole[0] < start < report.verdict.chain[0].time
    assert report.verdict.chain[-1].time < end < whole[1]
    assert draw(gather(report, Budget())).overview  # type: ignore[union-attr]  # the sample has lanes
    assert draw(gather(sample.quiet(), Budget())).overview is None  # type: ignore[union-attr]


def test_each_observed_step_is_one_numbered_sign_in_its_lane() -> None:
    report = sample.incident()
    axis = Axis(*focus(report, extent(report)), 276, 1108)  # type: ignore[arg-type]
    signs = [
        (lane.label, sign) for lane, row in zip(report.lanes, bundle(report, axis, 200), strict=True) for sign in row
    ]
    numbered = {sign.number: (label, sign.first) for label, sign in signs if sign.number}
    observed = {number: step.time for number, step in enumerate(report.verdict.chain, start=1) if step.observed}
    assert numbered.keys() == observed.keys()
    assert numbered[1][0] == "omada · controller"
    assert numbered[7][0] == "opg-srv · monitor"


def test_signs_of_a_row_do_not_overlap() -> None:
    report = sample.incident()
    axis = Axis(*focus(report, extent(report)), 276, 1108)  # type: ignore[arg-type]
    for lane in bundle(report, axis, 200):
        rows: dict[int, list[tuple[float, float]]] = {}
        for sign in sorted((sign for sign in lane if not sign.edge), key=lambda sign: sign.x):
            rows.setdefault(sign.row, []).append((sign.x - 12, sign.x - 12 + sign.width))
        for placed in rows.values():
            assert all(before[1] <= after[0] + 0.2 for before, after in pairwise(placed))


@pytest.mark.parametrize("limit", [60, 120, 200])
def test_bundles_keep_the_limit_and_lose_no_mark(limit: int) -> None:
    marks = tuple(
        Mark(time=sample.at("02:58:00") + timedelta(seconds=number % 900), kind="symptom", event="e", text="t", count=2)
        for number in range(3_000)
    )
    lane = Lane(label="a", host=None, spans=((sample.at("00:00:00"), sample.at("06:00:00")),), marks=marks)
    report = replace(sample.incident(), lanes=(lane,) * 4)
    axis = Axis(*focus(report, extent(report)), 276, 1108)  # type: ignore[arg-type]
    signs = [sign for row in bundle(report, axis, limit) for sign in row]
    assert len(signs) <= limit
    assert sum(sign.count for sign in signs) == 4 * 6_000


def test_a_report_without_lanes_has_no_picture() -> None:
    assert draw(gather(replace(sample.incident(), lanes=()), Budget())) is None
    empty = Report(tool=sample.incident().tool, window=sample.incident().window, verdict=sample.quiet().verdict)
    assert draw(gather(empty, Budget())) is None


def test_one_instant_is_no_division_by_zero() -> None:
    mark = Mark(time=START, kind="cause", event="e", text="t")
    lane = Lane(label="a" * 80, host=None, spans=((START, START),), marks=(mark,))
    picture = draw(gather(replace(sample.quiet(), lanes=(lane,)), Budget()))
    assert picture
    assert picture.bands[0].short == "…" + "a" * 25
