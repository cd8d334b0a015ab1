"""Snapshots beside an incident's logs strengthen the right cause, and turn no right verdict into a wrong one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from logcorr.api import AnalyzeRequest, analyze
from logcorr.model import Report
from tests.simulate.incident import Incident, quiet, simulate
from tests.simulate.machines.clock import moment

#: What a command prints, given minutes since the loop began, minutes of trouble so far, and whether there is any now.
Output = Callable[[int, int, bool], tuple[str, str]]


def counters(name: str, *, everyday: int = 0) -> Output:
    def output(minute: int, bad: int, _: bool) -> tuple[str, str]:
        return "ethtool -S eno1", (
            f"NIC statistics:\n     rx_packets: {1200 * minute + 9}\n     tx_packets: {900 * minute}\n"
            f"     rx_errors: 812\n     rx_dropped: {everyday * minute}\n     {name}: {3 + 7 * bad}\n"
        )

    return output


def table(_: int, bad: int, now: bool) -> tuple[str, str]:
    count = 262144 if now else 31000
    return "conntrack -S; sysctl net.netfilter", (
        f"cpu=0\tfound=0 invalid={6900 + bad} insert=0 insert_failed=0 drop={5 + 40 * bad} early_drop=0 error=0\n"
        f"net.netfilter.nf_conntrack_count = {count}\nnet.netfilter.nf_conntrack_max = 262144\n"
    )


def bond(_: int, bad: int, now: bool) -> tuple[str, str]:
    return "cat /proc/net/bonding/bond0", (
        "Ethernet Channel Bonding Driver: v6.8.0\n\nBonding Mode: fault-tolerance (active-backup)\nMII Status: up\n\n"
        f"Slave Interface: eno1\nMII Status: {'down' if now else 'up'}\nLink Failure Count: {4 + (bad > 0)}\n\n"
        "Slave Interface: eno9\nMII Status: down\nLink Failure Count: 1\n"
    )


def netcheck(_: int, __: int, now: bool) -> tuple[str, str]:
    return "tailscale netcheck", (
        f"\nReport:\n\t* UDP: {'false' if now else 'true'}\n\t* IPv4: {'no' if now else 'yes, 192.0.2.7:4'}\n"
        "\t* IPv6: no, but OS has support\n\t* Nearest DERP: Frankfurt\n\t* DERP latency:\n"
        "\t\t- fra: 21.5ms  (Frankfurt)\n"
    )


def status(minute: int, _: int, __: bool) -> tuple[str, str]:
    phone = "idle, tx 1 rx 2" if minute % 30 < 20 else "offline, last seen 4m ago"
    return "tailscale status", (
        "100.76.8.62     opg-srv   ops@   linux   -\n100.101.102.103 phone     ops@   iOS     " + phone + "\n"
        "100.85.61.82    vps1      ops@   linux   active; direct 203.0.113.24:41641, tx 12 rx 56\n"
    )


def links(minute: int, _: int, __: bool) -> tuple[str, str]:
    return "ip -s link", (
        "2: eno1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP mode DEFAULT qlen 1000\n"
        "    RX:  bytes packets errors dropped  missed   mcast\n"
        f"        638600    {9 * minute}      3       {minute}       0       0\n"
        "3: eno9: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc mq state DOWN mode DEFAULT qlen 1000\n"
        "    link/ether 02:00:5e:10:00:02 brd ff:ff:ff:ff:ff:ff\n"
    )


def pings(incident: Incident, *, fail: bool) -> bytes:
    """The gateway and the internet, a packet every ten seconds; now and then one is lost anyway."""
    runs = []
    for target in ("192.168.0.1", "198.51.100.7"):
        lines = [f"root@opg-srv:~# ping -D -O -i 10 {target}\nPING {target} ({target}) 56(84) bytes of data.\n"]
        at, seq = moment(incident.truth.since), 1
        while at < moment(incident.truth.until):
            lost = (fail and target.startswith("198") and troubled(incident, at)) or seq % 97 == 0
            what = (
                f"no answer yet for icmp_seq={seq}"
                if lost
                else f"64 bytes from {target}: icmp_seq={seq} ttl=9 time=1 ms"
            )
            lines.append(f"[{at.timestamp():.6f}] {what}\n")
            at, seq = at + timedelta(seconds=10), seq + 1
        runs.append("".join(lines))
    return "".join(runs).encode()


def troubled(incident: Incident, at: datetime) -> bool:
    truth = incident.truth
    return truth.started is not None and truth.ended is not None and moment(truth.started) <= at < moment(truth.ended)


def loop(incident: Incident, *outputs: Output, fail: bool) -> bytes:
    """What the loop of the README writes, once a minute."""
    at, minute, bad = moment(incident.truth.since), 0, 0
    text = []
    while at < moment(incident.truth.until):
        now = fail and troubled(incident, at)
        bad += now
        for output in outputs:
            command, said = output(minute, bad, now)
            text.append(f"### {at.isoformat(timespec='seconds')} opg-srv {command}\n{said}")
        at, minute = at + timedelta(minutes=1), minute + 1
    return "".join(text).encode()


EVERYDAY = (counters("rx_missed_errors", everyday=4), status, links, bond, table, netcheck)
TELLING: dict[str, tuple[Output, ...]] = {
    "nic-driver-reset": (counters("tx_timeout_count"),),
    "conntrack-table-full": (table,),
    "bond-member-failed": (bond,),
    "udp-blocked": (netcheck,),
    "wan-outage": (),
}


def report(incident: Incident, folder: Path, **more: bytes) -> Report:
    folder.mkdir()
    for name, data in {**incident.files, **{f"{name}.txt": data for name, data in more.items()}}.items():
        Path(folder, name).write_bytes(data)
    request = AnalyzeRequest(
        inputs=[str(folder)],
        since=incident.since,
        until=incident.until,
        zones=incident.zones,
        now=moment(incident.truth.until) + timedelta(hours=1),
    )
    return analyze(request)


def score(found: Report, cause: str) -> float:
    return max(one.score for one in found.hypotheses if one.cause == cause)


@pytest.mark.parametrize("cause", TELLING)
def test_telling_snapshots_strengthen_the_right_cause(cause: str, tmp_path: Path) -> None:
    incident = simulate(cause, 0, "plain")
    shots = loop(incident, *TELLING[cause], *EVERYDAY[1:3], fail=True)
    before = report(incident, tmp_path / "without")
    after = report(incident, tmp_path / "with", snapshots=shots, pings=pings(incident, fail=cause == "wan-outage"))
    assert (before.verdict.cause, after.verdict.cause) == (cause, cause)
    assert score(after, cause) > score(before, cause)
    cited = {one.program for one in after.evidence}
    assert cited & {"ethtool", "conntrack", "bonding", "tailscale-netcheck", "ping"}


@pytest.mark.parametrize("cause", [*TELLING, "peer-offline", "router-rebooted", "service-restarted"])
def test_everyday_snapshots_change_no_verdict(cause: str, tmp_path: Path) -> None:
    """Counters as they were since the start, drops, a port without a cable, a phone that sleeps, a lost ping."""
    incident = simulate(cause, 0, "plain")
    found = report(
        incident,
        tmp_path / "with",
        snapshots=loop(incident, *EVERYDAY, fail=False),
        pings=pings(incident, fail=False),
    )
    assert found.verdict.cause in {incident.truth.cause, *incident.truth.also}


def test_everyday_snapshots_make_no_incident(tmp_path: Path) -> None:
    night = quiet(0)
    found = report(
        night, tmp_path / "with", snapshots=loop(night, *EVERYDAY, fail=False), pings=pings(night, fail=False)
    )
    assert found.verdict.cause == "no-incident"
