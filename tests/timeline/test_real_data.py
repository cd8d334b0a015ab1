"""Logs that other projects publish, of which the truth is known (``../shared/data``)."""

from __future__ import annotations

import re
import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest

from logcorr import parsers
from logcorr.schema import Source, Timeline
from logcorr.timeline import ClockSettings, build
from tests.timeline.frames import at, times

DATA = Path(__file__).parents[3] / "shared" / "data"
NOW = ClockSettings(now=at("2026-11-22 12:00:00"))

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the samples of other projects are not in ../shared/data")


def read(path: str) -> Source:
    return parsers.read(path, BytesIO((DATA / path).read_bytes()))


def test_an_omada_controller_whose_zone_changed_by_eight_hours() -> None:
    timeline = build([read("omada/controller.log")], NOW)
    lag = (timeline.frame["received"] - timeline.frame["time"]).dt.total_milliseconds() / 1000
    assert 0 < lag.min() < 2  # type: ignore[operator]  # a Float64 column
    assert 471 < lag.max() < 473  # type: ignore[operator]
    assert timeline.inputs[0].timezone == "-07:00, then +01:00"
    assert timeline.frame["time_basis"].unique().to_list() == ["exact"]
    assert times(timeline).count("2025-12-31 10:52:23") == 1  # printed as 2026


def test_daylight_saving_ends() -> None:
    zone = ClockSettings(now=at("2013-11-10 00:00:00"), zones={"*": "America/Los_Angeles"})
    timeline = build([read("time/dst.0")], zone)
    assert timeline.frame["line"].is_sorted()
    assert times(timeline)[4:6] == ["2013-11-03 08:59:14", "2013-11-03 09:24:56"]


def test_times_of_day_roll_over() -> None:
    timeline = build([read("time/rollover.0")], NOW)
    assert times(timeline)[3:5] == ["2026-11-21 03:00:00", "2026-11-22 00:00:00"]


@pytest.fixture(scope="module")
def no_rtc(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    """Four boots of a machine without a clock, as journalctl exports them."""
    journalctl, zstd = shutil.which("journalctl"), shutil.which("zstd")
    if journalctl is None or zstd is None:
        pytest.skip("journalctl or zstd is not installed")
    folder = tmp_path_factory.mktemp("no-rtc")
    sources = []
    for packed in sorted((DATA / "journals/no-rtc").glob("*.zst")):
        journal = folder / packed.stem
        subprocess.run([zstd, "-dq", str(packed), "-o", str(journal)], check=True)
        run = subprocess.run([journalctl, "--file", str(journal), "-o", "export"], capture_output=True, check=True)
        sources.append(parsers.read(packed.stem, BytesIO(run.stdout)))
    return build(sources, NOW)


def test_the_steps_of_clocks_without_a_battery(no_rtc: Timeline) -> None:
    steps = [found[1] for gap in no_rtc.gaps if (found := re.search(r"jumped by (\S+) s", gap.reason))]
    assert sorted(steps) == ["+14400.0", "+14400.0", "+14400.0", "+14400.0", "+245.5", "+305.2"]


def test_boots_stay_whole_and_in_order(no_rtc: Timeline) -> None:
    counts = no_rtc.frame.group_by("clock").len().sort("len")["len"].to_list()
    assert counts == [2124, 2218, 3177, 3238]
    late = pl.col("monotonic").diff().over("clock") < -50_000  # written before they were read
    assert no_rtc.frame.filter(late).height == 0
    assert no_rtc.frame["time"].is_sorted()
    assert no_rtc.frame["time"].min() == at("2022-10-24 04:00:00.994371")
    assert sum("overlap" in gap.reason for gap in no_rtc.gaps) == 3
