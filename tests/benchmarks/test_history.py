"""Records of benchmarks: kept one a run, compared with the last of a like machine, and drawn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.benchmarks import history
from tests.benchmarks.history import Figure, Record

MACHINE = {"processor": "Example 3", "cores": 2, "memory_gb": 8, "python": "3.11.7", "load_before": 0.1}
FIGURE = Figure("check of 1,000 lines", 0.5, 0.6, "s", 0.5, 0.55, 90_000_000)


def record(day: int, value: float = 0.5, **machine: object) -> Record:
    figures = (replace(FIGURE, value=value), Figure("<window>", 240, 250, "MB", 1.0, 1.0, 240_000_000))
    return Record(f"2026-01-{day:02}T12:00:00Z", f"abc{day}", {**MACHINE, **machine}, figures)


def test_each_run_has_a_record_of_its_own_and_they_come_back_in_order(tmp_path: Path) -> None:
    records = [record(3), record(1), record(2, cores=8)]
    assert len({history.save(one, tmp_path / "bench") for one in records}) == 3
    assert history.load(tmp_path / "bench") == sorted(records, key=lambda one: one.date)
    assert history.load(tmp_path / "nothing") == []


def test_what_is_compared_is_the_last_of_a_like_machine() -> None:
    records = [record(1), record(2, load_before=3.0), record(3, cores=8), record(4, python="3.13.1")]
    assert history.last_alike(records, MACHINE) == records[1]
    assert history.last_alike(records, {**MACHINE, "cores": 64}) is None


@pytest.mark.parametrize(("value", "told"), [(0.4, False), (0.55, False), (0.56, True), (5.0, True)])
def test_more_than_a_tenth_is_told(value: float, told: bool) -> None:
    found = history.regressions(record(2, value).figures, record(1))
    assert bool(found) == told
    assert not told or found[0].startswith("check of 1,000 lines: ")
    assert history.regressions(record(2, value).figures, None) == []


def test_the_plot_has_a_point_for_each_figure_of_each_record() -> None:
    for records in ([], [record(1)], [record(1), record(2), record(3, 3.0)]):
        picture = ET.fromstring(history.plot(records))  # noqa: S314 - our own picture
        points = [each for each in picture.iter() if each.tag.endswith("circle")]
        assert len(points) == 2 * len(records)
        assert all(0 <= float(each.attrib["cy"]) <= history.HEIGHT for each in points)
    assert "<window>" in "".join(picture.itertext())
