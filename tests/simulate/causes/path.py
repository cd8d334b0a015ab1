"""Scripts of the path layer (reference, sections 2.5, 2.6, 2.12; Omada's wording from the formats, section 3.1)."""

from __future__ import annotations

from tests.simulate.machines import trouble
from tests.simulate.machines.clock import MINUTE, SECOND, Window, seconds
from tests.simulate.machines.host import NGINX
from tests.simulate.machines.symptoms import cut_off, recovered, unanswered
from tests.simulate.machines.tailscaled import CONTROL_IP
from tests.simulate.stage import Outcome, Stage


def wan_outage(stage: Stage, at: int) -> Outcome:
    """The router's uplink fails, by its port or by its reachability; the LAN's carrier stays."""
    rng, site, start, outages = stage.rng("wan"), stage.site, at, []
    physical = rng.random() < 0.3
    for number in range(rng.choice((1, 1, 2, 3, 4))):
        window = Window(at, at + seconds(rng.uniform(100, 500) if number == 0 else rng.uniform(30, 150)))
        late = rng.uniform(60, 280)
        if physical:
            site.wan_physical(window.start + seconds(0.5), up=False, lag=late)
            site.wan_physical(window.end - seconds(3), up=True, lag=rng.uniform(5, 60))
        site.wan_detection(window.start + seconds(7), online=False, lag=late + 2)
        site.wan_detection(window.end - seconds(1), online=True, lag=rng.uniform(3, 60))
        if number == 0 and rng.random() < 0.7:
            site.cloud(window.start + seconds(40), lost=True, lag=late)
        cut_off(stage, Window(window.start + seconds(4), window.end))
        outage = Window(window.start + seconds(8), window.end + seconds(4))
        unanswered(stage, outage, since=window.start)
        outages.append(outage)
        at = window.end + seconds(rng.uniform(30, 140))
    if physical or rng.random() < 0.4:
        site.lease_renewed(outages[-1].end + 9 * SECOND, ip=stage.on_server.node.endpoint.partition(":")[0], lag=8)
    recovered(stage, outages[-1].end)
    return Outcome(start, outages[-1].end + SECOND, tuple(outages), tuple(outages))


def router_rebooted(stage: Stage, at: int) -> Outcome:
    """The router restarts: all flows are gone, its mapping epoch starts again, its services come up."""
    rng, site, daemon = stage.rng("router"), stage.site, stage.on_server
    window = Window(at, at + seconds(rng.uniform(70, 240)))
    net = daemon.lan.rpartition(".")[0]
    site.say(at + SECOND, f"{site.gateway} was disconnected.", rng.uniform(80, 200))
    for offset, text in (
        (-24, f"[WAN1] of {site.gateway} is up."),
        (-22, "DHCPS initialization succeeded."),
        (-9, f"{site.gateway}: The online detection result of [WAN1] was online."),
        (4, f"{site.gateway} was connected."),
    ):
        site.say(window.end + seconds(offset), text, rng.uniform(5, 90))
    cut_off(stage, Window(at + 2 * SECOND, window.end))
    unanswered(stage, Window(at + SECOND, window.end + 4 * SECOND))
    if not stage.hidden:
        old = rng.randrange(200_000, 9_000_000)
        daemon.say(
            window.end + seconds(3),
            f"portmapper: invalidating PMP mappings since returned epoch {rng.randrange(5, 60)} < stored epoch {old}",
        )
        daemon.say(window.end + seconds(3.5), f"monitor: gateway and self IP changed: gw={net}.1 self={daemon.lan}")
    recovered(stage, window.end + 5 * SECOND)
    return Outcome(at, window.end + 5 * SECOND, (Window(at + SECOND, window.end + 4 * SECOND),), (window,))


def wan_address_changed(stage: Stage, at: int) -> Outcome:
    """The provider hands out another address: old flows die silently, the mapping is found anew."""
    rng, site, daemon = stage.rng("address"), stage.site, stage.on_server
    window = Window(at, at + seconds(rng.uniform(130, 240)))
    fresh = f"198.51.100.{rng.randrange(201, 250)}"
    site.say(at - 2 * SECOND, "WAN1: DHCP client lease expired. Began renewing the lease.", rng.uniform(4, 60))
    site.say(
        at,
        f"WAN1: DHCP client renewing IP succeeded. (IP-Address={fresh}, Mask=255.255.255.0, Gateway=198.51.100.1)",
        rng.uniform(4, 60),
    )
    trouble.derp_reset(daemon, at + seconds(rng.uniform(40, 70)), reason="connection timed out")
    trouble.derp_reconnect(daemon, at + seconds(76))
    daemon.say(at + seconds(rng.uniform(118, 129)), "control: map response long-poll timed out!")
    unanswered(stage, window)
    daemon.node = type(daemon.node)(daemon.node.name, daemon.node.key, daemon.node.ip, f"{fresh}:41641")
    stage.on_vps.peers = (daemon.node, *stage.on_vps.peers[1:])
    daemon.say(at + seconds(24), daemon.endpoints())
    recovered(stage, window.end)
    return Outcome(at, window.end, (window,))


def router_session_drops(stage: Stage, at: int) -> Outcome:
    """The router's or provider's firewall forgets sessions on a period; ports are remapped all the time."""
    rng, daemon, start, outages = stage.rng("sessions"), stage.on_server, at, []
    period = rng.uniform(180, 420)
    for _ in range(rng.randrange(6, 11)):
        trouble.derp_reset(daemon, at)
        trouble.control_reset(daemon, at + seconds(rng.uniform(0.02, 0.4)))
        trouble.derp_reconnect(daemon, at + seconds(rng.uniform(2, 4)))
        window = Window(at - seconds(4), at + seconds(rng.uniform(6, 14)))
        unanswered(stage, window, gap=(3, 6), since=at)
        outages.append(window)
        at += seconds(period + rng.uniform(-4, 4))
    churn = start - 40 * SECOND
    while churn < at:
        address = daemon.node.endpoint.partition(":")[0]
        daemon.say(
            churn,
            f"magicsock: endpoints changed: {address}:{rng.randrange(1024, 65_000)} (stun), {daemon.lan}:41641 (local)",
            fmt="magicsock: endpoints changed: %s",
        )
        churn += seconds(rng.uniform(20, 25.5))
    recovered(stage, outages[-1].end)
    return Outcome(start, outages[-1].end, tuple(outages))


def udp_blocked(stage: Stage, at: int) -> Outcome:
    """UDP goes nowhere, by the router's filter or a local one; the relays over TCP carry everything."""
    rng, daemon = stage.rng("udp"), stage.on_server
    local = rng.random() < 0.35
    window = Window(at, at + seconds(rng.uniform(500, 1500)))
    daemon.say(at + seconds(2), daemon.netinfo(udp=False))
    daemon.say(at + seconds(2.1), f"magicsock: endpoints changed: {daemon.lan}:41641 (local)")
    moment = at + SECOND
    while moment < window.end:
        daemon.say(moment, "netcheck: netcheck: UDP is blocked, trying HTTPS")
        if local:
            peer = daemon.peers[0]
            daemon.say(
                moment + seconds(0.4),
                f"magicsock: disco: failed to send disco.Ping to {peer.endpoint} [{peer.key}]: sendto: "
                "operation not permitted",
            )
            daemon.say(moment + seconds(0.6), "magicsock: last netcheck reported send error. Rebinding.")
        moment += seconds(rng.uniform(25, 31))
    for first in (at + seconds(30), at + seconds(210)):
        unanswered(stage, Window(first, first + seconds(25)), fresh=True)
    daemon.say(window.end + SECOND, daemon.netinfo())
    daemon.say(window.end + seconds(1.2), daemon.endpoints())
    recovered(stage, window.end + 2 * SECOND)
    return Outcome(at, window.end)


def mtu_blackhole(stage: Stage, at: int) -> Outcome:
    """Large packets vanish; small ones pass, and no link says anything."""
    rng, daemon = stage.rng("mtu"), stage.on_server
    window = Window(at, at + seconds(rng.uniform(400, 1200)))
    moment = at + 3 * SECOND
    while moment < window.end:
        flow = f"{daemon.lan}:{daemon.port('mtu', moment)}->{CONTROL_IP}:443"
        daemon.say(
            moment,
            rng.choice(
                (
                    "Received error: PollNetMap: unexpected EOF",
                    "Received error: PollNetMap: net/http: TLS handshake timeout",
                    f"Received error: PollNetMap: read tcp {flow}: remote error: tls: bad record MAC",
                )
            ),
        )
        moment += seconds(rng.uniform(30, 90))
        upstream = f"{daemon.node.ip}:{stage.port}"
        stage.vps.log(
            moment - 2 * SECOND,
            NGINX,
            "[error] 901#901: *51007 upstream timed out (110: Connection timed out) while reading "
            f'response header from upstream, client: 203.0.113.33, server: orders.example.com, upstream: "http://{upstream}/"',
            pid=901,
            priority=3,
        )
        stage.on_vps.direct(moment - SECOND, daemon.node)
    return Outcome(at, window.end, also=("undetermined",))


def tls_interception(stage: Stage, at: int) -> Outcome:
    """A middlebox presents its own certificate."""
    rng, daemon = stage.rng("tls"), stage.on_server
    maker = rng.choice(("Fortinet", "Palo Alto Networks", "Sophos"))
    window = Window(at, at + seconds(rng.uniform(300, 1200)))
    moment = at + SECOND
    while moment < window.end:
        name = rng.choice(("controlplane.tailscale.com", f"derp{daemon.home.id}f.tailscale.com"))
        daemon.say(
            moment,
            f'tlsdial: server cert seen while dialing "{name}" looks like "{maker}" equipment '
            "(could be blocking Tailscale)",
        )
        daemon.say(
            moment + seconds(0.1),
            f'tlsdial: error: server cert for "{name}" failed both system roots & Let\'s Encrypt root validation',
        )
        moment += seconds(rng.uniform(18, 50))
    trouble.derp_reset(daemon, at)
    trouble.health(
        daemon,
        at + seconds(9),
        "tls-connection-failed",
        f'TLS connection error for "controlplane.tailscale.com": {maker}',
    )
    trouble.no_relay(daemon, at + MINUTE)
    trouble.no_relay(daemon, window.end + 2 * SECOND, over=True)
    trouble.health(daemon, window.end + 2 * SECOND, "tls-connection-failed", None)
    trouble.derp_reconnect(daemon, window.end + SECOND)
    unanswered(stage, Window(at + 20 * SECOND, window.end))
    recovered(stage, window.end + 2 * SECOND)
    return Outcome(at, window.end, (Window(at + 20 * SECOND, window.end),))
