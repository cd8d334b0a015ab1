"""The night of the fixtures: an uplink that fails again and again, and a monitor that restarts what is not broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.simulate.machines import noise, trouble
from tests.simulate.machines.clock import MINUTE, Clock, Window, instant, seconds
from tests.simulate.machines.host import API, NGINX, SMBD, Host, machine
from tests.simulate.machines.monitor import Monitor, always, never
from tests.simulate.machines.omada import Site
from tests.simulate.machines.systemd import Manager, resolved
from tests.simulate.machines.tailscaled import Node, Tailscaled

NIGHT = Window(instant("2025-11-04T00:00:00"), instant("2025-11-04T06:00:00"))
VPS_SKEW = seconds(1.8)

OPG = Node("opg-srv", "oPg4R", "100.76.8.62", "198.51.100.24:41641")
VPS = Node("vps1", "vPs1c", "100.85.61.82", "203.0.113.24:41641")
LAPTOP = Node("laptop-1", "kL7wQ", "100.101.14.9", "192.0.2.77:50214")


def clock(text: str) -> int:
    """True time on the night of 2025-11-04, from HH:MM:SS."""
    return instant(f"2025-11-04T{text}")


#: The online detection of WAN1, in true time: offline, online, and how many seconds late each line was delivered.
WAN = (
    ("02:56:40", "02:57:26", 212.0, 96.0),
    ("02:57:58", "02:58:36", 141.0, 74.0),
    ("02:59:03", "03:00:31", 174.0, 41.0),
    ("03:01:08", "03:02:41", 187.0, 63.0),
    ("03:02:59", "03:05:02", 268.0, 97.0),
    ("03:05:34", "03:08:11", 295.0, 36.0),
)
#: When the VPS could open a connection to the service again during the incident.
ANSWERS = (
    Window(0, clock("02:56:52")),
    Window(clock("03:00:55"), clock("03:01:08")),
    Window(clock("03:05:20"), clock("03:05:34")),
    Window(clock("03:08:16"), NIGHT.end + MINUTE),
)
LINK_DOWN = (clock("03:00:45.112"), clock("03:05:09.487"))
OUTAGE = Window(clock("02:56:30"), clock("03:08:30"))


@dataclass(slots=True)
class Scene:
    """The machines of the story before anything happened."""

    opg: Host
    vps: Host
    site: Site
    monitor: Monitor
    on_opg: Tailscaled
    on_vps: Tailscaled


def scene(seed: str, calm: tuple[Window, ...]) -> Scene:
    """Both servers and the site, with the ordinary noise of ``NIGHT``; the daemons chat only while all is ``calm``."""
    opg = machine("opg-srv", seed, NIGHT.start)
    opg.pids["systemd-networkd"] = [(0, 1111)]
    vps = machine("vps1", seed, NIGHT.start, up=1_900 * 60 * MINUTE, clock=Clock(VPS_SKEW))
    site = Site(seed)
    noise.server(opg, NIGHT)
    noise.vps(vps, NIGHT)
    noise.ssh_login(opg, clock("00:41:12"), 23 * MINUTE)
    noise.odd_ssh_name(vps, clock("03:00:21"), "tailscale0: Link DOWN")
    site.noise(NIGHT)
    on_opg = Tailscaled(opg, OPG, (VPS, LAPTOP), "192.168.0.100")
    on_vps = Tailscaled(vps, VPS, (OPG, LAPTOP), "203.0.113.24", interface="eth0")
    for window in calm:
        on_opg.chatter(window)
        on_vps.chatter(window)
        noise.clock_service(opg, window)
        noise.clock_service(vps, window)
    trouble.stray_eof(on_opg, clock("01:22:47.301"))
    on_vps.say(clock("04:33:10.18"), "netcheck: netcheck: UDP is blocked, trying HTTPS")
    Manager(opg).restart(clock("02:51:17.2"), "smbd.service", SMBD, ("smbd version 4.19.5-Ubuntu started.",))
    return Scene(opg, vps, site, Monitor(opg), on_opg, on_vps)


def quiet_night() -> Scene:
    """The same noise and no incident."""
    act = scene("quiet-night", (NIGHT,))
    act.monitor.run(NIGHT.start + seconds(17.3), NIGHT.end - seconds(31), always, never)
    return act


def link_flap() -> Scene:
    """The note's outage: the WAN loses the internet again and again, and the monitor restarts what is not broken."""
    act = scene(
        "tailscale-link-flap", (Window(NIGHT.start, OUTAGE.start - 2 * MINUTE), Window(OUTAGE.end + MINUTE, NIGHT.end))
    )
    router(act.site)
    restarts = restarter(act.on_opg)
    # the phase of the timer that makes the fourth failure in a row precede each link event by about 1.6 s
    first = clock("02:57:37.25") - 193 * seconds(55.1513)
    act.monitor.run(first, NIGHT.end - seconds(31), reachable, restarts)
    underlay(act.on_opg)
    visitors(act.vps, act.on_vps)
    return act


def reachable(at: int) -> bool:
    """Whether a connection from the VPS to the service would open at ``at``."""
    return any(at in window for window in ANSWERS)


def router(site: Site) -> None:
    """The gateway's view: the uplink's port keeps its carrier, the internet behind it does not answer."""
    for offline, online, late, soon in WAN:
        site.wan_detection(clock(offline), online=False, lag=late)
        site.wan_detection(clock(online), online=True, lag=soon)
    site.cloud(clock("02:59:21"), lost=True, lag=158)
    site.cloud(clock("03:08:47"), lost=False, lag=11)
    site.lease_renewed(clock("03:08:25"), lag=24)


def restarter(daemon: Tailscaled) -> Callable[[int], int]:
    """The monitor's restarts, in turn; the uplink is briefly back at both."""
    pending: Iterator[int] = iter(LINK_DOWN)

    def restart(at: int) -> int:
        down = next(pending)
        if not 0 < down - at < seconds(1):
            msg = f"the restart asked for at {at} cannot take the link down at {down}"
            raise AssertionError(msg)
        running = daemon.restart(at, link_down=down, connected=down + seconds(4.6))
        daemon.say(running - seconds(0.2), "netcheck: netcheck: UDP is blocked, trying HTTPS")
        return down + seconds(2.1)

    return restart


def underlay(daemon: Tailscaled) -> None:
    """What the daemon on the server said about its connections over the LAN address."""
    host = daemon.host
    for text, name in (
        ("02:57:02.71", "log.tailscale.com"),
        ("02:57:19.40", "log.tailscale.com"),
        ("02:58:12.02", "controlplane.tailscale.com"),
        ("02:59:24.88", "log.tailscale.com"),
        ("02:59:58.15", "controlplane.tailscale.com"),
        ("03:01:31.66", "log.tailscale.com"),
        ("03:02:12.93", "controlplane.tailscale.com"),
        ("03:03:22.50", "log.tailscale.com"),
        ("03:04:10.37", "log.tailscale.com"),
        ("03:06:02.19", "log.tailscale.com"),
        ("03:07:01.74", "controlplane.tailscale.com"),
    ):
        trouble.dns_timeout(daemon, clock(text), name)
        trouble.bootstrap(daemon, clock(text) + seconds(0.3), name=name)
    for number, (reset, back) in enumerate(
        (
            ("02:57:29.18", "02:57:33.02"),
            ("02:58:40.51", "02:58:44.60"),
            ("03:00:33.27", "03:00:39.90"),
            ("03:01:10.82", "03:02:49.33"),
            ("03:02:57.64", "03:05:05.10"),
            ("03:05:37.05", "03:08:15.71"),
        )
    ):
        trouble.derp_reset(daemon, clock(reset))
        if number >= 3:
            trouble.derp_unreachable(daemon, clock(reset) + seconds(16.2))
        trouble.derp_reconnect(daemon, clock(back))
    for text in ("02:57:30.02", "02:58:41.07", "03:01:11.40", "03:05:37.55"):
        trouble.control_reset(daemon, clock(text))
    trouble.no_relay(daemon, clock("02:59:48.20"))
    trouble.no_relay(daemon, clock("03:00:40.02"), over=True)
    trouble.no_relay(daemon, clock("03:01:52.61"))
    trouble.no_relay(daemon, clock("03:02:49.50"), over=True)
    trouble.no_relay(daemon, clock("03:03:39.88"))
    trouble.no_relay(daemon, clock("03:05:05.20"), over=True)
    trouble.no_relay(daemon, clock("03:06:19.40"))
    trouble.no_relay(daemon, clock("03:08:15.90"), over=True)
    trouble.bootstrap(daemon, clock("03:08:14.90"), ok=True)
    daemon.direct(clock("03:08:18.33"), VPS)
    daemon.say(clock("03:08:16.60"), daemon.endpoints())
    resolved(
        host, clock("02:57:24.30"), "Using degraded feature set UDP instead of UDP+EDNS0 for DNS server 192.168.0.1."
    )
    resolved(host, clock("03:02:20.11"), "Using degraded feature set TCP instead of UDP for DNS server 192.168.0.1.")
    resolved(
        host,
        clock("03:08:51.92"),
        "Grace period over, resuming full feature set (UDP+EDNS0) for DNS server 192.168.0.1.",
    )
    host.log(clock("02:58:22.61"), API, "payment gateway: getaddrinfo EAI_AGAIN pay.example.com", priority=6)
    host.log(clock("03:03:41.09"), API, "payment gateway: getaddrinfo EAI_AGAIN pay.example.com", priority=6)


def visitors(host: Host, daemon: Tailscaled) -> None:
    """Requests that nginx on the VPS passes on to the service, and that do not get through."""
    rng = host.rng("visitors")
    at, lost_since = clock("02:56:59.4"), clock("02:56:33")
    while at < OUTAGE.end:
        if reachable(at):
            lost_since = at
        else:
            last = (at - lost_since) // 1_000_000 + 5
            trouble.open_timeout(
                daemon, at + seconds(5), OPG, 4010, last_recv=f"{last // 60}m{last % 60}s" if last >= 60 else f"{last}s"
            )
            host.log(
                at + seconds(10),
                NGINX,
                f"[error] 901#901: *{48_200 + (at // 1_000_000) % 1000} upstream timed out (110: Connection timed out) "
                f"while connecting to upstream, client: {rng.choice(noise.SCANNERS)}, server: orders.example.com, "
                'request: "GET /orders HTTP/1.1", upstream: "http://100.76.8.62:4010/orders", '
                'host: "orders.example.com"',
                pid=901,
                priority=3,
            )
        at += seconds(rng.uniform(7.5, 13.5))
    for text in ("03:00:52.9", "03:05:18.4", "03:08:18.1"):
        daemon.direct(clock(text), OPG)
