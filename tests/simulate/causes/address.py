"""Scripts of the address layer (reference, sections 2.3, 2.13 and 2.16)."""

from __future__ import annotations

from tests.simulate.machines.clock import SECOND, Clock, Window, seconds
from tests.simulate.machines.device import Device, cisco
from tests.simulate.machines.symptoms import cut_off, recovered, unanswered, unreachable
from tests.simulate.machines.systemd import by_hand, resolved
from tests.simulate.stage import Outcome, Stage


def dhcp_lease_lost(stage: Stage, at: int) -> Outcome:
    """The lease runs out unrenewed, with the carrier up; later there is another address."""
    rng, daemon, name = stage.rng("dhcp"), stage.on_server, stage.wired
    net = daemon.lan.rpartition(".")[0]
    window = Window(at, at + seconds(rng.uniform(40, 420)))
    stage.networkd.lease_lost(at, name)
    daemon.say(at + seconds(0.02), f"monitor: RTM_DELADDR: src=, dst={daemon.lan}/24, gw=, outif=2, table=255")
    daemon.say(at + seconds(0.03), f"monitor: RTM_DELROUTE: src=, dst=, gw={net}.1, outif=2, table=254")
    old, address = daemon.lan, f"{net}.{rng.randrange(241, 250)}"
    unreachable(stage, window, address)
    if not stage.hidden:
        stage.site.say(
            at + seconds(rng.uniform(1, 20)),
            f"DHCP Server rejected the request of the client[MAC: 3c-ec-ef-12-70-b8 IP: {old}].",
        )
    stage.networkd.dhcp(window.end, name, f"{address}/24", f"{net}.1")
    unanswered(stage, window)
    recovered(stage, window.end + SECOND)
    return Outcome(at, window.end + 2 * SECOND, (window,), (window,))


def address_conflict(stage: Stage, at: int) -> Outcome:
    """Another machine uses the server's address; networkd sees it and gives the address up."""
    rng, daemon, name = stage.rng("conflict"), stage.on_server, stage.wired
    net, version = daemon.lan.rpartition(".")[0], stage.server.systemd
    text = (
        f"Dropping address {daemon.lan}/24, as an address conflict was detected."
        if version >= 249
        else f"DAD conflict. Dropping DHCP4 address {daemon.lan}"
    )
    window = Window(at, at + seconds(rng.uniform(60, 500)))
    stage.networkd.say(at, name, text, "address_on_acd", priority=4)
    daemon.say(at + seconds(0.02), f"monitor: RTM_DELADDR: src=, dst={daemon.lan}/24, gw=, outif=2, table=255")
    unreachable(stage, window)
    if not stage.hidden:
        stage.site.say(
            at + SECOND,
            "DHCP Server received DHCP Decline from client 3C-EC-EF-12-70-B8. IP address "
            f"{daemon.lan} is not available.",
        )
    stage.networkd.dhcp(window.end - seconds(0.2), name, f"{daemon.lan}/24", f"{net}.1")
    unanswered(stage, window)
    recovered(stage, window.end + 2 * SECOND)
    return Outcome(at, window.end + 2 * SECOND, (window,), (window,))


def dhcp_foreign_server(stage: Stage, at: int) -> Outcome:
    """Somebody plugs a home router into the LAN; the server takes an address of it when its lease is renewed."""
    rng, daemon, name = stage.rng("foreign"), stage.on_server, stage.wired
    net = daemon.lan.rpartition(".")[0]
    asked = at + seconds(rng.uniform(60, 120))
    window = Window(asked, asked + seconds(rng.uniform(60, 400)))
    switch = Device("sw-core.log", cisco, Clock(seconds(rng.uniform(-1, 1))))
    stage.devices.append(switch)
    for told in range(at, window.end, 60 * SECOND):
        switch.say(told, "%DHCP-4-ROGUE: rogue DHCP server detected: 192.168.178.1 on GigabitEthernet1/0/17")
    stage.networkd.dhcp(asked, name, "192.168.178.44/24", "192.168.178.1")
    daemon.say(asked + seconds(0.02), f"monitor: RTM_DELADDR: src=, dst={daemon.lan}/24, gw=, outif=2, table=255")
    unreachable(stage, window, "192.168.178.44")
    stage.networkd.dhcp(window.end, name, f"{daemon.lan}/24", f"{net}.1")
    unanswered(stage, window)
    recovered(stage, window.end + SECOND)
    return Outcome(at, window.end + 2 * SECOND, (window,), (window,))


def route_overlap(stage: Stage, at: int) -> Outcome:
    """A subnet route that covers the server's own LAN is accepted: the LAN is routed into the tunnel."""
    rng, daemon = stage.rng("overlap"), stage.on_server
    net = daemon.lan.rpartition(".")[0]
    window = Window(at, at + seconds(rng.uniform(90, 600)))
    for moment, accept in ((at - seconds(0.2), True), (window.end - seconds(0.2), False)):
        by_hand(stage.server, moment, f"/usr/bin/tailscale set --accept-routes={str(accept).lower()}")
        daemon.say(moment + seconds(0.1), f"EditPrefs: MaskedPrefs{{RouteAll={str(accept).lower()}}}")
        daemon.say(moment + seconds(0.15), "wgengine: Reconfig: configuring router")
        verb = "NEW" if accept else "DEL"
        daemon.say(moment + seconds(0.2), f"monitor: RTM_{verb}ROUTE: src=, dst={net}.0/24, gw=, outif=5, table=52")
    for moment in (at + seconds(9), at + seconds(31), at + seconds(58)):
        flow = f"{daemon.lan}:{daemon.port('lan', moment)} => {net}.1:53"
        daemon.say(
            moment,
            f"open-conn-track: timeout opening (TCP {flow}) to node [{daemon.peers[1].key}]; online=no, "
            "lastseen=2h4m0s, lastRecv=never",
        )
    resolved(
        stage.server, at + seconds(12), f"Using degraded feature set UDP instead of UDP+EDNS0 for DNS server {net}.1."
    )
    cut_off(stage, window, ending="timeout")
    unanswered(stage, window)
    recovered(stage, window.end + 4 * SECOND)
    return Outcome(at, window.end + 4 * SECOND, (window,), (window,))
