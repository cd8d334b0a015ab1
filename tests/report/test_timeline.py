"""The timeline picture: the right stretch, ticks that do not touch, signs in their place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logcorr.model import Lane, Mark, Rates, Report
from logcorr.report import render
from logcorr.report.budget import Budget
from logcorr.report.chart.axis import Axis, extent, focus, ticks
from logcorr.report.chart.bundles import bundle
from logcorr.report.chart.drawing import draw
from logcorr.report.chart.overview import oversee
from logcorr.report.material import gather
from logcorr.report.text.clock import clock
from tests.report import sample
from tests.report.dom import parse, text_lines

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
    start, end = focus(report.verdict, whole)
    assert whole[0] < start < report.verdict.chain[0].time
    assert report.verdict.chain[-1].time < end < whole[1]
    overview = oversee(gather(report, Budget()))
    assert overview
    assert (overview.start, overview.end) == whole
    assert [len(strip.bars) for strip in overview.strips] == [60, 60, 60, 45]
    assert [lens.number for lens in overview.lenses] == [1]


def test_a_bar_is_as_high_as_its_slice_is_busy() -> None:
    report = sample.incident()
    rates = Rates(start=sample.at("00:00:00"), end=sample.at("06:00:00"), records=(0, 1, 50, 100))
    lane = replace(report.lanes[0], rates=rates)
    overview = oversee(gather(replace(report, lanes=(lane,)), Budget()))
    assert overview
    (strip,) = overview.strips
    assert [bar.height for bar in strip.bars] == [2.0, 8.0, 16.0]
    assert strip.busiest == 100
    assert oversee(gather(replace(report, lanes=(replace(lane, rates=None),)), Budget())) is None


def test_each_observed_step_is_one_numbered_sign_in_its_lane() -> None:
    report = sample.incident()
    axis = Axis(*focus(report.verdict, extent(report)), 276, 1108)  # type: ignore[arg-type]
    signs = [
        (lane.label, sign)
        for lane, row in zip(report.lanes, bundle(report.lanes, report.verdict, axis, 200), strict=True)
        for sign in row
    ]
    numbered = {sign.number: (label, sign.first) for label, sign in signs if sign.number}
    observed = {number: step.time for number, step in enumerate(report.verdict.chain, start=1) if step.observed}
    assert numbered.keys() == observed.keys()
    assert numbered[1][0] == "omada · controller"
    assert numbered[7][0] == "opg-srv · monitor"


def test_signs_of_a_row_do_not_overlap() -> None:
    report = sample.incident()
    axis = Axis(*focus(report.verdict, extent(report)), 276, 1108)  # type: ignore[arg-type]
    for lane in bundle(report.lanes, report.verdict, axis, 200):
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
    axis = Axis(*focus(report.verdict, extent(report)), 276, 1108)  # type: ignore[arg-type]
    signs = [sign for row in bundle(report.lanes, report.verdict, axis, limit) for sign in row]
    assert len(signs) <= limit
    assert sum(sign.count for sign in signs) == 4 * 6_000


def test_a_report_without_lanes_has_no_picture() -> None:
    bare = replace(sample.incident(), lanes=())
    assert draw(gather(bare, Budget()), bare.verdict, 200) is None
    empty = Report(tool=sample.incident().tool, window=sample.incident().window, verdict=sample.quiet().verdict)
    assert draw(gather(empty, Budget()), empty.verdict, 200) is None
    assert oversee(gather(empty, Budget())) is None


def test_one_instant_is_no_division_by_zero() -> None:
    mark = Mark(time=START, kind="cause", event="e", text="t")
    lane = Lane(label="a" * 80, host=None, spans=((START, START),), marks=(mark,))
    report = replace(sample.quiet(), lanes=(lane,))
    picture = draw(gather(report, Budget()), report.verdict, 200)
    assert picture
    assert picture.bands[0].short == "…" + "a" * 25


def test_an_arrow_leads_from_what_brought_something_about_to_that_and_from_nothing_else() -> None:
    report = sample.incident()
    picture = draw(gather(report, Budget()), report.verdict, 200)
    assert picture
    signs = {placed.sign.number: placed for band in picture.bands for placed in band.signs if placed.sign.number}
    drawn = sorted(signs)
    roles = {number: report.verdict.chain[number - 1].role for number in drawn}
    meant = [
        (before, after)
        for before, after in pairwise(drawn)
        if roles[before] in {"root", "step"} and roles[after] in {"step", "symptom"}
    ]
    apart = [
        (before, after)
        for before, after in meant
        if abs(signs[before].x - signs[after].x) + abs(signs[before].y - signs[after].y) > 60
    ]
    assert len(apart) <= len(picture.arrows) <= len(meant) < len(drawn) - 1


def test_lanes_without_a_sign_are_left_out_and_said() -> None:
    report = sample.incident()
    silent = replace(report.lanes[0], label="silent.log", host="silent", marks=(), gaps=())
    report = replace(report, lanes=(*report.lanes, silent))
    picture = draw(gather(report, Budget()), report.verdict, 200)
    assert picture
    assert picture.left_out == ("silent.log",)
    assert "silent.log" not in [band.label for band in picture.bands]
    assert "left out: silent.log" in " ".join(text_lines(render(report, "html")))


def test_every_incident_has_its_picture_of_its_own_stretch() -> None:
    page = parse(render(sample.several(6), "html"))
    pictures = [each for each in page.find("svg") if each.attributes["role"] == "group"]
    assert len(pictures) == 6
    assert len({each.attributes["aria-labelledby"] for each in pictures}) == 6


def test_a_step_has_the_colour_that_it_has_in_the_list() -> None:
    page = parse(render(sample.incident(), "html"))
    chain = next(each for each in page.find("ol") if each.attributes.get("class") == "chain")
    listed = {str(number): step.attributes["class"].split()[0] for number, step in enumerate(chain.find("li"), start=1)}
    (svg,) = (each for each in page.find("svg") if each.attributes["role"] == "group")
    for link in svg.find("a"):
        for circle in (each for each in link.find("circle") if "step" in each.attributes["class"].split()):
            number = next(each.text for each in link.find("text") if each.attributes["class"] == "number")
            assert circle.attributes["class"] == f"step {listed[number]}"
