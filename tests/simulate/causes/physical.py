"""Scripts of the physical layer (reference, sections 2.2 and 2.11)."""

from __future__ import annotations

from tests.simulate.machines import trouble
from tests.simulate.machines.clock import MINUTE, SECOND, Window, seconds
from tests.simulate.machines.symptoms import dead_link, unanswered
from tests.simulate.stage import DRIVERS, Outcome, Stage


def link_carrier_lost(stage: Stage, at: int) -> Outcome:
    """A cable or switch port: the NIC's line, then Lost carrier without Link DOWN; once, or again and again."""
    rng = stage.rng("carrier")
    outages, start = [], at
    for number in range(rng.choice((1, 1, 2, 3))):
        window = Window(at, at + seconds(rng.uniform(45, 420) if number == 0 else rng.uniform(15, 120)))
        stage.nic(window.start, up=False)
        if not stage.hidden and stage.switched and rng.random() < 0.6:
            stage.site.lan_physical(window.start + SECOND, up=False)
            stage.site.lan_physical(window.end - SECOND, up=True)
        dead_link(stage, window)
        stage.nic(window.end, up=True)
        outages.append(Window(window.start, window.end + 2 * SECOND))
        at = window.end + seconds(rng.uniform(40, 200))
    return Outcome(start, outages[-1].end, tuple(outages), tuple(outages))


def bond_member_failed(stage: Stage, at: int) -> Outcome:
    """One slave after the other, or one that takes the active role with it again and again."""
    if stage.rng("bond").random() < 0.6:
        return _bond_lost(stage, at)
    return _bond_flaps(stage, at)


def _slave(stage: Stage, at: int, name: str, up: bool) -> None:
    stage.nic(at, up, name)
    text = (
        f"{stage.wired}: (slave {name}): link status definitely up, 1000 Mbps full duplex"
        if up
        else f"{stage.wired}: (slave {name}): link status definitely down, disabling slave"
    )
    if stage.server.systemd < 249:  # kernels before 5.3
        text = (
            f"{stage.wired}: link status definitely up for interface {name}, 1000 Mbps full duplex"
            if up
            else f"{stage.wired}: link status definitely down for interface {name}, disabling it"
        )
    stage.kernel(at + seconds(0.09), text)


def _bond_lost(stage: Stage, at: int) -> Outcome:
    rng, bond = stage.rng("bond", "lost"), stage.wired
    first, second = stage.slaves
    _slave(stage, at, first, up=False)
    stage.kernel(at + seconds(0.1), f"{bond}: (slave {second}): making interface the new active one")
    dead = at + seconds(rng.uniform(0.4, 40))
    window = Window(dead, dead + seconds(rng.uniform(60, 400)))
    _slave(stage, window.start, second, up=False)
    stage.kernel(window.start + seconds(0.1), f"{bond}: now running without any active interface!")
    stage.networkd.carrier(window.start + seconds(0.12), bond, gained=False)
    dead_link(stage, Window(window.start + seconds(0.12), window.end))
    _slave(stage, window.end - seconds(0.1), second, up=True)
    stage.kernel(window.end, f"{bond}: active interface up!")
    stage.networkd.carrier(window.end + seconds(0.02), bond, gained=True)
    _slave(stage, window.end + seconds(rng.uniform(3, 60)), first, up=True)
    return Outcome(at, window.end + 3 * SECOND, (window,), (window,))


def _bond_flaps(stage: Stage, at: int) -> Outcome:
    """The active slave goes and comes; each time its traffic stalls until the switch has learned the other port."""
    rng, bond, daemon = stage.rng("bond", "flaps"), stage.wired, stage.on_server
    first, second = stage.slaves
    start, outages = at, []
    for _ in range(rng.randrange(3, 7)):
        _slave(stage, at, first, up=False)
        stage.kernel(at + seconds(0.1), f"{bond}: (slave {second}): making interface the new active one")
        stall = Window(at, at + seconds(rng.uniform(14, 35)))
        unanswered(stage, stall, gap=(4, 8))
        trouble.derp_reset(daemon, stall.end, reason="connection timed out")
        trouble.derp_reconnect(daemon, stall.end + 2 * SECOND)
        outages.append(stall)
        back = at + seconds(rng.uniform(38, 70))
        _slave(stage, back, first, up=True)
        stage.kernel(back + seconds(0.1), f"{bond}: (slave {first}): making interface the new active one")
        at = back + seconds(rng.uniform(30, 130))
    return Outcome(start, outages[-1].end + MINUTE, tuple(outages))


#: What a driver says about the reset itself (reference, section 2.11); the others leave it to the network core.
RESETS = {"e1000e": "Reset adapter unexpectedly", "igb": "Reset adapter", "igc": "Reset adapter"}


def nic_driver_reset(stage: Stage, at: int) -> Outcome:
    """The hardware hangs, the driver resets it, and the link goes and comes back within seconds."""
    rng, name, start, outages = stage.rng("nic"), stage.wired, at, []
    device = DRIVERS[stage.driver][0].split(" {0}")[0]
    for number in range(rng.randrange(2, 5)):
        if stage.driver == "e1000e":
            stage.kernel(at, f"{device} {name}: Detected Hardware Unit Hang:", 3)
        if number == 0:  # a WARN_ONCE: once in a boot
            newer = f"{device} {name}: NETDEV WATCHDOG: CPU: 3: transmit queue 0 timed out 5264 ms"
            older = f"NETDEV WATCHDOG: {name} ({stage.driver}): transmit queue 0 timed out"
            stage.kernel(at + seconds(2.1), newer if stage.server.systemd >= 255 else older, 4)
        if stage.driver in RESETS:
            stage.kernel(at + seconds(2.2), f"{device} {name}: {RESETS[stage.driver]}", 3)
        window = Window(at + seconds(2.3), at + seconds(rng.uniform(9, 40)))
        stage.nic(window.start, up=False)
        dead_link(stage, window)
        stage.nic(window.end, up=True)
        outages.append(Window(at - 3 * SECOND, window.end))
        at = window.end + seconds(rng.uniform(60, 260))
    return Outcome(start - 3 * SECOND, outages[-1].end, tuple(outages), tuple(outages))
