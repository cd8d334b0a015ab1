"""An outage begins with the first request that nothing answered, not when a program gives up."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from logcorr.api import AnalyzeRequest, analyze

CASES = {
    "ipsec": (
        "charon[700]: 11[IKE] retransmit {n} of request with message ID 40",
        "charon[700]: 11[IKE] giving up after 5 retransmits",
        "charon[700]: 07[IKE] IKE_SA branch[4] established between 192.0.2.1[gw1]...198.51.100.7[branch]",
    ),
    "dhclient": (
        "dhclient[700]: DHCPDISCOVER on eth0 to 255.255.255.255 port 67 interval {n}",
        "dhclient[700]: No DHCPOFFERS received.",
        "dhclient[700]: bound to 192.0.2.20 -- renewal in 3000 seconds.",
    ),
    "udhcpc": (
        "udhcpc[700]: broadcasting discover",
        "udhcpc[700]: no lease, failing",
        "udhcpc[700]: lease of 192.0.2.20 obtained from 192.0.2.1, lease time 7200",
    ),
    "pppoe": (
        "pppd[700]: Send PPPOE Discovery V1T1 PADI session 0x0 length 12",
        "pppd[700]: Timeout waiting for PADO packets",
        "pppd[700]: local  IP address 203.0.113.19",
    ),
}


def _started(tmp_path: Path, *told: tuple[str, str]) -> datetime | None:
    lines = [("08:00:00", "CRON[1]: (root) CMD (true)"), *told, ("12:00:00", "CRON[2]: (root) CMD (true)")]
    (tmp_path / "gw.log").write_text("".join(f"2026-03-14T{at}+00:00 gw1 {text}\n" for at, text in lines))
    return analyze(AnalyzeRequest(inputs=[str(tmp_path)])).verdict.started


def _outage(name: str) -> list[tuple[str, str]]:
    asks, gives_up, back = CASES[name]
    asked = [(at, asks.format(n=n)) for n, at in enumerate(("10:00:04", "10:00:11", "10:00:24", "10:01:29"), 1)]
    again = [("10:02:49", asks.format(n=1)), ("10:05:30", gives_up), ("10:08:15", gives_up)]
    return [*asked, ("10:02:45", gives_up), *again, ("10:20:40", back)]


@pytest.mark.parametrize("name", CASES)
def test_the_first_that_nothing_answers_begins_it(name: str, tmp_path: Path) -> None:
    assert _started(tmp_path, *_outage(name)) == datetime(2026, 3, 14, 10, 0, 4, tzinfo=UTC)


@pytest.mark.parametrize("name", CASES)
def test_one_that_was_answered_does_not(name: str, tmp_path: Path) -> None:
    asks, _, back = CASES[name]
    before = [("09:58:00", asks.format(n=1)), ("09:58:03", back)]
    assert _started(tmp_path, *before, *_outage(name)) == datetime(2026, 3, 14, 10, 0, 4, tzinfo=UTC)


@pytest.mark.parametrize("name", CASES)
def test_one_long_before_does_not(name: str, tmp_path: Path) -> None:
    asks, _, _ = CASES[name]
    assert _started(tmp_path, ("09:40:00", asks.format(n=1)), *_outage(name)) == datetime(
        2026, 3, 14, 10, 0, 4, tzinfo=UTC
    )
