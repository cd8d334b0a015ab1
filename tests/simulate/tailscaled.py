"""tailscaled: its life cycle in the order of its source, its ordinary chatter, and what it says when things break.

Only lines that reach the journal at the default verbosity are printed (no ``[v1]``), and the daemon's own rate limit
(a burst of five per format, then one in 5 s) is applied, with its ``[RATELIMIT]`` marks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from string import Template

from tests.simulate.clock import SECOND, Window, seconds
from tests.simulate.host import TAILSCALED, Host
from tests.simulate.ladders import CLEANUP, COME_UP, EXIT, LEAVE, SHUTDOWN, START, VISIT
from tests.simulate.systemd import Manager, Networkd, resolved

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

    # -- when things break -----------------------------------------------------------------------------------------

    def derp_error(self, at: int, error: str, region: Region | None = None) -> None:
        region = region or self.home
        client = f"0xc000{self.host.rng('client', self.host.pid(TAILSCALED, at)).randrange(16**6):06x}"
        self.say(
            at,
            f"magicsock: [{client}] derp.Recv(derp-{region.id}): {error}",
            fmt="magicsock: [%p] derp.Recv(derp-%d): %v",
        )

    def derp_reset(self, at: int, *, region: Region | None = None, reason: str = "connection reset by peer") -> None:
        """The relay's TCP connection over the underlay breaks."""
        region = region or self.home
        flow = f"{self.lan}:{self.port('derp', at)}->{region.ip}:443"
        self.derp_error(at, f"read tcp4 {flow}: read: {reason}", region)

    def derp_reconnect(self, at: int, region: Region | None = None) -> None:
        """A new connection inside the same client."""
        region = region or self.home
        pid = self.host.pid(TAILSCALED, at)
        self.generations[pid] = self.generations.get(pid, 1) + 1
        self.say(at - seconds(0.12), f"derphttp.Client.Recv: connecting to derp-{region.id} ({region.code})")
        self.say(at, f"magicsock: derp-{region.id} connected; connGen={self.generations[pid]}")

    def derp_unreachable(self, at: int, error: str = "i/o timeout", region: Region | None = None) -> None:
        """No new connection to the relay can be made."""
        region = region or self.home
        self.derp_error(
            at,
            f"derphttp.Client.Recv connect to region {region.id} ({region.code}): dial tcp4 {region.ip}:443: {error}",
            region,
        )

    def control_reset(self, at: int, reason: str = "connection reset by peer") -> None:
        flow = f"{self.lan}:{self.port('control', at)}->{CONTROL_IP}:443"
        self.say(at, f"Received error: PollNetMap: read tcp {flow}: read: {reason}")

    def dns_timeout(self, at: int, name: str = "log.tailscale.com", waited: int = 5) -> None:
        """A lookup through resolved's stub gets no answer."""
        port = self.port("dns", at)
        self.say(
            at,
            f'logtail: dial "{name}:443" failed: dial tcp: lookup {name}: read udp 127.0.0.1:{port}->127.0.0.53:53: '
            f"i/o timeout (in {waited}s), trying bootstrap...",
            fmt="logtail: dial %q failed: %v (in %v), trying bootstrap...",
        )

    def bootstrap(self, at: int, ok: bool = False, name: str = "log.tailscale.com") -> None:
        derp = self.home
        if ok:
            self.say(at, "logtail: bootstrap dial succeeded")
        else:
            self.say(
                at,
                f'trying bootstrapDNS("derp{derp.id}f.tailscale.com", "{derp.ip}") for "{name}" ...',
                fmt="trying bootstrapDNS(%q, %q) for %q ...",
            )
            self.say(
                at + seconds(3),
                f'bootstrapDNS("derp{derp.id}f.tailscale.com", "{derp.ip}") for "{name}" error: Get '
                f'"https://derp{derp.id}f.tailscale.com/bootstrap-dns?q={name}": context deadline exceeded',
                fmt="bootstrapDNS(%q, %q) for %q error: %v",
            )

    def health(self, at: int, warnable: str, text: str | None) -> None:
        """A health warning appears, or is over (``text`` is None)."""
        if self.version < (1, 70):
            self.say(at, f'health("overall"): {f"error: {text}" if text else "ok"}')
        else:
            self.say(at, f"health(warnable={warnable}): {f'error: {text}' if text else 'ok'}")

    def no_relay(self, at: int, over: bool = False) -> None:
        text = (
            f"Tailscale could not connect to the '{self.home.city}' relay server. Your Internet connection might "
            "be down, or the server might be temporarily unavailable."
            if self.version >= (1, 70)
            else f"not connected to home DERP region {self.home.id}"
        )
        self.health(at, "no-derp-connection", None if over else text)

    def not_polling(self, at: int, over: bool = False) -> None:
        text = (
            "Unable to connect to the Tailscale coordination server to synchronize the state of your tailnet. Peer "
            "reachability might degrade over time."
            if self.version >= (1, 70)
            else "not in map poll"
        )
        self.health(at, "not-in-map-poll", None if over else text)

    def open_timeout(
        self, at: int, peer: Node, port: int, *, online: str = "yes", last_recv: str = "12s", seen: str | None = None
    ) -> None:
        """A TCP handshake through the tunnel got no answer in 5 s."""
        state = f"{online}, lastseen={seen}" if seen else online
        source = self.port("flow", at)
        self.say(
            at,
            f"open-conn-track: timeout opening (TCP {self.node.ip}:{source} => {peer.ip}:{port}) to node [{peer.key}]; "
            f"online={state}, lastRecv={last_recv}",
            fmt="open-conn-track: timeout opening %v to node %v; online=%v, lastRecv=%v",
        )

    def link_change(self, at: int, reason: str, *, gone: bool = False, address: str | None = None) -> None:
        """The underlay's default route or address changed, or all links went."""
        ips = f"ifs={{{self.interface}:[{address or self.lan}/24]}}"
        state = (
            "interfaces.State{defaultRoute= ifs={} v4=false v6=false}"
            if gone
            else (f"interfaces.State{{defaultRoute={self.interface} {ips} v4=true v6=false}}")
        )
        if gone:
            self.say(at, f"LinkChange: all links down; pausing: {state}")
            self.say(at + 800, "magicsock: SetNetworkUp(false)")
            self.say(at + 900, "control: setPaused(true)")
        elif self.version >= (1, 94):
            self.say(at, f"LinkChange: major, rebinding: old: {state} new: {state} diff: ips rebind-reason=[{reason}]")
        else:
            self.say(at, f"LinkChange: major, rebinding. New state: {state}")
        if not gone:
            self.say(at + 1_500, f'Rebind; defIf="{self.interface}", ips=[{address or self.lan}/24]')
            self.say(
                at + 2_500,
                f"magicsock: closing connection to derp-{self.home.id} (rebind-default-route-change), age 3h12m0s",
            )

    def network_back(self, at: int, reason: str = "default-if-changed") -> None:
        """Links are up again after all were down."""
        self.say(at, "magicsock: SetNetworkUp(true)")
        self.say(at + 500, "control: setPaused(false)")
        self.link_change(at + 1_000, reason)
        self.derp_reconnect(at + seconds(0.8))
        self.say(at + seconds(1.1), self.endpoints())


def every(window: Window, step: int, first: int = 0) -> Iterator[int]:
    """Regular instants inside a window, from ``first`` after its start."""
    at = window.start + first
    while at < window.end:
        yield at
        at += step


def stray_eof(daemon: Tailscaled, at: int) -> None:
    """The relay was redeployed: one EOF, connected again within seconds. Nothing is wrong."""
    daemon.derp_error(at, "EOF")
    daemon.derp_reconnect(at + 2 * SECOND)
