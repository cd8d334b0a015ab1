"""One journal in every mode of journalctl says the same, as far as each mode can (``../shared/data/journals``)."""

import subprocess
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
import zstandard

from logcorr import parsers
from logcorr.schema import Source

JOURNALS = Path(__file__).parents[3] / "shared" / "data" / "journals" / "no-rtc"

pytestmark = pytest.mark.skipif(
    not JOURNALS.is_dir(), reason="the journals of systemd's tests are not in ../shared/data"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("journal")
    for path in JOURNALS.glob("*.zst"):
        data = zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read()
        (target / path.stem).write_bytes(data)
    return target


def read(folder: Path, mode: str, *options: str) -> Source:
    command = ["journalctl", "-D", str(folder), "--no-pager", "-o", mode, *options]
    environment = {"TZ": "Europe/Berlin", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    data = subprocess.run(command, capture_output=True, check=True, env=environment).stdout
    source = parsers.read(mode, BytesIO(data))
    assert source.lines == source.rows.height + source.unparsed.height + source.continuation + source.markers
    assert source.unparsed.is_empty()
    return source


@pytest.fixture(scope="module")
def export(folder: Path) -> pl.DataFrame:
    return read(folder, "export").rows


@pytest.mark.parametrize("mode", ["json", "json-pretty", "json-sse", "json-seq", "verbose"])
def test_structured_modes_say_the_same(folder: Path, export: pl.DataFrame, mode: str) -> None:
    source = read(folder, mode, "-a")
    assert source.format == f"journal-{mode}"
    columns = [name for name in export.columns if name not in ("line", "offset")]
    assert source.rows.select(columns).equals(export.select(columns))


TEXT = ["short", "short-precise", "short-iso", "short-iso-precise", "short-full", "short-unix"]


@pytest.mark.parametrize("mode", TEXT)
def test_text_modes_say_the_same(folder: Path, export: pl.DataFrame, mode: str) -> None:
    source = read(folder, mode)
    shown = export.filter(pl.col("message") != "")
    rows = source.rows
    assert rows["program"].to_list() == shown["program"].to_list()
    assert rows["host"].to_list() == shown["host"].to_list()
    if rows["stamp_kind"][0] == "utc":
        step = rows["resolution"][0]
        assert rows["stamp"].to_list() == shown["stamp"].dt.truncate(f"{step}us").to_list()


def test_boots_of_text_are_those_of_the_journal(folder: Path, export: pl.DataFrame) -> None:
    rows = read(folder, "short-unix").rows
    known = rows["boot"].is_not_null()
    assert known.mean() == pytest.approx(1, abs=0.4)
    shown = export.filter(pl.col("message") != "")
    assert rows["boot"].filter(known).to_list() == shown["boot"].filter(known).to_list()


def test_uptime_of_text_is_that_of_the_journal(folder: Path, export: pl.DataFrame) -> None:
    shown = export.filter(pl.col("message") != "")
    # for the kernel's own lines journalctl prints when they were written, not when journald got them
    received = shown["transport"] != "kernel"
    for mode in ("short-monotonic", "short-delta"):
        rows = read(folder, mode).rows
        assert rows["monotonic"].filter(received).to_list() == shown["monotonic"].filter(received).to_list()


def test_reversed_output_is_told(folder: Path) -> None:
    assert read(folder, "short-iso", "-r", "-n", "500").facts.newest_first
