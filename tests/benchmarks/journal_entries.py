"""A busy server's journal for the benchmarks, written by systemd-journal-remote from made-up entries.

What an entry holds follows systemd's own sample of real journals (test/test-journals/no-rtc), where entries have 10
fields from the kernel, 23 from syslog(3) and from a service's output, and 29 from programs that speak the journal's own
protocol, 22 on average. That sample is of boots; a server that runs on writes less from the kernel and from systemd.
So of 20 entries here one is the kernel's, four come over the journal's protocol, six are output, and nine are syslog.
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from tests.journal_file.systemd import WRITER

BOOTS = 3
TRANSPORTS = ("kernel", *("journal",) * 4, *("stdout",) * 6, *("syslog",) * 9)
PROGRAMS = {
    "syslog": ("sshd", "CRON", "haproxy", "postgres", "dnsmasq", "rsyslogd", "sudo", "keepalived", "chronyd"),
    "stdout": ("tailscaled", "nginx", "monitor.sh", "redis", "kubelet", "grafana", "containerd", "node_exporter"),
    "journal": ("systemd", "systemd-networkd", "systemd-resolved", "dockerd", "NetworkManager", "systemd-logind"),
    "kernel": ("kernel",),
}
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
_OF_ALL = {"_MACHINE_ID": "2" * 32, "_HOSTNAME": "opg-srv", "_RUNTIME_SCOPE": "system"}


def _origin(transport: str, program: str, number: int, rnd: random.Random) -> str:
    """The fields that all lines of a process share."""
    facility = {"kernel": "0", "syslog": "10"}.get(transport, "3")
    fields = {"_TRANSPORT": transport, "SYSLOG_FACILITY": facility, "SYSLOG_IDENTIFIER": program, **_OF_ALL}
    if transport != "kernel":
        fields |= _process(program, number, rnd)
    if transport == "syslog" and number % 3:
        fields["SYSLOG_PID"] = fields["_PID"]
    if transport == "stdout":
        fields["_STREAM_ID"] = f"{rnd.getrandbits(128):032x}"
    return _text(fields)


def _process(program: str, number: int, rnd: random.Random) -> dict[str, str]:
    """What journald itself knows of a process (systemd.journal-fields(7), trusted fields)."""
    comm = {"CRON": "cron", "monitor.sh": "bash"}.get(program, program)[:15]
    unit = {"CRON": "cron", "sshd": "ssh", "systemd": "init"}.get(program, program.removesuffix(".sh")) + ".service"
    return {
        "_PID": str(1 if program == "systemd" else 400 + number * 37),
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
        "_SYSTEMD_INVOCATION_ID": f"{rnd.getrandbits(128):032x}",
    }


def _own(transport: str, which: int, realtime: int, monotonic: int, rnd: random.Random) -> dict[str, str]:
    """The fields of one line of the transport's program ``which``."""
    sent = {"_SOURCE_REALTIME_TIMESTAMP": str(realtime - rnd.randrange(5, 900)), "PRIORITY": rnd.choice("6666543")}
    if transport == "kernel":
        return {"_SOURCE_MONOTONIC_TIMESTAMP": str(monotonic - rnd.randrange(5, 900)), "PRIORITY": sent["PRIORITY"]}
    if transport == "stdout":
        return {"PRIORITY": "6"}
    if transport == "syslog":
        when = datetime.fromtimestamp(realtime // 1_000_000, UTC)
        return sent | {"SYSLOG_TIMESTAMP": f"{when:%b %e %H:%M:%S} "}
    place = 7 * which + rnd.randrange(7)  # where in the program: one place says one thing
    fields = sent | {
        "PRIORITY": "6543"[place % 4],
        "CODE_FILE": f"src/core/job-{which}.c",
        "CODE_LINE": str(100 + place * 31),
        "CODE_FUNC": f"job_log_message_{place}",
        "TID": str(1 + which * 37),
        "MESSAGE_ID": f"{place:032x}",
    }
    unit = rnd.randrange(60)
    job = {"UNIT": f"job-{unit}.service", "INVOCATION_ID": f"{unit * 7919:032x}", "JOB_ID": str(realtime % 100_000)}
    return fields if which else fields | job | {"JOB_TYPE": "start", "JOB_RESULT": "done"}


def _text(fields: Mapping[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in fields.items())


def export(count: int, seed: int = 7) -> Iterator[str]:
    """``count`` entries in the export format."""
    rnd = random.Random(seed)
    realtime = 1_762_214_400_000_000
    for number in range(count):
        if number % -(-count // BOOTS) == 0:
            boot, monotonic = f"{rnd.getrandbits(128):032x}", 1_000_000
            origins = {
                transport: [_origin(transport, program, index, rnd) for index, program in enumerate(programs)]
                for transport, programs in PROGRAMS.items()
            }
        step = rnd.randrange(200, 60_000)
        realtime, monotonic = realtime + step, monotonic + step
        transport = rnd.choice(TRANSPORTS)
        which = int(rnd.random() ** 2 * len(origins[transport]))
        message = rnd.choice(MESSAGES).format(a=rnd.randrange(256), b=rnd.randrange(1024, 65_536))
        if rnd.random() < LONG:
            message += f" stack frame {rnd.randrange(99_999)} in goroutine;" * 30
        yield (
            f"__REALTIME_TIMESTAMP={realtime}\n__MONOTONIC_TIMESTAMP={monotonic}\n_BOOT_ID={boot}\n"
            f"{origins[transport][which]}{_text(_own(transport, which, realtime, monotonic, rnd))}MESSAGE={message}\n\n"
        )


def journal(folder: Path, count: int) -> Path:
    """A folder with a journal of ``count`` entries, written once and kept."""
    kept = folder / f"server-{count}"
    if not kept.is_dir():
        making = folder / f"server-{count}.making"
        making.mkdir(parents=True, exist_ok=True)
        source = folder / f"server-{count}.export"
        with source.open("w", encoding="ascii") as file:
            file.writelines(export(count))
        subprocess.run([WRITER, "-o", making / "system.journal", source], check=True, capture_output=True)
        source.unlink()
        making.rename(kept)
    return kept
