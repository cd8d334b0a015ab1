"""Each variant that routers and switches are known to send or store, whole: what it is taken for, and what is read."""

from io import BytesIO

import pytest

from logcorr import parsers
from logcorr.schema import Source

MAC = "00-00-5E-00-53-01"
OFFLINE = f"[gateway:{MAC}]: The online detection result of [WAN1] was offline."
RAW = "<134>1 2025-11-04 04:00:45 Omada Controller_000001 - - - "
BSD = "<133>Nov  4 04:00:45 ER605 "
BACKUP = "[osg:00-00-5E-00-53-01] Backup [WAN/LAN2] took effect."
EAP = "[1762225245.541010111] AP MAC=00:00:5e:00:53:05 IP SRC=192.0.2.73"
CEF = "CEF:0|Ubiquiti|UniFi Network|10.5|100|Internet Down|10|UNIFIwanId=WAN1 UNIFIutcTime=2025-11-04T03:00:45.4Z msg=x"
NETFILTER = "IN=eth0 OUT= MAC=00 SRC=192.0.2.1 DST=192.0.2.2 LEN=40 PROTO=TCP "
IOS = "%LINK-3-UPDOWN: Interface Gi0/1, changed state to down"

UTC, LOCAL, YEARLESS, CLOCK, UPTIME = "utc", "local", "yearless", "timeofday", "uptime"
#: format, the line, and how its time is to be read, host, program, severity, message.
LINES = [
    ("omada-controller", f"2025-11-04T03:00:50.3+00:00 site  2025-11-04 04:00:45 Controller - - - {OFFLINE}#015",
     LOCAL, "site", "omada-controller", None, OFFLINE),
    ("omada-controller", f"2025-11-04T03:00:50Z\t192.0.2.9\t{RAW}{OFFLINE}\r",
     LOCAL, "Omada Controller_000001", "omada-controller", 6, OFFLINE),
    ("omada-controller", f"2025-11-04T03:00:50+00:00 192.0.2.9 {RAW}{OFFLINE}",
     LOCAL, "192.0.2.9", "omada-controller", 6, OFFLINE),
    ("omada-controller", f"Nov  4 03:00:50 site  2025-11-04 04:00:45 Controller - - - {OFFLINE}",
     LOCAL, "site", "omada-controller", None, OFFLINE),
    ("omada-controller", f"{RAW}{OFFLINE}", LOCAL, "Omada Controller_000001", "omada-controller", 6, OFFLINE),
    ("omada-gateway", f"{BSD}Link Backup: {BACKUP}", YEARLESS, "ER605", "omada-gateway", 5, BACKUP),
    ("omada-gateway", f"2025-11-04T03:00:50+00:00 192.0.2.9 {BSD}Link Backup: {BACKUP}",
     YEARLESS, "ER605", "omada-gateway", 5, BACKUP),
    ("omada-gateway", f"2025-11-04T04:00:45+01:00 ER605 Link Backup: {BACKUP}",
     UTC, "ER605", "omada-gateway", None, BACKUP),
    ("omada-gateway", f"{BSD}ONLINE_DECTION: [osg:{MAC}][alertLogResolve]: The result of [WAN1] was online.",
     YEARLESS, "ER605", "omada-gateway", 5, f"[osg:{MAC}][alertLogResolve]: The result of [WAN1] was online."),
    ("omada-eap", f"<6>Nov  4 04:00:45 192.0.2.5 {EAP}", UTC, "192.0.2.5", "omada-eap", 6, EAP[23:]),
    ("omada-eap", f"2025-11-04T04:00:45.1+01:00 192.0.2.5 {EAP}", UTC, "192.0.2.5", "omada-eap", None, EAP[23:]),
    ("tplink", "2025-11-04 03:00:45 [5] Httpd: Clear log.", LOCAL, None, "Httpd", 5, "Clear log."),
    ("openwrt", "Tue Nov  4 03:00:45 2025 daemon.notice netifd: Interface 'wan' is now down",
     LOCAL, None, "netifd", 5, "Interface 'wan' is now down"),
    ("openwrt", "Tue Nov  4 03:00:45 2025 user.notice : no tag", LOCAL, None, None, 5, "no tag"),
    ("syslog-rfc3164", "<29>Nov  4 03:00:45 OpenWrt netifd: Interface 'wan' is now down",
     YEARLESS, "OpenWrt", "netifd", 5, "Interface 'wan' is now down"),
    ("mikrotik", ' time=2025-11-04 03:00:45 topics=interface,info message="ether1 link down" ',
     LOCAL, None, "mikrotik", 6, "interface,info ether1 link down"),
    ("mikrotik", ' time=nov/04 03:00:45 topics=interface,info message="ether1 link down"',
     YEARLESS, None, "mikrotik", 6, "interface,info ether1 link down"),
    ("mikrotik", ' time=03:00:45 topics=system,error,critical message="router rebooted"',
     CLOCK, None, "mikrotik", 2, "system,error,critical router rebooted"),
    ("mikrotik", "nov/04/2025 03:00:45 pppoe,ppp,info pppoe-out1: disconnected",
     LOCAL, None, "mikrotik", 6, "pppoe,ppp,info pppoe-out1: disconnected"),
    ("syslog-rfc3339", "2025-11-04T03:00:45.7+00:00 192.0.2.1 interface,warning ether1 link down",
     UTC, "192.0.2.1", "mikrotik", 4, "interface,warning ether1 link down"),
    ("unifi-cef", CEF, UTC, None, "unifi", None, CEF),
    ("syslog-rfc3164", f"Nov  4 04:00:45 UDM {CEF}", UTC, "UDM", "unifi", None, CEF),
    ("syslog-rfc3164", f"Nov  4 04:00:45 UDM UDM {CEF}", UTC, "UDM", "unifi", None, CEF),
    ("syslog-rfc3164", f"Nov  4 04:00:45 UDM UDM [WAN_LOCAL-D-1] {NETFILTER}",
     YEARLESS, "UDM", "kernel", None, f"[WAN_LOCAL-D-1] {NETFILTER}"),
    ("syslog-rfc3164", "<29>Nov  4 04:00:45 US24P250,00005e005301,v4.0.54.10625 switch: TRAPMGR: Cold Start: Unit: 0",
     YEARLESS, "US24P250,00005e005301", "switch", 5, "TRAPMGR: Cold Start: Unit: 0"),
    ("syslog-rfc3164", "<30>Nov  4 04:00:45 U7PG2,00005e005302,v6.5.28.14491: hostapd: ath1: STA associated",
     YEARLESS, "U7PG2,00005e005302", "hostapd", 6, "ath1: STA associated"),
    ("syslog-rfc3164", f"Nov  4 04:00:45 edge kernel: [LAN_LOCAL-default-A]{NETFILTER}",
     YEARLESS, "edge", "kernel", None, f"[LAN_LOCAL-default-A]{NETFILTER}"),
    ("syslog-rfc3164", "Nov  4 04:00:45 edge user.info kernel: L=126 ID=8698 DF PROTO=TCP",
     YEARLESS, "edge", "kernel", 6, "L=126 ID=8698 DF PROTO=TCP"),
    ("syslog-rfc3164", "<134>Nov  4 04:00:45 filterlog[72237]: 146,,,igb1,match", YEARLESS, None, "filterlog", 6,
     "146,,,igb1,match"),
    ("syslog-rfc5424", "<134>1 2025-11-04T03:00:45.868451+00:00 fw.lan filterlog 92653 - - 7,,,re0",
     UTC, "fw.lan", "filterlog", 6, "7,,,re0"),
    ("syslog-rfc5424", '<134>1 2025-11-04T04:00:45+01:00 fw filterlog 69805 - [meta sequenceId="2633353"] 10,,,re0',
     UTC, "fw", "filterlog", 6, "10,,,re0"),
    ("syslog-rfc3164", "Nov  4 04:00:45 fw dpinger[50793]: WAN_DHCP 192.0.2.1: Alarm latency 0us stddev 0us loss 100%",
     YEARLESS, "fw", "dpinger", None, "WAN_DHCP 192.0.2.1: Alarm latency 0us stddev 0us loss 100%"),
    ("fritzbox", "04.11.25 04:00:45 Internetverbindung wurde getrennt.",
     LOCAL, None, "fritzbox", None, "Internetverbindung wurde getrennt."),
    ("fritzbox", "04.11.25\t04:00:45\tPPPoE-Fehler: Zeitüberschreitung.",
     LOCAL, None, "fritzbox", None, "PPPoE-Fehler: Zeitüberschreitung."),
    ("cisco-ios", f"022702: Nov  4 03:00:45: {IOS}", YEARLESS, None, "cisco-ios", 3, IOS),
    ("cisco-ios", f"<187>123: 022702: *Nov 4 03:00:45.123 UTC+07:30: {IOS}", YEARLESS, None, "cisco-ios", 3, IOS),
    ("cisco-ios", f"<187>22702: rt1: Nov  4 2025 04:00:45.1 CET: {IOS}", UTC, "rt1", "cisco-ios", 3, IOS),
    ("cisco-ios", f"2025-11-04T03:00:50+00:00 192.0.2.1 22702: Nov  4 2025 03:00:45: {IOS}",
     LOCAL, "192.0.2.1", "cisco-ios", 3, IOS),
    ("cisco-ios", f"3d07h: {IOS}", UPTIME, None, "cisco-ios", 3, IOS),
    ("huawei", "<29>2025-11-4 03:00:45.270.1 sw %%01IFNET/4/IF_STATE(l)[1]:down", LOCAL, "sw", "huawei", 4,
     "%%01IFNET/4/IF_STATE(l)[1]:down"),
    ("syslog-rfc3339", "<165>1 2025-11-04T03:00:45.719Z mib2d[1484]: SNMP_TRAP_LINK_DOWN: ifIndex 584",
     UTC, None, "mib2d", 5, "SNMP_TRAP_LINK_DOWN: ifIndex 584"),
    ("syslog-rfc3164", "Nov  4 04:00:45 WAN_Connection: Ethernet link down.", YEARLESS, None, "WAN_Connection", None,
     "Ethernet link down."),
    ("syslog-rfc3164", "Nov  4 04:00:45 WAN(0)_Connection: WAN(0) link down", YEARLESS, None, "WAN(0)_Connection",
     None, "WAN(0) link down"),
    ("syslog-rfc3164", "Jan  1 00:00:04 syslogd started: BusyBox v1.26.2", YEARLESS, None, "syslogd", None,
     "started: BusyBox v1.26.2"),
    ("syslog-rfc3164", "Jan  1 00:00:03 box syslog.info syslogd started: BusyBox v1.27.2", YEARLESS, "box", None, 6,
     "syslogd started: BusyBox v1.27.2"),
    ("fortinet", '1: date=2025-11-04 time=06:00:45 logid="1" level="notice" eventtime=1762225245123456789 tz="+0300"',
     UTC, None, "fortigate", 5, None),
    ("fortinet", '<189>date=2025-11-04 time=06:00:45 devname="fw1" level="warning" eventtime=1762225245 status="DOWN"',
     UTC, "fw1", "fortigate", 4, None),
    ("fortinet", 'Nov  4 06:00:46 192.0.2.1 date=2025-11-04 time=06:00:45 level="error" tz="+0300" action="x"',
     UTC, "192.0.2.1", "fortigate", 3, None),
]  # fmt: skip
DATES = {LOCAL: ("2025-11-04 04:00:45", "2025-11-04 03:00:45"), YEARLESS: ("1972-11-04", "1972-01-01")}


def read(text: str, name: str = "x.log") -> Source:
    source = parsers.read(name, BytesIO(text.encode()))
    assert source.lines == source.rows.height + source.unparsed.height + source.continuation + source.markers
    return source


@pytest.mark.parametrize(("form", "line", "kind", "host", "program", "priority", "message"), LINES)
def test_each_variant(
    form: str, line: str, kind: str, host: str | None, program: str | None, priority: int | None, message: str | None
) -> None:
    source = read(f"{line}\n" * 2)
    assert (source.format, source.rows.height, source.unparsed.height) == (form, 2, 0)
    row = source.rows.row(0, named=True)
    assert (row["stamp_kind"], row["host"], row["priority"]) == (kind, host, priority)
    assert row["program"] == (program or "x")
    assert row["message"] == (message or row["message"])
    stamp = str(row["stamp"])
    if kind == UTC:
        assert stamp.startswith("2025-11-04 03:00:45")
    else:
        assert stamp.startswith(DATES.get(kind, ("1970", "1972")))


#: Of two variants that follow one another in a file, each line is still taken for what it is by itself.
NARROW = ("omada-controller", "omada-gateway", "omada-eap", "cisco-ios", "huawei", "fortinet", "unifi-cef")


@pytest.mark.parametrize(
    "narrow", [line for line in LINES if line[0] in NARROW and "\t" not in line[1]], ids=lambda line: line[1][:40]
)
def test_a_vendors_lines_among_plain_syslog(narrow: tuple[str, ...]) -> None:
    plain = ["Nov  4 03:00:44 vps1 app[1]: one\n", "2025-11-04T03:00:44.5+00:00 vps1 app[1]: one\n"]
    for other in plain:
        source = read(other * 20 + f"{narrow[1]}\n" + other * 20)
        assert narrow[0] in source.format.split("+"), source.format
        row = source.rows.row(20, named=True)
        assert (row["program"], row["stamp_kind"], row["host"]) == (narrow[4], narrow[2], narrow[3])


def test_rfc5424_among_rfc3339() -> None:
    proper = "<134>1 2025-11-04T03:00:45.868451+00:00 fw.lan filterlog 92653 - - 7,,,re0\n"
    source = read("2025-11-04T03:00:44.5+00:00 vps1 app[1]: one\n" * 5 + proper)
    assert source.rows["host"].to_list()[-1] == "fw.lan"
    assert source.rows["program"].to_list()[-1] == "filterlog"


def test_a_datagram_of_an_access_point_holds_several_records() -> None:
    source = read(f"<6>Nov  4 04:00:45 192.0.2.5 {EAP}#012{EAP.replace('245.', '246.')}\n")
    assert [stamp.second for stamp in source.rows["stamp"]] == [45, 46]
    assert source.rows["host"].to_list() == ["192.0.2.5"] * 2


def test_zone_by_number_and_a_clock_in_doubt() -> None:
    source = read(f"12: *Nov 4 03:00:45.123 UTC+07:30: {IOS}\n" * 3)
    assert source.facts.zone == "+07:30"
    assert source.facts.notes == (
        "3 times are marked by the device as those of a clock that is not set or not synchronised",
    )


def test_forwarded_records_without_a_tag_keep_their_own_time() -> None:
    source = read("".join(f"<15>2025-11-04T03:00:{number}.25+00:00 host log_tag debug {number}" for number in (45, 46)))
    assert [stamp.second for stamp in source.rows["stamp"]] == [45, 46]


TABLES = [
    ("Date,Time,Content", "2025-11-04,04:00:45,down", "2025-11-04 04:00:45", "down"),
    ("Datum;Uhrzeit;Ereignis", "04.11.25;04:00:45;Internetverbindung wurde getrennt.", "2025-11-04 04:00:45",
     "Internetverbindung wurde getrennt."),
    ("#,Time,Content", "1,13/11/2025 04:00:45,down", "2025-11-13 04:00:45", "down"),
    ("#,Time,Content", "1,11/13/2025 04:00:45,down", "2025-11-13 04:00:45", "down"),
    ("#,Time,Content", "1,04/11/2025 04:00:45,down", "2025-11-04 04:00:45", "down"),
    ("No.\tTime\tContent", "1\t11/04/2025 04:00:45 PM\tdown", "2025-11-04 16:00:45", "down"),
    ("Content;Time", "down;Nov 04, 2025 04:00:45 am", "2025-11-04 04:00:45", "down"),
    ("Time,Content", '2025-11-04 04:00:45,"down, ""again""\nmore"', "2025-11-04 04:00:45", 'down, "again"\nmore'),
    ("\ufeffTime,Level,Content", "2025-11-04 04:00,Warning,down", "2025-11-04 04:00:00", "down"),
]  # fmt: skip


@pytest.mark.parametrize(("heading", "line", "stamp", "message"), TABLES)
def test_tables_of_any_layout(heading: str, line: str, stamp: str, message: str) -> None:
    source = read(f"{heading}\n" + f"{line}\n" * 3, "log.csv")
    assert (source.format, source.rows.height) == ("csv", 3)
    assert str(source.rows["stamp"][0]) == stamp
    assert source.rows["message"][0] == message
    assert any("day/month" in note for note in source.facts.notes) == ("04/11" in line)


def test_a_fritzbox_table_is_named() -> None:
    assert read(f"{TABLES[1][0]}\n{TABLES[1][1]}\n").rows["program"].to_list() == ["fritzbox"]
