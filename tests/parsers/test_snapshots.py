"""Snapshots: what each command's output states, when it was printed, and that nothing in it breaks or vanishes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logcorr import parsers
from logcorr.parsers import PARSERS, LineParser
from logcorr.parsers.engine.head import head_of
from logcorr.parsers.engine.lines import split
from logcorr.parsers.formats import snapshots
from logcorr.parsers.formats.snapshots.moments import moment_in_name, moment_of
from logcorr.rulebook import load_rules
from logcorr.schema import Source
from tests.conftest import ROOT

HEAD = "### 2025-11-04T03:00:00+00:00 opg-srv {}\n"
NIGHT = datetime(2025, 11, 4, 3, tzinfo=UTC).replace(tzinfo=None)
MORNING = datetime(2025, 11, 4, 9, tzinfo=UTC)
COUNTERS = "NIC statistics:\n     rx_packets: 12\n     rx_errors: 3\n"


def read(text: str, name: str = "x.txt", modified: datetime | None = None) -> Source:
    source = parsers.read(name, BytesIO(text.encode()), modified=modified)
    assert source.lines == source.rows.height + source.unparsed.height + source.continuation + source.markers
    return source


def messages(text: str, name: str = "x.txt") -> list[str]:
    return [str(one) for one in read(text, name).rows["message"]]


# --- when -----------------------------------------------------------------------------------------------------------

NIGHT_MICROS = 1_762_225_200_000_000


@pytest.mark.parametrize(
    ("text", "kind", "resolution"),
    [
        ("Tue Nov  4 03:00:00 UTC 2025", "utc", 1_000_000),
        ("Tue Nov  4 04:00:00 CET 2025", "utc", 1_000_000),
        ("Tue Nov  4 03:00:00 AM UTC 2025", "utc", 1_000_000),
        ("Tue  4 Nov 03:00:00 UTC 2025", "utc", 1_000_000),
        ("Di 4. Nov 04:00:00 CET 2025", "utc", 1_000_000),
        ("mar. 04 nov. 2025 03:00:00 UTC", "utc", 1_000_000),
        ("Tue, 04 Nov 2025 04:00:00 +0100", "utc", 1_000_000),
        ("2025-11-04T03:00:00+00:00", "utc", 1_000_000),
        ("2025-11-04 04:00:00+01:00", "utc", 1_000_000),
        ("2025-11-04T03:00:00.000Z", "utc", 1_000),
        ("2025-11-04T03:00:00,000000000+00:00", "utc", 1),
        ("1762225200", "utc", 1_000_000),
        ("2025-11-04 03:00:00", "local", 1_000_000),
        ("Tue Nov  4 03:00:00 2025", "local", 1_000_000),
        ("Tue Nov  4 03:00:00 IST 2025", "local", 1_000_000),  # India, Ireland or Israel
    ],
)
def test_times_as_date_prints_them(text: str, kind: str, resolution: int) -> None:
    moment = moment_of(text)
    assert moment is not None
    assert (moment.micros, moment.kind, moment.resolution) == (NIGHT_MICROS, kind, resolution)


@pytest.mark.parametrize(
    "text",
    ["", "Nov  4 03:00:00", "2025-11-04", "2025-11-04 03:00:00 OK", "2025-13-04 03:00:00", "Foo 4 03:00:00 UTC 2025",
     "262144", "9999999999999", "Tue Nov 31 03:00:00 UTC 2025"],
)  # fmt: skip
def test_what_is_no_time(text: str) -> None:
    assert moment_of(text) is None


@pytest.mark.parametrize(
    ("path", "kind", "resolution"),
    [
        ("ethtool-20251104T030000.txt", "local", 1_000_000),
        ("logs/20251104-0300-ethtool.txt", "local", 60_000_000),
        ("snap_2025-11-04_03-00-00/ethtool.txt", "local", 1_000_000),
        ("ethtool-20251104T030000Z.txt", "utc", 1_000_000),
        ("ethtool.1762225200", "utc", 1_000_000),
    ],
)
def test_times_in_names(path: str, kind: str, resolution: int) -> None:
    moment = moment_in_name(path)
    assert moment is not None
    assert (moment.micros, moment.kind, moment.resolution) == (NIGHT_MICROS, kind, resolution)


@pytest.mark.parametrize("path", ["ethtool.txt", "sosreport-opg-srv-2025-11-04-abcdefg/ethtool_-S_eno1", "x-20251399"])
def test_names_without_a_time(path: str) -> None:
    assert moment_in_name(path) is None


def test_a_date_holds_for_all_outputs_until_the_next() -> None:
    text = "".join(f"Tue Nov  4 03:0{minute}:00 UTC 2025\n{COUNTERS}{COUNTERS}" for minute in range(3))
    rows = read(text).rows
    assert [one.minute for one in rows["stamp"]] == [0, 0, 1, 1, 2, 2]
    assert set(rows["resolution"]) == {2_000_000}  # the commands of one script follow one another


def test_what_is_typed_after_a_date_may_come_minutes_later() -> None:
    text = (
        "root@opg-srv:~# date\nTue Nov  4 03:00:00 UTC 2025\n"
        f"root@opg-srv:~# ethtool -S eno1\n{COUNTERS}root@opg-srv:~# uptime\n"
    )
    (row,) = read(text).rows.rows(named=True)
    assert (row["stamp"], row["resolution"], row["host"]) == (NIGHT, 300_000_000, "opg-srv")
    assert row["message"] == "eno1: rx_packets 12, rx_errors 3"


def test_watch_tells_time_host_and_command() -> None:
    head = "Every 60.0s: ethtool -S eno1                     opg-srv: Tue Nov  4 03:00:00 2025\n\n"
    (row,) = read(head + COUNTERS).rows.rows(named=True)
    assert (row["stamp"], row["stamp_kind"], row["host"], row["about"]) == (NIGHT, "local", "opg-srv", "eno1")


def test_the_name_of_the_file_dates_and_names() -> None:
    source = read(COUNTERS, "ethtool-eno1-20251104T030000.txt", MORNING)
    (row,) = source.rows.rows(named=True)
    assert (row["stamp"], row["message"]) == (NIGHT, "eno1: rx_packets 12, rx_errors 3")
    assert "file's name" in source.facts.notes[0]


def test_without_any_time_the_timeline_may_use_the_modification_time_and_that_is_said() -> None:
    source = read(COUNTERS, "sos_commands/networking/ethtool_-S_eno1", MORNING)
    assert source.rows["stamp"].to_list() == [None]
    assert source.rows["message"].to_list() == ["eno1: rx_packets 12, rx_errors 3"]
    assert "modification" in source.facts.notes[0]


def test_without_that_it_is_no_evidence_and_that_is_said() -> None:
    source = read(COUNTERS)
    assert (source.rows.height, source.unparsed.height, source.format) == (0, 1, "snapshot")
    assert "have no time" in source.facts.notes[0]


def test_what_precedes_the_first_time_is_not_dated_by_it() -> None:
    source = read(COUNTERS + "Tue Nov  4 03:00:00 UTC 2025\n" + COUNTERS, modified=MORNING)
    assert (source.rows.height, source.unparsed.height) == (1, 1)


# --- what -----------------------------------------------------------------------------------------------------------

NETWORK = """● 2: eno1
                     Link File: /usr/lib/systemd/network/99-default.link
                  Network File: /etc/systemd/network/10-eno1.network
                         State: routable (configured)
                  Online state: online
                       Address: 192.168.0.100
                                fe80::5eff:fe10:1
                       Gateway: 192.168.0.1

Nov 04 02:00:00 opg-srv systemd-networkd[1111]: eno1: Gained carrier
"""
RESOLVER = """Global
         Protocols: +LLMNR +mDNS -DNSOverTLS DNSSEC=no/unsupported
  resolv.conf mode: stub

Link 2 (eno1)
    Current Scopes: DNS LLMNR/IPv4
Current DNS Server: 192.168.0.1
       DNS Servers: 192.168.0.1
                    2001:db8::1
        DNS Domain: lan
"""
STATUS_JSON = """{
  "Version": "1.80.3",
  "BackendState": "Running",
  "Self": {"HostName": "opg-srv", "TailscaleIPs": ["100.76.8.62"], "Online": true, "KeyExpiry": "2026-01-01T00:00:00Z"},
  "Health": ["not connected to home DERP region 4"],
  "Peer": {
    "nodekey:1": {
      "HostName": "vps1", "TailscaleIPs": ["100.85.61.82"], "Online": false, "LastSeen": "2025-11-04T02:50:00Z"
    }
  }
}
"""
OUTPUTS = {
    "ethtool eno1": (
        "Settings for eno1:\n\tSupported ports: [ TP ]\n\tSpeed: 1000Mb/s\n\tDuplex: Full\n\tLink detected: yes\n",
        ["eno1: speed 1000Mb/s, duplex Full, carrier yes"],
    ),
    "conntrack -S": (
        ("cpu=0   \tfound=0 invalid=6914 insert=0 insert_failed=1 drop=3 early_drop=2 error=0 search_restart=9916\n"
        "cpu=1   \tfound=2 invalid=6 insert=0 insert_failed=0 drop=4 early_drop=0 error=0 search_restart=9\n"),
        ["conntrack: insert_failed 1, drop 7, early_drop 2, error 0, invalid 6920"],
    ),
    "sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max": (
        "net.netfilter.nf_conntrack_count = 262144\nnet.netfilter.nf_conntrack_max = 262144\n",
        ["conntrack table: count 262144, max 262144, percent 100.0"],
    ),
    "grep . /proc/sys/net/netfilter/nf_conntrack_*": (
        "/proc/sys/net/netfilter/nf_conntrack_max:65536\n/proc/sys/net/netfilter/nf_conntrack_count:65000\n",
        ["conntrack table: count 65000, max 65536, percent 99.2"],
    ),
    "networkctl status eno1": (
        NETWORK,
        [("eno1: operational routable, setup configured, file /etc/systemd/network/10-eno1.network, online online, "
         "address 192.168.0.100, gateway 192.168.0.1"), "eno1: Gained carrier"],
    ),
    "networkctl status": (
        "●        State: routable\n  Online state: online\n       Address: 192.168.0.100 on eno1\n",
        ["network: operational routable, online online, address 192.168.0.100"],
    ),
    "networkctl list": (
        ("IDX LINK       TYPE     OPERATIONAL SETUP\n  1 lo         loopback carrier     unmanaged\n"
        "  2 eno1       ether    routable    configured\n\n2 links listed.\n"),
        ["lo: operational carrier, setup unmanaged", "eno1: operational routable, setup configured"],
    ),
    "resolvectl status": (
        RESOLVER,
        ["DNS of the host: mode stub", "DNS of eno1: current 192.168.0.1, servers 192.168.0.1+2001:db8::1"],
    ),
    "systemctl status NetworkManager": (
        (
            "● NetworkManager.service - Network Manager\n     Loaded: loaded (/lib/systemd/NetworkManager.service)"
            "\n     Active: active (running) since Mon 2025-11-03 02:00:00 UTC; 1 day ago\n   Main PID: 700\n"
        ),
        ["NetworkManager.service: active active, sub running"],
    ),
    "tailscale status --json": (
        STATUS_JSON,
        ["this node opg-srv 100.76.8.62: state online, backend Running, key-expiry 2026-01-01T00:00:00Z",
         "peer vps1 100.85.61.82: state offline, last-seen 2025-11-04T02:50:00Z",
         "health: not connected to home DERP region 4"],
    ),
    "head -v -n 99 /proc/net/bonding/*": (
        ("==> /proc/net/bonding/bond0 <==\nEthernet Channel Bonding Driver: v6.8.0\n\nMII Status: up\n\n"
        "Slave Interface: eno1\nMII Status: up\nLink Failure Count: 0\n"
        "\n==> /proc/net/bonding/bond1 <==\nEthernet Channel Bonding Driver: v6.8.0\n\nMII Status: down\n"),
        ["bond0: MII status up", "bond0 member eno1: MII status up, link failures 0", "bond1: MII status down"],
    ),
    "ip link show tailscale0": (
        ("5: tailscale0: <POINTOPOINT,MULTICAST,NOARP> mtu 1280 qdisc fq_codel state DOWN mode DEFAULT qlen 500\n"
        "    link/none\n"),
        ["tailscale0: link down, state DOWN"],
    ),
    "ss -ltnp": ("State  Recv-Q Send-Q\nLISTEN 0      128\n", ["State  Recv-Q Send-Q", "LISTEN 0      128"]),
    "ping -c 100 192.0.2.1": (
        ("PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.\n64 bytes from 192.0.2.1: icmp_seq=1 ttl=57 time=11.0 ms\n"
        "64 bytes from 192.0.2.1: icmp_seq=4 ttl=57 time=11.0 ms\n\n--- 192.0.2.1 ping statistics ---\n"
        "4 packets transmitted, 2 received, 50% packet loss, time 3004ms\nrtt min/avg/max/mdev = 1/1/1/0 ms\n"),
        ["ping 192.0.2.1: sent 4, answered 2, lost-percent 50.0"],
    ),
    "busybox ping 192.0.2.1": (
        ("PING 192.0.2.1 (192.0.2.1): 56 data bytes\n64 bytes from 192.0.2.1: seq=0 ttl=57 time=11.0 ms\n"
        "\n--- 192.0.2.1 ping statistics ---\n1 packets transmitted, 1 packets received, 0% packet loss\n"
        "round-trip min/avg/max = 11.0/11.0/11.0 ms\n"),
        ["ping 192.0.2.1: sent 1, answered 1, lost-percent 0.0"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("command", OUTPUTS)
def test_what_an_output_states(command: str) -> None:
    text, says = OUTPUTS[command]
    source = read(HEAD.format(command) + text)
    assert source.rows["message"].to_list() == says
    assert source.unparsed.height == 0
    mine = source.rows.filter(source.rows["transport"] == "snapshot")
    assert mine["stamp"].to_list() == [NIGHT] * mine.height
    assert mine["host"].to_list() == ["opg-srv"] * mine.height


def test_a_run_of_ping_without_times_holds_for_as_long_as_it_took() -> None:
    command = "ping -c 100 192.0.2.1"
    assert read(HEAD.format(command) + OUTPUTS[command][0]).rows["resolution"].to_list() == [3_004_000]


def test_losses_in_a_row_are_told_at_the_third_and_every_minute() -> None:
    lines = [f"[{1762225200 + seq}.000000] no answer yet for icmp_seq={seq}\n" for seq in range(1, 131)]
    said = messages("PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.\n" + "".join(lines))
    told = [one for one in said if "in a row" in one]
    assert [one.rsplit(", ", 1)[1] for one in told] == ["3 in a row", "60 in a row", "120 in a row"]


def test_probes_in_a_loop_with_date() -> None:
    text = (
        "Tue Nov  4 03:00:00 UTC 2025\nConnection to 100.76.8.62 4010 port [tcp/*] succeeded!\n"
        "Tue Nov  4 03:01:00 UTC 2025\nnc: connect to 100.76.8.62 port 4010 (tcp) failed: Connection timed out\n"
        "Tue Nov  4 03:02:00 UTC 2025\nFAILED\n"
    )
    source = read(text)
    assert source.format == "snapshot"
    assert source.rows["program"].to_list() == ["probe"] * 3
    assert [one.minute for one in source.rows["stamp"]] == [0, 1, 2]


def test_this_machine_is_the_first_of_tailscale_status() -> None:
    text = "1762225200\n100.76.8.62     opg-srv   ops@   linux   -\n100.85.61.82    vps1   ops@   linux   idle\n"
    assert read(text).rows["host"].to_list() == ["opg-srv"] * 2


def test_logs_in_a_transcript_are_left_to_their_parsers() -> None:
    text = (
        HEAD.format("ethtool -S eno1") + COUNTERS + "root@opg-srv:~# journalctl -u tailscaled -n 1 -o short-iso\n"
        "2025-11-04T03:00:45+00:00 opg-srv tailscaled[7]: logtail started\n"
    )
    source = read(text)
    assert source.rows["program"].to_list() == ["ethtool", "tailscaled"]
    assert source.rows["transport"].to_list() == ["snapshot", None]


def test_lines_kept_as_they_are_are_nothing_that_a_tool_states() -> None:
    source = read(
        HEAD.format("ip rule show") + "0:\tfrom all lookup local\n5210:\tfrom all fwmark 0x80000 lookup main\n"
    )
    assert source.rows["program"].to_list() == ["ip-output"] * 2


def test_a_snapshot_pasted_into_a_log_is_found() -> None:
    log = "".join(f"2025-11-04T02:{n // 60:02}:{n % 60:02}+00:00 opg-srv app[1]: line {n}\n" for n in range(600))
    source = read(log + HEAD.format("ethtool -S eno1") + COUNTERS + log)
    assert source.rows.filter(source.rows["transport"] == "snapshot")["message"].to_list() == [
        "eno1: rx_packets 12, rx_errors 3"
    ]
    assert source.rows.height == 1201


def _checks() -> list[str]:
    rules = load_rules([ROOT / "rules"], shipped=False)
    causes = rules.causes.values()
    checks = [check for cause in causes for check in cause.checks]
    checks += [check for cause in causes for variant in cause.variants for check in variant.checks or ()]
    return sorted({check.command for check in checks})


@pytest.mark.parametrize("command", _checks())
def test_what_a_report_asks_for_can_be_read_back(command: str) -> None:
    """Whatever it prints comes back with its time; what prints a log is left to the parsers of logs."""
    logs = re.search(r"journalctl|/var/log/|logread|tcpdump|swanctl --log", command)
    line = "2025-11-04T03:00:00+00:00 opg-srv kernel: some output of it" if logs else "some output"
    first = command.replace("\n", " ")
    source = read(HEAD.format(first) + line + "\n")
    assert source.rows["stamp"].to_list() == [NIGHT]
    assert source.unparsed.height == 0


# --- whatever comes -------------------------------------------------------------------------------------------------

PIECES = [
    *(line + "\n" for sample in snapshots.PARSER.samples for line in sample.text.splitlines()),
    *(line + "\n" for text, _ in OUTPUTS.values() for line in text.splitlines()),
    "\n", "{\n", "}\n", "$ ls\n", "Tue Nov  4 03:00:00 UTC 2025\n", "\x1b[31mNIC statistics:\x1b[0m\n",
    "2: e\x1b[31mth0: <UP> mtu\n", " " * 3000 + "\n", "-" * 3000 + "\n",
]  # fmt: skip


@pytest.mark.slow
@given(st.lists(st.sampled_from(PIECES), max_size=40), st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_order_of_lines(lines: list[str], dated: bool) -> None:
    read("".join(lines), modified=MORNING if dated else None)


@given(st.sampled_from(sorted(OUTPUTS)), st.data())
@settings(max_examples=100, deadline=None)
def test_torn_and_damaged_output(command: str, data: st.DataObject) -> None:
    text = bytearray((HEAD.format(command) + OUTPUTS[command][0]).encode())
    for _ in range(data.draw(st.integers(0, 4))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    source = parsers.read("x.txt", BytesIO(bytes(text[: data.draw(st.integers(0, len(text)))])))
    assert source.lines == source.rows.height + source.unparsed.height + source.continuation + source.markers


def test_no_other_format_is_taken() -> None:
    others = [parser for parser in PARSERS if isinstance(parser, LineParser) and parser is not snapshots.PARSER]
    for parser in others:
        for sample in parser.samples:
            data = sample.text.encode()
            assert snapshots.PARSER.sniff(head_of(data)) == 0, (parser.id, sample.text)
            assert not snapshots.PARSER.take(split(data)).role.any(), parser.id


def test_no_real_log_is_taken() -> None:
    for path in sorted(Path(ROOT, "fixtures").rglob("*.log")):
        assert snapshots.PARSER.sniff(head_of(path.read_bytes()[: 64 << 10])) == 0, path


def test_a_hostile_name_states_nothing_else() -> None:
    text = HEAD.format("ip link") + "2: eth0,rx_errors+9: <UP,LOWER_UP> mtu 1500 state UP\n    link/none\n"
    assert messages(text) == ["eth0,rx_errors+9: link up, carrier yes, state UP"]


@pytest.mark.parametrize("heading", ["### 2025-11-04T03:01:00+00:00 srv2 cat", "[root@srv2 ~]# cat", "# cat"])
def test_the_heading_after_a_health_check_is_none_of_it(heading: str) -> None:
    text = (
        "### 2025-11-04T03:00:00+00:00 srv tailscale status\n"
        "100.76.8.62     srv              ops@         linux   -\n\n"
        "# Health check:\n#     - not connected to home DERP region 4\n"
        f"{heading} /proc/net/bonding/bond0\n"
        "Ethernet Channel Bonding Driver: v6.8.0\n\nBonding Mode: fault-tolerance (active-backup)\n"
        "Currently Active Slave: eno2\nMII Status: up\n"
    )
    assert "bond0: active member eno2, MII status up" in messages(text)
