"""tailscaled: its life cycle in the order of its source, its ordinary chatter, and what it says when things break.

Only lines that reach the journal at the default verbosity are printed (no ``[v1]``), and the daemon's own rate limit
(a burst of five per format, then one in 5 s) is applied, with its ``[RATELIMIT]`` marks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from string import Template

from tests.simulate.machines.clock import SECOND, Window, seconds
from tests.simulate.machines.host import TAILSCALED, Host
from tests.simulate.machines.ladders import CLEANUP, COME_UP, EXIT, LEAVE, SHUTDOWN, START, VISIT
from tests.simulate.machines.systemd import Manager, Networkd, resolved

UNIT = "tailscaled.service"
CONTROL_IP = "192.0.2.40"
LOG_IP = "192.0.2.41"


@dataclass(frozen=True, slots=True)
class Region:
    """A DERP region and the address of the node in use."""

    id: int
    code: str
    city: str
    ip: str


FRANKFURT = Region(4, "fra", "Frankfurt", "172.237.72.8")
NUREMBERG = Region(25, "nue", "Nuremberg", "192.0.2.125")
AMSTERDAM = Region(18, "ams", "Amsterdam", "192.0.2.118")
LONDON = Region(8, "lhr", "London", "192.0.2.108")
REGIONS = (FRANKFURT, NUREMBERG, AMSTERDAM, LONDON)


@dataclass(frozen=True, slots=True)
class Node:
    """A machine of the tailnet as others see it."""

    name: str
    key: str
    ip: str
    endpoint: str


@dataclass(slots=True)
class Tailscaled:
    """The daemon of one host. ``interface`` and ``lan`` are the underlay's."""

    host: Host
    node: Node
    peers: tuple[Node, ...]
    lan: str
    interface: str = "bond0"
    version: tuple[int, int, int] = (1, 90, 6)
    home: Region = FRANKFURT
    generations: dict[int | None, int] = field(default_factory=dict)
    limits: dict[str, tuple[int, float, int]] = field(default_factory=dict)

    def say(self, at: int, message: str, *, pid: int | None = None, fmt: str | None = None) -> None:
        """One line. With ``fmt`` the format's rate limit applies: (last, tokens, dropped) per format and process."""
        if fmt is not None:
            key = f"{self.host.pid(TAILSCALED, at)} {fmt}"
            last, tokens, dropped = self.limits.get(key, (at, 5.0, 0))
            tokens = min(5.0, tokens + max(0, at - last) / (5 * SECOND))
            if tokens < 1:
                if not dropped:
                    self.host.log(at, TAILSCALED, f'[RATELIMIT] format("{fmt}")', pid=pid)
                self.limits[key] = (at, tokens, dropped + 1)
                return
            if dropped:
                self.host.log(at - 5, TAILSCALED, f'[RATELIMIT] format("{fmt}") ({dropped} dropped)', pid=pid)
            self.limits[key] = (at, tokens - 1, 0)
        self.host.log(at, TAILSCALED, message, pid=pid)

    def ladder(self, at: int, text: str, pid: int | None = None, **values: object) -> int:
        """Lines of a template, each led by its offset in seconds; returns the time of the last."""
        names = {
            "interface": self.interface,
            "lan": self.lan,
            "home": self.home.id,
            "code": self.home.code,
            "logid": self.host.hex("logid") + self.host.hex("logid", 2),
            "peers": len(self.peers),
        }
        last = at
        for line in Template(text).substitute(names, **values).splitlines():
            offset, _, message = line.partition(" ")
            last = at + seconds(float(offset))
            self.say(last, message, pid=pid)
        return last

    def port(self, *names: object) -> int:
        """An ephemeral source port."""
        return 32_768 + self.host.rng("port", *names).randrange(28_000)

    @property
    def release(self) -> str:
        number, host = ".".join(map(str, self.version)), self.host
        return f"{number}-t{host.hex('commit', self.version)[:9]}-g{host.hex('go')[:9]}"

    def program_starting(self, *arguments: str) -> str:
        go = "1.25.3" if self.version >= (1, 88) else "1.22.5" if self.version >= (1, 70) else "1.21.1"
        argv = ", ".join(f'"{argument}"' for argument in ("/usr/sbin/tailscaled", *arguments))
        return f"Program starting: v{self.release}, Go {go}: []string{{{argv}}}"

    # -- stopping and starting -------------------------------------------------------------------------------------

    def stop(self, at: int, *, link_down: int | None = None) -> int:
        """A graceful stop from SIGTERM at ``at``; networkd sees the link go at ``link_down``. Returns the exit time."""
        networkd = Networkd(self.host)
        down = link_down if link_down is not None else at + seconds(0.21)
        self.say(at, "tailscaled got signal terminated; shutting down")
        self.ladder(at, SHUTDOWN)
        resolved(self.host, down - seconds(0.03), "Flushed all caches.")
        networkd.link_down(down, "tailscale0")
        networkd.carrier(down + 310, "tailscale0", gained=False)
        for number, priority in enumerate((5210, 5230, 5250, 5270)):
            table = {5210: 254, 5230: 253, 5250: 0, 5270: 52}[priority]
            kind = "unreachable " if priority == 5250 else ""
            self.say(
                down + seconds(0.012) + number * 700,
                f"monitor: ip rule deleted: {{Family:2 DstLength:0 SrcLength:0 Tos:0 Table:{table} Protocol:0 Scope:0 "
                f"Type:{kind or 'unicast '}Flags:0 Attributes:{{Priority:{priority}}}}}",
            )
        return self.ladder(down, EXIT)

    def cleanup(self, at: int) -> int:
        """The ExecStopPost run. Returns when it is done."""
        return self.ladder(at, CLEANUP, self.host.fork(at), starting=self.program_starting("--cleanup"))

    def start(self, at: int, *, online: bool = True, connected: int | None = None, varied: bool = False) -> int:
        """A new process from PID 1's ``Starting``. Returns when the backend is Running (or the start ladder's end)."""
        host, networkd, manager = self.host, Networkd(self.host), Manager(self.host)
        manager.starting(at, UNIT)
        host.respawn(TAILSCALED, at)
        starting = self.program_starting(
            "--state=/var/lib/tailscale/tailscaled.state", "--socket=/run/tailscale/tailscaled.sock", "--port=41641"
        )
        last = self.ladder(at + seconds(0.04), START, starting=starting, disco=host.hex("disco", at)[:16])
        networkd.link_up(at + seconds(0.119), "tailscale0")
        networkd.carrier(at + seconds(0.1193), "tailscale0", gained=True)
        networkd.gained_ipv6ll(at + seconds(0.121), "tailscale0")
        manager.started(at + seconds(0.2), UNIT)
        if not online:
            self.say(last + seconds(0.9), "netcheck: netcheck: UDP is blocked, trying HTTPS")
            return last
        return self.come_up(connected if connected is not None else last + seconds(0.4), varied=varied)

    def come_up(self, at: int, *, varied: bool = False) -> int:
        """Control and DERP answer for the first time in this process."""
        warm = "health(warnable=warming-up): ok" if self.version >= (1, 70) else 'health("overall"): ok'
        return self.ladder(at, COME_UP, netinfo=self.netinfo(varied), endpoints=self.endpoints(varied), warm=warm)

    def restart(
        self,
        at: int,
        *,
        link_down: int | None = None,
        online: bool = True,
        connected: int | None = None,
        cpu: str = "41.107s",
    ) -> int:
        """PID 1 stops and starts the unit: the whole sequence. Returns as ``start`` does."""
        manager = Manager(self.host)
        manager.stopping(at, UNIT, restart=True)
        gone = self.stop(at + seconds(0.004), link_down=link_down)
        done = self.cleanup(gone + seconds(0.06))
        manager.deactivated(done + seconds(0.012), UNIT)
        manager.stopped(done + seconds(0.0121), UNIT, restart=True, cpu=cpu)
        return self.start(done + seconds(0.03), online=online, connected=connected)

    def killed(self, at: int, code: str, status: str, result: str, count: int, *, oom: bool = False) -> int:
        """The daemon died at ``at``; PID 1 notices and starts it again. Returns when it is connected."""
        manager, networkd = Manager(self.host), Networkd(self.host)
        networkd.link_down(at + seconds(0.011), "tailscale0")
        networkd.carrier(at + seconds(0.0112), "tailscale0", gained=False)
        if oom:
            manager.oom(at + seconds(0.004), UNIT)
        manager.exited(at + seconds(0.014), UNIT, code, status)
        done = self.cleanup(at + seconds(0.09))
        manager.failed(done + seconds(0.02), UNIT, result)
        manager.restart_scheduled(done + seconds(0.13), UNIT, count)
        if self.host.systemd < 252:
            manager.stopped(done + seconds(0.14), UNIT)
        return self.start(done + seconds(0.16), connected=done + seconds(1.9))

    # -- ordinary life ---------------------------------------------------------------------------------------------

    def netinfo(self, varies: bool = False, udp: bool = True) -> str:
        mode = "ipt-default" if self.version >= (1, 56) else ""
        return (
            f"control: NetInfo: NetInfo{{varies={str(varies).lower()} hairpin= ipv6=false ipv6os=true "
            f'udp={str(udp).lower()} icmpv4=false derp=#{self.home.id} portmap= link="" firewallmode="{mode}"}}'
        )

    def endpoints(self, varied: bool = False) -> str:
        address, port = self.node.endpoint.rsplit(":", 1)
        shown = self.port("endpoint", varied) if varied else int(port)
        return f"magicsock: endpoints changed: {address}:{shown} (stun), {self.lan}:41641 (local)"

    def direct(self, at: int, peer: Node) -> None:
        """A direct path was chosen."""
        rng = self.host.rng("disco", at)
        self.say(
            at,
            f"magicsock: disco: node [{peer.key}] d:{self.host.hex('d', peer.key)[:16]} now using {peer.endpoint} "
            f"mtu=1360 tx={rng.getrandbits(48):012x}",
        )

    def chatter(self, window: Window) -> None:
        """Ordinary lines of a healthy node."""
        rng = self.host.rng("chatter", window.start)
        for at in window.arrivals(rng, 14):
            self.direct(at, rng.choice(self.peers))
        for at in window.arrivals(rng, 1.1):
            self.say(at, self.netinfo())
        for at in window.arrivals(rng, 0.7):
            self.say(at, self.endpoints())
        for at in window.arrivals(rng, 2.5):
            self.relay_visit(at, rng.choice([region for region in REGIONS if region is not self.home]))
        for at in window.arrivals(rng, 1.6):
            self.say(
                at,
                f"wgengine: Reconfig: configuring userspace WireGuard config (with "
                f"{rng.randrange(1, len(self.peers) + 1)}/{len(self.peers)} peers)",
            )
        for at in window.arrivals(rng, 0.5):
            self.say(at, "control: netmap: got new dial plan from control")
        for at in window.arrivals(rng, 0.4):
            self.say(at, "portmapper: PMP probe failed due result code: {OpCode:0 ResultCode:3}")

    def relay_visit(self, at: int, region: Region) -> None:
        """A peer is reached through its own region for a while; then the idle connection is closed."""
        rng = self.host.rng("relay", at)
        peer, idle = rng.choice(self.peers), 60 + rng.randrange(6)
        home = f"derp-{self.home.id}=cr{rng.randrange(2, 9)}h0m,wr{rng.randrange(50)}s"
        self.ladder(at, VISIT, peer=peer.key, region=region.id, town=region.code, kept=home)
        self.ladder(at + seconds(idle), LEAVE, region=region.id, age=f"{idle // 60}m{idle % 60}s", kept=home)
