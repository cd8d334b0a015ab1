"""Killed at any moment, or on a full disk: the result is whole or as before, nobody works on, and one line says why."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from difflib import unified_diff
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import FIXTURES, ROOT

LOGS = str(FIXTURES / "tailscale-link-flap")
LOG = LOGS + "/vps1-syslog"
TWO = (LOG, LOGS + "/omada-controller.log")
MOMENTS = 20
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL)
#: How results are asked for; {} is the folder for what is made, and all of them are in its folder ``out``.
RUNS = {
    "reports": ["analyze", LOGS, "--format", "html,md,json", "--out", "{}/out"],
    "reports of two processes": ["analyze", *TWO, "--jobs", "2", "--out", "{}/out/r.html"],
    "work": ["analyze", *TWO, "--jobs", "2", "--work", "{}/work", "--out", "{}/out/r.json"],
    "csv": ["timeline", LOG, "--format", "csv", "--out", "{}/out/t.csv"],
    "ndjson": ["timeline", LOG, "--format", "ndjson", "--out", "{}/out/t.ndjson"],
    "parquet": ["timeline", LOG, "--format", "parquet", "--out", "{}/out/t.parquet"],
    "redacted": ["redact", LOG, "--out", "{}/out/r.log"],
}


def started(words: list[str], folder: Path) -> subprocess.Popen[str]:
    """A run in a session of its own, with its own cache and folder for what is temporary."""
    (folder / "tmp").mkdir(exist_ok=True)
    places = {"TMPDIR": str(folder / "tmp"), "XDG_CACHE_HOME": str(folder / "cache"), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "logcorr", *(word.format(folder) for word in words)], text=True, start_new_session=True,
        env={**os.environ, **places}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


def finished(words: list[str], folder: Path) -> None:
    with started(words, folder) as run:
        assert run.communicate()[1] == ""
    assert run.returncode == 0


def living(group: int) -> list[int]:
    """The processes of a group, less those that nobody has waited for."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, mine = stat.read_text().rpartition(")")[2].split()[:3]
            found += [int(stat.parent.name)] if int(mine) == group and state != "Z" else []
    return found


def nobody_works_on(group: int) -> bool:
    until = time.monotonic() + 30
    while living(group) and time.monotonic() < until:
        time.sleep(0.05)
    return not living(group)


def files(folder: Path) -> Iterator[Path]:
    yield from (path for path in folder.rglob("*") if path.is_file())


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in files(folder / "out")}


def differing(found: dict[Path, bytes], whole: dict[Path, bytes]) -> list[str]:
    """The lines in which results differ from those of a run that nobody disturbs."""

    def lines(made: dict[Path, bytes], path: Path) -> list[str]:
        return made.get(path, b"").decode("utf-8", "replace").splitlines()

    return [
        f"{path.name}: {line}"
        for path in sorted(found.keys() | whole.keys())
        for line in unified_diff(lines(whole, path), lines(found, path), n=0, lineterm="")
    ]


def completed(words: list[str], folder: Path) -> tuple[dict[Path, bytes], float]:
    """The results of a run that nobody disturbs, and the seconds that it takes."""
    begun = time.monotonic()
    finished(words, folder)
    return contents(folder), time.monotonic() - begun


@pytest.mark.slow
@pytest.mark.parametrize("form", RUNS)
def test_killed_at_any_moment_the_result_is_whole_or_as_before(form: str, tmp_path: Path) -> None:
    """At twenty moments over a run: what it keeps for the next one is no worse for it either."""
    words = RUNS[form]
    (tmp_path / "out").mkdir()
    whole, takes = completed(words, tmp_path)
    assert whole
    for moment in range(MOMENTS):
        number = SIGNALS[moment % len(SIGNALS)]
        for path in whole:
            path.write_bytes(b"before")
        for kept in files(tmp_path / "work") if moment % 2 else ():
            kept.unlink()
        with started(words, tmp_path) as run:
            time.sleep(takes * (moment + 0.5) / MOMENTS)
            end = os.killpg if number == signal.SIGINT else os.kill  # a terminal interrupts all of a group
            with suppress(ProcessLookupError):
                end(run.pid, number)
            told = run.communicate()[1]
        found = contents(tmp_path)
        assert all(found[path] in (b"before", result) for path, result in whole.items()), (moment, number)
        assert run.returncode in (0, 128 + number, -number), told
        assert run.returncode or found == whole
        if run.returncode > 0:
            assert [line.partition(":")[0] for line in told.strip().splitlines()] == ["logcorr"], told
        if run.returncode >= 0:  # else before any of ours runs, the signal does what it does to all
            assert found.keys() == whole.keys()
            assert list(files(tmp_path / "tmp")) == [], (moment, number)
        assert nobody_works_on(run.pid), (moment, number)
        for path in (*(found.keys() - whole.keys()), *files(tmp_path / "tmp")):
            path.unlink()
    finished(words, tmp_path)
    assert differing(contents(tmp_path), whole) == []


@pytest.mark.slow
@pytest.mark.parametrize("part", [0.3, 0.5, 0.7])
def test_a_worker_that_is_killed_is_replaced(part: float, tmp_path: Path) -> None:
    words = RUNS["reports of two processes"]
    (tmp_path / "out").mkdir()
    whole, takes = completed(words, tmp_path)
    with started(words, tmp_path) as run:
        time.sleep(takes * part)
        for child in [pid for pid in living(run.pid) if pid != run.pid][-1:]:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        told = run.communicate()[1]
    assert (run.returncode, told, differing(contents(tmp_path), whole)) == (0, "", [])
    assert nobody_works_on(run.pid)


@pytest.mark.parametrize("size", [4_000, 900_000], ids=["for anything", "for what a worker makes"])
@pytest.mark.parametrize("words", [["--work", "{}/work"], ["--jobs", "2"], ["--jobs", "2", "--work", "{}/work"]])
def test_no_room_for_the_work_is_told_and_leaves_none_of_it(words: list[str], size: int, tmp_path: Path) -> None:
    """The kernel takes so many bytes a file and no more (setrlimit(2), RLIMIT_FSIZE)."""
    logs, out = tmp_path / "logs", tmp_path / "r.json"
    for folder in (logs, tmp_path / "tmp"):
        folder.mkdir()
    lines = (f"2026-03-14T03:{n // 60 % 60:02}:{n % 60:02}Z gate app[{n}]: {n * n:x} {n**5:x}\n" for n in range(60_000))
    (logs / "app.log").write_text("".join(lines))
    done = subprocess.run(
        [sys.executable, "-m", "logcorr", "analyze", str(logs), *(word.format(tmp_path) for word in words),
         "--out", str(out)], capture_output=True, text=True, check=False,
        env={**os.environ, "TMPDIR": str(tmp_path / "tmp"), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=partial(resource.setrlimit, resource.RLIMIT_FSIZE, (size, size)),
    )  # fmt: skip
    first, *rest = done.stderr.splitlines()
    assert done.returncode == 1
    assert first.startswith(f"logcorr: {tmp_path / ('work' if '--work' in words else 'tmp')}")
    assert "cannot be written: File too large" in first
    assert [line.partition(":")[0] for line in rest] == ["hint"]
    assert not out.exists()
    assert list(files(tmp_path / "tmp")) == []
    assert [path for path in files(tmp_path / "work") if path.name.startswith(".")] == []


def test_no_room_for_what_is_kept_costs_no_result(tmp_path: Path) -> None:
    """Rules that were checked are kept for the next run, where that can be; otherwise they are checked again."""
    (tmp_path / "app.log").write_text("2026-03-14T03:00:00Z alder app[1]: one\n")
    done = [
        subprocess.run(
            [sys.executable, "-m", "logcorr", "check", "--json", str(tmp_path / "app.log")], capture_output=True,
            text=True, check=False, preexec_fn=partial(resource.setrlimit, resource.RLIMIT_FSIZE, (size, size)),
            env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / f"cache-{size}"), "PYTHONPATH": str(ROOT),
                 "PYTHONDONTWRITEBYTECODE": "1"},
        )
        for size in (1_000, 100_000_000)
    ]  # fmt: skip
    assert [(run.returncode, run.stderr) for run in done] == [(0, ""), (0, "")]
    assert done[0].stdout == done[1].stdout
    assert list(files(tmp_path / "cache-1000")) == []
