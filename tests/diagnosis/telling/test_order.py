"""Which incident a report leads with, and what it may say of one that shows no cause."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path

import pytest

from logcorr.api import AnalyzeRequest, analyze
from logcorr.model import Report, Verdict

MIDNIGHT = datetime(2026, 4, 7, tzinfo=UTC)
MISSING = (
    'dockerd[812]: level=error msg="iptables failed: iptables --wait -t nat -A DOCKER -p tcp -d 0/0 --dport 8080: '
    'iptables: No chain/target/match by that name. (exit status 1)"'
)
LOADED_ANEW = (
    "systemd[1]: Stopping nftables.service - nftables...",
    "systemd[1]: nftables.service: Deactivated successfully.",
    "systemd[1]: Stopped nftables.service - nftables.",
    "systemd[1]: Starting nftables.service - nftables...",
    "systemd[1]: Finished nftables.service - nftables.",
)


def log(host: str, *said: tuple[float, str]) -> str:
    """A syslog of a day, with chatter, that says something at some minutes."""
    chatter = [(minute, "CRON[4011]: (root) CMD (run-parts /etc/cron.hourly)") for minute in range(0, 1440, 10)]
    lines = [(MIDNIGHT + timedelta(minutes=minute), text) for minute, text in (*chatter, *said)]
    return "".join(f"{time:%Y-%m-%dT%H:%M:%S}+00:00 {host} {text}\n" for time, text in sorted(lines, key=itemgetter(0)))


def monitor(down: Sequence[int], name: str = "shop") -> str:
    """A monitor of the kind of Uptime Kuma that asks every two minutes."""
    return "".join(
        f"{MIDNIGHT + timedelta(minutes=minute):%Y-%m-%d %H:%M:%S} [MONITOR] "
        + (
            f"WARN: Monitor #3 '{name}': Failing: timeout of 16000ms exceeded | Interval: 120 seconds | Type: http\n"
            if minute in down
            else f"INFO: Monitor #3 '{name}': Successful Response: 59 ms | Interval: 120 seconds | Type: http\n"
        )
        for minute in range(0, 1440, 2)
    )


def told(folder: Path, **logs: str) -> Report:
    """What is found in these logs."""
    modified = (MIDNIGHT + timedelta(days=1)).timestamp()
    for name, text in logs.items():
        path = folder / f"{name}.log"
        path.write_text(text, encoding="utf-8")
        os.utime(path, (modified, modified))
    return analyze(AnalyzeRequest(inputs=[str(folder)], now=MIDNIGHT + timedelta(days=1), zone="UTC"))


def causes(report: Report) -> list[str]:
    """Of all incidents, in order."""
    return [each.cause for each in report.incidents]


DOWN = range(604, 680, 2)
FLUSHED = (*((603.0, line) for line in LOADED_ANEW), (626.5, MISSING), (630.0, MISSING), (633.5, MISSING))


def test_what_a_monitor_saw_comes_after_the_cause_that_was_there_first(tmp_path: Path) -> None:
    report = told(tmp_path, shop01=log("shop01", *FLUSHED), monitor=monitor(DOWN))
    assert causes(report) == ["firewall-chains-flushed", "undetermined"]
    assert report.verdict.started == MIDNIGHT + timedelta(minutes=603)


@pytest.mark.parametrize(
    "said",
    [
        ((626.5, MISSING), (630.0, MISSING), (633.5, MISSING)),  # when they went, no line tells
        (*((200.0, line) for line in LOADED_ANEW), (226.5, MISSING), (230.0, MISSING), (233.5, MISSING)),  # over before
    ],
    ids=["dated after the first failure", "over before"],
)
def test_what_was_not_there_first_leads_over_nothing(tmp_path: Path, said: tuple[tuple[float, str], ...]) -> None:
    report = told(tmp_path, shop01=log("shop01", *said), monitor=monitor(DOWN))
    assert causes(report) == ["undetermined", "firewall-chains-flushed"]


def test_a_cause_that_does_not_explain_what_the_other_saw_leads_over_nothing(tmp_path: Path) -> None:
    """A small fault on one machine, in an hour in which others lose the names of all servers."""
    refused = "backup[77]: ssh: Could not resolve hostname vault.example.net: Temporary failure in name resolution"
    lost = [(604.0 + number / 2, refused) for number in range(200)]
    clients = {f"client{number}": log(f"client{number}", *lost) for number in range(6)}
    report = told(tmp_path, shop01=log("shop01", *FLUSHED), **clients)
    assert causes(report) == ["undetermined", "firewall-chains-flushed"]


POOL_FULL = "kernel: device-mapper: thin: 252:4: switching pool to out-of-data-space (error IO) mode"
DISK_LOST = (
    *((601.2, f"kernel: I/O error, dev sda, sector {n} op 0x1:(WRITE) flags 0x800 phys_seg 1") for n in range(9)),
    (
        601.3,
        "kernel: EXT4-fs error (device sda1): ext4_journal_check_start:83: comm postgres: Detected aborted journal",
    ),
    (601.4, "kernel: EXT4-fs (sda1): Remounting filesystem read-only"),
    (601.5, 'postgres[9]: [12-1] PANIC:  could not fdatasync file "00000001000000470000000B": Input/output error'),
)


@pytest.mark.parametrize(
    ("minute", "leads"),
    [(600.0, "storage-disk-full"), (606.0, "storage-read-only"), (500.0, "storage-read-only")],
    ids=["just before", "after", "long before"],
)
def test_what_a_cause_sets_off_on_other_machines_comes_after_it(tmp_path: Path, minute: float, leads: str) -> None:
    """A guest's disk fails as the pool that it lies in is full; one that is full at another time is another's fault."""
    full = ((minute, POOL_FULL), (minute + 0.1, "vmd[9]: write vm-117-disk-0: No space left on device"))
    report = told(tmp_path, pve1=log("pve1", *full), db1=log("db1", *DISK_LOST))
    assert set(causes(report)) == {"storage-disk-full", "storage-read-only"}
    assert report.verdict.cause == leads


def test_a_title_says_no_more_than_that_no_cause_was_recognised(tmp_path: Path) -> None:
    """The other incident of the same logs names one, and no log can be known to hold none."""
    report = told(tmp_path, shop01=log("shop01", *FLUSHED), monitor=monitor(DOWN))
    (seen,) = (each for each in report.incidents if each.cause == "undetermined")
    assert seen.title == "The monitor cannot reach shop; no cause of it was recognised"
    assert seen.chain[0].text == "No cause of it was recognised; first symptom:"
    assert not [text for text in _texts(seen) if "these logs" in text]


def _texts(verdict: Verdict) -> tuple[str, ...]:
    return (verdict.title, verdict.summary, verdict.reason, *(step.text for step in verdict.chain))
