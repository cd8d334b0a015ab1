"""What the lines that date a cause narrow down: its title, its sentence, and which commands fit."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from logcorr.api import AnalyzeRequest, analyze
from logcorr.model import Report
from logcorr.rulebook.models import Variant

FAILS = "app[1200]: dial tcp 192.0.2.30:5432: connect: connection refused"
NEBULA = (
    'nebula[611]: time="2026-03-14T03:00:00Z" level=info msg="Invalid certificate from host" '
    'error="certificate is expired" from="203.0.113.40:4242" handshake="map[stage:1 style:ix_psk0]"'
)
POOL = "kernel: device-mapper: thin: 253:4: switching pool to out-of-data-space (queue IO) mode"
FULL = 'postgres[55]: could not write to file "base/pgsql_tmp/x": No space left on device'
PROXY = "app[1200]: Get https://192.0.2.30/: x509: certificate has expired or is not yet valid"
NETBIRD = (
    "netbird[9]: WARN shared/management/client/grpc.go:136: exiting the Management service connection retry loop due "
    "to the unrecoverable error: rpc error: code = PermissionDenied desc = peer login has expired, please log in"
)
COROSYNC = "corosync[9]: [KNET  ] link: host: 2 link: 0 is down"
MASTERS = (
    "Keepalived_vrrp[800]: (VI_3) Entering MASTER STATE",
    "kernel: [UFW BLOCK] IN=eth1 OUT= SRC=192.0.2.11 DST=224.0.0.18 LEN=40 TTL=255 ID=0 PROTO=112",
    "Keepalived_vrrp[800]: (VI_3) Master received advert from 192.0.2.11 with higher priority 200, ours 100",
    "Keepalived_vrrp[800]: (VI_3) Entering BACKUP STATE",
)
VRRP = "The routers of a shared address do not hear each other"
EM = "kernel: em0: link state changed to DOWN"
IOS = "1: %LINK-3-UPDOWN: Interface GigabitEthernet0/1, changed state to down"
ENO = "kernel: e1000e 0000:00:1f.6 eno1: NIC Link is Down"


def told(folder: Path, *lines: str) -> Report:
    quiet = [f"2026-03-14T{hour:02}:17:01+00:00 srv7 CRON[40{hour}]: (root) CMD (run-parts)" for hour in range(3)]
    signs = [f"2026-03-14T03:00:0{number}+00:00 srv7 {line}" for number, line in enumerate(lines)]
    fails = [f"2026-03-14T03:00:{second}+00:00 srv7 {FAILS}" for second in range(10, 50, 5)]
    log = folder / "srv7.log"
    log.write_text("".join(f"{line}\n" for line in (*quiet, *signs, *fails)), encoding="utf-8")
    return analyze(AnalyzeRequest(inputs=(str(log),), now=datetime(2026, 3, 15, tzinfo=UTC)))


def commands(report: Report, cause: str) -> str:
    actions = [each.command or "" for each in report.actions if each.cause == cause]
    return "; ".join((*actions, *(each.command for each in report.checks if each.settles[0] == cause)))


@pytest.mark.parametrize(
    ("lines", "cause", "title", "advised", "unfit"),
    [
        ([POOL], "storage-disk-full", "A thin pool of volumes is full", "lvs -a", "df -h"),
        ([FULL], "storage-disk-full", "A file system is full", "df -h", "lvs"),
        ([POOL, FULL], "storage-disk-full", "A thin pool of volumes is full", "lvs -a", "df -h"),
        ([FULL, POOL], "storage-disk-full", "A file system is full", "df -h", "lvs"),
        ([*MASTERS], "cluster-heartbeat-lost", VRRP, "ip proto 112", "corosync"),
        ([COROSYNC], "cluster-heartbeat-lost", "The cluster's heartbeat to another node was lost", "corosync", "112"),
        ([NETBIRD], "key-expired", "The login to NetBird expired, or was refused", "netbird status", "tailscale"),
        ([NEBULA], "certificate-expired", "A Nebula certificate has expired", "nebula-cert print -path", "openssl"),
        ([PROXY], "certificate-expired", "A certificate has expired", "openssl s_client", "nebula-cert"),
        ([NEBULA, PROXY], "certificate-expired", "A certificate has expired", "openssl s_client", "nebula-cert"),
        ([EM], "link-carrier-lost", "A network card lost its link", "netstat -d -I em0", "ethtool"),
        ([IOS], "link-carrier-lost", "A network card lost its link", "show interface", "ethtool"),
        ([ENO], "link-carrier-lost", "A network card lost its link", "ethtool", "netstat"),
    ],
)
def test_what_all_lines_show_is_what_is_said_and_advised(
    tmp_path: Path, lines: list[str], cause: str, title: str, advised: str, unfit: str
) -> None:
    report = told(tmp_path, *lines)
    assert title in [each.title for each in report.hypotheses if each.cause == cause]
    if report.verdict.cause == cause:
        assert report.verdict.title == title
    given = commands(report, cause)
    assert advised in given
    assert unfit not in given


def test_a_program_that_is_not_there_is_not_to_be_asked(tmp_path: Path) -> None:
    report = told(tmp_path, POOL)
    assert report.checks
    assert not [each for each in report.checks if each.command.startswith("tailscale")]


def test_a_variant_says_what_it_fits() -> None:
    with pytest.raises(ValueError, match="programs, message"):
        Variant(title="A pool is full")
    with pytest.raises(ValueError, match="message"):
        Variant(message="(", title="A pool is full")


def test_a_sign_of_several_steps_names_what_its_steps_name(tmp_path: Path) -> None:
    report = told(tmp_path, *MASTERS)
    (found,) = (each for each in report.hypotheses if each.cause == "cluster-heartbeat-lost")
    assert found.supports[0].says == "this machine's own firewall dropped the adverts of 192.0.2.11, its peer"
