"""Since when a machine was dark, or stood still, by its own lines and by those of the hypervisor that held it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from logcorr.api import AnalyzeRequest, analyze
from tests.rulebook.stages import stages
from tests.simulate.incident import simulate

DAY = "2026-03-14T"


def hours(host: str, *, minutes: tuple[int, ...] = (0, 20, 40)) -> str:
    """What a machine writes all day."""
    return "".join(
        f"{DAY}{hour:02d}:{minute:02d}:01+00:00 {host} CRON[4099]: (root) CMD (true)\n"
        for hour in range(24)
        for minute in minutes
    )


def clock(text: str) -> datetime:
    return datetime.fromisoformat(f"{DAY}{text}").replace(tzinfo=UTC)


HELD = (
    f"{DAY}03:16:31+00:00 shop4 chronyd[640]: Forward time jump detected!\n"
    f"{DAY}03:16:31+00:00 shop4 kernel: rcu: INFO: rcu_preempt self-detected stall on CPU\n"
    f"{DAY}03:16:32+00:00 shop4 till[1201]: read tcp 10.4.0.5:44120->10.4.0.30:5432: read: connection reset by peer\n"
)
HYPERVISOR = (
    f"{DAY}03:11:04+00:00 hv9 vzdump[4021]: INFO: suspend vm (311)\n"
    f"{DAY}03:16:31+00:00 hv9 vzdump[4021]: INFO: resume vm (311)\n"
)


def test_a_guest_was_held_since_its_hypervisor_paused_it() -> None:
    logs = {"shop4.log": hours("shop4") + HELD, "hv9.log": hours("hv9") + HYPERVISOR}
    found = stages().analyze(logs).incidents[0]
    assert (found.cause, found.started) == ("host-paused", clock("03:11:04"))


def test_what_a_hypervisor_resumed_at_another_time_is_another_guest() -> None:
    other = HYPERVISOR.replace("03:16:31", "03:14:31")
    logs = {"shop4.log": hours("shop4") + HELD, "hv9.log": hours("hv9") + other}
    assert stages().analyze(logs).incidents[0].started != clock("03:11:04")


def test_a_hypervisor_that_pauses_a_guest_for_its_backup_has_no_incident() -> None:
    (found,) = stages().analyze({"hv9.log": hours("hv9") + HYPERVISOR}).incidents
    assert found.cause == "no-incident"


def test_a_task_that_is_blocked_has_been_so_for_as_long_as_the_kernel_says() -> None:
    blocked = "".join(
        f"{DAY}03:{minute:02d}:02+00:00 shop4 kernel: INFO: task till:4012 blocked for more than 122 seconds.\n"
        f"{DAY}03:{minute:02d}:09+00:00 shop4 kernel: nfs: server 10.4.0.20 not responding, still trying\n"
        for minute in range(7, 15)
    )
    assert stages().analyze({"shop4.log": hours("shop4") + blocked}).incidents[0].started == clock("03:05:00")


def test_a_machine_was_up_until_it_said_that_it_goes_down() -> None:
    """The records of its last minute lie further apart than its boot took."""
    rebooted = (
        f"{DAY}03:58:59+00:00 shop4 systemd[1]: Starting apt-daily-upgrade.service - Daily apt upgrade...\n"
        f"{DAY}03:59:11+00:00 shop4 systemd-logind[710]: System is rebooting.\n"
        f"{DAY}03:59:28+00:00 shop4 systemd[1]: Reached target reboot.target - System Reboot.\n"
        f"{DAY}04:00:41+00:00 shop4 kernel: Linux version 6.8.0-71-generic (builder) #71 SMP\n"
        f"{DAY}04:00:44+00:00 shop4 systemd[1]: Started ssh.service - OpenBSD Secure Shell server.\n"
    )
    (found,) = stages().analyze({"shop4.log": hours("shop4") + rebooted}).incidents
    assert found.cause == "no-incident"


def test_machines_that_restart_themselves_one_after_another_have_no_incident() -> None:
    """The kernel and systemd both tell of one boot."""
    logs = {
        f"desk{number}.log": hours(f"desk{number}")
        + f"{DAY}04:0{number}:10+00:00 desk{number} systemd-logind[612]: The system will reboot now!\n"
        + f"{DAY}04:0{number}:14+00:00 desk{number} systemd-journald[310]: Journal stopped\n"
        + f"{DAY}04:0{number}:31+00:00 desk{number} kernel: Linux version 6.12.25-amd64 (builder@host) #1 SMP\n"
        + f"{DAY}04:0{number}:34+00:00 desk{number} systemd[1]: systemd 257.7 running in system mode (+PAM +AUDIT)\n"
        for number in range(1, 6)
    }
    assert stages().analyze(logs).verdict.status == "no-incident"


BOOT = "14:52:10+00:00 shop4 kernel: Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org) (gcc-12) #1 SMP\n"


def test_a_machine_that_writes_once_an_hour_restarted_and_when_it_went_down_is_not_known() -> None:
    lines = f"{hours('shop4', minutes=(17,))}{DAY}{BOOT}"
    report = stages().analyze({"shop4.log": "".join(sorted(lines.splitlines(keepends=True)))})
    assert (report.incidents[0].cause, report.incidents[0].started) == ("host-rebooted", clock("14:52:10"))
    (gap,) = (gap for gap in report.coverage if gap.kind == "silence")
    assert (gap.host, gap.start, gap.end) == ("shop4", clock("14:17:01"), clock("14:52:10"))


def test_a_kernel_that_is_silent_for_days_does_not_tell_that_the_machine_was_down() -> None:
    lines = "".join(f"{DAY}03:00:{n:02d}+00:00 shop4 kernel: audit: type=1400 audit(1.{n}:1): ok\n" for n in range(40))
    found = stages().analyze({"kern.log": lines + DAY + BOOT}).incidents[0]
    assert (found.cause, found.started) == ("host-rebooted", clock("14:52:10"))


@pytest.mark.parametrize(("variant", "status"), [("plain", "confirmed"), ("blind", "possible")])
def test_a_jump_of_time_is_a_pause_for_sure_only_where_a_sleep_would_show(
    variant: str, status: str, tmp_path: Path
) -> None:
    for name, data in simulate("host-suspended", 0, variant).files.items():
        (tmp_path / name).write_bytes(data)
    found = analyze(AnalyzeRequest(inputs=[str(tmp_path)])).incidents[0]
    assert (found.cause, found.status) == ("host-suspended" if variant == "plain" else "host-paused", status)
    assert ("would look the same" in found.reason) == (variant == "blind")
