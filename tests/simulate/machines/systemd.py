"""What PID 1, networkd, NetworkManager, resolved, cron and sudo say, by version (reference, sections 2.1 and 3)."""

from __future__ import annotations

from dataclasses import dataclass

from tests.simulate.machines.clock import SECOND, seconds
from tests.simulate.machines.host import (
    CRON_JOB,
    CRON_PAM,
    NETWORKD,
    NETWORKMANAGER,
    RESOLVED,
    SYSTEMD,
    Host,
    Program,
    session,
)

STARTING = "7d4958e842da4a758f6c1cdc7b36dcc5"
STARTED = "39f53479d3a045ac8e11786248231fbf"
START_FAILED = "be02cf6855d2428ba40df7e9d022f03d"
STOPPING = "de5b426a63be47a7b6ac3eaac82e2f6f"
STOPPED = "9d1aaa27d60140bd96365438aad20286"
RESOURCES = "ae8f7b866b0347b9af31fe1c80b127c0"
SUCCESS = "7ad2d189f7e94e70a38c781354912448"
FAILURE = "d9b373ed55a64feb8242e02dbe79a49c"
EXITED = "98e322203f7a4ed290d09fe03c09fe15"
OOM = "fe6faa94e7774663a0da52717891d8ef"
RESTART_SCHEDULED = "5eb03494b6584870a536b337290809b3"
TIME_CHANGE = "c7a787079b354eaaa9e77b371893cd27"

SUDO_AT_TERMINAL = session("sudo", "sudo", 417, facility=10)

DESCRIPTIONS = {
    "tailscaled.service": "Tailscale node agent",
    "tailscale-monitor.service": "Tailscale connectivity monitor",
    "apt-daily.service": "Daily apt download activities",
    "apt-daily-upgrade.service": "Daily apt upgrade and clean activities",
    "logrotate.service": "Rotate log files",
    "man-db.service": "Daily man-db regeneration",
    "fwupd-refresh.service": "Refresh fwupd metadata and update motd",
    "systemd-tmpfiles-clean.service": "Cleanup of Temporary Directories",
    "motd-news.service": "Message of the Day",
    "sysstat-collect.service": "system activity accounting tool",
    "phpsessionclean.service": "Clean php session files",
    "smbd.service": "Samba SMB Daemon",
    "nginx.service": "A high performance web server and a reverse proxy server",
    "docker.service": "Docker Application Container Engine",
    "opg-api.service": "OPG order API",
    "systemd-networkd.service": "Network Configuration",
    "systemd-resolved.service": "Network Name Resolution",
    "NetworkManager.service": "Network Manager",
    "ssh.service": "OpenBSD Secure Shell server",
}


@dataclass(frozen=True, slots=True)
class Manager:
    """PID 1 of one host."""

    host: Host

    def title(self, unit: str) -> str:
        """The unit as PID 1 names it: both names from v249 on."""
        text = DESCRIPTIONS.get(unit, unit)
        return f"{unit} - {text}" if self.host.systemd >= 249 and text != unit else text

    def _say(self, at: int, message: str, message_id: str, unit: str, *, priority: int = 6, **fields: str) -> None:
        own = {"CODE_FILE": "src/core/unit.c", "TID": "1", "UNIT": unit, "MESSAGE_ID": message_id}
        run = {"INVOCATION_ID": self.host.invocation(unit, at)}
        self.host.log(at, SYSTEMD, message, priority=priority, fields=own | run | fields)

    def _job(
        self, at: int, message: str, message_id: str, unit: str, kind: str, result: str = "", *, priority: int = 6
    ) -> None:
        fields = {"JOB_ID": str(20_000 + at // 7_000_000 % 60_000), "JOB_TYPE": kind}
        fields |= {"JOB_RESULT": result} if result else {}
        self._say(at, message, message_id, unit, priority=priority, **fields)

    def starting(self, at: int, unit: str) -> None:
        self.host.renew(unit, at)
        self._job(at, f"Starting {self.title(unit)}...", STARTING, unit, "start")

    def started(self, at: int, unit: str, *, oneshot: bool = False) -> None:
        word = "Finished" if oneshot and self.host.systemd >= 245 else "Started"
        self._job(at, f"{word} {self.title(unit)}.", STARTED, unit, "start", "done")

    def start_failed(self, at: int, unit: str) -> None:
        self._job(at, f"Failed to start {self.title(unit)}.", START_FAILED, unit, "start", "failed", priority=3)

    def stopping(self, at: int, unit: str, *, restart: bool = False) -> None:
        self._job(at, f"Stopping {self.title(unit)}...", STOPPING, unit, "restart" if restart else "stop")

    def deactivated(self, at: int, unit: str) -> None:
        word = "Deactivated successfully." if self.host.systemd >= 248 else "Succeeded."
        self._say(at, f"{unit}: {word}", SUCCESS, unit)

    def stopped(self, at: int, unit: str, *, restart: bool = False, cpu: str | None = None) -> None:
        self._job(at, f"Stopped {self.title(unit)}.", STOPPED, unit, "restart" if restart else "stop", "done")
        if cpu:
            self._say(at + 60, f"{unit}: Consumed {cpu} CPU time.", RESOURCES, unit, CPU_USAGE_NSEC="12345678000")

    def exited(self, at: int, unit: str, code: str, status: str) -> None:
        """The main process ended by itself or by a signal that nobody asked PID 1 to send."""
        text = f"{unit}: Main process exited, code={code}, status={status}"
        number = status.partition("/")[0]
        self._say(at, text, EXITED, unit, priority=5, EXIT_CODE=code, EXIT_STATUS=number, COMMAND="ExecStart")

    def failed(self, at: int, unit: str, result: str) -> None:
        self._say(at, f"{unit}: Failed with result '{result}'.", FAILURE, unit, priority=4, UNIT_RESULT=result)

    def oom(self, at: int, unit: str) -> None:
        self._say(at, f"{unit}: A process of this unit has been killed by the OOM killer.", OOM, unit, priority=5)

    def restart_scheduled(self, at: int, unit: str, count: int) -> None:
        text = f"{unit}: Scheduled restart job, restart counter is at {count}."
        self._say(at, text, RESTART_SCHEDULED, unit, N_RESTARTS=str(count))

    def oneshot(self, at: int, unit: str, duration: int) -> int:
        """A timer's service: starts, works for ``duration``, is done. Returns when."""
        self.starting(at, unit)
        end = at + duration
        self.deactivated(end, unit)
        self.started(end + 900, unit, oneshot=True)
        return end + 900

    def restart(self, at: int, unit: str, program: Program, lines: tuple[str, ...] = ()) -> None:
        """A harmless restart of some other service."""
        self.stopping(at, unit, restart=True)
        self.deactivated(at + seconds(0.21), unit)
        self.stopped(at + seconds(0.211), unit, restart=True)
        self.starting(at + seconds(0.25), unit)
        self.host.respawn(program, at + seconds(0.25))
        for number, line in enumerate(lines):
            self.host.log(at + seconds(0.3 + 0.02 * number), program, line)
        self.started(at + seconds(0.52), unit)


@dataclass(frozen=True, slots=True)
class Networkd:
    """systemd-networkd: a witness of every link, managed or not."""

    host: Host

    def say(self, at: int, interface: str, message: str, function: str, *, priority: int = 6, **fields: str) -> None:
        own = {"CODE_FILE": "src/network/networkd-link.c", "CODE_FUNC": function, "INTERFACE": interface}
        self.host.log(at, NETWORKD, f"{interface}: {message}", priority=priority, fields=own | fields)

    def link_up(self, at: int, interface: str) -> None:
        if self.host.systemd >= 243:
            self.say(at, interface, "Link UP", "link_update_flags")

    def link_down(self, at: int, interface: str) -> None:
        if self.host.systemd >= 243:
            self.say(at, interface, "Link DOWN", "link_update_flags")

    def carrier(self, at: int, interface: str, gained: bool) -> None:
        word = "Gained" if gained else "Lost"
        self.say(at, interface, f"{word} carrier", f"link_carrier_{word.lower()}")

    def gained_ipv6ll(self, at: int, interface: str) -> None:
        self.say(at, interface, "Gained IPv6LL", "link_gained_ipv6ll")

    def dhcp(self, at: int, interface: str, address: str, gateway: str, server: str | None = None) -> None:
        text = (
            f"DHCPv4 address {address}, gateway {gateway} acquired from {server or gateway}"
            if self.host.systemd >= 250
            else f"DHCPv4 address {address} via {gateway}"
        )
        ip, prefix = address.split("/")
        self.say(at, interface, text, "dhcp_lease_acquired", ADDRESS=ip, PREFIXLEN=prefix, GATEWAY=gateway)

    def lease_lost(self, at: int, interface: str) -> None:
        self.say(at, interface, "DHCP lease lost", "dhcp_lease_lost")


def resolved(host: Host, at: int, message: str) -> None:
    """A line of systemd-resolved."""
    host.log(at, RESOLVED, message, fields={"CODE_FILE": "src/resolve/resolved-dns-server.c"})


def cron(host: Host, at: int, command: str, user: str = "root", duration: int = 200_000) -> int:
    """A cron job from opening to closing its session; returns the job's PID."""
    pid = host.fork(at)
    uid = "0" if user == "root" else "33"
    host.log(
        at, CRON_PAM, f"pam_unix(cron:session): session opened for user {user}(uid={uid}) by {user}(uid=0)", pid=pid
    )
    host.log(at + 1_400, CRON_JOB, f"({user}) CMD ({command})", pid=pid + 1)
    host.log(at + duration, CRON_PAM, f"pam_unix(cron:session): session closed for user {user}", pid=pid)
    return pid


def sudo(
    host: Host,
    at: int,
    program: Program,
    user: str,
    command: str,
    *,
    uid: int = 995,
    cwd: str = "/",
    tty: str | None = None,
) -> int:
    """A sudo call, up to the opened session; returns its PID."""
    pid = host.fork(at)
    terminal = f"TTY={tty} ; " if tty else ""
    host.log(at, program, f"{user:>8} : {terminal}PWD={cwd} ; USER=root ; COMMAND={command}", pid=pid, priority=5)
    host.log(
        at + 21_000,
        program,
        f"pam_unix(sudo:session): session opened for user root(uid=0) by {user}(uid={uid})",
        pid=pid,
    )
    return pid


def sudo_done(host: Host, at: int, program: Program, pid: int) -> None:
    """The end of a sudo call."""
    host.log(at, program, "pam_unix(sudo:session): session closed for user root", pid=pid)


def by_hand(host: Host, at: int, command: str) -> None:
    """An administrator runs a command with sudo at a terminal."""
    job = sudo(host, at, SUDO_AT_TERMINAL, "ops", command, uid=1000, cwd="/home/ops", tty="pts/0")
    sudo_done(host, at + seconds(0.3), SUDO_AT_TERMINAL, job)


def network_manager(host: Host, at: int, message: str, device: str) -> None:
    """A line of NetworkManager; ``{}`` stands for how it manages the device, named differently by version."""
    managed = "managed-type: 'full'" if host.systemd >= 252 else "sys-iface-state: 'managed'"
    text = f"<info>  [{host.clock.wall(at) / SECOND:.4f}] {message.format(managed)}"
    host.log(at, NETWORKMANAGER, text, fields={"NM_DEVICE": device, "NM_LOG_LEVEL": "INFO", "NM_LOG_DOMAINS": "DEVICE"})
