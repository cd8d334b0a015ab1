"""A simulated machine: its identity, clock, programs, processes, and the records that its journal took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random

from tests.simulate.machines.clock import HOUR, SECOND, Boot, Clock, stream

#: syslog facilities (RFC 5424, table 1)
KERN, DAEMON, AUTH, CRON, AUTHPRIV, USER = 0, 3, 4, 9, 10, 1


@dataclass(frozen=True, slots=True)
class Program:
    """Who writes: the identity that the program claims and the one that journald vouches for."""

    identifier: str
    transport: str  # journal | syslog | stdout | kernel
    unit: str | None = None
    comm: str | None = None
    exe: str | None = None
    cmdline: str | None = None
    facility: int = DAEMON
    uid: int = 0
    cgroup: str | None = None


def service(
    name: str,
    *,
    unit: str | None = None,
    transport: str = "stdout",
    exe: str | None = None,
    cmdline: str | None = None,
    uid: int = 0,
    facility: int = DAEMON,
) -> Program:
    """A program run by PID 1 as a service of its own."""
    exe = exe or f"/usr/sbin/{name}"
    return Program(
        name, transport, unit or f"{name}.service", exe.rsplit("/", 1)[-1][:15], exe, cmdline or exe, facility, uid
    )


KERNEL = Program("kernel", "kernel", facility=KERN)
SYSTEMD = Program(
    "systemd", "journal", "init.scope", "systemd", "/usr/lib/systemd/systemd", "/sbin/init", cgroup="/init.scope"
)
NETWORKD = service("systemd-networkd", transport="journal", exe="/usr/lib/systemd/systemd-networkd", uid=998)
RESOLVED = service("systemd-resolved", transport="journal", exe="/usr/lib/systemd/systemd-resolved", uid=992)
TIMESYNCD = service("systemd-timesyncd", transport="journal", exe="/usr/lib/systemd/systemd-timesyncd", uid=997)
LOGIND = service("systemd-logind", transport="journal", exe="/usr/lib/systemd/systemd-logind", facility=AUTH)
SLEEP = service(
    "systemd-sleep", unit="systemd-suspend.service", transport="journal", exe="/usr/lib/systemd/systemd-sleep"
)
JOURNALD = service("systemd-journald", transport="journal", exe="/usr/lib/systemd/systemd-journald")
NETWORKMANAGER = service("NetworkManager", transport="syslog")
TAILSCALED = service(
    "tailscaled",
    cmdline="/usr/sbin/tailscaled --state=/var/lib/tailscale/tailscaled.state "
    "--socket=/run/tailscale/tailscaled.sock --port=41641",
)
SSHD = service("sshd", unit="ssh.service", transport="syslog", cmdline="sshd: [accepted]", facility=AUTH)
CRON_JOB = Program("CRON", "syslog", "cron.service", "cron", "/usr/sbin/cron", "/usr/sbin/CRON -f -P", CRON)
CRON_PAM = Program("CRON", "syslog", "cron.service", "cron", "/usr/sbin/cron", "/usr/sbin/CRON -f -P", AUTHPRIV)
MONITOR = service(
    "tailscale-monitor", exe="/usr/bin/bash", cmdline="/bin/bash /usr/local/bin/tailscale-monitor", uid=995
)
MONITOR_SUDO = Program(
    "sudo",
    "syslog",
    "tailscale-monitor.service",
    "sudo",
    "/usr/bin/sudo",
    "sudo systemctl restart tailscaled",
    AUTHPRIV,
)
NGINX = service("nginx", transport="syslog", cmdline="nginx: worker process", uid=33)
DOCKERD = service("dockerd", unit="docker.service", exe="/usr/bin/dockerd", cmdline="/usr/bin/dockerd -H fd://")
CONTAINERD = service("containerd", exe="/usr/bin/containerd")
API = service("opg-api", exe="/usr/bin/node", cmdline="/usr/bin/node /srv/opg-api/server.js", uid=1001)
SYNC = service("stock-sync", exe="/usr/local/bin/stock-sync", uid=1002)
SMBD = service("smbd", transport="syslog")
SNAPD = service("snapd", exe="/usr/lib/snapd/snapd")
FWUPD = service("fwupd", exe="/usr/libexec/fwupd/fwupd")
APT = service(
    "apt.systemd.daily",
    unit="apt-daily.service",
    exe="/usr/bin/dash",
    cmdline="/bin/sh /usr/lib/apt/apt.systemd.daily update",
)
RSYSLOGD = service("rsyslogd", unit="rsyslog.service", transport="syslog", facility=5)


def session(identifier: str, comm: str, number: int, *, facility: int = USER, uid: int = 1000) -> Program:
    """A program that a logged-in user runs: journald places it in the session's scope."""
    return Program(
        identifier,
        "syslog",
        f"session-{number}.scope",
        comm,
        f"/usr/bin/{comm}",
        comm,
        facility,
        uid,
        f"/user.slice/user-{uid}.slice/session-{number}.scope",
    )


@dataclass(frozen=True, slots=True)
class Record:
    """One message as its program handed it over, at true time."""

    time: int
    program: Program
    message: str | bytes
    pid: int | None
    priority: int
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Host:
    """A machine with a clock, boots, running processes and a journal."""

    name: str
    seed: str
    boots: tuple[Boot, ...]
    clock: Clock = field(default_factory=Clock)
    systemd: int = 255
    records: list[Record] = field(default_factory=list)
    pids: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    invocations: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)

    @property
    def machine_id(self) -> str:
        return self.hex("machine")

    @property
    def seqnum_id(self) -> str:
        return self.hex("seqnum")

    def hex(self, *names: object) -> str:
        """32 hex digits that belong to this host and ``names``."""
        return f"{stream(self.seed, self.name, *names).getrandbits(128):032x}"

    def rng(self, *names: object) -> Random:
        """A random stream for one behaviour on this host."""
        return stream(self.seed, self.name, *names)

    def fork(self, at: int) -> int:
        """The PID of a process that starts at true time ``at``: they grow with time."""
        pid = 2_000 + (at - self.boot(at).start) // (3 * SECOND) % 4_000_000
        while pid in self.taken:
            pid += 1
        self.taken.add(pid)
        return pid

    def pid(self, program: Program, at: int) -> int | None:
        """The PID of a long-lived program at true time ``at``; low, unless it was restarted before."""
        if program.transport == "kernel":
            return None
        if program is SYSTEMD:
            return 1
        history = self.pids.setdefault(program.identifier, [])
        past = [pid for since, pid in sorted(history) if since <= at]
        return past[-1] if past else 600 + self.rng("pid", program.identifier).randrange(1400)

    def respawn(self, program: Program, at: int) -> int:
        """``program`` runs as a new process from ``at`` on."""
        pid = self.fork(at)
        self.pids.setdefault(program.identifier, []).append((at, pid))
        return pid

    def invocation(self, unit: str, at: int) -> str:
        """The invocation id of ``unit``'s run at true time ``at``."""
        past = [run for since, run in sorted(self.invocations.get(unit, [])) if since <= at]
        return past[-1] if past else self.hex("invocation", unit)

    def renew(self, unit: str, at: int) -> None:
        """``unit`` starts a new run."""
        self.invocations.setdefault(unit, []).append((at, self.hex("invocation", unit, at)))

    def log(
        self,
        at: int,
        program: Program,
        message: str | bytes,
        *,
        pid: int | None = None,
        priority: int = 6,
        fields: Mapping[str, str] | None = None,
    ) -> None:
        """Take one record into the journal. Without ``pid`` it comes from the process that runs at the time."""
        self.records.append(Record(at, program, message, pid, priority, tuple((fields or {}).items())))

    def boot(self, at: int) -> Boot:
        """The boot that is running at true time ``at``."""
        return [boot for boot in self.boots if boot.start <= at][-1]

    def journal(self) -> list[Record]:
        """The records in the order in which they arrived."""
        return [
            record if record.pid is not None else replace(record, pid=self.pid(record.program, record.time))
            for record in sorted(self.records, key=lambda record: record.time)
        ]


def machine(
    name: str, seed: str, start: int, *, up: int = 400 * HOUR, clock: Clock | None = None, systemd: int = 255
) -> Host:
    """A host in the middle of one long boot."""
    boot = Boot(f"{stream(seed, name, 'boot').getrandbits(128):032x}", start - up)
    return Host(name, seed, (boot,), clock or Clock(), systemd)
