"""What tailscaled says when things break: relays, the coordination server, lookups, handshakes, the underlay."""

from __future__ import annotations

from tests.simulate.machines.clock import SECOND, seconds
from tests.simulate.machines.host import TAILSCALED
from tests.simulate.machines.tailscaled import CONTROL_IP, Node, Region, Tailscaled


def derp_error(daemon: Tailscaled, at: int, error: str, region: Region | None = None) -> None:
    region = region or daemon.home
    client = f"0xc000{daemon.host.rng('client', daemon.host.pid(TAILSCALED, at)).randrange(16**6):06x}"
    daemon.say(
        at,
        f"magicsock: [{client}] derp.Recv(derp-{region.id}): {error}",
        fmt="magicsock: [%p] derp.Recv(derp-%d): %v",
    )


def derp_reset(
    daemon: Tailscaled, at: int, *, region: Region | None = None, reason: str = "connection reset by peer"
) -> None:
    """The relay's TCP connection over the underlay breaks."""
    region = region or daemon.home
    flow = f"{daemon.lan}:{daemon.port('derp', at)}->{region.ip}:443"
    derp_error(daemon, at, f"read tcp4 {flow}: read: {reason}", region)


def derp_reconnect(daemon: Tailscaled, at: int, region: Region | None = None) -> None:
    """A new connection inside the same client."""
    region = region or daemon.home
    pid = daemon.host.pid(TAILSCALED, at)
    daemon.generations[pid] = daemon.generations.get(pid, 1) + 1
    daemon.say(at - seconds(0.12), f"derphttp.Client.Recv: connecting to derp-{region.id} ({region.code})")
    daemon.say(at, f"magicsock: derp-{region.id} connected; connGen={daemon.generations[pid]}")


def derp_unreachable(daemon: Tailscaled, at: int, error: str = "i/o timeout", region: Region | None = None) -> None:
    """No new connection to the relay can be made."""
    region = region or daemon.home
    derp_error(
        daemon,
        at,
        f"derphttp.Client.Recv connect to region {region.id} ({region.code}): dial tcp4 {region.ip}:443: {error}",
        region,
    )


def control_reset(daemon: Tailscaled, at: int, reason: str = "connection reset by peer") -> None:
    flow = f"{daemon.lan}:{daemon.port('control', at)}->{CONTROL_IP}:443"
    daemon.say(at, f"Received error: PollNetMap: read tcp {flow}: read: {reason}")


def dns_timeout(daemon: Tailscaled, at: int, name: str = "log.tailscale.com", waited: int = 5) -> None:
    """A lookup through resolved's stub gets no answer."""
    port = daemon.port("dns", at)
    daemon.say(
        at,
        f'logtail: dial "{name}:443" failed: dial tcp: lookup {name}: read udp 127.0.0.1:{port}->127.0.0.53:53: '
        f"i/o timeout (in {waited}s), trying bootstrap...",
        fmt="logtail: dial %q failed: %v (in %v), trying bootstrap...",
    )


def bootstrap(daemon: Tailscaled, at: int, ok: bool = False, name: str = "log.tailscale.com") -> None:
    derp = daemon.home
    if ok:
        daemon.say(at, "logtail: bootstrap dial succeeded")
    else:
        daemon.say(
            at,
            f'trying bootstrapDNS("derp{derp.id}f.tailscale.com", "{derp.ip}") for "{name}" ...',
            fmt="trying bootstrapDNS(%q, %q) for %q ...",
        )
        daemon.say(
            at + seconds(3),
            f'bootstrapDNS("derp{derp.id}f.tailscale.com", "{derp.ip}") for "{name}" error: Get '
            f'"https://derp{derp.id}f.tailscale.com/bootstrap-dns?q={name}": context deadline exceeded',
            fmt="bootstrapDNS(%q, %q) for %q error: %v",
        )


def health(daemon: Tailscaled, at: int, warnable: str, text: str | None) -> None:
    """A health warning appears, or is over (``text`` is None)."""
    if daemon.version < (1, 70):
        daemon.say(at, f'health("overall"): {f"error: {text}" if text else "ok"}')
    else:
        daemon.say(at, f"health(warnable={warnable}): {f'error: {text}' if text else 'ok'}")


def no_relay(daemon: Tailscaled, at: int, over: bool = False) -> None:
    text = (
        f"Tailscale could not connect to the '{daemon.home.city}' relay server. Your Internet connection might "
        "be down, or the server might be temporarily unavailable."
        if daemon.version >= (1, 70)
        else f"not connected to home DERP region {daemon.home.id}"
    )
    health(daemon, at, "no-derp-connection", None if over else text)


def not_polling(daemon: Tailscaled, at: int, over: bool = False) -> None:
    text = (
        "Unable to connect to the Tailscale coordination server to synchronize the state of your tailnet. Peer "
        "reachability might degrade over time."
        if daemon.version >= (1, 70)
        else "not in map poll"
    )
    health(daemon, at, "not-in-map-poll", None if over else text)


def open_timeout(
    daemon: Tailscaled,
    at: int,
    peer: Node,
    port: int,
    *,
    online: str = "yes",
    last_recv: str = "12s",
    seen: str | None = None,
) -> None:
    """A TCP handshake through the tunnel got no answer in 5 s."""
    state = f"{online}, lastseen={seen}" if seen else online
    source = daemon.port("flow", at)
    daemon.say(
        at,
        f"open-conn-track: timeout opening (TCP {daemon.node.ip}:{source} => {peer.ip}:{port}) to node [{peer.key}]; "
        f"online={state}, lastRecv={last_recv}",
        fmt="open-conn-track: timeout opening %v to node %v; online=%v, lastRecv=%v",
    )


def link_change(daemon: Tailscaled, at: int, reason: str, *, gone: bool = False, address: str | None = None) -> None:
    """The underlay's default route or address changed, or all links went."""
    ips = f"ifs={{{daemon.interface}:[{address or daemon.lan}/24]}}"
    state = (
        "interfaces.State{defaultRoute= ifs={} v4=false v6=false}"
        if gone
        else (f"interfaces.State{{defaultRoute={daemon.interface} {ips} v4=true v6=false}}")
    )
    if gone:
        daemon.say(at, f"LinkChange: all links down; pausing: {state}")
        daemon.say(at + 800, "magicsock: SetNetworkUp(false)")
        daemon.say(at + 900, "control: setPaused(true)")
    elif daemon.version >= (1, 94):
        daemon.say(at, f"LinkChange: major, rebinding: old: {state} new: {state} diff: ips rebind-reason=[{reason}]")
    else:
        daemon.say(at, f"LinkChange: major, rebinding. New state: {state}")
    if not gone:
        daemon.say(at + 1_500, f'Rebind; defIf="{daemon.interface}", ips=[{address or daemon.lan}/24]')
        daemon.say(
            at + 2_500,
            f"magicsock: closing connection to derp-{daemon.home.id} (rebind-default-route-change), age 3h12m0s",
        )


def network_back(daemon: Tailscaled, at: int, reason: str = "default-if-changed") -> None:
    """Links are up again after all were down."""
    daemon.say(at, "magicsock: SetNetworkUp(true)")
    daemon.say(at + 500, "control: setPaused(false)")
    link_change(daemon, at + 1_000, reason)
    derp_reconnect(daemon, at + seconds(0.8))
    daemon.say(at + seconds(1.1), daemon.endpoints())


def stray_eof(daemon: Tailscaled, at: int) -> None:
    """The relay was redeployed: one EOF, connected again within seconds. Nothing is wrong."""
    derp_error(daemon, at, "EOF")
    derp_reconnect(daemon, at + 2 * SECOND)
