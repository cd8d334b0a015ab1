"""``simulate(cause, seed, variant)``: one incident as its machines would have exported it, and the truth about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from tests.simulate.causes import SCRIPTS
from tests.simulate.exports.export import UTC_ZONE
from tests.simulate.exports.handover import Blind, Forms, export
from tests.simulate.machines import noise, traps, trouble
from tests.simulate.machines.clock import HOUR, MINUTE, SECOND, Window, moment, seconds
from tests.simulate.machines.monitor import Monitor, always, never
from tests.simulate.stage import Outcome, Stage, build
from tests.simulate.truth import Truth

#: ``plain``: everything given. ``monitored``: a watchdog restarts tailscaled meanwhile. ``skewed``: the VPS's clock is
#: well off. ``noisy``: four times the noise. ``spoofed``, ``decoys``: see ``traps``. ``text``: exports without the
#: journal's structure. ``distant``: another, smaller fault two hours before. ``outside``: a graver fault before the
#: window asked about. ``blind``: the source that tells the cause is missing.
VARIANTS = ("plain", "monitored", "skewed", "noisy", "spoofed", "decoys", "text", "distant", "outside", "blind")

#: Causes during which a monitor runs and has something to restart for.
WATCHED = frozenset(
    {
        "wan-outage",
        "link-carrier-lost",
        "bond-member-failed",
        "dhcp-lease-lost",
        "address-conflict",
        "router-rebooted",
        "wan-address-changed",
        "peer-service-down",
        "tls-interception",
        "access-denied",
        "key-expired",
        "node-not-signed",
        "route-overlap",
        "conntrack-table-full",
    }
)
ROUTER_TELLS = frozenset({"wan-outage", "router-rebooted", "wan-address-changed"})  # only the router's log shows them

NO_SERVER = Blind(server=True, also=("peer-offline",))
ONLY_DAEMON = Blind(only_daemon=True, missing="kernel")
BLIND: dict[str, Blind] = {
    "link-carrier-lost": ONLY_DAEMON,
    "bond-member-failed": ONLY_DAEMON,
    "nic-driver-reset": ONLY_DAEMON,
    "host-suspended": ONLY_DAEMON,
    "network-managers-conflict": ONLY_DAEMON,
    "dhcp-lease-lost": ONLY_DAEMON,
    "dhcp-foreign-server": Blind(missing="switch", also=("peer-service-down",)),
    "address-conflict": ONLY_DAEMON,
    "wan-outage": Blind(missing="router"),
    "router-rebooted": Blind(missing="router"),
    "conntrack-table-full": Blind(server=True, also=("peer-service-down",)),
    "forwarding-disabled": Blind(server=True, also=("peer-service-down",)),
    "networkd-drops-routes": Blind(server=True, also=("peer-service-down",)),
    "interface-set-down": Blind(server=True, also=("peer-service-down",)),
    "wifi-disconnected": ONLY_DAEMON,
    "wifi-handshake-failed": ONLY_DAEMON,
    "wifi-firmware-crashed": ONLY_DAEMON,
    "wifi-radar": Blind(missing="access point", also=("wifi-disconnected",)),
    "port-shut": Blind(missing="switch", also=("link-carrier-lost",)),
    "link-errors": Blind(missing="switch", also=("peer-service-down",)),
    "dhcp-server-silent": ONLY_DAEMON,
    "pppoe-login-refused": Blind(without=("pppd", "pppoe-wan"), missing="router"),
    "openvpn-peer-silent": Blind(without=("openvpn",)),
    "openvpn-login-refused": Blind(without=("openvpn",)),
    "wireguard-peer-silent": Blind(without=("kernel",), missing="kernel"),
    "firewall-drops-tunnel": Blind(without=("kernel",), missing="kernel"),
    "ipsec-peer-silent": Blind(without=("charon", "charon-systemd")),
    "ipsec-refused": Blind(without=("charon", "charon-systemd")),
    "cluster-heartbeat-lost": Blind(without=("corosync", "pmxcfs")),
    "routing-neighbour-lost": Blind(without=("bgpd", "ospfd", "bird")),
    "storage-server-silent": Blind(server=True, also=("peer-service-down",)),
} | dict.fromkeys(
    (
        "host-rebooted",
        "host-paused",
        "clock-stepped",
        "out-of-memory",
        "tun-device-busy",
        "interface-removed",
        "service-restarted",
        "watchdog-restart-loop",
        "service-crashed",
        "route-overlap",
        "router-session-drops",
        "key-expired",
        "node-not-signed",
    ),
    NO_SERVER,
)


@dataclass(frozen=True, slots=True)
class Incident:
    """One simulated window. ``zones`` and the window asked about are what a user would give on the command line."""

    name: str
    variant: str
    files: dict[str, bytes]
    truth: Truth
    zones: dict[str, str] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None


def simulate(
    cause: str, seed: int, variant: str = "plain", *, form: str | None = None, zone: ZoneInfo = UTC_ZONE
) -> Incident:
    """One incident of ``cause``. The same arguments give the same bytes; ``form`` and ``zone`` change how they are
    handed over, and nothing else.
    """
    label = f"{cause}/{seed}/{variant}"
    rng = Random(label)
    skew = rng.choice((-1, 1)) * rng.uniform(3, 40) if variant == "skewed" else None
    early = variant in ("distant", "outside")
    stage = build(
        label,
        bonded=cause == "bond-member-failed",
        wireless=cause.startswith("wifi-"),
        skew=skew,
        length=(260 if early else 150) * MINUTE,
    )
    stage.hidden = variant == "blind"
    background(stage, 4.0 if variant == "noisy" else 1.0)
    at = stage.window.start + (170 if early else 62) * MINUTE + rng.randrange(600) * SECOND
    outcome = SCRIPTS[cause](stage, at)
    stop = outcome.end + MINUTE
    for calm in (Window(stage.window.start, outcome.start - MINUTE), Window(stop, stage.window.end)):
        chatter(stage, calm)
    watched = cause in WATCHED and (variant == "monitored" or (variant == "plain" and rng.random() < 0.3))
    monitor, restarts = watch(stage, outcome) if watched else (None, 0)
    trap(stage, outcome, variant)
    forms = Forms(rng, variant, cause in ("clock-stepped", "host-suspended"), form, zone)
    blind = BLIND.get(cause) if variant == "blind" else None
    router = cause in ROUTER_TELLS or rng.random() < 0.7
    files = export(stage, forms, blind=blind, router=router, monitor=monitor)
    zones = {}
    if cause == "wan-outage" and "omada-controller.log" in files and rng.random() < 0.25:
        del files["omada-controller.log"]
        files["er605.log"] = stage.site.sent_by_gateway()
        zones = {"er605.log": stage.site.zone.key}
    truth = truth_about(stage, cause, outcome, restarts=restarts, blind=blind, small_elsewhere=variant == "distant")
    since = moment(at - 25 * MINUTE) if variant == "outside" else None
    return Incident(label, variant, files, truth, zones, since=since)


def quiet(seed: int) -> Incident:
    """A window in which nothing is wrong, with everything that merely looks like it."""
    label = f"quiet/{seed}"
    rng = Random(label)
    stage = build(label, bonded=rng.random() < 0.3)
    background(stage, rng.choice((1.0, 1.0, 4.0)))
    chatter(stage, stage.window)
    middle = stage.window.start + 70 * MINUTE
    variant = rng.choice(("plain", "spoofed", "decoys", "decoys", "text"))
    if variant == "spoofed":
        traps.spoofed(stage, middle)
    if variant == "decoys":
        traps.decoys(stage, middle)
    if rng.random() < 0.3:
        laptop = stage.on_vps.peers[1]
        trouble.open_timeout(
            stage.on_vps, middle + 7 * MINUTE, laptop, 22, online="no", seen="2h14m0s", last_recv="2h14m0s"
        )
    monitor = Monitor(stage.server, target=f"{stage.on_server.node.ip}:{stage.port}", prober=stage.vps.name)
    monitor.run(stage.window.start + 20 * SECOND, stage.window.end - MINUTE, always, never)
    files = export(
        stage,
        Forms(rng, variant),
        blind=None,
        router=rng.random() < 0.7,
        monitor=monitor if rng.random() < 0.5 else None,
    )
    truth = Truth(title="Nothing went wrong", cause="no-incident", since=stage.window.start, until=stage.window.end)
    return Incident(label, "quiet", files, truth)


def background(stage: Stage, factor: float) -> None:
    """All machines' ordinary noise, thinner than at full size so that many incidents can be analysed."""
    noise.server(stage.server, stage.window, 0.25 * factor, stage.wired)
    noise.vps(stage.vps, stage.window, 0.15 * factor)
    stage.site.noise(stage.window, 0.5 * factor)


def chatter(stage: Stage, window: Window) -> None:
    """What the daemons and the time and name services say while all is well."""
    for daemon in (stage.on_server, stage.on_vps):
        daemon.chatter(window)
        noise.clock_service(daemon.host, window)


def watch(stage: Stage, outcome: Outcome) -> tuple[Monitor, int]:
    """A monitor on the server that restarts what it thinks is broken; how often it did."""
    rng, daemon = stage.rng("monitor"), stage.on_server
    restarts: list[int] = []

    def reachable(at: int) -> bool:
        return not any(at in window for window in outcome.outages)

    def restart(at: int) -> int:
        online = not any(at in window for window in outcome.underlay)
        daemon.restart(at, online=online, connected=at + seconds(2.3) if online else None)
        restarts.append(at)
        return at + seconds(1.9)

    monitor = Monitor(
        stage.server,
        target=f"{daemon.node.ip}:{stage.port}",
        prober=stage.vps.name,
        patience=rng.choice((2, 3, 4)),
        pause=seconds(rng.choice((25.1, 40.1, 55.1))),
    )
    monitor.run(stage.window.start + 20 * SECOND, stage.window.end - MINUTE, reachable, restart)
    for window in outcome.underlay:
        if any(at in window for at in restarts):
            daemon.come_up(window.end + seconds(4.6))
    return monitor, len(restarts)


def trap(stage: Stage, outcome: Outcome, variant: str) -> None:
    """The variant's misleading lines."""
    if variant == "spoofed":
        traps.spoofed(stage, outcome.start)
    elif variant == "decoys":
        traps.decoys(stage, outcome.start)
    elif variant == "distant":
        traps.other_fault(stage, outcome.start - 2 * HOUR)
    elif variant == "outside":
        traps.earlier_outage(stage, outcome.start - 2 * HOUR)


def truth_about(
    stage: Stage, cause: str, outcome: Outcome, *, restarts: int, blind: Blind | None, small_elsewhere: bool
) -> Truth:
    """What may be concluded from the files given."""
    truth = Truth(
        title=cause,
        cause=cause,
        since=stage.window.start,
        until=stage.window.end,
        started=outcome.start,
        ended=outcome.end,
        contributing=(*outcome.contributing, *(("watchdog-restart-loop",) if restarts > 1 else ())),
        also=(*outcome.also, *(("service-restarted",) if small_elsewhere and outcome.lost < MINUTE else ())),
    )
    if blind is None:
        return truth
    brief = ("no-incident",) if outcome.lost < MINUTE // 2 else ()
    return truth.replaced(
        cause="undetermined",
        real_cause=cause,
        contributing=(),
        also=(*blind.also, *brief),
        missing_source=blind.missing,
    )


def variants_of(cause: str) -> tuple[str, ...]:
    """The variants that make sense for a cause."""
    unfit = {"monitored"} if cause not in WATCHED else set()
    unfit |= {"blind"} if cause not in BLIND else set()
    unfit |= {"distant"} if cause in ("service-restarted", "watchdog-restart-loop") else set()
    unfit |= {"outside"} if cause == "clock-stepped" else set()
    return tuple(variant for variant in VARIANTS if variant not in unfit)


def incidents(rounds: int = 1) -> Iterator[Incident]:
    """Every cause in every variant that fits it, ``rounds`` times."""
    for seed in range(rounds):
        for cause in SCRIPTS:
            for variant in variants_of(cause):
                yield simulate(cause, seed, variant)


def quiet_windows(count: int = 40) -> Iterator[Incident]:
    """Windows in which nothing is wrong."""
    return (quiet(seed) for seed in range(count))


def without(incident: Incident) -> Iterator[tuple[str, Incident]]:
    """The incident with each one of its files left out."""
    for name in incident.files:
        rest = {file: data for file, data in incident.files.items() if file != name}
        if rest:
            yield (
                name,
                Incident(
                    f"{incident.name} without {name}",
                    incident.variant,
                    rest,
                    incident.truth,
                    incident.zones,
                    incident.since,
                    incident.until,
                ),
            )
