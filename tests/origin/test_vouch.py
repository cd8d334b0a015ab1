"""Who could have written a journal entry: what journald recorded decides, not the line, and no name of a user's."""

import polars as pl
import pytest

from logcorr.origin import CLAIM, KINDS, ORIGIN, VOUCHED, judged, of_text, origins, printed, trusted, usual

#: A user's own program in a session, and what follows from calling it like a daemon.
_SESSION = {"_TRANSPORT": "syslog", "_PID": "4242", "_UID": "1001", "_SYSTEMD_UNIT": "session-3.scope"}
_SPOOF = {
    "_TRANSPORT": "syslog",
    "_PID": "4242",
    "_COMM": "logger",
    "_EXE": "/usr/bin/logger",
    "_SYSTEMD_UNIT": "session-3.scope",
}
_DAEMON = {
    "_TRANSPORT": "stdout",
    "_PID": "500",
    "_COMM": "tailscaled",
    "_EXE": "/usr/sbin/tailscaled",
    "_SYSTEMD_UNIT": "tailscaled.service",
}


def _own(name: str, path: str = "/home/guest", **more: str) -> dict[str, str]:
    return {**_SESSION, "_COMM": name[:15], "_EXE": f"{path}/{name}", **more}


CASES = [
    ("kernel", {"_TRANSPORT": "kernel"}, "kernel"),
    ("kernel", _SPOOF, "user"),  # logger -t kernel
    ("kernel", {"_TRANSPORT": "syslog", "_UID": "0", "_PID": "7", "_COMM": "logger"}, "script"),
    ("kernel", {"_TRANSPORT": "journal", "_COMM": "kernel"}, "script"),
    ("kernel", {"_TRANSPORT": "syslog"}, "script"),
    ("kernel", {}, "text"),
    ("kernel", _own("kernel"), "user"),
    ("systemd", {"_TRANSPORT": "journal", "_PID": "1", "_UID": "0", "_COMM": "systemd"}, "pid1"),
    ("systemd", {"_TRANSPORT": "journal", "_PID": "1", "_COMM": "init"}, "pid1"),
    ("systemd", {"_TRANSPORT": "journal", "_COMM": "systemd", "_SYSTEMD_UNIT": "init.scope"}, "pid1"),
    # a user's service manager speaks of the user's own units
    ("systemd", {"_PID": "900", "_UID": "1000", "_COMM": "systemd", "_EXE": "/usr/lib/systemd/systemd",
                 "_SYSTEMD_UNIT": "user@1000.service", "_SYSTEMD_USER_UNIT": "init.scope"}, "user"),
    ("systemd", {"_PID": "900", "_COMM": "systemd", "_SYSTEMD_UNIT": "user@1000.service"}, "user"),
    ("systemd", {"_TRANSPORT": "kernel"}, "text"),  # early boot, through /dev/kmsg
    ("systemd", _SPOOF, "user"),
    ("systemd", {"_PID": "77"}, "script"),
    ("systemd", {}, "text"),
    ("tailscaled", _DAEMON, "service"),
    ("tailscaled", _DAEMON | {"_UID": "0"}, "service"),
    ("tailscaled", _SPOOF, "user"),
    ("tailscaled", {"_PID": "500"}, "unverified"),  # gone before journald could look
    ("tailscaled", {"_PID": "500", "_UID": "0", "_TRANSPORT": "syslog"}, "unverified"),
    ("tailscaled", {"_PID": "500", "_UID": "1000", "_TRANSPORT": "syslog"}, "user"),
    ("tailscaled", {"_COMM": "bash", "_SYSTEMD_UNIT": "tailscaled.service"}, "service"),
    ("tailscaled", {"_COMM": "tailscaled"}, "unverified"),  # a name alone is the sender's choice
    ("tailscaled", _DAEMON | {"_UID": "1000", "_SYSTEMD_UNIT": "user@1000.service"}, "tool"),
    ("tailscaled", _own("tail", "/usr/bin"), "user"),  # systemd-cat -t tailscaled tail ...
    ("systemd-networkd", {"_COMM": "systemd-network", "_UID": "998"}, "script"),
    ("systemd-networkd", {"_COMM": "systemd-network", "_UID": "998", "_EXE": "/usr/lib/systemd/systemd-networkd"},
     "service"),
    ("systemd-networkd", {"_COMM": "systemd-network", "_UID": "0"}, "service"),  # the kernel keeps 15 bytes
    ("opg-api", {"_UID": "1001", "_COMM": "node", "_EXE": "/usr/bin/node", "_SYSTEMD_UNIT": "opg-api.service"},
     "service"),  # User= in a unit of the system
    ("CRON", {"_UID": "0", "_COMM": "cron", "_EXE": "/usr/sbin/cron", "_SYSTEMD_UNIT": "cron.service"}, "service"),
    ("CRON", {"_UID": "1001", "_COMM": "cron", "_EXE": "/usr/sbin/cron", "_SYSTEMD_UNIT": "cron.service"}, "tool"),
    # a user's job runs in cron's unit: neither its name nor the unit's is the user's to use
    ("CRON", {"_UID": "1001", "_COMM": "logger", "_EXE": "/usr/bin/logger", "_SYSTEMD_UNIT": "cron.service"}, "user"),
    ("CRON", {"_UID": "1001", "_COMM": "cron", "_EXE": "/home/guest/cron", "_SYSTEMD_UNIT": "cron.service"}, "user"),
    ("cron", {"_UID": "33", "_COMM": "sh", "_EXE": "/usr/bin/dash", "_SYSTEMD_UNIT": "cron.service"}, "script"),
    ("CRON", {"_UID": "1001", "_COMM": "crontab", "_EXE": "/usr/bin/crontab"}, "user"),  # crontab -l | systemd-cat
    ("sudo", {"_UID": "1000", "_COMM": "sudo", "_EXE": "/usr/bin/sudo", "_SYSTEMD_UNIT": "session-2.scope"}, "tool"),
    ("sudo", _own("sudo"), "user"),
    ("sudo", _own("sudo", "/var/spool/guest"), "user"),
    ("sudo", _own("sudo", "/nix/store/0123-sudo/bin"), "user"),  # any user may add to the store
    ("sshd", _own("sshd-session", "/usr/lib/openssh"), "tool"),
    ("dpinger", _own("dpinger"), "user"),
    ("dpinger", _own("dpinger", "/usr/local/bin"), "tool"),
    ("netifd", _own("netifd", "/run/user/1001", _SYSTEMD_USER_UNIT="netifd.service"), "user"),
    ("netifd", {"_UID": "33", "_COMM": "netifd", "_EXE": "/var/www/netifd", "_SYSTEMD_UNIT": "php-fpm.service"},
     "script"),
    ("net-monitor", {"_UID": "0", "_COMM": "logger", "_EXE": "/usr/bin/logger", "_SYSTEMD_UNIT": "cron.service"},
     "script"),
    ("resolver", {"_UID": "61200", "_COMM": "sh", "_EXE": "/bin/sh", "_SYSTEMD_UNIT": "resolver.service"}, "service"),
    ("openvpn", {"_UID": "65534", "_COMM": "openvpn", "_EXE": "/usr/sbin/openvpn"}, "service"),
    ("postfix/smtpd", {"_COMM": "smtpd", "_SYSTEMD_UNIT": "postfix@-.service"}, "service"),
    ("dpinger", {"_UID": "0", "_COMM": "dpinger", "_EXE": "/usr/bin/dpinger",
                 "_SYSTEMD_UNIT": "docker-0123456789abcdef.scope"}, "quoted"),  # its own choice of a name
    ("hostapd", {"_UID": "0", "_COMM": "hostapd", "CONTAINER_NAME": "hostapd", "_SYSTEMD_UNIT": "docker-0123456.scope"},
     "quoted"),  # and a field that any sender may set
    ("hostapd", {"_UID": "0", "_COMM": "hostapd", "_SYSTEMD_UNIT": "machine-hostapd.scope"}, "container"),
    ("sshd", {"_UID": "100000", "_COMM": "sshd", "_EXE": "/usr/sbin/sshd", "_SYSTEMD_UNIT": "lxc@web.service"},
     "quoted"),
    ("web", {"_UID": "100000", "_COMM": "web", "_EXE": "/srv/web", "_SYSTEMD_UNIT": "lxc@web.service"}, "container"),
    ("web", {"_UID": "0", "_COMM": "conmon", "CONTAINER_NAME": "web", "_SYSTEMD_UNIT": "libpod-conmon-0a1b2c3d.scope"},
     "container"),
    ("0123456789ab", {"_UID": "0", "_COMM": "dockerd", "_SYSTEMD_UNIT": "docker.service"}, "container"),
    ("kernel", {"_UID": "0", "_COMM": "dockerd", "_SYSTEMD_UNIT": "docker.service", "CONTAINER_NAME": "kernel",
                "_TRANSPORT": "journal"}, "container"),
    ("web", {"_UID": "1001", "_COMM": "conmon", "_EXE": "/usr/bin/conmon", "CONTAINER_NAME": "web"}, "user"),
    ("dockerd", {"_UID": "0", "_COMM": "dockerd", "_SYSTEMD_UNIT": "docker.service"}, "service"),
    ("audit", {"_TRANSPORT": "audit", "_PID": "4242", "_COMM": "sshd"}, "kernel"),
    ("audit", {"_TRANSPORT": "audit"}, "kernel"),
    ("audit", _SPOOF, "user"),
    (None, {"_COMM": "tailscaled"}, "unverified"),
    (None, _DAEMON, "service"),
    (None, {}, "text"),
    ("", _SPOOF, "user"),
]  # fmt: skip


def _frame(claim: str | None, sender: dict[str, str]) -> pl.DataFrame:
    row = {name: [sender.get(name)] for name in VOUCHED} | {CLAIM: [claim]}
    return pl.DataFrame(row, schema=dict.fromkeys(row, pl.String))


@pytest.mark.parametrize(("claim", "sender", "kind"), CASES)
def test_kind(claim: str | None, sender: dict[str, str], kind: str) -> None:
    assert judged(_frame(claim, sender)).item() == kind


def test_every_row_is_judged_as_if_it_were_alone() -> None:
    frame = pl.concat([_frame(claim, sender) for claim, sender, _ in CASES] * 2)
    assert origins(frame).to_list() == [kind for _, _, kind in CASES] * 2


@pytest.mark.parametrize(
    ("program", "pid", "kind"),
    [
        ("systemd", 1, "text"),
        ("systemd", None, "text"),
        ("systemd", 1834, "user"),  # a user's service manager
        ("kernel", None, "text"),
        ("kernel", 4242, "script"),  # logger -i -t kernel
        ("app", 7, "text"),
        (None, None, "text"),
    ],
)
def test_text_tells_by_the_process_id_alone(program: str | None, pid: int | None, kind: str) -> None:
    frame = pl.DataFrame({"program": [program], "pid": [pid]}, schema={"program": pl.String, "pid": pl.Int64})
    assert frame.select(of_text(pl.col("program"), pl.col("pid"), known="text")).item() == kind


@pytest.mark.parametrize(
    ("program", "container", "kind"),
    [
        ("tailscaled", "tailscale-1", "container"),
        ("tailscaled", "vpn-1", "quoted"),
        ("tailscaled", "ts-wiki-1", "container"),
        ("systemd", "ts-wiki-1", "quoted"),
        ("kernel", "0a1b2c3d4e5f-json", "quoted"),
        (None, "web", "container"),
        ("web", "web", "container"),
        ("kernel", "", "quoted"),
        ("kernel", "k", "quoted"),  # too short a name to be anybody's
    ],
)
def test_a_container_speaks_under_its_own_name(program: str | None, container: str, kind: str) -> None:
    frame = pl.DataFrame(
        {"program": [program], "container": [container]}, schema={"program": pl.String, "container": pl.String}
    )
    assert frame.select(printed(pl.col("program"), pl.col("container"))).item() == kind


def test_trust_follows_from_the_kind() -> None:
    frame = pl.DataFrame({"origin": list(KINDS)}, schema={"origin": ORIGIN})
    assert frame.select(trusted(pl.col("origin"))).to_series().to_list() == [kind.trusted for kind in KINDS.values()]


def test_who_may_speak_by_kind_of_program() -> None:
    assert usual(("kernel",)) == ("kernel", "device", "text")
    assert usual(("systemd",)) == ("pid1", "device", "text")
    for programs in (("app",), ("*",), ("kernel",), ("systemd",)):
        assert "user" not in usual(programs)
        assert "tool" not in usual(programs)
