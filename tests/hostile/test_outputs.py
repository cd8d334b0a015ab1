"""Whatever ends a run leaves the whole file or none, an honest exit code, and one line that says why."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import stat
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from tempfile import gettempdir

import polars as pl
import pytest

from logcorr.cli.terminal.frames import _inert
from logcorr.cli.terminal.output import written
from logcorr.errors import OutputError
from tests.conftest import FIXTURES, ROOT

LOG = FIXTURES / "tailscale-link-flap" / "omada-controller.log"
LINE = "2026-03-14T03:00:00+00:00 alder app[1]: one\n"
HELD: dict[str, str] = {name: value for name, value in os.environ.items() if name != "TZ"}


def logcorr(*words: str | Path, cwd: Path = ROOT, **more: object) -> subprocess.CompletedProcess[str]:
    environment = {
        **HELD,
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",  # what Python keeps would be cut as well, and break every later run
        **{name: str(value) for name, value in more.items() if name.isupper()},
    }
    limits = {name: value for name, value in more.items() if not name.isupper()}
    return subprocess.run(  # type: ignore[call-overload,no-any-return]  # preexec_fn by name
        [sys.executable, "-m", "logcorr", *map(str, words)],
        capture_output=True, text=True, check=False, cwd=cwd, env=environment, **limits,
    )  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        ["analyze", LOG, "--out", "{}/r.html"],
        ["timeline", LOG, "--format", "parquet", "--out", "{}/t.parquet"],
        ["timeline", LOG, "--format", "parquet", "-n", "300", "--out", "{}/t.parquet"],
        ["timeline", LOG, "--format", "csv", "--out", "{}/t.csv"],
        ["timeline", LOG, "--format", "ndjson", "--out", "{}/t.ndjson"],
        ["timeline", LOG, "--format", "table", "--out", "{}/t.txt"],
        ["analyze", LOG, "--format", "json", "--out", "{}/r.json"],
        ["redact", LOG, "--out", "{}/r.log"],
    ],
)
def test_a_full_disk_leaves_no_file_and_says_why(words: list[str | Path], tmp_path: Path) -> None:
    """The kernel takes 8,000 bytes a file and no more (setrlimit(2), RLIMIT_FSIZE)."""
    small = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (8_000, 8_000))
    given = [str(word).format(tmp_path) for word in words]
    # of one, the rules that would be kept do not fit either
    done = logcorr(
        *given, preexec_fn=small, **({"XDG_CACHE_HOME": tmp_path / "cache"} if str(words[-1]).endswith("html") else {})
    )
    assert done.returncode == 1
    first, *rest = done.stderr.splitlines()
    # what lies in pieces before it is written may meet the full disk first
    assert re.match(rf"logcorr: (?:{re.escape(given[-1])}|{gettempdir()}/logcorr-\w+): cannot be written: ", first)
    assert "File too large" in first
    assert [line.partition(":")[0] for line in rest] == ["hint"]
    assert [item.name for item in tmp_path.iterdir() if item.name != "cache"] == []


def test_what_was_given_is_not_written_over(tmp_path: Path) -> None:
    """An input, one that was refused, one that lies in a folder, a rule file, and one behind a link."""
    logs, rules = tmp_path / "logs", tmp_path / "rules"
    logs.mkdir()
    rules.mkdir()
    (logs / "app.log").write_text(LINE * 3)
    (logs / "refused.html").write_bytes(bytes(range(256)) * 40)
    (rules / "mine.yaml").write_text("program: app\nevents: {x.one: {says: one, role: context, brief: one}}\n")
    (tmp_path / "link.html").symlink_to(logs / "refused.html")
    before = {path: path.read_bytes() for path in (*logs.iterdir(), *rules.iterdir())}
    for out in ("logs/refused.html", "link.html", "rules/mine.yaml", "logs/../logs/refused.html"):
        done = logcorr("analyze", "logs", "--rules", "rules", "--format", "html", "--out", out, cwd=tmp_path)
        assert done.returncode == 1
        assert done.stderr.startswith(f"logcorr: {out}: this is an input or a rule file; it is not overwritten")
    assert {path: path.read_bytes() for path in before} == before


def test_a_report_of_ours_may_be_made_anew_where_it_was(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text(LINE * 3)
    for _ in range(2):
        done = logcorr("analyze", tmp_path, "--format", "json", "--out", tmp_path / "report.json")
        assert done.returncode == 0
    told = json.loads((tmp_path / "report.json").read_text())["coverage"]
    assert [gap["reason"] for gap in told if "report.json" in gap["source"]] == [
        "a report of logcorr, not a log; not read"
    ]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666])
def test_the_mode_of_a_file_stays(mode: int, tmp_path: Path) -> None:
    place = tmp_path / "report.md"
    place.write_text("before")
    place.chmod(mode)
    written(lambda partial: partial.write_text("after"), str(place), ())
    assert (stat.S_IMODE(place.stat().st_mode), place.read_text()) == (mode, "after")


def test_a_link_stays_and_a_pipe_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("before")
    (tmp_path / "link").symlink_to("real")
    written(lambda partial: partial.write_text("after"), str(tmp_path / "link"), ())
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "after"
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE, text=True) as reader:
        written(lambda partial: partial.write_text("through"), str(tmp_path / "pipe"), ())
        assert reader.communicate()[0] == "through"
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@pytest.mark.parametrize("name", ["x" * 5_000, "a\0b", "x" * 250])
def test_a_name_that_no_file_can_have_is_told(name: str, tmp_path: Path) -> None:
    place = str(tmp_path / name)
    if len(name) == 250:  # its temporary file's would be too long
        written(lambda partial: partial.write_text("fits"), place, ())
        assert Path(place).read_text() == "fits"
        return
    with pytest.raises(OutputError, match="cannot be written"):
        written(lambda partial: partial.write_text("never"), place, ())


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL])
def test_killed_at_any_moment_the_file_is_whole_or_as_before(number: signal.Signals, tmp_path: Path) -> None:
    """Five moments for each signal, spread over a run."""
    place, spill = tmp_path / "t.parquet", tmp_path / "spill"
    spill.mkdir()
    words = [sys.executable, "-m", "logcorr", "timeline", str(LOG), "--format", "parquet", "--out", str(place)]
    environment = {**HELD, "PYTHONPATH": str(ROOT), "TMPDIR": str(spill)}
    begun = time.monotonic()
    assert subprocess.run(words, env=environment, check=True, capture_output=True).returncode == 0
    whole, takes = place.read_bytes(), time.monotonic() - begun
    for part in range(1, 6):
        place.write_bytes(b"before")
        with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True) as run:
            time.sleep(takes * part / 6)
            run.send_signal(number)
            told = run.communicate()[1]
        assert place.read_bytes() in (b"before", whole)
        early = run.returncode == -number  # before any of ours runs, the signal does what it does to all
        assert run.returncode in (0, 128 + number, -number)
        assert early or (len(told.split("\n\n")) <= 1 and len(told.strip().splitlines()) <= 1)
        if number != signal.SIGKILL:
            assert [item.name for item in tmp_path.iterdir() if item not in (place, spill)] == []
            assert list(spill.iterdir()) == []


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-07-14 01:00:00"),
        ("<+03>-3", "2026-07-14 00:00:00"),
        ("EST5EDT", "2026-07-14 07:00:00"),
        (":Europe/Berlin", "2026-07-14 01:00:00"),
        ("/usr/share/zoneinfo/Europe/Berlin", "2026-07-14 01:00:00"),
        ("no such zone", "2026-07-14 03:00:00"),
        ("", None),
    ],
)
def test_any_tz_is_a_zone(zone: str, first: str | None, tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text("2026-07-14 03:00:00 alder app[1]: one\n" * 3)
    done = logcorr("check", "--since", "2026-07-13", "--json", tmp_path / "app.log", TZ=zone)
    assert (done.returncode, done.stderr) == (0, "")
    begun = json.loads(done.stdout)["inputs"][0]["first"]
    assert first is None or begun.startswith(first.replace(" ", "T"))


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1"]


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("before", ["", "text;", 'text;"', "a;b; ", 'say ""x"";', "one\n", "x\t"])
def test_no_cell_of_a_spreadsheet_is_a_formula(formula: str, before: str) -> None:
    """Whatever separates its cells: a comma, as we write, a semicolon or a tab, as half of the world's read."""
    row = pl.DataFrame({"id": [1], "message": [before + formula], "source": ["x"]})
    text = _inert(row).write_csv()
    for separator in ",;\t\n":
        cells = [cell.strip(' "') for line in text.split("\n")[1:] for cell in line.split(separator)]
        assert not [cell for cell in cells if cell[:1] in "=+-@＝＋－＠" and cell[:1]]


def test_a_message_without_formulas_is_left_as_it_is() -> None:
    rows = pl.DataFrame({"message": ["a=b; c-d", "read tcp 192.0.2.1:5->192.0.2.2:6: i/o timeout", "x; y", ""]})
    assert _inert(rows).equals(rows)
