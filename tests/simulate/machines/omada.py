"""A TP-Link Omada site: gateway ER605 and controller, whose syslog rsyslog stores as it arrives (formats, 3.1 A).

The controller prints the site's local time without a zone, in whole seconds, and delivers late; the line's leading
stamp is the receiver's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from tests.simulate.machines.clock import HOUR, SECOND, Window, moment, seconds, stream

GATEWAY = "5C-E9-31-0A-7B-24"
POINTS = ("ap:hall:5C-A6-E6-41-10-9A", "ap:office:5C-A6-E6-41-12-F0")
SWITCH = "switch:rack:98-DA-C4-77-05-1E"
CLIENTS = (
    "phone-1:7C-50-79-2B-11-08",
    "tablet:B0-35-9F-60-4C-D1",
    "tv:3C-84-6A-19-02-7C",
    "laptop-1:48-51-B7-C9-33-0E",
    "printer:00-80-77-5D-EE-12",
    "camera-yard:9C-8E-CD-28-41-66",
)


#: Which of the gateway's own programs says it.
TAGS = {"online detection": "ONLINE_DECTION", "physical connection": "SWITCH"}


@dataclass(frozen=True, slots=True)
class Line:
    """One event of the site: when it happened, when it was delivered, and its text."""

    time: int
    received: int
    text: str


@dataclass(slots=True)
class Site:
    """A site with its controller. ``clock`` is what the controller's clock is off by (µs)."""

    seed: str
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Zagreb"))
    sender: str = "controller_opg"
    clock: int = 0
    named: bool = True
    lines: list[Line] = field(default_factory=list)

    @property
    def gateway(self) -> str:
        return f"[gateway:ER605:{GATEWAY}]" if self.named else f"[gateway:{GATEWAY}]"

    def say(self, at: int, text: str, lag: float | None = None) -> None:
        """One event; by default it arrives within seconds, sometimes within a minute or two."""
        rng = stream(self.seed, "omada", at, text)
        late = lag if lag is not None else min(110.0, 1 + rng.expovariate(1 / 7))
        self.lines.append(Line(at, at + seconds(late) + rng.randrange(SECOND), text))

    def wan_detection(self, at: int, online: bool, port: str = "WAN1", lag: float | None = None) -> None:
        """The gateway's own probes of the internet behind a WAN port changed their result."""
        word = "online" if online else "offline"
        self.say(at, f"{self.gateway}: The online detection result of [{port}] was {word}.", lag)

    def wan_physical(self, at: int, up: bool, port: str = "WAN1", lag: float | None = None) -> None:
        self.say(at, f"{self.gateway}: The physical connection status of [{port}] was {'up' if up else 'down'}.", lag)
        self.say(at + SECOND, f"[{port}] of {self.gateway} is {'up' if up else 'down'}.", lag)

    def lan_physical(self, at: int, up: bool, port: str = "LAN3", lag: float | None = None) -> None:
        self.say(at, f"{self.gateway}: The physical connection status of [{port}] was {'up' if up else 'down'}.", lag)

    def cloud(self, at: int, lost: bool, lag: float | None = None) -> None:
        self.say(
            at,
            "Cloud access is disconnected due to network disconnection." if lost else "Successfully access the cloud.",
            lag,
        )

    def lease_renewed(
        self, at: int, ip: str = "198.51.100.24", gateway: str = "198.51.100.1", lag: float | None = None
    ) -> None:
        self.say(
            at,
            f"WAN1: DHCP client renewing IP succeeded. (IP-Address={ip}, Mask=255.255.255.0, Gateway={gateway})",
            lag,
        )

    def noise(self, window: Window, factor: float = 1.0) -> None:
        """Phones that come, go and roam, leases, logins, the nightly backup."""
        rng = stream(self.seed, "omada", "noise")
        for at in window.arrivals(rng, 55 * factor):
            self.say(
                at, self._client(rng.randrange(5), rng.choice(CLIENTS), rng.choice(POINTS), 60 + rng.randrange(9_000))
            )
        for at in window.arrivals(rng, 9 * factor):
            mac = rng.choice(CLIENTS).split(":")[1]
            self.say(
                at, f"DHCP Server allocated IP address 192.168.0.{rng.randrange(20, 90)} for the client[MAC: {mac}]."
            )
        for at in window.arrivals(rng, 0.4 * factor):
            self.say(at, "admin logged in to the controller from 192.168.0.42.")
        for at in window.periodic(rng, 2 * HOUR):
            self.lease_renewed(at)
        for at in window.aligned(24 * HOUR, HOUR + 4 * SECOND):
            self.say(at, "Auto Backup executed with generating file autobackup_site.cfg.")

    def _client(self, kind: int, client: str, point: str, duration: int) -> str:
        span = f"{duration // 3600}h{duration % 3600 // 60}m" if duration >= 3600 else f"{duration // 60}m"
        size = duration / 37
        other = POINTS[1 - POINTS.index(point)]
        return (
            f'[client:{client}] is connected to [{point}] with SSID "Office" on channel 36.',
            f'[client:{client}] is disconnected from SSID "Office" on [{point}] ({span} connected, {size:.2f}MB).',
            f'[client:{client}] is roaming from [{point}][Channel 36] to [{other}][Channel 1] with SSID "Office"',
            f"[client:{client}] went online on [{SWITCH}] on LAN network.",
            (
                f'[client:{client}] went offline from network "LAN" on [{SWITCH}](connected time:{span} connected, '
                f"traffic: {size:.2f}MB)."
            ),
        )[kind]

    def received(self) -> bytes:
        """The file as rsyslog on a UTC host stored it, in order of arrival."""
        out = []
        for line in sorted(self.lines, key=lambda line: line.received):
            printed = moment(line.time + self.clock).astimezone(self.zone)
            got = moment(line.received).isoformat(timespec="microseconds")
            out.append(f"{got} {self.sender}  {printed:%Y-%m-%d %H:%M:%S} Controller - - - {line.text}\n")
        return "".join(out).encode()

    def sent_by_gateway(self, name: str = "ER605") -> bytes:
        """The gateway's own syslog, bare of a receiver's stamp (formats, 3.1 C): local time without year and zone."""
        out = []
        for line in sorted(self.lines, key=lambda line: line.time):
            tag = next((tag for words, tag in TAGS.items() if words in line.text), None)
            if tag and line.text.startswith("[gateway"):
                at = moment(line.time + self.clock).astimezone(self.zone)
                text = line.text.replace(self.gateway, f"[osg:{GATEWAY}]")
                out.append(f"<133>{at:%b} {at.day:2d} {at:%H:%M:%S} {name} {tag}: {text}\n")
        return "".join(out).encode()
