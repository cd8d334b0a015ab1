"""Scripts of the tailnet layer (reference, sections 2.8, 2.16 to 2.19)."""

from __future__ import annotations

from tests.simulate.machines import trouble
from tests.simulate.machines.clock import MINUTE, SECOND, Window, seconds
from tests.simulate.machines.host import API
from tests.simulate.machines.symptoms import age, recovered, refused, unanswered, upstream_error
from tests.simulate.machines.systemd import by_hand
from tests.simulate.machines.tailscaled import REGIONS, Tailscaled
from tests.simulate.stage import Outcome, Stage

BEYOND = ("203.0.113.80", "198.51.100.66", "192.0.2.99")


def key_expired(stage: Stage, at: int) -> Outcome:
    """The node key runs out on a day boundary of its own; somebody has to log in again."""
    rng, daemon = stage.rng("key"), stage.on_server
    window = Window(at, at + seconds(rng.uniform(300, 1500)))
    daemon.ladder(at, EXPIRED, key=daemon.node.key)
    trouble.health(
        daemon,
        at + seconds(2),
        "login-state",
        "You are logged out." if daemon.version >= (1, 70) else "state=NeedsLogin, wantRunning=true",
    )
    unanswered(stage, window, gone=True)
    by_hand(stage.server, window.end - 4 * SECOND, "/usr/bin/tailscale up --force-reauth")
    daemon.say(window.end - SECOND, "Switching ipn state NeedsLogin -> Starting (WantRunning=true, nm=true)")
    trouble.derp_reconnect(daemon, window.end - seconds(0.4))
    daemon.say(window.end, "Switching ipn state Starting -> Running (WantRunning=true, nm=true)")
    trouble.health(daemon, window.end + seconds(0.1), "login-state", None)
    recovered(stage, window.end)
    return Outcome(at, window.end, (window,))


EXPIRED = """\
0.000 control: server reports new node key [$key] has expired
0.040 control: RegisterReq: got response; nodeKeyExpired=true, machineAuthorized=true; authURL=true
0.060 Switching ipn state Running -> NeedsLogin (WantRunning=true, nm=true)
0.061 blockEngineUpdates(true)
0.080 magicsock: closing connection to derp-$home (zero-private-key), age 12h41m7s
"""


def node_not_signed(stage: Stage, at: int) -> Outcome:
    """The tailnet's lock is on and nobody has signed the node's new key, until somebody does."""
    rng, daemon = stage.rng("lock"), stage.on_server
    window = Window(at, at + seconds(rng.uniform(300, 1500)))
    told = "this node is locked out; it will not have connectivity until it is signed"
    trouble.health(daemon, at, "tailnet-lock-locked-out", told)
    unanswered(stage, window, gone=True)
    trouble.health(daemon, window.end, "tailnet-lock-locked-out", None)
    recovered(stage, window.end)
    return Outcome(at, window.end, (window,))


def peer_offline(stage: Stage, at: int) -> Outcome:
    """A third machine is off the tailnet: the server and the VPS reach each other, and neither reaches it."""
    rng = stage.rng("peer")
    window = Window(at, at + seconds(rng.uniform(400, 1500)))
    for daemon, port in ((stage.on_vps, 22), (stage.on_server, 445)):
        peer, moment = daemon.peers[1], at + seconds(rng.uniform(4, 30))
        daemon.say(moment, f"magicsock: derp-{daemon.home.id} does not know about peer [{peer.key}], removing route")
        while moment < window.end:
            gone = age(moment - at + 3 * MINUTE)
            trouble.open_timeout(daemon, moment + seconds(5), peer, port, online="no", seen=gone, last_recv=gone)
            if daemon is stage.on_vps:
                upstream_error(
                    stage, moment + seconds(10), "upstream timed out (110: Connection timed out)", f"{peer.ip}:{port}"
                )
            moment += seconds(rng.uniform(15, 60))
    for moment in range(at, window.end, 150 * SECOND):
        recovered(stage, moment)
    return Outcome(at, window.end)


def peer_service_down(stage: Stage, at: int) -> Outcome:
    """The service on the server is down; the tunnel to it is fine."""
    rng, manager = stage.rng("service"), stage.manager
    window = Window(at, at + seconds(rng.uniform(240, 1300)))
    unit = "opg-api.service"
    if rng.random() < 0.5:
        stage.server.log(at - seconds(0.05), API, "Error: connect ECONNREFUSED 127.0.0.1:5432")
        manager.exited(at, unit, "exited", "1/FAILURE")
        manager.failed(at + seconds(0.01), unit, "exit-code")
    else:
        by_hand(stage.server, at - seconds(0.1), "/usr/bin/systemctl stop opg-api")
        manager.stopping(at, unit)
        manager.deactivated(at + seconds(0.2), unit)
        manager.stopped(at + seconds(0.21), unit)
    stage.server.records = [
        record for record in stage.server.records if record.program is not API or not at < record.time < window.end
    ]
    refused(stage, window)
    manager.starting(window.end - seconds(0.3), unit)
    manager.started(window.end, unit)
    return Outcome(at, window.end, (window,))


def access_denied(stage: Stage, at: int) -> Outcome:
    """The tailnet's policy rejects the flow; the path is fine."""
    rng, daemon, peer = stage.rng("acl"), stage.on_vps, stage.on_server.node
    window, reason = Window(at, at + seconds(rng.uniform(400, 1500))), rng.choice(("acl", "acl", "shields"))
    moment = at + seconds(2)
    while moment < window.end:
        source = f"{daemon.node.ip}:{daemon.port('flow', moment)}"
        daemon.say(
            moment,
            f"open-conn-track: flow TCP {source} > {peer.ip}:{stage.port} rejected due to {reason}",
            fmt="open-conn-track: flow %v %v > %v rejected due to %v",
        )
        upstream_error(stage, moment + 4_000, "connect() failed (111: Connection refused)", f"{peer.ip}:{stage.port}")
        moment += seconds(rng.uniform(6, 15))
    if reason == "shields":
        stage.on_server.say(at - seconds(0.3), "EditPrefs: MaskedPrefs{ShieldsUp=true}")
        stage.on_server.say(window.end, "EditPrefs: MaskedPrefs{ShieldsUp=false}")
    return Outcome(at, window.end, (window,))


def exit_node_down(stage: Stage, at: int) -> Outcome:
    """The server's exit node is gone: what is beyond the tailnet fails, the tailnet itself does not."""
    rng, daemon = stage.rng("exit"), stage.on_server
    window, exit_node = Window(at, at + seconds(rng.uniform(400, 1500))), daemon.peers[1]
    moment = at + seconds(3)
    while moment < window.end:
        gone = age(moment - at + 20 * SECOND)
        flow = f"{daemon.node.ip}:{daemon.port('exit', moment)} => {rng.choice(BEYOND)}:443"
        daemon.say(
            moment,
            f"open-conn-track: timeout opening (TCP {flow}) to node [{exit_node.key}]; online=no, lastseen={gone}, "
            f"lastRecv={gone}",
            fmt="open-conn-track: timeout opening %v to node %v; online=%v, lastRecv=%v",
        )
        if rng.random() < 0.5:
            stage.server.log(moment + seconds(1), API, "payment gateway: connect ETIMEDOUT 203.0.113.80:443")
        moment += seconds(rng.uniform(6, 20))
    for moment in range(at + 20 * SECOND, window.end, 140 * SECOND):
        recovered(stage, moment)
    return Outcome(at, window.end)


def relay_region_outage(stage: Stage, at: int) -> Outcome:
    """One relay region is down for everybody homed there; the nodes move to another."""
    rng = stage.rng("region")
    window = Window(at, at + seconds(rng.uniform(500, 1500)))
    down = stage.on_server.home
    other = rng.choice([region for region in REGIONS if region is not down])
    for daemon in (stage.on_server, stage.on_vps):
        daemon.home = down
        first = at + seconds(rng.uniform(0.1, 3))
        trouble.derp_error(daemon, first, "EOF", down)
        moment = first + seconds(10)
        while moment < window.end:
            trouble.derp_unreachable(daemon, moment, rng.choice(("connect: connection refused", "i/o timeout")), down)
            moment += seconds(rng.uniform(25, 60))
        trouble.health(
            daemon, first + seconds(30), "derp-region-error", f"DERP region {down.id} ({down.code}) cannot be reached"
        )
        _move(daemon, first + seconds(38), other)
        _move(daemon, window.end + seconds(rng.uniform(5, 60)), down)
        trouble.health(daemon, window.end + seconds(2), "derp-region-error", None)
    unanswered(stage, Window(at, at + seconds(40)))
    recovered(stage, at + seconds(41))
    return Outcome(at, window.end, (Window(at, at + seconds(40)),))


def _move(daemon: Tailscaled, at: int, region: object) -> None:
    target = next(item for item in REGIONS if item is region)
    daemon.home = target
    daemon.ladder(at, HOME)


HOME = """\
0.000 magicsock: home is now derp-$home ($code)
0.001 magicsock: adding connection to derp-$home for home-keep-alive
0.002 derphttp.Client.Recv: connecting to derp-$home ($code)
0.090 magicsock: derp-$home connected; connGen=1
"""


def control_plane_outage(stage: Stage, at: int) -> Outcome:
    """The coordination server is away for all nodes; tunnels and relays go on."""
    rng = stage.rng("control")
    window = Window(at, at + seconds(rng.uniform(720, 1800)))
    key = 'fetch control key: Get "https://controlplane.tailscale.com/key?v=109"'
    for daemon in (stage.on_server, stage.on_vps):
        daemon.say(
            at + seconds(rng.uniform(0, 2)),
            "Received error: PollNetMap: http2: server sent GOAWAY and closed the connection; "
            'LastStreamID=1999, ErrCode=NO_ERROR, debug=""',
        )
        moment = at + seconds(rng.uniform(8, 15))
        while moment < window.end:
            daemon.say(
                moment,
                f"Received error: {key}: "
                + rng.choice(
                    (
                        "dial tcp 192.0.2.40:443: connect: connection refused",
                        "unexpected HTTP status 503 Service Unavailable",
                    )
                ),
                fmt="Received error: %v",
            )
            moment += seconds(rng.uniform(20, 60))
        trouble.not_polling(daemon, at + 8 * MINUTE)
        trouble.not_polling(daemon, window.end + SECOND, over=True)
        daemon.say(window.end, "control: netmap: got new dial plan from control")
    for moment in range(at + 30 * SECOND, window.end, 170 * SECOND):
        recovered(stage, moment)
    stage.on_server.relay_visit(
        at + 2 * MINUTE, next(region for region in REGIONS if region is not stage.on_server.home)
    )
    return Outcome(at, window.end)


def forwarding_disabled(stage: Stage, at: int) -> Outcome:
    """Somebody switches IP forwarding off on the subnet router."""
    rng, daemon = stage.rng("forwarding"), stage.on_server
    window = Window(at, at + seconds(rng.uniform(400, 1500)))
    if rng.random() < 0.6:
        by_hand(stage.server, at - SECOND, "/usr/sbin/sysctl -w net.ipv4.ip_forward=0")
        by_hand(stage.server, window.end - SECOND, "/usr/sbin/sysctl -w net.ipv4.ip_forward=1")
    trouble.health(
        daemon,
        at + seconds(4),
        "ip-forwarding-off",
        "Subnet routing is enabled, but IP forwarding is disabled. Check that IP "
        "forwarding is enabled on your machine.",
    )
    unanswered(stage, window, to=daemon.lan.rpartition(".")[0] + ".40", port=445, fresh=True)
    trouble.health(daemon, window.end + seconds(3), "ip-forwarding-off", None)
    return Outcome(at, window.end, (window,))
