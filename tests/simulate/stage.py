"""The place where an incident is played: a server behind a router, a rented VPS, their daemons, and how they vary."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from zoneinfo import ZoneInfo

from tests.simulate.machines.clock import HOUR, MINUTE, SECOND, Clock, Window, instant, seconds, stream
from tests.simulate.machines.device import Device
from tests.simulate.machines.host import KERNEL, TAILSCALED, Host, machine
from tests.simulate.machines.omada import Site
from tests.simulate.machines.systemd import Manager, Networkd
from tests.simulate.machines.tailscaled import REGIONS, Node, Tailscaled

#: systemd and tailscaled as distributions paired them; the wording of both changes between these.
VERSIONS = ((245, (1, 56, 1)), (249, (1, 64, 2)), (252, (1, 80, 3)), (255, (1, 90, 6)), (255, (1, 98, 10)))
NAMES = ("opg-srv", "nas-01", "edge7", "files", "branch-gw", "srv.office")
VPS_NAMES = ("vps1", "web-fra", "hz-2", "proxy")
DAYS = ("2025-11-04", "2025-12-31", "2026-02-28", "2024-02-29", "2026-03-29", "2025-07-14", "2026-09-01", "2026-01-01")

#: Per driver: the kernel's lines for a link that goes and one that comes (reference, section 3.5).
DRIVERS = {
    "e1000e": (
        "e1000e 0000:00:1f.6 {0}: NIC Link is Down",
        "e1000e 0000:00:1f.6 {0}: NIC Link is Up 1000 Mbps Full Duplex, Flow Control: Rx/Tx",
    ),
    "igc": (
        "igc 0000:02:00.0 {0}: NIC Link is Down",
        "igc 0000:02:00.0 {0}: NIC Link is Up 1000 Mbps Full Duplex, Flow Control: RX/TX",
    ),
    "igb": (
        "igb 0000:03:00.0 {0}: igb: {0} NIC Link is Down",
        "igb 0000:03:00.0 {0}: igb: {0} NIC Link is Up 1000 Mbps Full Duplex, Flow Control: RX",
    ),
    "r8169": (
        "r8169 0000:02:00.0 {0}: Link is Down",
        "r8169 0000:02:00.0 {0}: Link is Up - 1Gbps/Full - flow control rx/tx",
    ),
    "tg3": ("tg3 0000:02:00.0 {0}: Link is down", "tg3 0000:02:00.0 {0}: Link is up at 1000 Mbps, full duplex"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a script did: when the incident was, and in which stretches whom could not be reached."""

    start: int
    end: int
    outages: tuple[Window, ...] = ()  # the VPS could not reach the server's service
    underlay: tuple[Window, ...] = ()  # the server had no way out to the internet
    contributing: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def lost(self) -> int:
        """How long the service could not be reached, µs."""
        return sum(window.end - window.start for window in self.outages)


@dataclass(slots=True)
class Stage:
    """One site and one VPS in a stretch of true time. ``hidden`` asks a script to leave out its telling lines."""

    seed: str
    window: Window
    server: Host
    vps: Host
    on_server: Tailscaled
    on_vps: Tailscaled
    site: Site
    wired: str
    slaves: tuple[str, ...]
    driver: str
    port: int = 4010
    hidden: bool = False
    switched: bool = field(default=True)  # the router's own LAN ports are not the server's switch
    devices: list[Device] = field(default_factory=list)  # whose logs are handed in too

    def rng(self, *names: object) -> Random:
        return stream(self.seed, "script", *names)

    @property
    def manager(self) -> Manager:
        return Manager(self.server)

    @property
    def networkd(self) -> Networkd:
        return Networkd(self.server)

    @property
    def tailscaled_pid(self) -> int | None:
        return self.server.pid(TAILSCALED, self.window.end)

    def kernel(self, at: int, message: str, priority: int = 6) -> None:
        self.server.log(at, KERNEL, message, priority=priority)

    def nic(self, at: int, up: bool, name: str | None = None) -> None:
        """The driver reports a link; a little later networkd its carrier."""
        name = name or self.wired
        self.kernel(at, DRIVERS[self.driver][up].format(name), priority=6 if up else 4)
        self.networkd.carrier(at + seconds(0.024), name, gained=up)

    def silent(self, window: Window) -> None:
        """The server says nothing in ``window``: it is off, asleep or standing still."""
        self.server.records = [record for record in self.server.records if record.time not in window]


def build(
    seed: str,
    *,
    bonded: bool = False,
    wireless: bool = False,
    skew: float | None = None,
    length: int = 150 * MINUTE,
) -> Stage:
    """A stage of which everything that may vary varies with ``seed``."""
    rng = stream(seed, "stage")
    start = instant(f"{rng.choice(DAYS)}T00:00:00") + rng.randrange(0, 21) * HOUR + rng.randrange(3600) * SECOND
    window = Window(start, start + length)
    systemd, version = rng.choice(VERSIONS)
    offset = seconds(skew if skew is not None else rng.uniform(-1.5, 1.5))
    server = machine(rng.choice(NAMES), seed, start, up=rng.randrange(30, 2000) * HOUR, systemd=systemd)
    vps = machine(
        rng.choice(VPS_NAMES), seed, start, up=rng.randrange(30, 900) * HOUR, clock=Clock(offset), systemd=255
    )
    lan = f"192.168.{rng.choice((0, 1, 8, 88))}.{rng.randrange(10, 240)}"
    home = rng.choice(REGIONS)
    wired = "bond0" if bonded else rng.choice(("wlp3s0", "wlan0", "wlp2s0") if wireless else ("eno1", "enp3s0", "eth0"))
    tail = [f"100.{rng.randrange(64, 128)}.{rng.randrange(1, 250)}.{rng.randrange(2, 250)}" for _ in range(3)]
    ours = Node(server.name, f"s{rng.getrandbits(24):06x}"[:5], tail[0], f"198.51.100.{rng.randrange(10, 200)}:41641")
    theirs = Node(vps.name, f"v{rng.getrandbits(24):06x}"[:5], tail[1], "203.0.113.24:41641")
    third = Node("laptop", f"l{rng.getrandbits(24):06x}"[:5], tail[2], "192.0.2.77:50214")
    on_server = Tailscaled(server, ours, (theirs, third), lan, wired, version, home)
    on_vps = Tailscaled(vps, theirs, (ours, third), "203.0.113.24", "eth0", (1, 90, 6), home)
    zone = ZoneInfo(rng.choice(("Europe/Zagreb", "Europe/Zagreb", "America/New_York", "UTC")))
    site = Site(
        seed,
        zone=zone,
        sender=f"controller_{rng.choice('abc')}",
        clock=seconds(rng.uniform(-1, 1)),
        named=rng.random() < 0.7,
    )
    slaves = ("eno1", "eno2") if bonded else ()
    return Stage(seed, window, server, vps, on_server, on_vps, site, wired, slaves, rng.choice(tuple(DRIVERS)))
