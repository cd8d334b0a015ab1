"""Files, folders and archives that lie, cannot be read, or are not there any more: told, and nothing else is lost."""

from __future__ import annotations

import gzip
import io
import os
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import BinaryIO

import pytest

from logcorr.api import AnalyzeRequest, read_timeline
from logcorr.intake import Input, Refusal, discover
from logcorr.model import SourceFile
from tests.conftest import ROOT

LINES = b"2026-03-14T03:00:00+00:00 alder app[1]: one\n2026-03-14T03:00:01+00:00 alder app[1]: two\n"


def read_all(*paths: str | Path) -> tuple[dict[str, bytes], list[str]]:
    """Contents by name, each read before the next is asked for, and what was refused or broke off."""
    contents: dict[str, bytes] = {}
    told = []
    for item in discover(paths):
        if isinstance(item, Refusal):
            told.append(f"{item.name}: {item.reason}")
            continue
        with item.open() as file:
            try:
                contents[item.name] = file.read()
            except OSError as error:
                told.append(f"{item.name}: {error}")
    return contents, told


def drained(file: BinaryIO) -> tuple[int, str]:
    """How many bytes there were, and what ended them."""
    size = 0
    try:
        while data := file.read(1 << 20):
            size += len(data)
    except OSError as error:
        return size, str(error)
    return size, ""


@pytest.mark.parametrize("moment", ["1e300", "nan", "-1e300", "inf", "253402300800"])
def test_a_member_of_a_tar_may_have_any_time(moment: str, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "logs.tar", "w", format=tarfile.PAX_FORMAT) as archive:
        for name in ("a.log", "b.log"):
            member = tarfile.TarInfo(name)
            member.size, member.pax_headers = len(LINES), {"mtime": moment}
            archive.addfile(member, io.BytesIO(LINES))
    contents, told = read_all(tmp_path / "logs.tar")
    assert ([*contents.values()], told) == ([LINES, LINES], [])


@pytest.mark.parametrize("date", [0, 0x01E0, 0xFFFF])
def test_a_date_that_no_calendar_has_loses_no_member_of_a_zip(date: int, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("a.log", "b.log", "c.log"):
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 14, 3, 0, 0)), LINES)
    data = bytearray(buffer.getvalue())
    at = data.index(b"PK\x01\x02")
    struct.pack_into("<H", data, at + 14, date)  # the date in the first member's entry of the index
    (tmp_path / "logs.zip").write_bytes(data)
    contents, told = read_all(tmp_path / "logs.zip")
    assert ([*contents.values()], told) == ([LINES] * 3, [])


def test_the_holes_of_a_sparse_member_count_as_what_it_unpacks_to(tmp_path: Path) -> None:
    """GNU tar, --sparse: ten kilobytes that claim four gibibytes."""
    member = tarfile.TarInfo("holes.log")
    member.size = len(LINES)
    member.pax_headers = {
        "GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.name": "holes.log",
        "GNU.sparse.size": str(4 << 30), "GNU.sparse.map": f"0,{len(LINES)}",
    }  # fmt: skip
    with tarfile.open(tmp_path / "logs.tar", "w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(member, io.BytesIO(LINES))
    (stream,) = [item for item in discover([tmp_path / "logs.tar"]) if isinstance(item, Input)]
    with stream.open() as file:
        size, problem = drained(file)
    assert "expands more than" in problem
    assert size <= 64 << 20


@pytest.mark.parametrize("suffix", ["html", "md", "json"])
@pytest.mark.parametrize("scenario", ["quiet-night", "tailscale-link-flap"])
def test_a_report_of_ours_is_no_log_and_that_is_said(suffix: str, scenario: str, tmp_path: Path) -> None:
    report = (ROOT / "reports" / "golden" / f"{scenario}.{suffix}").read_bytes()
    (tmp_path / f"report.{suffix}").write_bytes(report)
    (tmp_path / "packed.gz").write_bytes(gzip.compress(report))
    (tmp_path / "app.log").write_bytes(LINES)
    contents, told = read_all(tmp_path)
    assert list(contents.values()) == [LINES]
    assert told == [
        f"{tmp_path / name}: a report of logcorr, not a log; not read" for name in ("packed.gz", f"report.{suffix}")
    ]


def test_a_log_that_quotes_a_report_is_a_log(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_bytes(LINES + b'2026-03-14T03:00:02Z alder app[1]: {"schema": "logcorr.report/1"}\n')
    assert read_all(tmp_path)[1] == []


def test_a_file_that_is_cut_while_it_is_read_says_what_is_lost(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(LINES * 40_000)
    told = []
    for item in discover([log]):
        assert isinstance(item, Input)
        with item.open() as file:
            file.read(1_000_000)
            os.truncate(log, 2_000_000)
            told.append(drained(file))
    ((size, problem),) = told
    assert size <= 1_000_000
    assert (
        problem
        == f"the file was cut to 2,000,000 bytes while it was read; {len(LINES) * 40_000 - 2_000_000:,} more are lost"
    )


def test_a_name_that_is_no_text_is_a_name(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.log")).write_bytes(LINES)
    timeline, _ = read_timeline(AnalyzeRequest(inputs=[str(tmp_path)]))
    assert [Path(item.path).name for item in timeline.inputs] == ["caf\\xe9.log"]
    assert timeline.frame.height == 2


@pytest.mark.parametrize(
    ("name", "why"), [("", "an empty name"), ("x" * 5_000, "File name too long"), ("a\0b", "embedded null byte")]
)
def test_a_name_that_no_file_can_have_is_told(name: str, why: str) -> None:
    (refusal,) = discover([name])
    assert isinstance(refusal, Refusal)
    assert refusal.reason == why


SHOW = """
import os, sys
import lz4.frame, polars, zstandard
from logcorr.intake import Refusal, discover
if os.getuid() == 0:  # to whom nothing is closed
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
for item in discover(sys.argv[1:]):
    print(f"{item.name}: {item.reason}" if isinstance(item, Refusal) else item.name)
"""


@pytest.mark.parametrize("named_alone", [False, True])
def test_a_folder_that_may_not_be_listed_is_told(named_alone: bool) -> None:
    """Not below pytest's own folder, which others may not enter."""
    with tempfile.TemporaryDirectory() as place:
        logs, closed = Path(place), Path(place, "closed")
        logs.chmod(0o755)
        closed.mkdir()
        (logs / "app.log").write_bytes(LINES)
        closed.chmod(0)
        command = [sys.executable, "-c", SHOW, str(closed if named_alone else logs)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
        closed.chmod(0o755)
    told = f"{closed}: the folder cannot be listed: Permission denied"
    assert done.stdout.splitlines() == ([told] if named_alone else [str(logs / "app.log"), told])


def test_lines_of_the_end_of_all_calendars_make_a_report(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text(
        "".join(f"9999-12-31T23:59:{second}Z alder app[7]: link is down\n" for second in (57, 58, 59))
        + "0001-01-01T00:00:00Z alder app[7]: link is down\n2026-03-14T03:00:00Z alder app[7]: hello\n"
    )
    words = ["--since", "0001-01-02", "--until", "9999-12-31", "--tz", "+14:00"]
    for command in (["analyze", "--json"], ["check"], ["timeline"]):
        done = subprocess.run(
            [sys.executable, "-m", "logcorr", *command, *words, str(log)], capture_output=True, text=True, cwd=ROOT,
            check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")


def test_an_input_that_was_refused_is_listed(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_bytes(LINES)
    _, refused = read_timeline(AnalyzeRequest(inputs=[str(tmp_path / "app.log"), ""]))
    assert refused == (SourceFile(path="''", problem="an empty name", problem_kind="unreadable"),)
