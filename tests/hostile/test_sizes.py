"""Many hosts and many incidents: time and memory grow with them, not with their pairs, and what is not told is said."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.hostile.sizes import BYTES, SECONDS, fleet, outages


def run(command: list[str], log: Path) -> str:
    """Standard output of a run that has a minute of one core and 2 GiB."""

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (int(SECONDS), int(SECONDS)))

    done = subprocess.run(
        [sys.executable, "-m", "logcorr", *command, str(log)], capture_output=True, text=True, check=True, cwd=ROOT,
        preexec_fn=bounded,
    )  # fmt: skip
    assert done.stderr == ""
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 < BYTES
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("hosts", [600, 20_000])
def test_a_fleet(hosts: int, tmp_path: Path) -> None:
    log = tmp_path / "fleet.log"
    log.write_text("".join(fleet(hosts)))
    found = json.loads(run(["check", "--json"], log))
    assert found["inputs"][0]["records"] == hosts


@pytest.mark.slow
def test_more_incidents_than_anybody_reads(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("".join(outages(1_000)))
    report = json.loads(run(["analyze", "--json"], log))
    assert len(report["incidents"]) == 100
    assert {"what": "incidents, the gravest", "limit": 100, "seen": 1_000} in report["limits"]
