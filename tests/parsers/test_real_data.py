"""Real samples of other projects (``../shared/data``): everything in them is recognised."""

from io import BytesIO
from pathlib import Path

import pytest

from logcorr import parsers

DATA = Path(__file__).parents[3] / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the samples of other projects are not in ../shared/data")


def read(path):
    source = parsers.read(path, BytesIO((DATA / path).read_bytes()))
    assert source.lines == source.rows.height + source.unparsed.height + source.continuation + source.markers
    return source


def test_omada_controller():
    source = read("omada/controller.log")
    assert source.format == "omada-controller"
    assert (source.rows.height, source.unparsed.height) == (54, 0)
    lag = (source.rows["received"].dt.replace_time_zone(None) - source.rows["stamp"]).dt.total_seconds()
    assert lag.filter(lag.abs() < 86_400).len() == 53  # one line is a year off


def test_export():
    source = read("journals/export-1.txt")
    assert (source.format, source.rows.height, source.unparsed.height) == ("journal-export", 1, 0)


def test_an_export_entry_without_any_time_is_unparsed():
    source = read("journals/export-2.txt")
    assert (source.rows.height, source.markers) == (0, 2)
