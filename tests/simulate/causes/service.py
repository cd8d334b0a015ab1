"""Scripts of the service layer (reference, sections 2.1, 2.14 and 2.15)."""

from __future__ import annotations

from tests.simulate.machines import trouble
from tests.simulate.machines.clock import MINUTE, SECOND, Window, seconds
from tests.simulate.machines.host import CRON_JOB, NETWORKD, Program
from tests.simulate.machines.symptoms import recovered, unanswered
from tests.simulate.machines.systemd import by_hand, cron, network_manager
from tests.simulate.stage import Outcome, Stage

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
            by_hand(stage.server, at - seconds(0.06), "/usr/bin/systemctl restart tailscaled")
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
        end = stage.on_server.killed(at + seconds(0.01), "exited", status, "exit-code", count)
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
        by_hand(stage.server, at - seconds(0.1), "/usr/bin/systemctl restart systemd-networkd")
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
    by_hand(stage.server, window.end - seconds(0.06), "/usr/bin/systemctl restart tailscaled")
    end = daemon.restart(window.end, connected=window.end + seconds(2.2))
    recovered(stage, end)
    return Outcome(at, end, (window,))


def network_managers_conflict(stage: Stage, at: int) -> Outcome:
    """NetworkManager and networkd both configure the wired link, each undoing the other."""
    rng, daemon, name, start, outages = stage.rng("managers"), stage.on_server, stage.wired, at, []
    gateway = daemon.lan.rpartition(".")[0] + ".1"
    for _ in range(rng.randrange(3, 7)):
        network_manager(
            stage.server,
            at,
            f"device ({name}): state change: activated -> deactivating (reason 'connection-removed', {{}})",
            name,
        )
        network_manager(stage.server, at + seconds(0.1), f"dhcp4 ({name}): canceled DHCP transaction", name)
        daemon.say(at + seconds(0.2), f"monitor: RTM_DELROUTE: src=, dst=, gw={gateway}, outif=2, table=254")
        gone = Window(at + seconds(0.2), at + seconds(rng.uniform(6, 30)))
        if stage.server.systemd >= 252:
            stage.networkd.say(
                at + seconds(0.6), name, "Reconfiguring with /etc/systemd/network/20-wired.network.", "link_reconfigure"
            )
        stage.networkd.dhcp(at + seconds(2.4), name, f"{daemon.lan}/24", gateway)
        network_manager(
            stage.server,
            gone.end - seconds(0.5),
            f"dhcp4 ({name}): state changed new lease, address={daemon.lan}",
            name,
        )
        network_manager(
            stage.server, gone.end, f"device ({name}): state change: ip-config -> activated (reason 'none', {{}})", name
        )
        daemon.say(gone.end + seconds(0.05), f"monitor: RTM_NEWROUTE: src=, dst=, gw={gateway}, outif=2, table=254")
        trouble.link_change(daemon, gone.end + seconds(0.06), "default-if-changed")
        trouble.derp_reset(daemon, gone.end + seconds(0.4))
        trouble.derp_reconnect(daemon, gone.end + seconds(2))
        unanswered(stage, Window(gone.start, gone.end + 2 * SECOND), gap=(3, 7))
        outages.append(Window(gone.start, gone.end + 2 * SECOND))
        at = gone.end + seconds(rng.uniform(50, 160))
    return Outcome(start, outages[-1].end, tuple(outages), tuple(outages))
