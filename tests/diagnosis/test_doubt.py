"""What is told as one incident although no log links the machines, says so."""

from __future__ import annotations

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
