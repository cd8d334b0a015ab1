"""Scripts of the service and address layers (reference, sections 2.1, 2.3, 2.13 to 2.16)."""

from __future__ import annotations

from tests.simulate.causes.machine import by_hand, killed, network_manager
from tests.simulate.clock import MINUTE, SECOND, Window, seconds
from tests.simulate.host import API, CRON_JOB, NETWORKD, Program
from tests.simulate.stage import Outcome, Stage
from tests.simulate.symptoms import cut_off, lookups_fail, recovered, unanswered, unreachable
from tests.simulate.systemd import cron, resolved
from tests.simulate.tailscaled import REGIONS

APT = Program(
    "unattended-upgrade",
    "syslog",
    "apt-daily-upgrade.service",
    "unattended-upgr",
    "/usr/bin/python3.11",
    "/usr/bin/python3 /usr/bin/unattended-upgrade",
)


def brief_restart(stage: Stage, at: int) -> int:
    """A restart and the requests that it costs; returns when all is well again."""
    end = stage.on_server.restart(at, connected=at + seconds(2.4))
    unanswered(stage, Window(at, end + SECOND), gap=(1.5, 4))
    recovered(stage, end + SECOND)
    return end + SECOND


def service_restarted(stage: Stage, at: int) -> Outcome:
    """An operator or a package upgrade restarts the daemon, once or a few times without a rhythm."""
    rng, start, outages = stage.rng("restart"), at, []
    actor = rng.choice(("operator", "operator", "package"))
    for _ in range(1 if actor == "package" else rng.choice((1, 1, 2, 3))):
        if actor == "package":
            stage.manager.starting(at - seconds(14), "apt-daily-upgrade.service")
            stage.server.log(
                at - seconds(6), APT, "Packages that will be upgraded: tailscale", pid=stage.server.fork(at)
            )
            stage.manager.deactivated(at + seconds(11), "apt-daily-upgrade.service")
            stage.manager.started(at + seconds(11.01), "apt-daily-upgrade.service", oneshot=True)
        else:
            by_hand(stage, at - seconds(0.06), "/usr/bin/systemctl restart tailscaled")
        end = brief_restart(stage, at)
        outages.append(Window(at, end))
        at = end + seconds(rng.uniform(35, 700))
    return Outcome(start, outages[-1].end, tuple(outages))


def watchdog_restart_loop(stage: Stage, at: int) -> Outcome:
    """A cron job restarts a healthy daemon every few minutes."""
    rng = stage.rng("loop")
    period = rng.choice((4, 5, 5, 10)) * MINUTE
    first = at - at % period + period + SECOND
    outages = []
    for number in range(rng.randrange(5, 9)):
        beat = first + number * period
        if rng.random() < 0.5 or number == 0:
            cron(
                stage.server,
                beat - seconds(0.05),
                "/usr/local/bin/check-tailscale.sh || systemctl restart tailscaled",
                duration=seconds(1.8),
            )
        else:
            pid = stage.server.fork(beat)
            stage.server.log(
                beat - seconds(0.05),
                CRON_JOB,
                "(root) CMD (/usr/local/bin/check-tailscale.sh || systemctl restart tailscaled)",
                pid=pid,
            )
        outages.append(Window(beat, brief_restart(stage, beat)))
    return Outcome(outages[0].start, outages[-1].end, tuple(outages))


PANIC = """\
0.0000 panic: runtime error: invalid memory address or nil pointer dereference
0.0001 [signal SIGSEGV: segmentation violation code=0x1 addr=0x28 pc=0x9d1c3a]
0.0002 goroutine 1187 [running]:
0.0003 tailscale.com/wgengine/magicsock.(*Conn).derpWriteChanForRegion(0xc0003ca008, 0x4, {0xc0009f2b20})
0.0004 created by tailscale.com/wgengine/magicsock.(*Conn).goDerpConnect in goroutine 1121
"""
STALL = """\
0.0000 wgengine: watchdog timeout on RouterSet
0.0001 wgengine watchdog stacks:
0.0002 goroutine 41 [select, 1 minutes]:
"""


def service_crashed(stage: Stage, at: int) -> Outcome:
    """The daemon dies by itself: a panic, or its own watchdog; nobody asked it to stop."""
    rng, start, outages = stage.rng("crash"), at, []
    text, status = rng.choice(((PANIC, "2/INVALIDARGUMENT"), (PANIC, "2/INVALIDARGUMENT"), (STALL, "1/FAILURE")))
    for count in range(1, rng.choice((1, 2, 3)) + 1):
        stage.on_server.ladder(at, text.replace("$", "$$"))
        end = killed(stage, at + seconds(0.01), "exited", status, "exit-code", count)
        unanswered(stage, Window(at, end + SECOND), gap=(1.5, 4))
        recovered(stage, end + SECOND)
        outages.append(Window(at, end + SECOND))
        at = end + seconds(rng.uniform(60, 600))
    return Outcome(start, outages[-1].end, tuple(outages))


RULES = {5210: (254, "unicast"), 5230: (253, "unicast"), 5250: (0, "unreachable"), 5270: (52, "unicast")}


def networkd_drops_routes(stage: Stage, at: int) -> Outcome:
    """networkd is restarted and removes what it does not know; the daemon lives, and its subnet routes stay broken."""
    rng, host, daemon, manager = stage.rng("networkd"), stage.server, stage.on_server, stage.manager
    unit = "systemd-networkd.service"
    if rng.random() < 0.5:
        by_hand(stage, at - seconds(0.1), "/usr/bin/systemctl restart systemd-networkd")
    manager.stopping(at, unit, restart=True)
    manager.deactivated(at + seconds(0.06), unit)
    manager.stopped(at + seconds(0.061), unit, restart=True)
    manager.starting(at + seconds(0.08), unit)
    host.respawn(NETWORKD, at + seconds(0.08))
    stage.networkd.gained_ipv6ll(at + seconds(0.16), stage.wired)
    host.log(at + seconds(0.17), NETWORKD, "Enumeration completed")
    manager.started(at + seconds(0.18), unit)
    for family in (2, 10):
        for number, (priority, (table, kind)) in enumerate(RULES.items()):
            daemon.say(
                at + seconds(0.21) + family * 4_000 + number * 500,
                f"monitor: ip rule deleted: {{Family:{family} DstLength:0 "
                f"SrcLength:0 Tos:0 Table:{table} Protocol:0 Scope:0 "
                f"Type:{kind} Flags:0 Attributes:{{Priority:{priority}}}}}",
            )
    daemon.say(at + seconds(0.29), "router: somebody (likely systemd-networkd) deleted ip rules; restoring Tailscale's")
    window = Window(at, at + seconds(rng.uniform(240, 900)))
    subnet = daemon.lan.rpartition(".")[0] + ".40"
    unanswered(stage, window, to=subnet, port=445, fresh=True)
    by_hand(stage, window.end - seconds(0.06), "/usr/bin/systemctl restart tailscaled")
    end = daemon.restart(window.end, connected=window.end + seconds(2.2))
    recovered(stage, end)
    return Outcome(at, end, (window,))


def network_managers_conflict(stage: Stage, at: int) -> Outcome:
    """NetworkManager and networkd both configure the wired link, each undoing the other."""
    rng, daemon, name, start, outages = stage.rng("managers"), stage.on_server, stage.wired, at, []
    gateway = daemon.lan.rpartition(".")[0] + ".1"
    for _ in range(rng.randrange(3, 7)):
        network_manager(
            stage,
            at,
            f"device ({name}): state change: activated -> deactivating (reason 'connection-removed', {{}})",
            name,
        )
        network_manager(stage, at + seconds(0.1), f"dhcp4 ({name}): canceled DHCP transaction", name)
        daemon.say(at + seconds(0.2), f"monitor: RTM_DELROUTE: src=, dst=, gw={gateway}, outif=2, table=254")
        gone = Window(at + seconds(0.2), at + seconds(rng.uniform(6, 30)))
        if stage.server.systemd >= 252:
            stage.networkd.say(
                at + seconds(0.6), name, "Reconfiguring with /etc/systemd/network/20-wired.network.", "link_reconfigure"
            )
        stage.networkd.dhcp(at + seconds(2.4), name, f"{daemon.lan}/24", gateway)
        network_manager(
            stage, gone.end - seconds(0.5), f"dhcp4 ({name}): state changed new lease, address={daemon.lan}", name
        )
        network_manager(
            stage, gone.end, f"device ({name}): state change: ip-config -> activated (reason 'none', {{}})", name
        )
        daemon.say(gone.end + seconds(0.05), f"monitor: RTM_NEWROUTE: src=, dst=, gw={gateway}, outif=2, table=254")
        daemon.link_change(gone.end + seconds(0.06), "default-if-changed")
        daemon.derp_reset(gone.end + seconds(0.4))
        daemon.derp_reconnect(gone.end + seconds(2))
        unanswered(stage, Window(gone.start, gone.end + 2 * SECOND), gap=(3, 7))
        outages.append(Window(gone.start, gone.end + 2 * SECOND))
        at = gone.end + seconds(rng.uniform(50, 160))
    return Outcome(start, outages[-1].end, tuple(outages), tuple(outages))


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


def route_overlap(stage: Stage, at: int) -> Outcome:
    """A subnet route that covers the server's own LAN is accepted: the LAN is routed into the tunnel."""
    rng, daemon = stage.rng("overlap"), stage.on_server
    net = daemon.lan.rpartition(".")[0]
    window = Window(at, at + seconds(rng.uniform(90, 600)))
    for moment, accept in ((at - seconds(0.2), True), (window.end - seconds(0.2), False)):
        by_hand(stage, moment, f"/usr/bin/tailscale set --accept-routes={str(accept).lower()}")
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


def dns_upstream_failed(stage: Stage, at: int) -> Outcome:
    """resolved's server does not answer; everything that needs no name goes on."""
    rng, host, daemon = stage.rng("dns"), stage.server, stage.on_server
    server = rng.choice(("192.0.2.53", daemon.lan.rpartition(".")[0] + ".1"))
    window = Window(at, at + seconds(rng.uniform(240, 1200)))
    resolved(host, at + seconds(4), f"Using degraded feature set UDP instead of UDP+EDNS0 for DNS server {server}.")
    resolved(host, at + seconds(28), f"Using degraded feature set TCP instead of UDP for DNS server {server}.")
    if rng.random() < 0.6:
        resolved(host, at + seconds(52), "Switching to system DNS server 192.0.2.54.")
    lookups_fail(stage, window, step=(14, 40), bootstrap=True)
    forward_errors(stage, window, server)
    for moment in (at + seconds(70), at + seconds(190)):
        daemon.relay_visit(moment, next(region for region in REGIONS if region is not daemon.home))
    resolved(host, window.end, f"Grace period over, resuming full feature set (UDP+EDNS0) for DNS server {server}.")
    return Outcome(at, window.end)


def forward_errors(stage: Stage, window: Window, server: str) -> None:
    """tailscaled's own resolver cannot forward."""
    rng, daemon, at = stage.rng("forward", window.start), stage.on_server, window.start + 11 * SECOND
    while at < window.end:
        daemon.say(
            at,
            f"dns udp query: waiting for response or error from [{server}]: context deadline exceeded",
            fmt="dns udp query: %v",
        )
        at += seconds(rng.uniform(8, 25))
    failing = (
        "Tailscale can't reach the configured DNS servers. Internet connectivity may be affected."
        if daemon.version >= (1, 70)
        else "dns: forward failing"
    )
    daemon.health(window.start + seconds(41), "dns-forward-failing", failing)
    daemon.health(window.end + seconds(8), "dns-forward-failing", None)


def dns_loop(stage: Stage, at: int) -> Outcome:
    """resolved forwards to tailscaled, and tailscaled to resolved."""
    rng, daemon = stage.rng("loop", "dns"), stage.on_server
    window = Window(at, at + seconds(rng.uniform(240, 900)))
    by_hand(stage, at - seconds(0.4), "/usr/bin/tailscale set --accept-dns=true")
    daemon.say(at - seconds(0.3), "EditPrefs: MaskedPrefs{CorpDNS=true}")
    daemon.ladder(at, LOOP)
    forward_errors(stage, window, "127.0.0.53")
    lookups_fail(stage, window, bootstrap=True)
    by_hand(stage, window.end - seconds(0.4), "/usr/bin/tailscale set --accept-dns=false")
    daemon.say(window.end - seconds(0.3), "EditPrefs: MaskedPrefs{CorpDNS=false}")
    daemon.ladder(window.end, "0.001 dns: Set: {}\n0.002 dns: Resolvercfg: {}\n0.003 dns: OScfg: {}\n")
    return Outcome(at, window.end)


LOOP = """\
0.000 wgengine: Reconfig: configuring DNS
0.001 dns: Set: {DefaultResolvers:[] Routes:{example.ts.net.:[]} SearchDomains:[example.ts.net.] Hosts:3}
0.002 dns: Resolvercfg: {Routes:{.:[127.0.0.53] example.ts.net.:[]} Hosts:3 LocalDomains:[example.ts.net.]}
0.003 dns: OScfg: {Nameservers:[100.100.100.100] SearchDomains:[example.ts.net.] MatchDomains:[]}
"""


def resolv_conf_overwritten(stage: Stage, at: int) -> Outcome:
    """A DHCP client and tailscaled write /etc/resolv.conf in turn."""
    rng, daemon = stage.rng("trample"), stage.on_server
    net = daemon.lan.rpartition(".")[0]
    window = Window(at, at + seconds(rng.uniform(300, 900)))
    moment, times = at, 0
    while moment < window.end:
        times += 1
        daemon.say(
            moment,
            "dns: trample: resolv.conf changed from what we expected. did some other program interfere? "
            f'current contents: "# Generated by dhclient\\nnameserver {net}.1\\n"',
        )
        if daemon.version >= (1, 94):
            daemon.say(moment + seconds(0.2), "dns: resolve.conf was trampled, setting existing config again")
        daemon.say(moment + seconds(rng.uniform(8, 20)), "dns: trample: resolv.conf again matches expected content")
        if rng.random() < 0.6:
            stage.server.log(moment + seconds(5), API, "peer sync: getaddrinfo ENOTFOUND vps.example.ts.net")
        moment += seconds(rng.uniform(25, 70))
    daemon.health(
        at + seconds(1),
        "resolv-conf-overwritten",
        "System DNS config not ideal. /etc/resolv.conf overwritten."
        if daemon.version >= (1, 70)
        else "/etc/resolv.conf overwritten",
    )
    daemon.health(window.end + seconds(25), "resolv-conf-overwritten", None)
    return Outcome(at, window.end)
