"""Who may say that a line is the kernel's, systemd's, or a daemon's: journald's own fields, not the line."""

import polars as pl
import pytest

from logcorr.parsers.fields import trust

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

CASES = [
    ("kernel", {"_TRANSPORT": "kernel"}, True),
    ("kernel", _SPOOF, False),  # logger -t kernel
    ("kernel", {"_TRANSPORT": "journal", "_COMM": "kernel"}, False),
    ("kernel", {}, None),
    ("systemd", {"_TRANSPORT": "journal", "_PID": "1", "_COMM": "systemd"}, True),
    ("systemd", {"_TRANSPORT": "journal", "_PID": "1", "_COMM": "init"}, True),
    (
        "systemd",
        {"_TRANSPORT": "journal", "_PID": "900", "_COMM": "systemd", "_SYSTEMD_UNIT": "user@1000.service"},
        True,
    ),
    ("systemd", {"_TRANSPORT": "kernel"}, None),  # early boot, through /dev/kmsg
    ("systemd", _SPOOF, False),
    ("systemd", {"_PID": "77"}, False),
    ("systemd", {}, None),
    ("tailscaled", _DAEMON, True),
    ("tailscaled", _SPOOF, False),
    ("tailscaled", {"_PID": "500"}, None),  # gone before journald could look
    ("tailscaled", {"_COMM": "bash", "_SYSTEMD_UNIT": "tailscaled.service"}, True),
    ("systemd-networkd", {"_COMM": "systemd-network"}, True),  # the kernel keeps 15 bytes
    ("CRON", {"_COMM": "cron", "_SYSTEMD_UNIT": "cron.service"}, True),
    ("postfix/smtpd", {"_COMM": "smtpd", "_SYSTEMD_UNIT": "postfix@-.service"}, True),
    ("getty", {"_COMM": "agetty", "_SYSTEMD_UNIT": "getty@tty1.service"}, True),
    ("audit", {"_TRANSPORT": "audit", "_PID": "4242", "_COMM": "sshd"}, True),
    ("audit", {"_TRANSPORT": "audit"}, True),
    ("audit", _SPOOF, False),
    (None, {"_COMM": "tailscaled"}, True),
    (None, {}, None),
    ("", _SPOOF, False),
]


@pytest.mark.parametrize(("claim", "origin", "verdict"), CASES)
def test_rule(claim: str | None, origin: dict[str, str], verdict: bool | None) -> None:
    row = {name: [origin.get(name)] for name in trust.ORIGIN} | {trust.CLAIM: [claim]}
    frame = pl.DataFrame(row, schema=dict.fromkeys(row, pl.String))
    assert frame.select(trust.trusted()).item() is verdict
