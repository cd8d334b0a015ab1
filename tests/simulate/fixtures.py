"""Writes the shipped fixtures: ``python -m tests.simulate.fixtures``. The same bytes every time."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.simulate import noise
from tests.simulate.clock import MINUTE, SECOND, Clock, Window, instant, seconds
from tests.simulate.export import entries, gzipped, journal_export, journal_json, not_auth, rsyslog
from tests.simulate.host import API, NGINX, SMBD, Host, machine
from tests.simulate.monitor import Monitor, always, never
from tests.simulate.omada import Site
from tests.simulate.systemd import Manager, resolved
from tests.simulate.tailscaled import Node, Tailscaled, stray_eof
from tests.simulate.truth import Truth

FOLDER = Path(__file__).resolve().parents[2] / "fixtures"
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
    stray_eof(on_opg, clock("01:22:47.301"))
    on_vps.say(clock("04:33:10.18"), "netcheck: netcheck: UDP is blocked, trying HTTPS")
    Manager(opg).restart(clock("02:51:17.2"), "smbd.service", SMBD, ("smbd version 4.19.5-Ubuntu started.",))
    return Scene(opg, vps, site, Monitor(opg), on_opg, on_vps)


def quiet_night() -> dict[str, bytes]:
    """The same noise and no incident."""
    act = scene("quiet-night", (NIGHT,))
    act.monitor.run(NIGHT.start + seconds(17.3), NIGHT.end - seconds(31), always, never)
    return files(act)


def link_flap() -> dict[str, bytes]:
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
    return files(act)


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
        daemon.dns_timeout(clock(text), name)
        daemon.bootstrap(clock(text) + seconds(0.3), name=name)
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
        daemon.derp_reset(clock(reset))
        if number >= 3:
            daemon.derp_unreachable(clock(reset) + seconds(16.2))
        daemon.derp_reconnect(clock(back))
    for text in ("02:57:30.02", "02:58:41.07", "03:01:11.40", "03:05:37.55"):
        daemon.control_reset(clock(text))
    daemon.no_relay(clock("02:59:48.20"))
    daemon.no_relay(clock("03:00:40.02"), over=True)
    daemon.no_relay(clock("03:01:52.61"))
    daemon.no_relay(clock("03:02:49.50"), over=True)
    daemon.no_relay(clock("03:03:39.88"))
    daemon.no_relay(clock("03:05:05.20"), over=True)
    daemon.no_relay(clock("03:06:19.40"))
    daemon.no_relay(clock("03:08:15.90"), over=True)
    daemon.bootstrap(clock("03:08:14.90"), ok=True)
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
            daemon.open_timeout(
                at + seconds(5), OPG, 4010, last_recv=f"{last // 60}m{last % 60}s" if last >= 60 else f"{last}s"
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


def files(act: Scene) -> dict[str, bytes]:
    """The logs as the story's people exported them: names and bytes."""
    opg = [entry for entry in entries(act.opg) if entry.record.time in NIGHT]
    vps = [entry for entry in entries(act.vps) if entry.record.time in NIGHT]
    return {
        "opg-srv.export": journal_export(act.opg, opg),
        "vps1.json.gz": journal_json(act.vps, vps),
        "vps1-syslog": rsyslog(act.vps, [entry for entry in vps if not_auth(entry)], traditional=True),
        "omada-controller.log": act.site.received(),
        "tailscale-monitor.log": act.monitor.log(),
    }


HOSTS = {
    "opg-srv.export": "opg-srv",
    "vps1.json.gz": "vps1",
    "vps1-syslog": "vps1",
    "omada-controller.log": "controller_opg",
    "tailscale-monitor.log": "opg-srv",
}
ROUTER = "omada-controller.log"


def truth_about(content: dict[str, bytes], truth: Truth) -> Truth:
    """``truth`` with the zone, host and skew of every file given."""
    hosts = {file: HOSTS[file.replace("export.gz", "export")] for file in content}
    zones = {file: "Europe/Zagreb" if file == ROUTER else "UTC" for file in content}
    return truth.replaced(hosts=hosts, zones=zones, skew_s={"vps1": VPS_SKEW / SECOND})


FLAP = Truth(
    title="The uplink loses the internet again and again; a monitor restarts tailscaled and takes its link down",
    cause="wan-outage",
    contributing=("watchdog-restart-loop",),
    since=NIGHT.start,
    until=NIGHT.end,
    started=clock("02:56:33"),
    ended=clock("03:08:16"),
    ruled_out=("interface-set-down",),
)
FLAP_WITHOUT_ROUTER = FLAP.replaced(
    title="The same outage without the router's log, so that its cause cannot be told",
    cause="undetermined",
    real_cause="wan-outage",
    missing_source="router",
)
QUIET = Truth(
    title="A night with every kind of noise and nothing wrong", cause="no-incident", since=NIGHT.start, until=NIGHT.end
)


def scenarios() -> Iterator[tuple[str, dict[str, bytes], Truth]]:
    """Name, files and truth of every fixture; ``.gz`` files are given by what they hold."""
    flap = link_flap()
    yield "tailscale-link-flap", flap, FLAP
    yield (
        "tailscale-link-flap-no-router",
        {file: data for file, data in flap.items() if file != ROUTER},
        FLAP_WITHOUT_ROUTER,
    )
    quiet = quiet_night()
    quiet["opg-srv.export.gz"] = quiet.pop("opg-srv.export")
    yield "quiet-night", quiet, QUIET


def fixtures() -> dict[str, bytes]:
    """Every shipped file by its path below ``fixtures/``."""
    out: dict[str, bytes] = {}
    for name, content, truth in scenarios():
        out |= {f"{name}/{file}": data for file, data in content.items()}
        out[f"{name}.toml"] = truth_about(content, truth).toml().encode()
    return out


def stored(path: Path) -> bytes | None:
    """What a file holds, decompressed; None where there is none."""
    if not path.exists():
        return None
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def main() -> None:
    """Rewrite the fixtures. A ``.gz`` of the right content is left alone: zlib's versions compress differently."""
    for name, data in fixtures().items():
        path = FOLDER / name
        if stored(path) != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(gzipped(data) if path.suffix == ".gz" else data)


if __name__ == "__main__":
    main()
