"""Processes of this machine and a cluster come to what one process does, whatever happens to them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from logcorr.api import AnalyzeRequest, analyze
from logcorr.errors import LogcorrError, UsageError
from logcorr.events import classify, match_wordings
from logcorr.inputs.request import clock_settings
from logcorr.inputs.sources import read_sources
from logcorr.report import render
from logcorr.rulebook import load_rules
from logcorr.schema import Source
from logcorr.timeline import Kept, build
from logcorr.work.cluster import done_by_cluster
from logcorr.work.parts import Task, keep_rules, load_part, make_part
from logcorr.work.processes import WorkFailedError, done_by_processes
from logcorr.work.store import open_store
from tests.conftest import FIXTURES, ROOT
from tests.journal_file import nasty, writer

INCIDENT = AnalyzeRequest(inputs=(str(FIXTURES / "tailscale-link-flap"),))


def as_json(request: AnalyzeRequest) -> str:
    return render(analyze(request), "json")


@pytest.fixture(scope="module")
def expected() -> str:
    return as_json(INCIDENT)


def named(task: str) -> str:
    """A task: a name, and what it does to its process: nothing, end it, hold it for a while, or fail."""
    if task.startswith("ends"):
        os.kill(os.getpid(), signal.SIGKILL)
    if task.startswith(("slow", "holds")):
        time.sleep(0.2 if task.startswith("slow") else 3600)
    if task.startswith("fails"):
        raise ValueError(task)
    return f"{task} {os.getpid()}"


def test_processes_come_to_what_one_does_and_go_on_where_they_were(expected: str, tmp_path: Path) -> None:
    assert as_json(replace(INCIDENT, jobs=2)) == expected
    kept = replace(INCIDENT, work=str(tmp_path / "work"))
    assert as_json(kept) == expected
    made = {path: path.stat().st_mtime_ns for path in (tmp_path / "work").iterdir()}
    assert len([path for path in made if path.suffix == ".arrow"]) >= 12
    assert as_json(kept) == expected
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "work").iterdir()} == made


def task_for(path: Path, work: Path) -> Task:
    rules = keep_rules(load_rules(), open_store(str(work)))
    return Task(path.name, str(path), None, None, (), str(work), rules, packed=True)


def test_a_part_is_made_again_where_the_input_is_another(tmp_path: Path) -> None:
    log, work = tmp_path / "gate.log", tmp_path / "work"
    log.write_text("Nov  4 03:00:00 gate kernel: e1000e 0000:00:1f.6 eth0: NIC Link is Down\n")
    first = make_part(task_for(log, work))
    up = "e1000e 0000:00:1f.6 eth0: NIC Link is Up 1000 Mbps Full Duplex, Flow Control: None"
    log.write_text(f"Nov  4 03:00:00 gate kernel: {up}\n")
    again = make_part(task_for(log, work))
    assert again != first
    found = load_part(open_store(str(work)), again)
    assert isinstance(found, Kept)
    assert found.told is not None
    text = pl.concat(found.blocks())["message"].to_list()
    assert (text, found.told.list.len().to_list()) == (
        ["e1000e 0000:00:1f.6 eth0: NIC Link is Up 1000 Mbps Full Duplex, Flow Control: None"],
        [1],
    )


def test_what_cannot_be_used_is_told_as_by_one_process(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no log at all\njust words\n")
    (tmp_path / "gate.log").write_text("Nov  4 03:00:00 gate kernel: e1000e 0000:00:1f.6 eth0: NIC Link is Down\n" * 3)
    request = AnalyzeRequest(inputs=(str(tmp_path),))
    assert as_json(replace(request, jobs=2)) == as_json(request)


def test_what_was_told_before_leads_to_the_same_events_also_beside_snapshots(tmp_path: Path) -> None:
    """Differences between snapshots are records that no worker has seen."""
    shot = "$ date -u\n2025-11-04T03:0{}:00Z\n$ ethtool -S eth0\nNIC statistics:\n     rx_crc_errors: {}\n"
    (tmp_path / "shots.txt").write_text(shot.format(1, 5) + shot.format(4, 905))
    (tmp_path / "gate.log").write_text(
        "".join(f"Nov  4 03:0{n}:00 gate kernel: e1000e 0000:00:1f.6 eth0: NIC Link is Down\n" for n in range(9))
    )
    request, rules = AnalyzeRequest(inputs=(str(tmp_path),)), load_rules()
    sources = [item for item in read_sources(request) if isinstance(item, Source)]
    seen = [replace(item, told=match_wordings(item.rows, rules)) for item in sources]
    plain, told = (build(items, clock_settings(request)) for items in (sources, seen))
    assert told.frame.equals(plain.frame)
    assert told.told is not None
    assert told.told.null_count() == told.frame.height - sum(item.rows.height for item in sources) > 0
    packed = build(seen, clock_settings(request), packed_from=1)
    assert classify(told, rules).equals(classify(packed, rules))
    assert classify(told, rules).equals(classify(plain, rules))


def test_a_task_that_ends_its_processes_is_told_and_the_rest_is_done() -> None:
    tasks = ["a", "ends its process", "b", "c"]
    found = dict(done_by_processes(named, tasks, 2))
    assert found.pop(1) is None
    assert sorted(str(value).split()[0] for value in found.values()) == ["a", "b", "c"]


def test_a_fault_in_a_task_is_no_fault_of_its_input() -> None:
    with pytest.raises(WorkFailedError, match="ValueError: fails"):
        list(done_by_processes(named, ["fails"], 1))


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_nobody_works_on_when_nobody_asks_any_more() -> None:
    asked = done_by_processes(named, ["a", "holds", "b"], 2)
    pids = [int(str(next(asked)[1]).split()[-1]) for _ in range(2)]
    asked.close()  # type: ignore[attr-defined]  # a generator, as whoever is interrupted leaves it
    assert not any(map(is_there, pids))


def living(group: int) -> list[str]:
    """The processes of a group, less those that nobody has waited for."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, mine = stat.read_text().rpartition(")")[2].split()[:3]
            found += [stat.parent.name] if int(mine) == group and state != "Z" else []
    return found


def test_an_interrupt_ends_all_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    for number in range(6):
        lines = (f"Nov  4 03:{n // 60 % 60:02}:{n % 60:02} gate app[7]: line {n}\n" for n in range(100_000))
        (tmp_path / "logs" / f"{number}.log").write_text("".join(lines))
    command = [sys.executable, "-m", "logcorr", "analyze", "--jobs", "2", "--work", "work", "logs", "--out", "r.html"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, start_new_session=True)
    while not any((tmp_path / "work").glob("*.arrow")) and process.poll() is None:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said.decode().strip()) == (130, "logcorr: interrupted")
    assert not (tmp_path / "r.html").exists()
    until = time.monotonic() + 60
    while living(process.pid) and time.monotonic() < until:  # Python's own tracker of resources ends a little later
        time.sleep(0.1)
    assert not living(process.pid)


# --- a cluster ------------------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def dask(*words: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "POLARS_MAX_THREADS": "1",
        "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "10s",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *words],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and those that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def cluster(port: int, workers: int, folder: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """A scheduler at the port, and workers that start again when they end."""
    with ExitStack() as stack:
        started = [dask("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")]
        stack.callback(end, started[0])
        for number in range(workers):
            local = str(folder / str(number))
            words = ("--nthreads", "1", "--no-dashboard", "--local-directory", local)
            started.append(dask("worker", f"tcp://127.0.0.1:{port}", *words))
            stack.callback(end, started[-1])
        yield started


def collected(asked: Iterator[tuple[int, str | None]], tasks: Sequence[str]) -> dict[str, str | None]:
    return {tasks[number]: found and found.split()[0] for number, found in asked}


@pytest.mark.slow
def test_a_cluster_comes_to_the_same_also_when_a_worker_and_the_scheduler_are_killed(
    expected: str, tmp_path: Path
) -> None:
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    request = replace(INCIDENT, cluster=address, work=str(tmp_path / "work"))
    tasks = [f"slow-{number}" for number in range(40)]
    with cluster(port, 2, tmp_path) as (scheduler, worker, _):
        asked = done_by_cluster(named, tasks, address)
        found = [next(asked)]
        end(worker)
        found += [next(asked) for _ in range(5)]
        end(scheduler)
    with cluster(port, 1, tmp_path):
        found += list(asked)
        assert {number for number, _ in found} == set(range(40))
        assert len(found) == 40
        assert as_json(request) == expected
        made = sorted(path.stat().st_mtime_ns for path in (tmp_path / "work").iterdir())
        assert as_json(request) == expected
        assert sorted(path.stat().st_mtime_ns for path in (tmp_path / "work").iterdir()) == made


@pytest.mark.slow
def test_a_task_that_ends_the_workers_of_a_cluster_is_told_and_the_rest_is_done(tmp_path: Path) -> None:
    port = free_port()
    tasks = ["a", "ends-its-process", "b"]
    with cluster(port, 2, tmp_path):
        found = collected(done_by_cluster(named, tasks, f"tcp://127.0.0.1:{port}"), tasks)
    assert found == {"a": "a", "b": "b", "ends-its-process": None}


def test_a_cluster_needs_a_place_for_its_work() -> None:
    with pytest.raises(UsageError, match="needs a place for its work"):
        analyze(replace(INCIDENT, cluster="tcp://127.0.0.1:1"))


def test_the_work_is_kept_apart_from_the_logs(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="lies in a folder of logs"):
        analyze(AnalyzeRequest(inputs=(str(tmp_path),), work=str(tmp_path / "work")))


@pytest.mark.parametrize("units", [(), ("tailscaled.service",)])
def test_of_the_journal_and_of_a_part_of_it_processes_come_to_what_one_does(
    units: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "systemd", None)  # as where the extra is not installed
    for number in range(2):
        data = bytearray(writer.build(nasty.entries(200, seed=number), writer.COMPACT))
        data[72:88] = bytes([number + 1]) * 16  # the seqnum id: entries of different journals are different records
        (tmp_path / f"system@{number}.journal").write_bytes(data)
    request = AnalyzeRequest(inputs=(), directory=tmp_path, units=units)
    assert as_json(replace(request, jobs=2)) == as_json(request)


def test_a_cluster_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logcorr.work.cluster._PATIENCE", "1s")
    with pytest.raises(LogcorrError, match="no scheduler answers"):
        analyze(replace(INCIDENT, cluster=f"tcp://127.0.0.1:{free_port()}", work=str(tmp_path)))


def test_json_is_what_is_compared(expected: str) -> None:
    assert json.loads(expected)["verdict"]["cause"] == "wan-outage"
