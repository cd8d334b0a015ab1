"""Scripts about the tunnel's device: taken, deleted, set down (reference, classes C and D of section 0)."""

from __future__ import annotations

from tests.simulate.machines.clock import Window, seconds
from tests.simulate.machines.host import TAILSCALED
from tests.simulate.machines.symptoms import recovered, unanswered
from tests.simulate.machines.systemd import by_hand, network_manager
from tests.simulate.machines.tailscaled import UNIT
from tests.simulate.stage import Outcome, Stage


def tun_device_busy(stage: Stage, at: int) -> Outcome:
    """The daemon is restarted by hand and cannot open its device: another process holds it."""
    rng, daemon, manager, host = stage.rng("tun"), stage.on_server, stage.manager, stage.server
    by_hand(stage.server, at - seconds(0.05), "/usr/bin/systemctl restart tailscaled")
    manager.stopping(at, UNIT, restart=True)
    done = daemon.cleanup(daemon.stop(at + seconds(0.01)) + seconds(0.05))
    manager.deactivated(done + 12_000, UNIT)
    manager.stopped(done + 12_100, UNIT, restart=True)
    attempt, tries = done + seconds(0.05), rng.randrange(4, 12)
    for count in range(1, tries + 1):
        manager.starting(attempt, UNIT)
        host.respawn(TAILSCALED, attempt)
        starting = daemon.program_starting("--state=/var/lib/tailscale/tailscaled.state")
        daemon.ladder(attempt + seconds(0.03), BUSY_START, starting=starting, busy=BUSY)
        manager.exited(attempt + seconds(0.2), UNIT, "exited", "1/FAILURE")
        manager.failed(attempt + seconds(0.26), UNIT, "exit-code")
        manager.start_failed(attempt + seconds(0.261), UNIT)
        manager.restart_scheduled(attempt + seconds(0.4), UNIT, count)
        attempt += seconds(rng.uniform(5, 12))
    by_hand(stage.server, attempt, "/usr/bin/kill 1402")
    end = daemon.start(attempt + seconds(0.5), connected=attempt + seconds(2))
    window = Window(at, end)
    unanswered(stage, window)
    recovered(stage, end)
    return Outcome(at, end, (window,))


BUSY = (
    "TUN device tailscale0 is busy; another process probably still has it open "
    "(from old version of Tailscale that had a bug)"
)
BUSY_START = """\
0.000 logtail started
0.001 $starting
0.013 wgengine.NewUserspaceEngine(tun "tailscale0") ...
0.020 $busy
0.021 To fix, kill the process that has it open. Find with: $$ sudo lsof -n /dev/net/tun
0.090 wgengine.NewUserspaceEngine(tun "tailscale0") error: tstun.New("tailscale0"): device or resource busy
0.091 flushing log.
0.092 logger closing down
0.093 getLocalBackend error: createEngine: tstun.New("tailscale0"): device or resource busy
"""


def interface_removed(stage: Stage, at: int) -> Outcome:
    """Somebody deletes the tunnel's device under the live daemon."""
    rng, daemon = stage.rng("removed"), stage.on_server
    if not stage.hidden and rng.random() < 0.5:
        by_hand(stage.server, at - seconds(0.04), "/usr/sbin/ip link del tailscale0")
    stage.networkd.link_down(at, "tailscale0")
    stage.networkd.carrier(at + 280, "tailscale0", gained=False)
    daemon.say(at + seconds(0.02), "Closing the engine because the WireGuard device has been closed...")
    daemon.say(at + seconds(0.04), "wgengine has been closed; shutting down")
    daemon.ladder(at + seconds(0.05), "0.001 flushing log.\n0.012 logger closing down\n")
    manager = stage.manager
    manager.exited(at + seconds(0.11), UNIT, "exited", "1/FAILURE")
    done = daemon.cleanup(at + seconds(0.15))
    manager.failed(done + seconds(0.02), UNIT, "exit-code")
    manager.restart_scheduled(done + seconds(0.13), UNIT, 1)
    end = daemon.start(done + seconds(0.2), connected=done + seconds(rng.uniform(8, 25)))
    window = Window(at, end)
    unanswered(stage, window, gap=(2, 5))
    recovered(stage, end)
    return Outcome(at, end, (window,))


def interface_set_down(stage: Stage, at: int) -> Outcome:
    """Somebody sets the interface down and, later, up: the daemon lives on, its PID stays."""
    rng, daemon, networkd = stage.rng("down"), stage.on_server, stage.networkd
    window = Window(at, at + seconds(rng.uniform(60, 500)))
    actor = rng.choice(("ip", "nm", "unknown"))
    if actor == "ip":
        by_hand(stage.server, at - seconds(0.04), "/usr/sbin/ip link set tailscale0 down")
        by_hand(stage.server, window.end - seconds(0.04), "/usr/sbin/ip link set tailscale0 up")
    elif actor == "nm":
        network_manager(
            stage.server,
            at - seconds(0.05),
            "device (tailscale0): state change: activated -> deactivating (reason 'user-requested', {})",
            device="tailscale0",
        )
    networkd.link_down(at, "tailscale0")
    networkd.carrier(at + 290, "tailscale0", gained=False)
    daemon.say(at + seconds(0.01), "external route: down")
    daemon.say(at + seconds(0.02), "monitor: RTM_DELROUTE: src=, dst=100.100.100.100/32, gw=, outif=5, table=52")
    networkd.link_up(window.end, "tailscale0")
    networkd.carrier(window.end + 290, "tailscale0", gained=True)
    daemon.say(window.end + seconds(0.01), "external route: up")
    unanswered(stage, window, fresh=True)
    recovered(stage, window.end)
    return Outcome(at, window.end, (window,))
