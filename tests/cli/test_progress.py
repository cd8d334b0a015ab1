"""How far a run is: read from the kernel, for whoever watches."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from logcorr.cli.terminal.progress import Progress


def test_the_share_is_that_of_the_bytes_read_so_far(tmp_path: Path) -> None:
    for name in ("a.log", "b.log"):
        (tmp_path / name).write_bytes(bytes(1000))
    progress = Progress([str(tmp_path)])
    progress(f"reading {tmp_path / 'a.log'}")
    assert progress.text().startswith("  0%")
    with (tmp_path / "a.log").open("rb", buffering=0) as file:
        file.read(500)
        assert progress.text().startswith(" 25%")
        file.read()
    assert progress.text().startswith(" 25%")  # nothing tells that all of it was read until the next one begins
    progress(f"reading {tmp_path / 'b.log'}")
    assert progress.text().startswith(" 50%")
    progress("putting records in time order")
    assert progress.text() == "putting records in time order"


def test_what_a_child_reads_counts_too(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(bytes(1000))
    progress = Progress([str(tmp_path / "a.log")])
    progress(f"reading {tmp_path / 'a.log'}")
    code = f"file = open({str(tmp_path / 'a.log')!r}, 'rb', 0); file.read(700); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert progress.text().startswith(" 70%")
        child.communicate(b"\n")


def test_the_time_that_is_left_follows_from_the_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.log").write_bytes(bytes(1000))
    now = 0.0
    monkeypatch.setattr("logcorr.cli.terminal.progress.time.monotonic", lambda: now)
    progress = Progress([str(tmp_path / "a.log")])
    progress(f"reading {tmp_path / 'a.log'}")
    with (tmp_path / "a.log").open("rb", buffering=0) as file:
        file.read(10)
        now = 100.0
        assert re.match(r"  1%  reading ", progress.text())
        file.read(240)
        assert re.match(r" 25%, 5 min left  reading ", progress.text())
        file.read(650)
        assert re.match(r" 90%, 11 s left  reading ", progress.text())


def test_a_pipe_or_nothing_has_no_share() -> None:
    progress = Progress(["-"])
    progress("reading -")
    assert progress.text() == "reading -"
