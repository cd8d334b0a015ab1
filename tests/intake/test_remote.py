"""Logs behind a URL come to what the same logs on a disk come to; what goes wrong on the way is told."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import fsspec  # type: ignore[import-untyped]  # ships no types
import pytest

from logcorr.api import AnalyzeRequest, analyze
from logcorr.errors import InputError, UsageError
from logcorr.intake import Input, Refusal, discover
from logcorr.intake.remote import open_remote, remote_version
from logcorr.report import render
from tests.conftest import FIXTURES
from tests.test_cli import logcorr
from tests.test_workers import cluster, end, free_port

LOGS = FIXTURES / "tailscale-link-flap"
SINCE = datetime(2025, 11, 4, 2, 50, tzinfo=UTC)


def as_json(request: AnalyzeRequest, prefix: str = str(LOGS)) -> str:
    """The report, with places below ``prefix`` as they are on the disk."""
    return render(analyze(request), "json").replace(prefix, str(LOGS))


def test_a_url_of_a_folder_or_a_file_is_read_as_the_disk_is() -> None:
    below = {item.name: item for item in discover([f"file://{LOGS}"]) if isinstance(item, Input)}
    assert list(below) == [f"file://{LOGS}/{path.name}" for path in sorted(LOGS.iterdir())]
    (one,) = discover([f"file://{LOGS}/opg-srv.export"])
    assert isinstance(one, Input)
    assert (one.size, one.modified) == (one.size, below[one.name].modified)
    assert one.modified is not None
    with one.open() as file:
        assert file.read() == (LOGS / "opg-srv.export").read_bytes()
    assert (one.path, one.place) == (None, one.name)


def test_a_compressed_file_behind_a_url_is_read_by_this_process() -> None:
    (packed,) = (item for item in discover([f"file://{LOGS}"]) if item.name.endswith(".gz"))
    assert isinstance(packed, Input)
    assert packed.place is None


def test_a_window_of_logs_behind_a_url_has_the_verdict_of_the_disk() -> None:
    request = AnalyzeRequest(inputs=(f"file://{LOGS}",), since=SINCE, until=SINCE + timedelta(minutes=30))
    far, near = analyze(request), analyze(replace(request, inputs=(str(LOGS),)))
    assert (far.verdict, far.incidents) == (near.verdict, near.incidents)


def test_what_is_not_there_is_told_by_its_place() -> None:
    (refusal,) = discover([f"file://{LOGS}/none.log"])
    assert isinstance(refusal, Refusal)
    assert refusal == Refusal(f"file://{LOGS}/none.log", "No such file or directory", "unreadable")
    with pytest.raises(InputError):
        analyze(AnalyzeRequest(inputs=(f"file://{LOGS}/none.log",)))


def test_a_kind_of_place_that_nobody_knows_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="cannot be reached") as caught:
        list(discover(["s4://bucket/logs"]))
    assert "logcorr[cluster]" in str(caught.value.hint)


def test_what_breaks_while_it_is_read_is_an_oserror(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/logs/gate.log", b"one line\n")
    with open_remote("memory://logs/gate.log") as file:
        monkeypatch.setattr(type(memory.open("/logs/gate.log")), "read", _broken)
        with pytest.raises(OSError, match="the line was cut"):
            file.read()


def _broken(*_: object) -> bytes:
    raise RuntimeError("the line was cut")


def test_another_file_of_one_name_is_another_version() -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/logs/changed.log", b"one\n")
    first = remote_version("memory://logs/changed.log")
    assert remote_version("memory://logs/changed.log") == first
    memory.pipe_file("/logs/changed.log", b"another\n")
    assert remote_version("memory://logs/changed.log") != first


def test_the_work_lies_apart_from_logs_behind_a_url() -> None:
    with pytest.raises(UsageError, match="lies in a folder of logs"):
        analyze(AnalyzeRequest(inputs=("memory://logs",), work="memory://logs/work"))


def test_the_command_line_reads_urls() -> None:
    done = logcorr("check", f"file://{LOGS}/opg-srv.export")
    assert done.returncode == 0
    assert b"journal-export" in done.stdout


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket of a server of S3 on this machine; the environment says where it is."""
    port = free_port()
    place = f"http://127.0.0.1:{port}"
    for name, value in (("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test"), ("ENDPOINT_URL", place)):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(
        words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as server:
        try:
            _answers(place)
            system = fsspec.filesystem("s3", skip_instance_cache=True)
            system.mkdir("logs")
            system.put(f"{LOGS}/", "logs/incident/", recursive=True)
            system.mkdir("work")
            yield "s3://logs/incident"
        finally:
            end(server)


def _answers(place: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with suppress(URLError, ConnectionError):
            urlopen(place, timeout=5).close()  # noqa: S310  # our own server
            return
        time.sleep(0.1)
    raise AssertionError("the server of S3 does not answer")


@pytest.mark.slow
def test_logs_and_work_in_s3_come_to_what_the_disk_does_though_a_worker_is_killed(bucket: str, tmp_path: Path) -> None:
    copied = shutil.copytree(LOGS, tmp_path / "copied", copy_function=shutil.copyfile)  # as old as what lies in S3
    expected = as_json(AnalyzeRequest(inputs=(str(copied),)), str(copied))
    assert as_json(AnalyzeRequest(inputs=(bucket,)), bucket) == expected
    port = free_port()
    far = AnalyzeRequest(inputs=(bucket,), cluster=f"tcp://127.0.0.1:{port}", work="s3://work/run")
    with cluster(port, 2, tmp_path) as (_, worker, _other):
        end(worker)
        assert as_json(far, bucket) == expected
    again = replace(far, cluster=None, jobs=1)
    assert as_json(again, bucket) == expected
