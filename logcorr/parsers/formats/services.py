"""The own log files of services: containers, web servers, cloud-init, fail2ban, tailscaled, OpenVPN, Pi-hole's FTL."""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.parsers.engine.base import Sample
from logcorr.parsers.engine.dialect import Dialect
from logcorr.parsers.fields import stamps
from logcorr.parsers.fields.levels import leading, level
from logcorr.parsers.fields.syslog_parts import CLOCK, FRACTION, ZONE, iso_time

_ISO: Final = rf"(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{CLOCK}{FRACTION}){ZONE}"
_DATE: Final = rf"(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}} {CLOCK}{FRACTION})"
_ACCESS: Final = (
    rf"(?P<lead>\S+ \S+ \S.{{0,200}}?) \[(?P<date>[0-9]{{2}}/[A-Z][a-z]{{2}}/[0-9]{{4}}:{CLOCK}) "
    r"(?P<zone>[+-][0-9]{4})\] "
)
_UP: Final = r"\. Up ([0-9]{1,9}(?:\.[0-9]{1,6})?) seconds"
_GO_DATE: Final = rf"(?P<date>[0-9]{{4}}/[0-9]{{2}}/[0-9]{{2}} {CLOCK}{FRACTION}) (?:[0-9.]+M/[0-9.]+M )?"
#: tailscaled's log as its servers and other systems show it: Go's printed time, or RFC 3339, and a colon or a tab.
_GO_TIME: Final = (
    rf"(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[ T]{CLOCK}{FRACTION})"
    r"(?: ?(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})(?: (?:[A-Z]{3,5}|[+-][0-9]{2,4}))?:[ \t]|[ \t])"
)
_SPEAKS: Final = (
    r"(?:magicsock: |LinkChange: |wgengine: |netcheck: |derphttp|derp-|"
    r"health\(|ipnlocal|ipnext|Switching ipn state|netmon: |tsdial: |portmapper: |open-conn-track: |logtail |wg: \[|"
    r"Program starting: |tailscaled got signal|peerapi: |\[RATELIMIT\]|blockEngineUpdates|flushing log|wgcfg: |"
    r"monitor: (?:RTM_|time jumped|\[unexpected\]|ip rule)|control: (?:\[v|map|NetInfo|Client|lite |auth|PollNetMap))"
)
#: How lines of tailscaled begin that no other program writes. Early versions print the memory in use.
_TAILSCALED: Final = (
    rf"^(?:[0-9/]{{10}} [0-9:.]{{8,15}} (?:[0-9.]+M/[0-9.]+M )?(?:\[v[0-9]+\] )?(?:{_SPEAKS}|control: |dns: |monitor: )"
    rf"|[0-9-]{{10}}[ T][0-9:.]{{8,18}}(?: ?(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}})(?: (?:[A-Z]{{3,5}}|[+-][0-9]{{2,4}}))?:)?"
    rf"[ \t](?:\[v[0-9]+\] )?{_SPEAKS})"
)


#: OpenVPN's own file names no program. Its time is ctime(3)'s, from 2.5 on ISO (src/openvpn/otime.c).
_VPN_TIME: Final = (
    rf"(?P<date>(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{{2}} [ 0-3][0-9] {CLOCK} [0-9]{{4}}"
    rf"|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}} {CLOCK})) "
)
#: How its lines begin that no other program writes.
_OPENVPN: Final = (
    rf"^(?:[A-Z][a-z]{{2}} [A-Z][a-z]{{2}} [ 0-3][0-9] {CLOCK} [0-9]{{4}}|[0-9-]{{10}} {CLOCK})(?: us=[0-9]+)? "
    r"(?:[^\s/]*/?[0-9.]+:[0-9]+ )?(?:OpenVPN [0-9]\.|TLS: (?:Initial packet from|soft reset)|SIG(?:USR1|HUP|TERM)\["
    r"|VERIFY (?:OK|ERROR): depth=|(?:UDP|TCP)[A-Za-z0-9_]* link (?:local|remote)|TCP/UDP: Preserving recently used"
    r"|Initialization Sequence Completed|\[[^\]]*\] Peer Connection Initiated"
    r"|MULTI: |(?:Outgoing|Incoming) Data Channel: |Data Channel: cipher)"
)


def _pid(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col("pid").cast(pl.Int64, strict=False))


def _container(frame: pl.DataFrame) -> pl.DataFrame:
    return iso_time(frame).with_columns(priority=leading(pl.col("message")))


def _access(frame: pl.DataFrame) -> pl.DataFrame:
    """The time stays where it stood between client and request, as the message is read by people."""
    return iso_time(frame, ("%d/%b/%Y:%H:%M:%S",)).with_columns(message=pl.col("lead") + " " + pl.col("message"))


def _nginx(frame: pl.DataFrame) -> pl.DataFrame:
    frame = iso_time(frame, ("%Y/%m/%d %H:%M:%S",))
    return _pid(frame).with_columns(program=pl.lit("nginx"), priority=level(pl.col("level")))


def _cloud_init(frame: pl.DataFrame) -> pl.DataFrame:
    """``… running 'init' at …. Up 4.43 seconds.`` says the uptime of that line."""
    up = (pl.col("message").str.extract(_UP).cast(pl.Float64, strict=False) * 1_000_000).round().cast(pl.Int64)
    return iso_time(frame).with_columns(program=pl.lit("cloud-init"), priority=level(pl.col("level")), monotonic=up)


def _fail2ban(frame: pl.DataFrame) -> pl.DataFrame:
    return _pid(iso_time(frame)).with_columns(program=pl.lit("fail2ban"), priority=level(pl.col("level")))


def _tailscaled(frame: pl.DataFrame) -> pl.DataFrame:
    date = frame["date"].str.replace_many(["/", "T"], ["-", " "])
    return iso_time(frame.with_columns(date), stamps.ISO[1:]).with_columns(program=pl.lit("tailscaled"))


def _openvpn(frame: pl.DataFrame) -> pl.DataFrame:
    formats = ("%Y-%m-%d %H:%M:%S", "%a %b %d %H:%M:%S %Y")
    return iso_time(frame, formats).with_columns(program=pl.lit("openvpn"))


def _ftl(frame: pl.DataFrame) -> pl.DataFrame:
    return _pid(iso_time(frame)).with_columns(program=pl.lit("pihole-FTL"), priority=leading(pl.col("message")))


COMPOSE = Dialect(
    "docker-compose", "docker compose logs -t", (rf"(?P<program>[A-Za-z0-9][\w.-]*) +\| {_ISO}(?: |$)",), _container,
    weight=0.95, origin="container",
    samples=(
        Sample("web-1  | 2025-11-04T03:00:45.584725130Z  * Serving\n"
               "api-1  | 2025-11-04T03:00:45.584725999Z ERROR: no\n",
               {"stamp": "2025-11-04T03:00:45.584725", "stamp_kind": "utc", "resolution": 1,
                "program": ["web-1", "api-1"], "message": [" * Serving", "ERROR: no"], "priority": [None, 3]}),
        Sample("db-1  | 2026-03-14T09:15:29.250000000Z LOG:  could not connect\n",
               {"stamp": "2026-03-14T09:15:29.25", "program": "db-1", "message": "LOG:  could not connect"}),
        Sample("a-1  | 2026-03-14T09:15:29.250000000Z one\nlong-name-1  | 2026-03-14T09:15:29.260000000Z two\n",
               {"message": ["one", "two"]}),
    ),
)  # fmt: skip

ACCESS = Dialect(
    "access-log", "nginx or Apache access log", (_ACCESS,), _access, weight=0.9,
    samples=(
        Sample('192.0.2.1 - - [04/Nov/2025:04:00:45 +0100] "GET / HTTP/1.1" 200 494\n',
               {"stamp": "2025-11-04T03:00:45", "stamp_kind": "utc",
                "message": '192.0.2.1 - - "GET / HTTP/1.1" 200 494'}),
        Sample('192.0.2.1 - alice [14/Mar/2026:09:15:29 +0000] "GET /x HTTP/2.0" 502 150 "-" "curl/8.5.0"\n',
               {"stamp": "2026-03-14T09:15:29", "stamp_kind": "utc"}),
        Sample('2001:db8::7 - - [14/Mar/2026:10:15:29 +0100] "POST / HTTP/1.1" 499 0\n',
               {"stamp": "2026-03-14T09:15:29"}),
    ),
)  # fmt: skip

NGINX = Dialect(
    "nginx-error", "nginx error log",
    (rf"(?P<date>[0-9]{{4}}/[0-9]{{2}}/[0-9]{{2}} {CLOCK}) \[(?P<level>[a-z]+)\] (?P<pid>[0-9]+)#[0-9]+: ",), _nginx,
    weight=0.95,
    samples=(
        Sample("2025/11/04 03:00:45 [error] 2865#0: *66647 upstream timed out (110: Connection timed out)\n",
               {"stamp": "2025-11-04T03:00:45", "stamp_kind": "local", "program": "nginx", "pid": 2865, "priority": 3,
                "message": "*66647 upstream timed out (110: Connection timed out)"}),
        Sample("2026/03/14 09:15:29 [crit] 7#7: *1 connect() to unix:/run/php.sock failed (2: No such file "
               "or directory)\n",
               {"stamp": "2026-03-14T09:15:29", "priority": 2, "pid": 7}),
        Sample("2026/03/14 09:15:29 [warn] 7#0: one\n2026/03/14 09:15:30 [error] 7#0: *2 no live upstreams\n",
               {"priority": [4, 3]}),
    ),
)  # fmt: skip

CLOUD_INIT = Dialect(
    "cloud-init", "cloud-init.log", (rf"{_DATE} - [\w.-]+\.py\[(?P<level>[A-Z]+)\]: ",), _cloud_init, weight=0.95,
    samples=(
        Sample("2025-11-04 03:00:45,817 - util.py[DEBUG]: Cloud-init v. 24.1 running 'init-local' at "
               "Tue, 04 Nov 2025 03:00:45 +0000. Up 4.43 seconds.\n",
               {"stamp": "2025-11-04T03:00:45.817", "stamp_kind": "local", "resolution": 1_000, "program": "cloud-init",
                "priority": 7, "monotonic": 4_430_000}),
        Sample("2026-03-14 09:15:29,817 - url_helper.py[WARNING]: Calling 'http://169.254.169.254/' failed "
               "[1/120s]: timed out\n",
               {"stamp": "2026-03-14T09:15:29.817", "priority": 4}),
        Sample("2026-03-14 09:15:29,001 - util.py[DEBUG]: one\n2026-03-14 09:15:29,002 - stages.py[INFO]: two\n",
               {"priority": [7, 6]}),
    ),
)  # fmt: skip

FAIL2BAN = Dialect(
    "fail2ban", "fail2ban.log",
    (rf"{_DATE} fail2ban\.[a-z.]+ *(?:\[(?P<pid>[0-9]+)\])?: (?P<level>[A-Z]+) +",), _fail2ban, weight=0.95,
    samples=(
        Sample("2025-11-04 03:00:45,388 fail2ban.actions        [123]: NOTICE  [sshd] Ban 192.0.2.4\n",
               {"stamp": "2025-11-04T03:00:45.388", "program": "fail2ban", "pid": 123, "priority": 5,
                "message": "[sshd] Ban 192.0.2.4"}),
        Sample("2026-03-14 09:15:29,388 fail2ban.filter         [7]: INFO    [sshd] Found 192.0.2.4 - "
               "2026-03-14 09:15:29\n",
               {"stamp": "2026-03-14T09:15:29.388", "pid": 7, "priority": 6}),
        Sample("2026-03-14 09:15:29,388 fail2ban.server         [7]: ERROR   Unable to contact server\n",
               {"priority": 3}),
    ),
)  # fmt: skip

TAILSCALED = Dialect(
    "tailscaled", "tailscaled's own log", (_GO_DATE, _GO_TIME), _tailscaled, weight=0.48, hint=_TAILSCALED,
    samples=(
        Sample("2025/11/04 03:00:45 magicsock: derp-10 connected; connGen=1\n2025/11/04 03:00:46 routine line\n",
               {"stamp": ["2025-11-04T03:00:45", "2025-11-04T03:00:46"], "stamp_kind": "local", "program": "tailscaled",
                "message": ["magicsock: derp-10 connected; connGen=1", "routine line"]}),
        Sample("2025-11-04 04:00:45.653145051 +0100 CET: LinkChange: minor\n"
               "2025-11-04T04:00:46.490+01:00: control: mapRoutine: state:authenticated\n"
               "2025-11-04 03:00:47.653145051 +0000 UTC: routine line\n",
               {"stamp": ["2025-11-04T03:00:45.653145", "2025-11-04T03:00:46.49", "2025-11-04T03:00:47.653145"],
                "stamp_kind": "utc", "program": "tailscaled",
                "message": ["LinkChange: minor", "control: mapRoutine: state:authenticated", "routine line"]}),
        Sample("2026/03/14 09:15:29 health(warnable=no-derp-home): error: no home relay server\n"
               "2026/03/14 09:15:30 netcheck: UDP is blocked, trying ICMP\n",
               {"stamp": ["2026-03-14T09:15:29", "2026-03-14T09:15:30"], "program": "tailscaled"}),
    ),
)  # fmt: skip

OPENVPN = Dialect(
    "openvpn", "OpenVPN's own log", (_VPN_TIME,), _openvpn, weight=0.48, hint=_OPENVPN,
    samples=(
        Sample("Sat Mar 14 09:15:29 2026 TLS: Initial packet from [AF_INET]198.51.100.7:1194, sid=6f2c11aa 0b1c2d3e\n"
               "Sat Mar 14 09:15:30 2026 [gw.example.net] Peer Connection Initiated with [AF_INET]198.51.100.7:1194\n",
               {"stamp": ["2026-03-14T09:15:29", "2026-03-14T09:15:30"], "stamp_kind": "local", "program": "openvpn",
                "message": ["TLS: Initial packet from [AF_INET]198.51.100.7:1194, sid=6f2c11aa 0b1c2d3e",
                            "[gw.example.net] Peer Connection Initiated with [AF_INET]198.51.100.7:1194"]}),
        Sample("2026-03-14 09:15:29 OpenVPN 2.6.3 x86_64-pc-linux-gnu [SSL (OpenSSL)] [LZO] [LZ4] [EPOLL]\n"
               "2026-03-14 09:15:31 Initialization Sequence Completed\n",
               {"stamp": ["2026-03-14T09:15:29", "2026-03-14T09:15:31"], "program": "openvpn"}),
        Sample("2026-03-14 09:15:29 us=250017 SIGUSR1[soft,ping-restart] received, process restarting\n",
               {"stamp": "2026-03-14T09:15:29", "program": "openvpn",
                "message": "us=250017 SIGUSR1[soft,ping-restart] received, process restarting"}),
    ),
)  # fmt: skip

FTL = Dialect(
    "pihole-ftl", "Pi-hole FTL log",
    (rf"{_DATE} (?:(?P<zone>[A-Z]{{3,5}}) )?\[(?P<pid>[0-9]+)(?:/[A-Z][0-9]+|[A-Z])\] ",
     rf"\[{_DATE} (?P<pid>[0-9]+)(?:/?[A-Z][0-9]*)?\] "), _ftl, weight=0.94,
    samples=(
        Sample("2025-11-04 03:00:45.864 CET [49/T66743] ERROR: Cannot receive UDP DNS reply: Timeout\n"
               "[2025-11-04 03:00:45.864 49M] Resizing\n",
               {"stamp": ["2025-11-04T02:00:45.864", "2025-11-04T03:00:45.864"], "stamp_kind": ["utc", "local"],
                "program": "pihole-FTL", "pid": 49, "priority": [3, None]}),
        Sample("[2026-03-14 09:15:29.864 123/T124] WARNING: Connection error (192.0.2.53#53): TCP "
               "connection failed\n",
               {"stamp": "2026-03-14T09:15:29.864", "priority": 4}),
        Sample("2026-03-14 09:15:29.864 UTC [49M] INFO: one\n",
               {"stamp": "2026-03-14T09:15:29.864", "stamp_kind": "utc", "priority": 6}),
    ),
)  # fmt: skip
