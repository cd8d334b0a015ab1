"""A busy server's journal for the benchmarks, written by systemd-journal-remote from made-up entries."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.journal_file.systemd import WRITER

BOOTS = 3
PROGRAMS = (
    "tailscaled", "systemd-resolved", "sshd", "CRON", "systemd-networkd", "dockerd", "nginx", "monitor.sh",
    "containerd", "rsyslogd", "NetworkManager", "postgres", "redis", "kubelet", "haproxy", "dnsmasq",
)  # fmt: skip
MESSAGES = (
    "magicsock: derp-{a} connected; connGen={b}",
    "control: [v1] PollNetMap: stream=true ep={b}",
    "open-conn-track: timeout opening (TCP 100.85.61.82:{b} => 100.76.8.62:4010) to node [n{a}]; online=yes",
    "Accepted publickey for deploy from 192.168.0.{a} port {b} ssh2: ED25519 SHA256:n0tAkeYbutAsLongAsOne{b}",
    'GET /api/v1/items/{b}?limit={a} HTTP/1.1 200 {b} "-" "curl/8.5.0" upstream=192.168.0.{a} rt=0.0{a}',
    "Using degraded feature set UDP instead of UDP+EDNS0 for DNS server 192.168.0.{a}.",
    "checkpoint complete: wrote {b} buffers ({a}.3%); 0 WAL file(s) added",
    "(root) CMD (command -v debian-sa1 > /dev/null && debian-sa1 1 1)",
    "health check OK",
)
LONG = 0.004  # share of messages that journald compresses


def _origin(program: str, number: int, rnd: random.Random) -> tuple[str, bool]:
    """The fields that all lines of a process share, and whether it sends a time of its own (stdout does not)."""
    comm = {"CRON": "cron", "monitor.sh": "bash"}.get(program, program)[:15]
    unit = {"CRON": "cron", "sshd": "ssh"}.get(program, program.removesuffix(".sh")) + ".service"
    invocation = f"{rnd.getrandbits(128):032x}"
    sends_time = number % 2 == 0
    fields = {
        "_TRANSPORT": "syslog" if sends_time else "stdout",
        "SYSLOG_FACILITY": "3",
        "SYSLOG_IDENTIFIER": program,
        "_PID": str(400 + number * 37),
        "_UID": "0",
        "_GID": "0",
        "_COMM": comm,
        "_EXE": f"/usr/sbin/{comm}",
        "_CMDLINE": f"/usr/sbin/{comm} --state=/var/lib/{program}/state --socket=/run/{program}.sock",
        "_CAP_EFFECTIVE": "1ffffffffff",
        "_SELINUX_CONTEXT": "unconfined",
        "_SYSTEMD_CGROUP": f"/system.slice/{unit}",
        "_SYSTEMD_UNIT": unit,
        "_SYSTEMD_SLICE": "system.slice",
        "_SYSTEMD_INVOCATION_ID": invocation,
        "_STREAM_ID": invocation[::-1],
        "_MACHINE_ID": "2" * 32,
        "_HOSTNAME": "opg-srv",
        "_RUNTIME_SCOPE": "system",
    }
    return "".join(f"{name}={value}\n" for name, value in fields.items()), sends_time


def export(count: int, seed: int = 7) -> Iterator[str]:
    """``count`` entries in the export format."""
    rnd = random.Random(seed)
    realtime = 1_762_214_400_000_000
    for number in range(count):
        if number % -(-count // BOOTS) == 0:
            boot, monotonic = f"{rnd.getrandbits(128):032x}", 1_000_000
            origins = [_origin(program, index, rnd) for index, program in enumerate(PROGRAMS)]
        step = rnd.randrange(200, 60_000)
        realtime, monotonic = realtime + step, monotonic + step
        origin, sends_time = origins[int(rnd.random() ** 2 * len(origins))]
        message = rnd.choice(MESSAGES).format(a=rnd.randrange(256), b=rnd.randrange(1024, 65_536))
        if rnd.random() < LONG:
            message += f" stack frame {rnd.randrange(99_999)} in goroutine;" * 30
        sent = f"_SOURCE_REALTIME_TIMESTAMP={realtime - rnd.randrange(5, 900)}\n" if sends_time else ""
        yield (
            f"__REALTIME_TIMESTAMP={realtime}\n__MONOTONIC_TIMESTAMP={monotonic}\n_BOOT_ID={boot}\n"
            f"PRIORITY={rnd.choice('6666543')}\n{origin}{sent}MESSAGE={message}\n\n"
        )


def journal(folder: Path, count: int) -> Path:
    """A folder with a journal of ``count`` entries, written once and kept."""
    kept = folder / f"journal-{count}"
    if not kept.is_dir():
        making = folder / f"journal-{count}.making"
        making.mkdir(parents=True, exist_ok=True)
        source = folder / f"journal-{count}.export"
        with source.open("w", encoding="ascii") as file:
            file.writelines(export(count))
        subprocess.run([WRITER, "-o", making / "system.journal", source], check=True, capture_output=True)
        source.unlink()
        making.rename(kept)
    return kept
