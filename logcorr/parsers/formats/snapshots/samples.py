"""Examples of snapshots, made from the documented output of each command."""

from __future__ import annotations

from typing import Final

from logcorr.parsers.engine.base import Sample

_NIGHT: Final = "2025-11-04T03:00:00"
_COUNTERS: Final = (
    "Tue Nov  4 03:00:00 UTC 2025\n"
    "NIC statistics:\n     rx_packets: 1200\n     tx_packets: 900\n     rx_errors: 812\n     rx_crc_errors: 812\n"
    "     tx_errors: 0\n"
)
_LINKS: Final = (
    "root@opg-srv:~# date -Is; ip -s link\n2025-11-04T03:00:00+00:00\n"
    "2: eno1: <BROADCAST,MULTICAST,SLAVE,UP,LOWER_UP> mtu 1500 qdisc mq master bond0 state UP mode DEFAULT qlen 1000\n"
    "    link/ether 02:00:5e:10:00:01 brd ff:ff:ff:ff:ff:ff\n"
    "    RX:  bytes packets errors dropped  missed   mcast\n"
    "        638600    5800      3       0       0       0\n"
    "    TX:  bytes packets errors dropped carrier collsns\n"
    "        638600    4800      0       0       0       0\n"
    "3: eno2: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc mq state DOWN mode DEFAULT qlen 1000\n"
    "    link/ether 02:00:5e:10:00:02 brd ff:ff:ff:ff:ff:ff\n"
)
_BOND: Final = (
    "### 2025-11-04T03:00:00+00:00 opg-srv cat /proc/net/bonding/bond0\n"
    "Ethernet Channel Bonding Driver: v6.8.0\n\nBonding Mode: fault-tolerance (active-backup)\n"
    "Currently Active Slave: eno2\nMII Status: up\nMII Polling Interval (ms): 100\n\n"
    "Slave Interface: eno1\nMII Status: down\nSpeed: Unknown\nDuplex: Unknown\nLink Failure Count: 4\n\n"
    "Slave Interface: eno2\nMII Status: up\nSpeed: 1000 Mbps\nDuplex: full\nLink Failure Count: 0\n"
)
_NETCHECK: Final = (
    "$ tailscale netcheck\n\nReport:\n\t* Time: 2025-11-04T03:00:00.5Z\n\t* UDP: false\n\t* IPv4: (no addr found)\n"
    "\t* IPv6: no, but OS has support\n\t* MappingVariesByDestIP: \n\t* PortMapping: UPnP\n"
    "\t* Nearest DERP: Frankfurt\n\t* DERP latency:\n\t\t- fra: 21.5ms  (Frankfurt)\n\t\t- nue:         (Nuremberg)\n"
)
_STATUS: Final = (
    "=== 2025-11-04 03:00:00+00:00 ===\n"
    "100.76.8.62     opg-srv              ops@         linux   -\n"
    '100.85.61.82    vps1                 ops@         linux   active; relay "fra", tx 1234 rx 5678\n'
    "100.101.102.103 nas                  ops@         linux   offline, last seen 5m ago\n\n"
    "# Health check:\n#     - not connected to home DERP region 4\n"
)
_PING: Final = (
    "PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.\n"
    "[1762225200.250000] 64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=0.410 ms\n"
    "[1762225201.250000] no answer yet for icmp_seq=2\n"
    "[1762225202.250000] From 192.0.2.9 icmp_seq=3 Destination Host Unreachable\n"
    "[1762225207.250000] 64 bytes from 192.0.2.1: icmp_seq=8 ttl=64 time=0.420 ms\n"
    "\n--- 192.0.2.1 ping statistics ---\n8 packets transmitted, 2 received, +1 errors, 75% packet loss, time 7001ms\n"
    "rtt min/avg/max/mdev = 0.410/0.415/0.420/0.005 ms\n"
)
_MTR: Final = (
    "Start: 2025-11-04T04:00:00+0100\n"
    "HOST: opg-srv                     Loss%   Snt   Last   Avg  Best  Wrst StDev\n"
    "  1.|-- 192.0.2.1                  0.0%    50    0.4   0.5   0.3   1.1   0.1\n"
    "  2.|-- ???                       100.0    50    0.0   0.0   0.0   0.0   0.0\n"
    "  3.|-- 203.0.113.9               46.0%    50    9.4   9.5   8.3   9.1   3.1\n"
)
_MTR_JSON: Final = (
    "### 2025-11-04T03:00:00+00:00 opg-srv mtr --json\n"
    '{\n    "report": {\n        "mtr": {\n            "src": "opg-srv",\n            "dst": "vps1.example",\n'
    '            "tos": 0,\n            "tests": 10,\n            "psize": "64",\n            "bitpattern": "0x00"\n'
    '        },\n        "hubs": [\n            {\n                "count": 1,\n'
    '                "host": "203.0.113.9",\n'
    '                "Loss%": 20.0,\n                "Snt": 10,\n'
    '                "Last": 0.5\n            }\n        ]\n'
    "    }\n}\n"
)

SAMPLES: Final = (
    Sample(_COUNTERS, {
        "stamp": _NIGHT, "stamp_kind": "utc", "resolution": 2_000_000, "program": "ethtool", "line": 2, "host": None,
        "transport": "snapshot", "message": "?: rx_packets 1200, tx_packets 900, rx_errors 812, rx_crc_errors 812"}),
    Sample(_LINKS, {
        "stamp": _NIGHT, "stamp_kind": "utc", "host": "opg-srv", "program": "ip", "about": ["eno1", "eno2"],
        "line": [3, 9], "message": [
            "eno1: link up, carrier yes, state UP, master bond0, rx_packets 5800, tx_packets 4800, rx_errors 3",
            "eno2: link up, carrier no, state DOWN"]}),
    Sample(_BOND, {
        "stamp": _NIGHT, "host": "opg-srv", "program": "bonding", "about": ["bond0", "eno1", "eno2"],
        "message": ["bond0: active member eno2, MII status up",
                    "bond0 member eno1: MII status down, speed Unknown, link failures 4",
                    "bond0 member eno2: MII status up, speed 1000Mbps, link failures 0"]}),
    Sample(_NETCHECK, {
        "stamp": "2025-11-04T03:00:00.5", "program": "tailscale-netcheck", "message":
            "netcheck: UDP false, IPv4 no, IPv6 no, mapping-varies -, port-mapping UPnP, nearest-relay Frankfurt, "
            "relays-answering 1"}),
    Sample(_STATUS, {
        "stamp": _NIGHT, "host": "opg-srv", "program": "tailscale-status", "line": [2, 3, 4, 7], "message": [
            "this node opg-srv 100.76.8.62: state online",
            "peer vps1 100.85.61.82: state active, relay fra, tx 1234, rx 5678",
            "peer nas 100.101.102.103: state offline, last-seen 5m",
            "health: not connected to home DERP region 4"]}),
    Sample(_PING, {
        "program": "ping", "about": "192.0.2.1", "line": [1, 2, 3, 4, 5, 5],
        "stamp": [_NIGHT + ".25", _NIGHT + ".25", "2025-11-04T03:00:01.25", "2025-11-04T03:00:02.25",
                  "2025-11-04T03:00:02.25", "2025-11-04T03:00:07.25"],
        "message": ["ping 192.0.2.1: sent 8, answered 2, lost-percent 75.0",
                    "ping 192.0.2.1: answer to icmp_seq=1 in 0.410 ms", "ping 192.0.2.1: no answer to icmp_seq=2",
                    "ping 192.0.2.1: no answer to icmp_seq=3: Destination Host Unreachable",
                    "ping 192.0.2.1: no answer to icmp_seq=4 to 7, 6 in a row",
                    "ping 192.0.2.1: answer to icmp_seq=8 in 0.420 ms"]}),
    Sample(_MTR, {
        "stamp": _NIGHT, "stamp_kind": "utc", "resolution": 50_000_000, "host": "opg-srv", "program": "mtr",
        "about": ["192.0.2.1", "???", "203.0.113.9", "203.0.113.9"], "line": [3, 4, 5, 5], "message": [
            "hop 1 of 3 192.0.2.1: sent 50, lost-percent 0.0, last 0.4, avg 0.5, best 0.3, worst 1.1, deviation 0.1",
            "hop 2 of 3 ???: sent 50, lost-percent 100.0, last 0.0, avg 0.0, best 0.0, worst 0.0, deviation 0.0",
            "hop 3 of 3 203.0.113.9: sent 50, lost-percent 46.0, last 9.4, avg 9.5, best 8.3, worst 9.1, deviation 3.1",
            "ping 203.0.113.9: sent 50, answered 27, lost-percent 46.0"]}),
    Sample(_MTR_JSON, {
        "stamp": _NIGHT, "host": "opg-srv", "program": "mtr", "line": [15, 15], "message": [
            "hop 1 of 1 203.0.113.9: sent 10, lost-percent 20.0, last 0.5",
            "ping 203.0.113.9: sent 10, answered 8, lost-percent 20.0"]}),
)  # fmt: skip
