"""How trouble shows itself, whatever its cause: unanswered handshakes, a daemon without a way out, broken lookups."""

from __future__ import annotations

from tests.simulate.machines import noise, trouble
from tests.simulate.machines.clock import SECOND, Window, seconds
from tests.simulate.machines.host import API, NGINX, SYNC
from tests.simulate.machines.tailscaled import Node, Tailscaled
from tests.simulate.stage import Stage


def age(us: int) -> str:
    """A Go duration in whole seconds."""
    total = max(0, us // SECOND)
    hours, minutes, rest = total // 3600, total % 3600 // 60, total % 60
    return f"{hours}h{minutes}m{rest}s" if hours else f"{minutes}m{rest}s" if minutes else f"{rest}s"


#: How long the coordination server takes to notice that a node is gone.
NOTICED = seconds(140)


def unanswered(
    stage: Stage,
    window: Window,
    *,
    gone: bool = False,
    fresh: bool = False,
    to: str | None = None,
    port: int | None = None,
    gap: tuple[float, float] = (6.0, 14.0),
    since: int | None = None,
) -> None:
    """The VPS's requests in ``window`` get no answer.

    ``fresh``: the tunnel itself carries packets. ``gone``: the node is known to be offline from the start; otherwise
    that is noticed after a while.
    """
    rng, daemon = stage.rng("unanswered", window.start, to), stage.on_vps
    server, port = stage.on_server.node, port or stage.port
    target = Node(server.name, server.key, to or server.ip, server.endpoint)
    at = window.start + seconds(rng.uniform(0.5, 4))
    while at < window.end:
        quiet = at + seconds(5) - (since or window.start)
        last = f"{rng.randrange(1, 9)}s" if fresh else age(quiet + seconds(2))
        offline = gone or (not fresh and quiet > NOTICED)
        trouble.open_timeout(
            daemon,
            at + seconds(5),
            target,
            port,
            online="no" if offline else "yes",
            last_recv=last,
            seen=age(quiet) if offline else None,
        )
        upstream_error(stage, at + seconds(10), "upstream timed out (110: Connection timed out)", f"{target.ip}:{port}")
        at += seconds(rng.uniform(*gap))


def refused(stage: Stage, window: Window) -> None:
    """The server's host answers the VPS's requests with RST."""
    rng, daemon, peer = stage.rng("refused", window.start), stage.on_vps, stage.on_server.node
    at = window.start + seconds(rng.uniform(0.5, 4))
    while at < window.end:
        flow = f"{daemon.node.ip}:{daemon.port('flow', at)} => {peer.ip}:{stage.port}"
        daemon.say(
            at, f"open-conn-track: flow TCP {flow} got RST by peer", fmt="open-conn-track: flow TCP %v got RST by peer"
        )
        error = "connect() failed (111: Connection refused)"
        upstream_error(stage, at + 3_000, error, f"{peer.ip}:{stage.port}")
        at += seconds(rng.uniform(6, 14))


def upstream_error(stage: Stage, at: int, error: str, upstream: str) -> None:
    """nginx on the VPS could not pass a request on."""
    client = stage.rng("client", at).choice(noise.SCANNERS)
    text = (
        f"[error] 901#901: *{40_000 + at // SECOND % 9000} {error} while connecting to upstream, client: {client}, "
        f'server: orders.example.com, request: "GET /orders HTTP/1.1", upstream: "http://{upstream}/orders", '
        'host: "orders.example.com"'
    )
    stage.vps.log(at, NGINX, text, pid=901, priority=3)


def application_error(stage: Stage, at: int, name: str = "pay.example.com", error: str = "EAI_AGAIN") -> None:
    """The service on the server cannot resolve a name."""
    stage.server.log(at, API, f"payment gateway: getaddrinfo {error} {name}")


def lookups_fail(
    stage: Stage, window: Window, *, step: tuple[float, float] = (22, 48), bootstrap: bool = False
) -> None:
    """Lookups through resolved's stub time out. ``bootstrap``: the literal address of a relay answers instead."""
    rng, daemon = stage.rng("lookups", window.start), stage.on_server
    at = window.start + seconds(rng.uniform(9, 20))
    while at < window.end:
        name = rng.choice(("log.tailscale.com", "controlplane.tailscale.com"))
        trouble.dns_timeout(daemon, at, name, rng.choice((5, 10)))
        if bootstrap and rng.random() < 0.5:
            trouble.bootstrap(daemon, at + seconds(0.4), ok=True)
        elif not bootstrap and rng.random() < 0.5:
            trouble.bootstrap(daemon, at + seconds(0.4), name=name)
        if rng.random() < 0.3:
            application_error(stage, at + seconds(1.1))
        at += seconds(rng.uniform(*step))


def cut_off(stage: Stage, window: Window, *, ending: str = "reset", daemon: Tailscaled | None = None) -> None:
    """The server has no way out: relay and control connections stall, are given up, and come back.

    ``ending``: the first packets after the gap meet a router that forgot the flow ("reset"), or the daemon gives up by
    itself ("timeout").
    """
    daemon = daemon or stage.on_server
    rng, lasted = stage.rng("cut", window.start), window.end - window.start
    if lasted < seconds(12):
        trouble.derp_reset(daemon, window.end + seconds(rng.uniform(0.3, 2)))
        trouble.derp_reconnect(daemon, window.end + seconds(rng.uniform(2.5, 5)))
        return
    lookups_fail(stage, window)
    at = window.start + seconds(rng.uniform(70, 95))
    if ending == "timeout" or lasted > seconds(100):
        lost = window.start + min(lasted - SECOND, seconds(rng.uniform(50, 90)))
        trouble.derp_reset(daemon, lost, reason="connection timed out")
        at = lost + seconds(rng.uniform(10, 20))
    else:
        trouble.derp_reset(daemon, window.end + seconds(rng.uniform(0.3, 2)))
        trouble.control_reset(daemon, window.end + seconds(rng.uniform(2, 4)))
    while at < window.end:
        trouble.derp_unreachable(daemon, at)
        at += seconds(rng.uniform(25, 50))
    if lasted > seconds(75):
        trouble.no_relay(daemon, window.start + seconds(70))
        trouble.no_relay(daemon, window.end + seconds(5.4), over=True)
    if lasted > seconds(150):
        daemon.say(window.start + seconds(rng.uniform(122, 146)), "control: map response long-poll timed out!")
    trouble.derp_reconnect(daemon, window.end + seconds(5.2))
    daemon.say(window.end + seconds(6), daemon.endpoints())


def unreachable(stage: Stage, window: Window, address: str | None = None) -> None:
    """The server's own links or routes are gone, and its daemon knows: nothing is even tried through the underlay.

    With ``address`` the server comes back under another one.
    """
    daemon, rng = stage.on_server, stage.rng("unreachable", window.start)
    trouble.link_change(daemon, window.start + seconds(0.05), "", gone=True)
    at = window.start + seconds(rng.uniform(3, 12))
    while at < window.end:
        daemon.say(
            at,
            'logtail: dial "log.tailscale.com:443" failed: dial tcp: lookup log.tailscale.com: Temporary failure in '
            "name resolution (in 0s), trying bootstrap...",
            fmt="logtail: dial %q failed: %v (in %v), trying bootstrap...",
        )
        at += seconds(rng.uniform(20, 45))
    if window.end - window.start > seconds(20):
        trouble.health(
            daemon,
            window.start + seconds(8),
            "network-status",
            "Tailscale cannot connect because the network is down." if daemon.version >= (1, 70) else "network down",
        )
        trouble.health(daemon, window.end + seconds(0.9), "network-status", None)
    daemon.lan = address or daemon.lan
    trouble.network_back(daemon, window.end + seconds(0.06), "ips-changed" if address else "default-if-changed")


def dead_link(stage: Stage, window: Window) -> None:
    """What follows when the server's only way to the LAN is gone."""
    daemon = stage.on_server
    gateway = daemon.lan.rpartition(".")[0] + ".1"
    daemon.say(window.start + seconds(0.045), f"monitor: RTM_DELROUTE: src=, dst=, gw={gateway}, outif=2, table=254")
    unreachable(stage, window)
    unanswered(stage, window)
    recovered(stage, window.end + 3 * SECOND)


#: What the server's own programs say of a connection that fails: Node's and Go's words for one errno.
ERRNO = {
    "timeout": ("ETIMEDOUT", "i/o timeout"),
    "unroutable": ("EHOSTUNREACH", "connect: no route to host"),
    "refused": ("ECONNREFUSED", "connect: connection refused"),
}


def backend_fails(
    stage: Stage, window: Window, address: str, port: int, how: str = "timeout", step: tuple[float, float] = (6, 14)
) -> None:
    """The service on the server, and a job beside it, cannot reach ``address`` behind a tunnel or in a cluster."""
    rng = stage.rng("backend", window.start)
    node, go = ERRNO[how]
    at = window.start + seconds(rng.uniform(1, 5))
    while at < window.end:
        if rng.random() < 0.7:
            stage.server.log(at, API, f"stock query failed: Error: connect {node} {address}:{port}")
        else:
            stage.server.log(at, SYNC, f"sync failed: dial tcp {address}:{port}: {go}")
        at += seconds(rng.uniform(*step))


def recovered(stage: Stage, at: int) -> None:
    """Both ends find their direct path again."""
    stage.on_vps.direct(at + seconds(1.4), stage.on_server.node)
    stage.on_server.direct(at + seconds(1.6), stage.on_vps.node)
