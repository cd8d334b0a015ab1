"""What machines say all night when nothing is wrong."""

from __future__ import annotations

from random import Random

from tests.simulate.machines.clock import HOUR, MINUTE, SECOND, Window, moment, seconds
from tests.simulate.machines.host import (
    API,
    APT,
    CONTAINERD,
    DOCKERD,
    FWUPD,
    KERNEL,
    LOGIND,
    NGINX,
    RSYSLOGD,
    SMBD,
    SSHD,
    TIMESYNCD,
    Host,
    session,
)
from tests.simulate.machines.systemd import Manager, cron, resolved

SCANNERS = tuple(
    f"{net}.{last}" for net in ("198.51.100", "203.0.113", "192.0.2") for last in (7, 33, 71, 88, 140, 166, 201, 239)
)
NAMES = (
    "root",
    "admin",
    "ubuntu",
    "test",
    "oracle",
    "postgres",
    "git",
    "user",
    "deploy",
    "ftpuser",
    "pi",
    "www",
    "guest",
    "minecraft",
    "hadoop",
    "jenkins",
    "es",
    "nagios",
    "steam",
    "dev",
    "sol",
    "validator",
    "node",
    "odoo",
    "ansible",
)
PAGES = (
    "/",
    "/about",
    "/healthz",
    "/favicon.ico",
    "/robots.txt",
    "/static/app.js",
    "/static/site.css",
    "/wp-login.php",
    "/.env",
)
USERS = ("office", "scanner", "backup")
PORTS = (22, 23, 80, 445, 3389, 5432, 6379, 8080, 8728, 9200)
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64)",
    "curl/8.5.0",
    "okhttp/4.12",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1)",
    "kube-probe/1.31",
    "python-requests/2.32",
)


def ssh_scans(host: Host, window: Window, per_hour: float) -> None:
    """Strangers who try names: two to four lines an attempt, in bursts from one address."""
    rng = host.rng("scan")
    for start in window.arrivals(rng, per_hour / 9):
        at, address = start, rng.choice(SCANNERS)
        for _ in range(1 + int(rng.expovariate(1 / 3))):
            _ssh_attempt(host, rng, at, address, rng.choice(NAMES))
            at += seconds(rng.uniform(2, 25))


def _ssh_attempt(host: Host, rng: Random, at: int, address: str, name: str) -> None:
    pid, port = host.fork(at), 1024 + rng.randrange(64_000)
    ends = "[preauth]"
    if name == "root":
        who, reset = "authenticating user root", at + seconds(1.9)
        host.log(reset - seconds(0.3), SSHD, f"Failed password for root from {address} port {port} ssh2", pid=pid)
    else:
        who, reset = f"invalid user {name}", at + seconds(1.4)
        host.log(at, SSHD, f"Invalid user {name} from {address} port {port}", pid=pid)
    if rng.random() < 0.5:
        host.log(reset, SSHD, f"Received disconnect from {address} port {port}:11: Bye Bye {ends}", pid=pid)
        host.log(reset + 400, SSHD, f"Disconnected from {who} {address} port {port} {ends}", pid=pid)
    else:
        host.log(reset, SSHD, f"Connection closed by {who} {address} port {port} {ends}", pid=pid)


def odd_ssh_name(host: Host, at: int, name: str, address: str = "203.0.113.77") -> None:
    """Someone tries a user name made to look like something else."""
    pid = host.fork(at)
    host.log(at, SSHD, f"Invalid user {name} from {address} port 41022", pid=pid)
    host.log(
        at + seconds(0.8), SSHD, f"Connection closed by invalid user {name} {address} port 41022 [preauth]", pid=pid
    )


def ssh_login(host: Host, at: int, duration: int, user: str = "ops", address: str = "192.168.0.42") -> int:
    """A person logs in and out; returns the session's number."""
    rng, end = host.rng("login", at), at + duration
    pid, number, port = host.fork(at), 200 + rng.randrange(700), rng.randrange(40_000, 60_000)
    key = host.hex("key")[:24]
    scope = f"session-{number}.scope"
    opened = f"pam_unix(sshd:session): session opened for user {user}(uid=1000) by {user}(uid=0)"
    host.log(at, SSHD, f"Accepted publickey for {user} from {address} port {port} ssh2: ED25519 SHA256:{key}", pid=pid)
    host.log(at + 9_000, SSHD, opened, pid=pid)
    host.log(at + 16_000, LOGIND, f"New session {number} of user {user}.")
    Manager(host).started(at + 30_000, scope)
    host.log(end, SSHD, f"pam_unix(sshd:session): session closed for user {user}", pid=pid)
    Manager(host).deactivated(end + 5_000, scope)
    host.log(end + 9_000, LOGIND, f"Session {number} logged out. Waiting for processes to exit.")
    host.log(end + 15_000, LOGIND, f"Removed session {number}.")
    return number


def firewall(host: Host, window: Window, per_hour: float, interface: str, address: str) -> None:
    """UFW drops from the internet."""
    rng = host.rng("ufw")
    mac = "f2:3c:95:1a:7e:40:fe:ff:ff:ff:ff:ff:08:00"
    for at in window.arrivals(rng, per_hour):
        tcp = rng.random() < 0.85
        end = (
            f"PROTO=TCP SPT={rng.randrange(1024, 65_000)} DPT={rng.choice(PORTS)} WINDOW=1024 RES=0x00 SYN URGP=0"
            if tcp
            else f"PROTO=UDP SPT={rng.randrange(1024, 65_000)} DPT={rng.choice((53, 123, 161, 1900, 5060))} LEN=56"
        )
        host.log(
            at,
            KERNEL,
            f"[UFW BLOCK] IN={interface} OUT= MAC={mac} SRC={rng.choice(SCANNERS)} DST={address} "
            f"LEN={40 if tcp else 76} TOS=0x00 PREC=0x00 TTL={rng.randrange(40, 250)} ID={rng.randrange(65_000)} {end}",
            priority=4,
        )


def lan_broadcasts(host: Host, window: Window, per_hour: float, interface: str) -> None:
    """UFW drops of what televisions and printers shout into the LAN."""
    rng = host.rng("broadcast")
    for at in window.arrivals(rng, per_hour):
        source = f"192.168.0.{rng.choice((21, 23, 40, 61, 77))}"
        target, port = rng.choice((("224.0.0.251", 5353), ("239.255.255.250", 1900), ("192.168.0.255", 137)))
        host.log(
            at,
            KERNEL,
            f"[UFW BLOCK] IN={interface} OUT= MAC=01:00:5e:00:00:fb:3c:84:6a:19:02:7c:08:00 "
            f"SRC={source} DST={target} "
            f"LEN={rng.randrange(60, 330)} TOS=0x00 PREC=0x00 TTL=1 ID={rng.randrange(65_000)} PROTO=UDP "
            f"SPT={port} DPT={port} LEN=52",
            priority=4,
        )


def cron_jobs(host: Host, window: Window) -> None:
    """Debian's usual table: statistics every ten minutes, hourly and daily runs."""
    for at in window.aligned(10 * MINUTE, 5 * MINUTE + SECOND):
        cron(host, at, "command -v debian-sa1 > /dev/null && debian-sa1 1 1")
    for at in window.aligned(HOUR, 17 * MINUTE + SECOND):
        cron(host, at, "cd / && run-parts --report /etc/cron.hourly", duration=seconds(0.4))


def timers(host: Host, window: Window) -> None:
    """The timers of a fresh Debian or Ubuntu."""
    manager, rng = Manager(host), host.rng("timers")
    for at in window.aligned(10 * MINUTE, 7 * SECOND):
        manager.oneshot(at + rng.randrange(200_000), "sysstat-collect.service", seconds(0.03))
    for at in window.aligned(30 * MINUTE, 9 * MINUTE):
        manager.oneshot(at + rng.randrange(900_000), "phpsessionclean.service", seconds(0.09))
    for at in window.periodic(rng, 4 * HOUR):
        manager.starting(at, "apt-daily.service")
        host.log(at + seconds(4), APT, "Reading package lists...", pid=host.fork(at))
        manager.deactivated(at + seconds(9.2), "apt-daily.service")
        manager.started(at + seconds(9.201), "apt-daily.service", oneshot=True)
    for at in window.periodic(rng, 6 * HOUR):
        manager.oneshot(at, "logrotate.service", seconds(0.7))
        host.log(
            at + seconds(0.5),
            RSYSLOGD,
            '[origin software="rsyslogd" swVersion="8.2312.0" x-info="https://www.rsyslog.com"] rsyslogd was HUPed',
        )
    for at in window.periodic(rng, 5 * HOUR):
        manager.oneshot(at, "fwupd-refresh.service", seconds(2.1))
        host.log(at + seconds(1.2), FWUPD, "Updating lvfs")
    for at in window.periodic(rng, 3 * HOUR):
        manager.oneshot(at, "motd-news.service", seconds(0.6))
    for at in window.periodic(rng, 6 * HOUR):
        manager.oneshot(at, "systemd-tmpfiles-clean.service", seconds(0.06))


def clock_service(host: Host, window: Window) -> None:
    """timesyncd and resolved in ordinary operation."""
    rng = host.rng("resolved")
    for at in window.arrivals(rng, 0.3):
        host.log(at, TIMESYNCD, "Contacted time server 192.0.2.123:123 (0.debian.pool.ntp.org).")
    for at in window.arrivals(rng, 0.4):
        resolved(host, at, "Grace period over, resuming full feature set (UDP+EDNS0) for DNS server 192.168.0.1.")


def containers(host: Host, window: Window, per_hour: float) -> None:
    """dockerd and containerd as health checks come and go."""
    rng = host.rng("containers")
    for at in window.arrivals(rng, per_hour):
        shim = f"{rng.getrandbits(256):064x}"
        stamp = moment(host.clock.wall(at)).isoformat(timespec="microseconds")
        host.log(at, CONTAINERD, f'time="{stamp}" level=info msg="shim disconnected" id={shim} namespace=moby')
        host.log(at + 900, CONTAINERD, f'time="{stamp}" level=info msg="cleaning up dead shim" namespace=moby')
        host.log(
            at + 2_100,
            DOCKERD,
            f'time="{stamp}" level=info msg="ignoring event" container={shim} module=libcontainerd '
            'namespace=moby topic=/tasks/delete type="*events.TaskDelete"',
        )


def web(host: Host, window: Window, per_hour: float) -> None:
    """nginx's access log through syslog."""
    rng = host.rng("web")
    for at in window.arrivals(rng, per_hour):
        page, status = rng.choice(PAGES), rng.choice((200, 200, 200, 200, 304, 404))
        host.log(
            at,
            NGINX,
            f'{rng.choice(SCANNERS)} - - "GET {page} HTTP/1.1" {status} {rng.randrange(90, 24_000)} "-" '
            f'"{rng.choice(AGENTS)}"',
            pid=901,
        )


def application(host: Host, window: Window, per_hour: float) -> None:
    """The service on port 4010: coloured lines, and now and then a warning of several lines."""
    rng = host.rng("api")
    for at in window.arrivals(rng, per_hour):
        order, took = rng.randrange(10_000, 99_999), rng.randrange(3, 90)
        if rng.random() < 0.02:
            host.log(
                at,
                API,
                f"warning: order {order} has no address\n    at checkAddress (/srv/opg-api/orders.js:118:9)\n"
                "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
            )
        elif rng.random() < 0.15:
            host.log(at, API, f"\x1b[32minfo\x1b[39m: order {order} stored in {took} ms")
        else:
            host.log(at, API, f"GET /orders/{order} 200 {took} ms")


def file_server(host: Host, window: Window, per_hour: float) -> None:
    """Samba on the LAN."""
    rng = host.rng("smb")
    for at in window.arrivals(rng, per_hour):
        host.log(
            at,
            SMBD,
            f"pam_unix(samba:session): session opened for user {rng.choice(USERS)}(uid=1002) by (uid=0)",
            pid=host.fork(at),
        )


def spoofed(host: Host, at: int, identifier: str, message: str, priority: int = 5) -> None:
    """``logger -t IDENTIFIER MESSAGE`` typed by a user: the tag is a claim, journald knows better."""
    host.log(at, session(identifier, "logger", 311), message, pid=host.fork(at), priority=priority)


def server(host: Host, window: Window, factor: float = 1.0, interface: str = "bond0") -> None:
    """An on-premises server behind a router."""
    lan_broadcasts(host, window, 170 * factor, interface)
    cron_jobs(host, window)
    timers(host, window)
    containers(host, window, 6 * factor)
    application(host, window, 190 * factor)
    file_server(host, window, 7 * factor)


def vps(
    host: Host, window: Window, factor: float = 1.0, interface: str = "eth0", address: str = "203.0.113.24"
) -> None:
    """A rented server with a public address."""
    ssh_scans(host, window, 390 * factor)
    firewall(host, window, 520 * factor, interface, address)
    cron_jobs(host, window)
    timers(host, window)
    containers(host, window, 12 * factor)
    web(host, window, 400 * factor)
