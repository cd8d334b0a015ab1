"""The public incidents that the project's reference notes cite, as their machines would have exported them.

Each is a named case with its source, its cause, and which logs the report had: often one daemon's alone. ``UNSHAPED``
accounts for the citations that describe no incident of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tests.simulate import public_shapes as shapes
from tests.simulate.causes import SCRIPTS, Script
from tests.simulate.exports.export import Entry, entries, journal_export
from tests.simulate.exports.handover import everything, of_daemon, write
from tests.simulate.incident import Incident, background, chatter
from tests.simulate.machines.clock import MINUTE, SECOND, Window, moment
from tests.simulate.machines.host import Host
from tests.simulate.stage import build
from tests.simulate.truth import Truth

TAILSCALE = "https://github.com/tailscale/tailscale/issues/"
SYSTEMD = "https://github.com/systemd/systemd/issues/"
UNKNOWN = ("undetermined",)


@dataclass(frozen=True, slots=True)
class Public:
    """``given``: "both" machines' logs, the "server"'s, or its "daemon"'s alone. ``form``: as in ``handover.write``,
    or "go" for the stamps that tailscaled writes itself. ``also`` are verdicts as good as ``cause``, for what the given
    logs may not tell.
    """

    id: str
    source: str
    cause: str
    shape: Script
    tailscaled: tuple[int, int, int]
    systemd: int = 255
    given: str = "both"
    form: str = "short-iso"
    bonded: bool = False
    also: tuple[str, ...] = ()


PUBLIC: tuple[Public, ...] = (
    Public(
        "tailscale-1591", f"{TAILSCALE}1591", "networkd-drops-routes", shapes.other_link_drops_rules, (1, 8, 8), 248
    ),
    Public(
        "tailscale-1875",
        f"{TAILSCALE}1875",
        "network-managers-conflict",
        shapes.manager_assumes_tunnel,
        (1, 8, 8),
        245,
        form="syslog-traditional",
        also=("interface-set-down", *UNKNOWN),
    ),
    Public(
        "tailscale-2325",
        f"{TAILSCALE}2325",
        "networkd-drops-routes",
        shapes.other_link_drops_rules,
        (1, 10, 1),
        248,
        form="short",
    ),
    Public("tailscale-2541", f"{TAILSCALE}2541", "host-paused", SCRIPTS["host-paused"], (1, 12, 3), 245, form="short"),
    Public(
        "tailscale-3619",
        f"{TAILSCALE}3619",
        "udp-blocked",
        shapes.local_filter_rebinds,
        (1, 18, 2),
        249,
        "daemon",
    ),
    Public(
        "tailscale-4644",
        f"{TAILSCALE}4644",
        "undetermined",
        shapes.resolved_refuses,
        (1, 24, 2),
        249,
        "server",
        also=("network-managers-conflict", "no-incident"),
    ),
    Public(
        "tailscale-5029", f"{TAILSCALE}5029", "tun-device-busy", SCRIPTS["tun-device-busy"], (1, 26, 1), 249, "server"
    ),
    Public(
        "tailscale-5980",
        f"{TAILSCALE}5980",
        "mtu-blackhole",
        shapes.broken_records,
        (1, 32, 2),
        249,
        "daemon",
        "go",
        also=(*UNKNOWN, "no-incident"),
    ),
    Public("tailscale-7011", f"{TAILSCALE}7011", "dns-loop", SCRIPTS["dns-loop"], (1, 36, 0), 249, "server"),
    Public(
        "tailscale-7541",
        f"{TAILSCALE}7541",
        "host-paused",
        SCRIPTS["host-paused"],
        (1, 36, 1),
        245,
        "daemon",
        "go",
        also=(*UNKNOWN, "no-incident"),
    ),
    Public(
        "tailscale-7655",
        f"{TAILSCALE}7655",
        "resolv-conf-overwritten",
        SCRIPTS["resolv-conf-overwritten"],
        (1, 38, 4),
        249,
        "server",
    ),
    Public(
        "tailscale-8261",
        f"{TAILSCALE}8261",
        "undetermined",
        shapes.closed_by_itself,
        (1, 64, 2),
        252,
        "server",
        also=("control-plane-outage", "no-incident"),
    ),
    Public(
        "tailscale-9687",
        f"{TAILSCALE}9687",
        "service-restarted",
        SCRIPTS["service-restarted"],
        (1, 50, 1),
        249,
        "server",
        "short",
        also=("no-incident",),
    ),
    Public(
        "tailscale-10379", f"{TAILSCALE}10379", "exit-node-down", SCRIPTS["exit-node-down"], (1, 54, 1), 252, "server"
    ),
    Public("tailscale-11519", f"{TAILSCALE}11519", "host-paused", shapes.repeated_stalls, (1, 60, 1), 245),
    Public(
        "tailscale-11926",
        f"{TAILSCALE}11926",
        "undetermined",
        shapes.ruleset_flushed,
        (1, 64, 0),
        252,
        also=("peer-service-down",),
    ),
    Public(
        "tailscale-12021",
        f"{TAILSCALE}12021",
        "undetermined",
        shapes.poll_outlives_address,
        (1, 98, 10),
        255,
        "daemon",
        "go",
        also=("wan-address-changed",),
    ),
    Public(
        "tailscale-13904",
        f"{TAILSCALE}13904",
        "service-restarted",
        shapes.nobody_says_who,
        (1, 76, 1),
        252,
        also=("no-incident",),
    ),
    Public(
        "tailscale-15968", f"{TAILSCALE}15968", "interface-set-down", shapes.zone_change_downs_tunnel, (1, 82, 5), 255
    ),
    Public(
        "tailscale-18032",
        f"{TAILSCALE}18032",
        "router-session-drops",
        shapes.sessions_die_over_ipv6,
        (1, 90, 6),
        255,
        "daemon",
        also=UNKNOWN,
    ),
    Public(
        "tailscale-18762",
        f"{TAILSCALE}18762",
        "dhcp-lease-lost",
        shapes.renewals_swallowed,
        (1, 94, 2),
        245,
        form="syslog-traditional",
    ),
    Public(
        "tailscale-20330",
        f"{TAILSCALE}20330",
        "udp-blocked",
        SCRIPTS["udp-blocked"],
        (1, 98, 10),
        255,
        "daemon",
        "go",
    ),
    Public(
        "systemd-10118",
        f"{SYSTEMD}10118",
        "undetermined",
        shapes.networkd_bounces_slaves,
        (1, 56, 1),
        238,
        bonded=True,
        also=("link-carrier-lost", "bond-member-failed", "networkd-drops-routes"),
    ),
    Public(
        "systemd-12236",
        f"{SYSTEMD}12236",
        "host-suspended",
        shapes.bond_after_sleep,
        (1, 44, 3),
        241,
        bonded=True,
        form="export",
    ),
    Public(
        "systemd-19106", f"{SYSTEMD}19106", "networkd-drops-routes", SCRIPTS["networkd-drops-routes"], (1, 20, 4), 249
    ),
    Public(
        "systemd-25765",
        f"{SYSTEMD}25765",
        "nic-driver-reset",
        shapes.adapter_resets_and_networkd_fails,
        (1, 34, 1),
        252,
    ),
    Public(
        "benoit-2026-04-10",
        "https://benoit.jp.net/Post-Mortems/2026-04-10-tailscale-subnet-route-lost",
        "networkd-drops-routes",
        shapes.needrestart_drops_rules,
        (1, 96, 4),
        255,
    ),
    Public(
        "benoit-2026-05-02",
        "https://benoit.jp.net/Post-Mortems/2026-05-02-tailscale-throw-route-lost-needrestart/",
        "networkd-drops-routes",
        shapes.throw_routes_lost,
        (1, 96, 4),
        255,
        also=(*UNKNOWN, "peer-service-down"),
    ),
    Public(
        "unraid-111",
        "https://github.com/unraid/unraid-tailscale/issues/111",
        "service-crashed",
        shapes.stall_without_supervisor,
        (1, 98, 10),
        255,
        form="syslog-traditional",
        also=UNKNOWN,
    ),
    Public(
        "unifi-190",
        "https://github.com/SierraSoftworks/tailscale-unifi/issues/190",
        "service-restarted",
        SCRIPTS["service-restarted"],
        (1, 90, 6),
        249,
        "server",
        "short-full",
    ),
    Public(
        "nixos-387",
        "https://github.com/arsfeld/nixos/issues/387",
        "service-restarted",
        shapes.container_stopped,
        (1, 94, 2),
        255,
        also=("peer-offline",),
    ),
    Public(
        "deck-26",
        "https://github.com/tailscale-dev/deck-tailscale/issues/26",
        "route-overlap",
        SCRIPTS["route-overlap"],
        (1, 62, 1),
        255,
    ),
)

#: Citations without a shape of their own, and why.
UNSHAPED: dict[str, str] = {
    "tailscale-2468": "the change that mends tailscale-1591",
    "tailscale-3416": "a wish: support for NetworkManager and firewalld",
    "tailscale-8219": "a setting: TS_DEBUG_MTU",
    "tailscale-13925": "context: lines of a healthy start",
    "tailscale-20618": "the change for tailscale-12021",
    "tailscale-20953": "a setting: where not to clamp the segment size",
    "systemd-4228": "the change that brought Unmanaged=",
    "systemd-14250": "another tunnel's daemon, with no line of its own",
    "systemd-19287": "the change that brought ManageForeignRoutingPolicyRules=",
    "systemd-22077": "the same as systemd-19106",
    "systemd-35809": "a setting that is ignored: DNS= beside Unmanaged=",
    "systemd-41350": "the same as systemd-19106",
    "nixpkgs-172107": "why a .network file makes the link managed; no incident",
    "netbird-4578": "the same as benoit-2026-05-02 with another daemon",
    "neco-1916": "the setting that ends systemd-19106 in one company",
}


def public_incident(case: Public) -> Incident:
    """The case with its files, as the report had them."""
    label = f"public/{case.id}"
    stage = build(label, bonded=case.bonded)
    stage.server.systemd, stage.on_server.version = case.systemd, case.tailscaled
    background(stage, 1.0)
    at = stage.window.start + 62 * MINUTE + Random(label).randrange(600) * SECOND
    outcome = case.shape(stage, at)
    for calm in (Window(stage.window.start, outcome.start - MINUTE), Window(outcome.end + MINUTE, stage.window.end)):
        chatter(stage, calm)
    keep = of_daemon if case.given == "daemon" else everything
    if case.form == "go":
        files = {"tailscaled.log": _own_stamps(stage.server, stage.window)}
    elif case.form == "export":
        chosen = [entry for entry in entries(stage.server) if entry.record.time in stage.window and keep(entry)]
        files = {f"{stage.server.name}.export": journal_export(stage.server, chosen)}
    else:
        files = dict([write(stage.server, case.form, keep, stage.window)])
    if case.given == "both":
        name, data = write(stage.vps, "json", everything, stage.window)
        files[name] = data
    truth = Truth(
        title=case.id,
        cause=case.cause,
        since=stage.window.start,
        until=stage.window.end,
        contributing=outcome.contributing,
        also=(*case.also, *outcome.also),
        started=outcome.start,
        ended=outcome.end,
    )
    return Incident(label, "public", files, truth, dict.fromkeys(files, "UTC"))


def _own_stamps(host: Host, window: Window) -> bytes:
    """tailscaled's log as it writes it itself, outside systemd."""
    own: list[Entry] = [entry for entry in entries(host) if entry.record.time in window and of_daemon(entry)]
    lines = (
        f"{moment(host.clock.wall(entry.record.time)):%Y/%m/%d %H:%M:%S} ".encode() + entry.message
        for entry in own
        if entry.record.program.identifier == "tailscaled"
    )
    return b"\n".join(lines) + b"\n"


def public_incidents() -> Iterator[Incident]:
    """All of them."""
    return (public_incident(case) for case in PUBLIC)
