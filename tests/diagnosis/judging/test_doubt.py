"""What is told as one incident although no log links the machines, says so."""

from __future__ import annotations

import pytest

from logcorr.model import Verdict
from tests.rulebook.stages import stages

BEFORE = "2025-11-04T01:00:01+00:00 {0} CRON[4099]: (root) CMD (true)\n"
CRASH = """\
2025-11-04T03:00:00+00:00 ns7 systemd[1]: unbound.service: Main process exited, code=dumped, status=11/SEGV
2025-11-04T03:00:01+00:00 ns7 systemd[1]: unbound.service: Failed with result 'core-dump'.
2025-11-04T03:30:30+00:00 ns7 systemd[1]: Started unbound.service - Unbound DNS server.
"""
ASKS = "".join(
    f"2025-11-04T03:{minute:02d}:10+00:00 web7 shopd[700]: dial tcp: lookup db7.example.net: i/o timeout\n"
    for minute in range(1, 25)
)


def test_a_machine_that_no_log_links_is_told_as_doubtful() -> None:
    logs = {"ns.log": BEFORE.format("ns7") + CRASH, "web.log": BEFORE.format("web7") + ASKS}
    (incident,) = stages().analyze(logs).incidents
    assert incident.cause == "service-crashed"
    assert "Whether web7 belongs to it is not certain: no log links the machines." in incident.summary


def test_a_machine_that_names_the_other_is_not() -> None:
    named = "2025-11-04T01:10:00+00:00 web7 shopd[700]: dial tcp: lookup ns7: connection refused to ns7\n"
    met = "2025-11-04T01:20:00+00:00 ns7 systemd-networkd[1]: eth0: DHCPv4 address 192.0.2.53/24 via 192.0.2.1\n"
    asks = ASKS.replace("lookup db7.example.net: i/o", "lookup db7.example.net on 192.0.2.53:53: i/o")
    logs = {"ns.log": BEFORE.format("ns7") + met + CRASH, "web.log": BEFORE.format("web7") + named + asks}
    first = stages().analyze(logs).incidents[0]
    assert "is not certain" not in first.summary


# --- a fault on one machine, and refusals on another ---------------------------------------------------------------

QUIET = "".join(f"2025-11-04T0{hour}:00:01+00:00 {{0}} CRON[4099]: (root) CMD (true)\n" for hour in (0, 1, 2, 4, 5, 6))
KILLED = (
    "2025-11-04T03:00:00+00:00 calc7 kernel: Out of memory: Killed process 4110 ({0}) total-vm:8220112kB, "
    "anon-rss:5120112kB, file-rss:0kB, shmem-rss:0kB, UID:115 pgtables:30120kB oom_score_adj:0\n"
)


def refused(port: int, address: str = "192.0.2.77") -> str:
    return "".join(
        f"2025-11-04T03:00:{second:02d}+00:00 web7 shopd[700]: dial tcp {address}:{port}: connect: connection refused\n"
        for second in range(10, 50)
    )


def verdict_of(killed: str, failed: str, met: str = "") -> Verdict:
    logs = {"calc.log": QUIET.format("calc7") + met + KILLED.format(killed), "web.log": QUIET.format("web7") + failed}
    return stages().analyze(logs).incidents[0]


def test_what_was_killed_elsewhere_is_no_likely_cause_of_refusals_that_no_log_links_to_it() -> None:
    found = verdict_of("python3", refused(5432))
    assert (found.cause, found.status) in {("out-of-memory", "possible"), ("undetermined", "undetermined")}
    assert "no log links what failed on web7 to calc7" in found.reason


def test_a_killed_server_is_the_likely_cause_where_its_own_port_refuses() -> None:
    found = verdict_of("postgres", refused(5432))
    assert (found.cause, found.status) == ("out-of-memory", "likely")
    assert "no log links" not in found.reason


def test_the_port_of_another_server_is_no_link() -> None:
    assert verdict_of("mysqld", refused(5432)).status != "likely"


def test_an_address_of_the_machine_is_a_link() -> None:
    met = "2025-11-04T01:20:00+00:00 calc7 systemd-networkd[1]: eth0: DHCPv4 address 192.0.2.77/24 via 192.0.2.1\n"
    assert verdict_of("python3", refused(8000), met).status == "likely"


# --- what is served here, and what is not --------------------------------------------------------------------------


def test_what_was_killed_here_explains_no_refusal_of_another_machine() -> None:
    killed = QUIET.format("web7") + KILLED.replace("calc7", "web7").format("python3")
    found = stages().analyze({"web.log": killed + refused(5432)}).incidents[0]
    assert found.status in {"undetermined", "possible"}


def test_what_was_killed_here_explains_what_this_machine_refuses_itself() -> None:
    killed = QUIET.format("web7") + KILLED.replace("calc7", "web7").format("python3")
    for address in ("127.0.0.1", "172.18.0.5"):
        found = stages().analyze({"web.log": killed + refused(8000, address)}).incidents[0]
        assert (found.cause, found.status) == ("out-of-memory", "likely"), address


def test_a_public_address_that_the_machine_has_is_its_own() -> None:
    met = "2025-11-04T01:20:00+00:00 web7 systemd-networkd[1]: eth0: DHCPv4 address 192.0.2.77/24 via 192.0.2.1\n"
    killed = QUIET.format("web7") + met + KILLED.replace("calc7", "web7").format("python3")
    assert stages().analyze({"web.log": killed + refused(8000)}).incidents[0].cause == "out-of-memory"


def test_an_ipv6_address_that_is_used_twice_leaves_the_others_at_work() -> None:
    doubled = (
        "2025-11-04T03:00:00+00:00 web7 kernel: IPv6: eth0: IPv6 duplicate address fe80::1 "
        "used by 52:54:00:12:34:56 detected!\n"
    )
    found = stages().analyze({"web.log": QUIET.format("web7") + doubled + refused(5432)}).incidents[0]
    assert found.status in {"undetermined", "possible"}


# --- what a fault cannot bring about --------------------------------------------------------------------------------

EXPIRED = (
    "2025-11-04T03:00:00+00:00 web7 reportd[9]: x509: certificate has expired or is not yet valid: "
    "current time 2025-11-04T03:00:00Z is after 2025-11-03T00:00:00Z\n"
)
DISAGREED = "".join(
    f"2025-11-04T03:00:{second:02d}+00:00 web7 charon[88]: 09[IKE] received NO_PROPOSAL_CHOSEN notify error\n"
    for second in range(0, 60, 10)
)
READ_ONLY = (
    "2025-11-04T03:00:00+00:00 web7 kernel: EXT4-fs (sda2): Remounting filesystem read-only\n"
    "2025-11-04T03:00:00+00:00 web7 kernel: EXT4-fs error (device sda2): ext4_journal_check_start:83: "
    "comm systemd-journal: Detected aborted journal\n"
)


@pytest.mark.parametrize("fault", [EXPIRED, DISAGREED, READ_ONLY])
def test_refusals_of_a_public_address_are_none_of_its_doing(fault: str) -> None:
    found = stages().analyze({"web.log": QUIET.format("web7") + fault + refused(5432)}).incidents[0]
    assert found.status in {"undetermined", "possible"}


def test_a_restart_elsewhere_is_no_likely_cause_of_what_no_log_links_to_it() -> None:
    restart = (
        "2025-11-04T02:59:30+00:00 calc7 systemd-logind[300]: System is rebooting.\n"
        "2025-11-04T03:00:00+00:00 calc7 kernel: Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org)\n"
    )
    logs = {"calc.log": QUIET.format("calc7") + restart, "web.log": QUIET.format("web7") + refused(5432)}
    assert stages().analyze(logs).incidents[0].status in {"undetermined", "possible"}


def test_a_new_address_explains_no_connections_that_are_opened_anew_long_after() -> None:
    lease = "netifd: wan (1811): udhcpc: lease of {0} obtained from 198.51.100.1, lease time 86400\n"
    leases = (
        f"2025-11-04T02:00:00+00:00 gw7 {lease.format('198.51.100.24')}"
        f"2025-11-04T03:00:00+00:00 gw7 {lease.format('198.51.100.206')}"
    )
    failed = "".join(
        f"2025-11-04T0{3 + minute // 60}:{minute % 60:02d}:00+00:00 web7 shopd[700]: "
        "dial tcp 203.0.113.10:443: i/o timeout\n"
        for minute in range(1, 100)
    )
    logs = {"gw.log": QUIET.format("gw7") + leases, "web.log": QUIET.format("web7") + failed}
    found = stages().analyze(logs).incidents[0]
    assert (found.cause, found.status) == ("undetermined", "undetermined")
