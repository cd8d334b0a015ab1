"""What the machines of public incidents said, in their versions' wording. Made from formats, not from excerpts."""

from __future__ import annotations

from tests.simulate.causes.machine import host_suspended
from tests.simulate.causes.service import RULES
from tests.simulate.machines import trouble
from tests.simulate.machines.clock import MINUTE, SECOND, Window, seconds
from tests.simulate.machines.host import NETWORKD, SYSTEMD, Program, service
from tests.simulate.machines.symptoms import recovered, unanswered
from tests.simulate.machines.systemd import by_hand, network_manager
from tests.simulate.machines.tailscaled import CONTROL_IP, UNIT
from tests.simulate.stage import Outcome, Stage

UDHCPC = service("udhcpc", transport="syslog")
NEEDRESTART = Program(
    "needrestart",
    "syslog",
    "apt-daily-upgrade.service",
    "needrestart",
    "/usr/sbin/needrestart",
    "/usr/sbin/needrestart",
)
NETWORK_UNIT = "systemd-networkd.service"


def _pending(stage: Stage, window: Window, gap: tuple[float, float] = (8, 20), **state: str) -> None:
    """The server's own connections to its peer get no answer: all that a log of one machine shows."""
    rng, daemon, at = stage.rng("pending", window.start), stage.on_server, window.start + 2 * SECOND
    while at < window.end:
        trouble.open_timeout(daemon, at + seconds(5), daemon.peers[0], 22, **state)
        at += seconds(rng.uniform(*gap))


def sessions_die_over_ipv6(stage: Stage, at: int) -> Outcome:
    """tailscale#18032: the provider's router forgets IPv6 flows after minutes; ports are remapped all the time."""
    rng, daemon, start = stage.rng("v6"), stage.on_server, at
    local, relay = "2001:db8:41:7::12", "2001:db8:f00d::4"
    for _ in range(9):
        derp, control = daemon.port("d", at), daemon.port("c", at)
        trouble.derp_error(daemon, at, f"read tcp6 [{local}]:{derp}->[{relay}]:443: read: connection reset by peer")
        daemon.say(
            at + seconds(0.3),
            f"Received error: PollNetMap: read tcp [{local}]:{control}->[2001:db8:c0::1]:443: "
            "read: connection reset by peer",
        )
        trouble.derp_reconnect(daemon, at + seconds(2.6))
        at += seconds(rng.uniform(180, 420))
    churn = start - 30 * SECOND
    while churn < at:
        daemon.say(
            churn,
            f"magicsock: endpoints changed: [2001:db8:41:7::12]:{rng.randrange(1024, 65_000)} (stun), "
            f"{daemon.lan}:41641 (local)",
            fmt="magicsock: endpoints changed: %s",
        )
        churn += seconds(rng.uniform(20, 25))
    return Outcome(start, at)


def poll_outlives_address(stage: Stage, at: int) -> Outcome:
    """tailscale#12021: after a change of the public address the control connection hangs until its poll ends."""
    daemon = stage.on_server
    fresh = "198.51.100.233"
    daemon.node = type(daemon.node)(daemon.node.name, daemon.node.key, daemon.node.ip, f"{fresh}:41641")
    daemon.say(at + seconds(21), daemon.endpoints())
    trouble.derp_reset(daemon, at + seconds(46), reason="connection timed out")
    trouble.derp_reconnect(daemon, at + seconds(49))
    polled = at + seconds(122)
    daemon.say(polled, "control: map response long-poll timed out!")
    post = 'Post "https://controlplane.tailscale.com/machine/map"'
    daemon.say(polled + seconds(0.01), f"control: lite map update error after 2m0.004s: {post}: context canceled")
    flow = f"{daemon.lan}:{daemon.port('map', at)}->{CONTROL_IP}:443"
    daemon.say(
        polled + seconds(5.7),
        f"control: lite map update error after 5.681s: {post}: read tcp {flow}: read: connection reset by peer",
    )
    trouble.control_reset(daemon, polled + seconds(5.8))
    trouble.not_polling(daemon, at + 8 * MINUTE)
    trouble.not_polling(daemon, at + 9 * MINUTE, over=True)
    _pending(stage, Window(at + 5 * SECOND, at + 2 * MINUTE))
    return Outcome(at, at + 9 * MINUTE)


def other_link_drops_rules(stage: Stage, at: int) -> Outcome:
    """tailscale#2325: another managed link loses its carrier, and networkd v248 takes the foreign rules with it."""
    daemon = stage.on_server
    stage.networkd.carrier(at, "enp9s0f0", gained=False)
    _rules_go(stage, at + seconds(0.05))
    window = Window(at + SECOND, at + 7 * MINUTE)
    unanswered(stage, window, fresh=True)
    by_hand(stage.server, window.end - seconds(0.06), "/usr/bin/systemctl restart tailscaled")
    end = daemon.restart(window.end, connected=window.end + seconds(2.2))
    recovered(stage, end)
    return Outcome(at, end, (window,))


def _rules_go(stage: Stage, at: int) -> None:
    for family in (2, 10):
        for number, (priority, (table, _)) in enumerate(RULES.items()):
            stage.on_server.say(
                at + family * 4_000 + number * 500,
                f"monitor: ip rule deleted: {{Family:{family} DstLength:0 SrcLength:0 Tos:0 Table:{table} Protocol:0 "
                f"Scope:0 Type:1 Flags:0 Attributes:{{Dst:<nil> Src:<nil> Gateway:<nil> OutIface:0 Priority:{priority} "
                f"Table:{table} Mark:16711680 Pref:<nil> Expires:<nil> Metrics:<nil> Multipath:[]}}}}",
            )


def _networkd_restarts(stage: Stage, at: int) -> None:
    manager = stage.manager
    manager.stopping(at, NETWORK_UNIT, restart=True)
    manager.deactivated(at + seconds(0.06), NETWORK_UNIT)
    manager.stopped(at + seconds(0.061), NETWORK_UNIT, restart=True)
    manager.starting(at + seconds(0.08), NETWORK_UNIT)
    stage.server.respawn(NETWORKD, at + seconds(0.08))
    stage.server.log(at + seconds(0.17), NETWORKD, "Enumeration completed")
    manager.started(at + seconds(0.18), NETWORK_UNIT)


def needrestart_drops_rules(stage: Stage, at: int) -> Outcome:
    """benoit.jp.net, 2026-04-10: an upgrade has networkd restarted; rules come back, a throw route does not."""
    daemon = stage.on_server
    stage.manager.starting(at - seconds(80), "apt-daily-upgrade.service")
    stage.server.log(at - SECOND, NEEDRESTART, "Restarting services: systemctl restart systemd-networkd.service")
    _networkd_restarts(stage, at)
    _rules_go(stage, at + seconds(0.2))
    daemon.say(at + seconds(0.3), "router: somebody (likely systemd-networkd) deleted ip rules; restoring Tailscale's")
    window = Window(at + SECOND, at + 20 * MINUTE)
    unanswered(stage, window, to=daemon.lan.rpartition(".")[0] + ".90", port=443, fresh=True)
    by_hand(stage.server, window.end, "/usr/bin/systemctl restart tailscaled")
    end = daemon.restart(window.end + seconds(0.06), connected=window.end + seconds(2.2))
    return Outcome(at, end, (window,))


def throw_routes_lost(stage: Stage, at: int) -> Outcome:
    """benoit.jp.net, 2026-05-02: with the rules protected, only routes of table 52 go, and stay away unsaid."""
    daemon = stage.on_server
    _networkd_restarts(stage, at)
    daemon.say(at + seconds(0.21), "monitor: RTM_DELROUTE: src=, dst=10.10.10.0/24, gw=, outif=0, table=52")
    window = Window(at + SECOND, at + 15 * MINUTE)
    unanswered(stage, window, to="10.10.10.20", port=80, fresh=True)
    return Outcome(at, window.end, (window,))


def networkd_bounces_slaves(stage: Stage, at: int) -> Outcome:
    """systemd#10118: a restart of networkd takes the slaves of a bond down and up, twice, for some seconds."""
    by_hand(stage.server, at - seconds(0.1), "/usr/bin/systemctl restart systemd-networkd")
    _networkd_restarts(stage, at)
    for begin in (at + seconds(0.3), at + seconds(4.1)):
        for name in (*stage.slaves, stage.wired):
            stage.networkd.carrier(begin, name, gained=False)
            stage.networkd.carrier(begin + seconds(3.2), name, gained=True)
    trouble.link_change(stage.on_server, at + seconds(0.4), "", gone=True)
    trouble.network_back(stage.on_server, at + seconds(7.8))
    window = Window(at, at + 9 * SECOND)
    unanswered(stage, window, gap=(1.5, 3))
    recovered(stage, window.end)
    return Outcome(at, window.end, (window,))


def adapter_resets_and_networkd_fails(stage: Stage, at: int) -> Outcome:
    """systemd#25765: the transmit queue times out, the adapter is reset, and networkd gives the link up."""
    name, device, start = stage.wired, "igc 0000:02:00.0", at
    for number in range(2):
        if number == 0:
            stage.kernel(at, f"NETDEV WATCHDOG: {name} (igc): transmit queue 2 timed out", 4)
        stage.kernel(at + seconds(0.1), f"{device} {name}: Reset adapter", 3)
        window = Window(at + seconds(0.2), at + seconds(6.4))
        stage.nic(window.start, up=False)
        trouble.link_change(stage.on_server, window.start + seconds(0.06), "", gone=True)
        trouble.network_back(stage.on_server, window.end + SECOND)
        stage.nic(window.end, up=True)
        unanswered(stage, Window(window.start, window.end + 20 * SECOND), gap=(3, 6))
        at += seconds(230)
    stage.networkd.say(at - 200 * SECOND, name, "Could not set NDisc route: Connection timed out", "ndisc", priority=4)
    stage.networkd.say(at - 200 * SECOND + 900, name, "Failed", "link_enter_failed", priority=4)
    recovered(stage, at - 195 * SECOND)
    return Outcome(start, at - 195 * SECOND)


def local_filter_rebinds(stage: Stage, at: int) -> Outcome:
    """tailscale#3619: a local filter refuses UDP; each netcheck fails to send, rebinds, and drops the relay with it."""
    daemon, window = stage.on_server, Window(at, at + 12 * MINUTE)
    moment = at
    while moment < window.end:
        daemon.say(moment, "netcheck: netcheck: UDP is blocked, trying HTTPS")
        daemon.say(
            moment + seconds(0.2),
            "portmapper: createOrGetMapping: write udp4 0.0.0.0:54082->10.0.2.2:5351: sendto: operation not permitted",
        )
        daemon.say(moment + seconds(0.4), "magicsock: last netcheck reported send error. Rebinding.")
        daemon.say(moment + seconds(0.4), f"magicsock: closing connection to derp-{daemon.home.id} (rebind), age 27s")
        trouble.no_relay(daemon, moment + seconds(0.41))
        trouble.derp_reconnect(daemon, moment + seconds(0.6))
        trouble.no_relay(daemon, moment + seconds(0.61), over=True)
        moment += 28 * SECOND
    _pending(stage, Window(at + MINUTE, at + 3 * MINUTE), last_recv="4s")
    daemon.say(at + seconds(1.4), daemon.netinfo(udp=False))
    return Outcome(at, window.end)


def repeated_stalls(stage: Stage, at: int) -> Outcome:
    """tailscale#11519: an overcommitted virtual machine loses time again and again, two minutes apart."""
    daemon, start = stage.on_server, at
    for _ in range(5):
        wake = at + seconds(52)
        stage.silent(Window(at, wake))
        daemon.say(
            wake + seconds(2), "monitor: time jumped (probably wake from sleep); synthesizing major change event"
        )
        trouble.link_change(daemon, wake + seconds(2.1), "")
        trouble.derp_reconnect(daemon, wake + seconds(3))
        unanswered(stage, Window(at, wake + 3 * SECOND))
        at += 2 * MINUTE
    return Outcome(start, at - MINUTE)


def broken_records(stage: Stage, at: int) -> Outcome:
    """tailscale#5980: large records are mangled or lost on the path; TLS notices, and small packets pass."""
    rng, daemon, moment = stage.rng("mac"), stage.on_server, at
    window = Window(at, at + 14 * MINUTE)
    while moment < window.end:
        flow = f"{daemon.lan}:{daemon.port('mtu', moment)}->{CONTROL_IP}:443"
        daemon.say(
            moment,
            rng.choice(
                (
                    f"Received error: PollNetMap: read tcp {flow}: remote error: tls: bad record MAC",
                    "Received error: PollNetMap: unexpected EOF",
                )
            ),
        )
        moment += seconds(rng.uniform(30, 70))
    return Outcome(at, window.end)


def ruleset_flushed(stage: Stage, at: int) -> Outcome:
    """tailscale#11926: nftables is reloaded with "flush ruleset", tailscaled's chains go, and nobody says so."""
    by_hand(stage.server, at - seconds(0.1), "/usr/bin/systemctl reload nftables")
    stage.server.log(at, SYSTEMD, "Reloading nftables.service - nftables...")
    stage.server.log(at + seconds(0.05), SYSTEMD, "Reloaded nftables.service - nftables.")
    window = Window(at + SECOND, at + 10 * MINUTE)
    unanswered(stage, window, fresh=True)
    return Outcome(at, window.end, (window,))


def stall_without_supervisor(stage: Stage, at: int) -> Outcome:
    """unraid-tailscale#111: tailscaled's watchdog ends it after a stall on a slow disk; nothing starts it again."""
    daemon = stage.on_server
    daemon.say(at, "wgengine watchdog in-flight:")
    daemon.say(at + 1_000, "in-flight[7]: name=Reconfig duration=45.004s")
    daemon.say(at + 2_000, "wgengine: watchdog timeout on Reconfig")
    window = Window(at, at + 25 * MINUTE)
    unanswered(stage, window, gone=True)
    end = daemon.start(window.end, connected=window.end + seconds(2))
    recovered(stage, end)
    stage.server.records = [
        record for record in stage.server.records if not record.program.identifier.startswith("systemd")
    ]  # such a machine has none
    return Outcome(at, end, (window,))


def nobody_says_who(stage: Stage, at: int) -> Outcome:
    """tailscale#13904: tailscaled is told to stop, and no line says by whom."""
    end = stage.on_server.restart(at, connected=at + seconds(2.4))
    _pending(stage, Window(end - SECOND, end), last_recv="never")
    unanswered(stage, Window(at, end + SECOND), gap=(1.5, 3))
    recovered(stage, end + SECOND)
    return Outcome(at, end + SECOND)


def resolved_refuses(stage: Stage, at: int) -> Outcome:
    """tailscale#4644: a catch-all .network makes the link managed, and resolved refuses tailscaled's servers."""
    daemon, window, moment = stage.on_server, Window(at, at + 10 * MINUTE), at
    while moment < window.end:
        daemon.say(moment, "dns: failed to configure resolved: Link tailscale0 is managed.")
        error = "wgengine: error setting DNS config after major link change: Link tailscale0 is managed."
        daemon.say(moment + seconds(0.1), error)
        trouble.health(daemon, moment + seconds(0.2), "dns-set-os-config-failed", "Link tailscale0 is managed.")
        moment += seconds(95)
    return Outcome(at, window.end)


def closed_by_itself(stage: Stage, at: int) -> Outcome:
    """tailscale#8261: after a link change tailscaled goes on using a connection that it closed itself."""
    daemon, moment = stage.on_server, at + SECOND
    window = Window(at, at + 12 * MINUTE)
    flow = f"{daemon.lan}:{daemon.port('system', at)}->{CONTROL_IP}:80"
    daemon.say(at, f"tsdial: closing system connection {flow} due to link change")
    trouble.link_change(daemon, at + seconds(0.01), "default-if-changed")
    while moment < window.end:
        daemon.say(
            moment,
            'Received error: register request: Post "https://controlplane.tailscale.com/machine/register": '
            f"read tcp {flow}: use of closed network connection",
        )
        moment += seconds(31)
    trouble.not_polling(daemon, at + 8 * MINUTE)
    by_hand(stage.server, window.end, "/usr/bin/systemctl restart tailscaled")
    end = daemon.restart(window.end + seconds(0.06), connected=window.end + seconds(2.2))
    return Outcome(at, end)


def manager_assumes_tunnel(stage: Stage, at: int) -> Outcome:
    """tailscale#1875: NetworkManager, asked to set DNS on the tunnel, takes it over and removes its address."""
    daemon, name = stage.on_server, "tailscale0"
    window = Window(at, at + 6 * MINUTE)
    for moment in (at, at + 2 * MINUTE, at + 4 * MINUTE):
        network_manager(
            stage.server,
            moment,
            f"device ({name}): state change: activated -> unmanaged (reason 'connection-assumed', {{}})",
            name,
        )
        daemon.say(
            moment + seconds(0.2), f"monitor: RTM_DELADDR: src=, dst={daemon.node.ip}/32, gw=, outif=5, table=255"
        )
    unanswered(stage, window)
    return Outcome(at, window.end, (window,))


def zone_change_downs_tunnel(stage: Stage, at: int) -> Outcome:
    """tailscale#15968: another firewalld zone for the tunnel takes the interface down under the living daemon."""
    daemon, networkd = stage.on_server, stage.networkd
    network_manager(
        stage.server,
        at - seconds(0.1),
        "device (tailscale0): state change: activated -> deactivating (reason 'new-activation', {})",
        "tailscale0",
    )
    networkd.link_down(at, "tailscale0")
    networkd.carrier(at + 300, "tailscale0", gained=False)
    daemon.say(at + seconds(0.01), "external route: down")
    window = Window(at, at + 8 * MINUTE)
    unanswered(stage, window, fresh=True)
    networkd.link_up(window.end, "tailscale0")
    networkd.carrier(window.end + 300, "tailscale0", gained=True)
    daemon.say(window.end + seconds(0.01), "external route: up")
    recovered(stage, window.end)
    return Outcome(at, window.end, (window,))


def renewals_swallowed(stage: Stage, at: int) -> Outcome:
    """tailscale#18762: the provider's DHCP server lies in 100.64/10: renewals go into the tunnel."""
    daemon = stage.on_server
    for offset in (-600, -300, -150, -75, -40):
        stage.server.log(at + offset * SECOND, UDHCPC, "udhcpc: sending renew to server 100.105.0.1")
    stage.server.log(at - 20 * SECOND, UDHCPC, "udhcpc: broadcasting renew")
    stage.server.log(at, UDHCPC, "udhcpc: lease lost, entering init state")
    daemon.say(at + seconds(0.02), "monitor: RTM_DELADDR: src=, dst=100.105.7.9/20, gw=, outif=2, table=255")
    trouble.link_change(daemon, at + seconds(0.05), "", gone=True)
    stage.server.log(
        at + 40 * SECOND, UDHCPC, "udhcpc: lease of 100.105.7.9 obtained from 100.105.0.1, lease time 1200"
    )
    trouble.network_back(daemon, at + 41 * SECOND)
    unanswered(stage, Window(at, at + 44 * SECOND))
    recovered(stage, at + 45 * SECOND)
    return Outcome(at, at + 45 * SECOND)


def bond_after_sleep(stage: Stage, at: int) -> Outcome:
    """systemd#12236: the machine wakes up, its bond does not, and somebody restarts networkd until it does."""
    outcome = host_suspended(stage, at)
    for offset in (60, 100):
        _networkd_restarts(stage, outcome.end + offset * SECOND)
    window = Window(outcome.end, outcome.end + 110 * SECOND)
    unanswered(stage, window)
    return Outcome(at, window.end, (*outcome.outages, window))


def container_stopped(stage: Stage, at: int) -> Outcome:
    """arsfeld/nixos#387: the unit of a tailscaled is stopped by its manager and fails to come up for a while."""
    manager, daemon = stage.manager, stage.on_server
    manager.stopping(at, UNIT)
    gone = daemon.stop(at + seconds(0.01))
    daemon.say(
        gone - seconds(0.01), "router: somebody (likely systemd-networkd) deleted ip rules; restoring Tailscale's"
    )
    manager.deactivated(gone + seconds(0.1), UNIT)
    manager.stopped(gone + seconds(0.11), UNIT)
    window = Window(at, at + 4 * MINUTE)
    unanswered(stage, window, gone=True)
    end = daemon.start(window.end, connected=window.end + seconds(2))
    recovered(stage, end)
    return Outcome(at, end, (window,))
