"""A switch tells of every port: what hangs there is switched off and on, and that is no fault of the switch."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from logcorr.api import AnalyzeRequest, analyze
from logcorr.diagnosis.incidents import find_incidents
from tests.diagnosis.stage import event, scene

HOUR = 3600
QUIET = [event(second, "chatter") for second in range(-12 * HOUR, 12 * HOUR, 300)]


def off(hour: float, port: str, seconds: float = 900) -> list[dict[str, Any]]:
    """A port without link for a quarter of an hour."""
    start = hour * HOUR
    return [event(start, "link.gone", interface=port), event(start + seconds, "link.back", interface=port)]


def found(*rows: list[dict[str, Any]]) -> int:
    return len(find_incidents(scene([*QUIET, *(row for each in rows for row in each)])))


def test_ports_that_go_off_one_by_one_are_those_of_a_switch() -> None:
    assert found(*(off(hour, f"port{hour}") for hour in range(4))) == 0


def test_a_machine_with_three_links_is_no_switch() -> None:
    assert found(*(off(hour, f"port{hour}") for hour in range(3))) == 3


def test_ports_that_go_off_together_are_an_incident() -> None:
    apart = [off(hour, f"port{hour}") for hour in range(4)]
    assert found(*apart, off(6, "port8"), off(6.0002, "port9"), off(6.0004, "port10")) == 1  # within two seconds
    assert found(*apart, off(6, "port8"), off(6.005, "port9"), off(6.01, "port10")) == 0  # people go home
    assert found(*apart, off(6, "port8"), off(6.005, "port9")) == 0


def test_a_port_that_goes_off_every_quarter_of_an_hour_is_an_incident() -> None:
    apart = [off(hour, f"port{hour}") for hour in range(4)]
    assert found(*apart, *(off(6 + quarter / 4, "port8", 60) for quarter in range(6))) == 1


def written(folder: Path, *lines: str) -> int:
    """How many incidents a router's own log of a day tells."""
    hours = [
        f"2026-03-14 {hour:02}:00:00 dhcp,info lan assigned 192.0.2.9 for 02:00:5E:10:00:09\n" for hour in range(24)
    ]
    log = folder / "router.log"
    log.write_text("".join(sorted([*hours, *(f"2026-03-14 {line}\n" for line in lines)])), encoding="utf-8")
    report = analyze(AnalyzeRequest(inputs=[str(log)], now=datetime(2026, 3, 15, tzinfo=UTC)))
    return sum(each.cause != "no-incident" for each in report.incidents)


def test_what_is_plugged_in_and_out_again_leaves_a_port_as_it_was(tmp_path: Path) -> None:
    up, down = "interface,info ether5 link up (speed 1G, full duplex)", "interface,info ether5 link down"
    assert written(tmp_path, f"09:10:00 {up}", f"10:10:00 {down}") == 0
    assert written(tmp_path, f"10:10:00 {down}") == 1
    assert written(tmp_path, f"09:10:00 {up}", f"10:10:00 {down}", f"10:20:00 {up}", f"10:30:00 {down}") >= 1
