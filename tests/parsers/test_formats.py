"""What formats do beyond one header per line: continuation, boots, relays, several records in a line, odd headers."""

import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from io import BytesIO
from typing import Any

import pytest

from logcorr import parsers
from logcorr.parsers.fields.log_names import PROGRAMS
from logcorr.parsers.fields.months import MONTHS
from logcorr.parsers.formats.tables import WORKBOOK
from logcorr.rulebook import load_rules
from logcorr.schema import Source


def read(text: str | bytes, name: str = "x.log") -> Source:
    source = parsers.read(name, BytesIO(text.encode() if isinstance(text, str) else text))
    assert source.lines == source.rows.height + source.unparsed.height + source.continuation + source.markers
    return source


def column(source: Source, name: str) -> list[Any]:
    return source.rows[name].to_list()


def stamps(source: Source) -> list[str]:
    return [str(stamp) for stamp in column(source, "stamp")]


BOOT_A, BOOT_B = "a" * 32, "b" * 32


def test_boot_markers_are_a_state() -> None:
    source = read(
        f"-- Boot {BOOT_A} --\nNov 04 03:00:45 h p[1]: one\n-- Boot {BOOT_B} --\nNov 04 03:00:45 h p[1]: two\n"
        f"-- Boot {BOOT_A} --\nNov 04 03:00:46 h p[1]: three\n-- No entries --\n"
    )
    assert column(source, "boot") == [BOOT_A, BOOT_B, BOOT_A]
    assert source.markers == 4


def test_boot_holds_over_blocks() -> None:
    text = f"-- Boot {BOOT_A} --\n" + "Nov 04 03:00:45 h p[1]: one\n" * 40
    parts = list(parsers.read_blocks("x", BytesIO(text.encode()), block_bytes=200))
    assert len(parts) > 2
    assert {boot for part in parts for boot in part.rows["boot"]} == {BOOT_A}


def test_reboot_without_an_id_is_another_boot() -> None:
    line = "Nov 04 03:00:45 h p[1]: one\n"
    boots = column(read(f"{line}-- Reboot --\n{line}-- Reboot --\n{line}"), "boot")
    assert boots[0] is None
    assert len(set(boots)) == 3


def test_header_of_journalctl_tells_year_and_zone() -> None:
    source = read(
        "-- Logs begin at Fri 2022-02-04 09:34:04 UTC, end at Thu 2023-02-10 16:19:19 UTC. --\nFeb 04 09:34:10 h p: x\n"
    )
    assert (source.facts.year, source.facts.zone) == (2023, "UTC")
    assert source.facts.year_from == "header of journalctl"


def test_continuation_keeps_indentation_of_its_own() -> None:
    source = read(
        "Nov 04 03:00:45 h p[1]: Traceback:\n"
        "                          File x\n\n"
        "                        Error\n"
        "Nov 04 03:00:46 h p[1]: next\n"
    )
    assert column(source, "message") == ["Traceback:\n  File x\nError", "next"]
    assert (source.continuation, source.markers) == (2, 1)


def test_indented_text_that_follows_no_record_is_unparsed() -> None:
    source = read("    what\nNov 04 03:00:46 h p[1]: next\n")
    assert source.unparsed["text"].to_list() == ["    what"]


@pytest.mark.parametrize(
    "trace",
    [
        "java.net.ConnectException: Connection refused\n\tat org.example.Client.open(A.java:3)\nCaused by: x.Y: z\n",
        'Traceback (most recent call last):\n  File "a.py", line 3, in main\nOSError: [Errno 113] No route to host\n',
        "Error: connect ECONNREFUSED 192.0.2.9:5432\n    at TCPConnectWrap.afterConnect (node:net:1555:16)\n",
        "org.example.Refused\n\tat org.example.Client.open(Client.java:31)\n",
    ],
)
def test_a_trace_at_the_left_edge_belongs_to_the_record_before_it(trace: str) -> None:
    source = read(f"Nov 04 03:00:45 h p[1]: failed\n{trace}Nov 04 03:00:46 h p[1]: next\nplain words: of nobody\n")
    assert column(source, "message") == [f"failed\n{trace.rstrip()}", "next"]
    assert source.unparsed["text"].to_list() == ["plain words: of nobody"]


def test_catalogue_blocks_are_markers() -> None:
    source = read(
        "Nov 04 03:00:45 h systemd[1]: Started x.\n-- Subject: A start job\n-- Defined-By: systemd\n-- \n-- Done.\n"
        "Nov 04 03:00:45 h systemd[1]: y\n░░ Subject: A stop job\n░░ \n"
    )
    assert (source.rows.height, source.markers, source.unparsed.height) == (2, 6, 0)


def test_repeats_follow_their_own_host() -> None:
    source = read(
        "Nov  4 03:00:45 a p[1]: one\nNov  4 03:00:45 b q[2]: two\nNov  4 03:00:46 a last message repeated 3 times\n"
        "Nov  4 03:00:47: --- last message repeated 2 times ---\n"
    )
    assert column(source, "message") == ["one", "two", "one", "two"]
    assert column(source, "repeat") == [1, 1, 3, 2]
    assert column(source, "pid") == [1, 2, 1, 2]


@pytest.mark.parametrize("name", sorted(MONTHS))
def test_months_of_other_languages(name: str) -> None:
    (stamp,) = stamps(read(f"{name} 19 11:08:37 host app[4961]: test\n"))
    assert stamp == f"1972-{MONTHS[name]:02}-19 11:08:37"


def test_month_that_is_none_is_no_record() -> None:
    assert read("Foo 19 11:08:37 host app[4961]: test\n").rows.is_empty()


@pytest.mark.parametrize("day", ["Feb 30", "Nov 31"])
def test_day_that_does_not_exist_is_unparsed(day: str) -> None:
    source = read(f"{day} 11:08:37 host app[4961]: test\n")
    assert (source.rows.height, source.unparsed.height) == (0, 1)


def test_leap_second_does_not_reach_the_next_year() -> None:
    source = read("Dec 31 23:59:60 host app[1]: x\nDec 31 23:59:59 host app[1]: y\n")
    assert stamps(source)[0] == "1972-12-31 23:59:59.999999"
    assert stamps(read("2016-12-31T23:59:60+00:00 host app[1]: x\n")) == ["2016-12-31 23:59:59.999999"]


def test_offsets_in_all_spellings() -> None:
    source = read("".join(f"2025-11-04T04:00:45{zone} host app[1]: x\n" for zone in ("+01:00", "+0100", "Z", "-09:30")))
    assert [stamp[11:] for stamp in stamps(source)] == ["03:00:45", "03:00:45", "04:00:45", "13:30:45"]


def test_relayed_lines_keep_when_they_arrived() -> None:
    source = read(
        "2025-11-04T03:00:47Z\t192.0.2.9\t<13>Nov  4 04:00:45 vps1 app[1]: one\n"
        "2025-11-04T03:00:48Z\t192.0.2.9\t<13>Nov  4 04:00:46 app: two\n"
    )
    assert source.format == "syslog-rfc3164"
    assert column(source, "received")[0] == datetime(2025, 11, 4, 3, 0, 47, tzinfo=UTC)
    assert stamps(source)[0] == "1972-11-04 04:00:45"
    assert column(source, "host") == ["vps1", "192.0.2.9"]


def test_forward_format_holds_many_records_in_a_line() -> None:
    record = "<15>2025-11-04T03:00:45.194677+00:00 host tag: this is debug {}"
    source = read("".join(record.format(number) for number in range(3)))
    assert column(source, "message") == [f"this is debug {number}" for number in range(3)]
    assert column(source, "line") == [1, 1, 1]
    assert source.lines == 3


def test_busybox_without_host() -> None:
    source = read(
        "Jan  1 00:00:04 syslogd started: BusyBox v1.26.2\n"
        "Jan  1 00:00:03 box syslog.info syslogd started: BusyBox v1.27.2\n"
        "Jan  1 00:00:03 box daemon.notice netifd: Interface 'wan' is now up\n"
    )
    assert column(source, "message")[0] == "started: BusyBox v1.26.2"
    assert column(source, "program") == ["syslogd", None, "netifd"]
    assert column(source, "host") == [None, "box", "box"]
    assert column(source, "priority") == [None, 6, 5]


def test_unifi_prints_its_name_twice() -> None:
    source = read(
        "Nov  4 03:00:45 UDM UDM sshd[4]: x\n"
        "Nov  4 03:00:45 UDM [WAN_LOCAL-D-1] IN=eth8 OUT= SRC=192.0.2.1 DST=192.0.2.2 \n"
    )
    assert column(source, "program") == ["sshd", "kernel"]
    assert column(source, "host") == ["UDM", "UDM"]


def test_level_in_place_of_the_host() -> None:
    source = read("2025-11-04T03:00:45.987014-07:00 DEBUG kernel: [  316.559919] wlan0: up\n")
    assert (column(source, "host"), column(source, "priority"), column(source, "monotonic")) == (
        [None],
        [7],
        [316_559_919],
    )


def test_first_word_is_no_host_unless_others_have_it() -> None:
    source = read("Nov  4 03:00:45 Connection lost\nNov  4 03:00:46 Probe failed\n")
    assert column(source, "host") == [None, None]
    assert column(source, "message") == ["Connection lost", "Probe failed"]


def test_newest_first() -> None:
    lines = [f"04.11.25 03:00:{second:02} Internetverbindung wurde getrennt.\n" for second in range(9, 0, -1)]
    assert read("".join(lines)).facts.newest_first
    assert not read("".join(reversed(lines))).facts.newest_first


def test_zone_without_year_is_told() -> None:
    source = read("45: rt1: Nov  4 03:00:45.461 CEST: NTP Core (NOTICE): Clock synchronization lost.\n")
    assert column(source, "stamp_kind") == ["yearless"]
    assert source.facts.zone == "CET"


def test_zone_that_means_several_is_left_open() -> None:
    source = read("Tue 2025-11-04 04:00:46 CST host app[1]: x\n")
    assert source.facts.zone is None
    assert "CST means several zones" in source.facts.notes[0]


def test_dmesg_and_short_monotonic_are_told_apart() -> None:
    dmesg = "[    0.000000] Linux version 6.8\n[    1.000000] usb 1-1: new device\n[    1.500000] eth0: link up\n"
    assert read(dmesg).format == "dmesg"
    journal = "[    1.000000] host kernel: usb 1-1: new device\n[    1.500000] host systemd[1]: Started x.\n"
    assert read(journal).format == "journal-short-monotonic"


def test_omada_lines_among_others_are_the_controllers() -> None:
    other = "2025-11-04T03:00:45.000001+00:00 vps1 app[1]: one\n" * 30
    omada = (
        "2025-11-04T03:00:46.000001+00:00 10.0.0.2  2025-11-04 04:00:40 Controller - - - [WAN] of [gateway:x] is up.\n"
    )
    source = read(other + omada + other)
    assert source.format == "syslog-rfc3339+omada-controller"
    assert column(source, "program")[30] == "omada-controller"


def test_values_of_an_export_are_no_lines_of_their_own() -> None:
    evil = (
        "\nNov  4 03:00:45 ER605 Link Backup: [osg:00-00-5E-00-53-01] Backup took effect.\n\n__REALTIME_TIMESTAMP=1\n"
    )
    size = len(evil).to_bytes(8, "little")
    entry = b"__REALTIME_TIMESTAMP=1762225245000000\nMESSAGE\n" + size + evil.encode() + b"\n_PID=1\n\n"
    source = read(entry * 2)
    assert (source.format, source.rows.height) == ("journal-export", 2)
    assert column(source, "message") == [evil, evil]


def test_export_with_a_length_that_lies_loses_one_entry_only() -> None:
    good = b"__REALTIME_TIMESTAMP=1762225245000000\nMESSAGE=good\n\n"
    bad = b"__REALTIME_TIMESTAMP=1762225245000000\nMESSAGE\n" + (1 << 40).to_bytes(8, "little") + b"bad\n\n"
    source = read(good + bad + good)
    assert column(source, "message").count("good") == 2


def test_program_of_a_plain_log_is_its_file() -> None:
    text = "2025-11-04 03:00:45 FAILED\n"
    for name in ("monitor.log", "logs/monitor.log.2.gz", "a.tar!var/log/monitor-20251104.log", "monitor"):
        assert column(read(text, name), "program") == ["monitor"]
    assert column(read(text, "-"), "program") == [None]


@pytest.mark.parametrize(
    ("name", "program"),
    [
        ("edge1-frr.log", "frr"),
        ("logs/hub_strongswan.txt.gz", "strongswan"),
        ("strongswan-hub.log", "strongswan"),
        ("k.berg-openvpn-client.log.1", "openvpn"),
        ("dns2-kea-dhcp4-2026.log", "kea-dhcp4"),
        ("Edge-pihole-FTL.log", "pihole-FTL"),
        ("myopenvpn.log", "myopenvpn"),
        ("shop-app-error.log", "shop-app-error"),
    ],
)
def test_the_program_of_a_plain_log_stands_in_its_files_name(name: str, program: str) -> None:
    assert column(read("2026-03-14 09:15:29 link lost\n", name), "program") == [program]


def test_lines_that_name_no_program_are_of_that_which_the_files_name_names() -> None:
    text = "Mar 14 09:15:29 gw nginx[7]: one\n2026-03-14 09:15:30 two\n"
    assert column(read(text, "web1-squid.log"), "program") == ["nginx", "squid"]
    assert column(read(text, "web1.log"), "program") == ["nginx", None]


def test_every_program_that_a_files_name_may_name_is_one_that_rules_know() -> None:
    known = {glob for file in load_rules().events for glob in file.programs if glob != "*"}
    assert [name for name in sorted(PROGRAMS) if not any(fnmatchcase(name, glob.lower()) for glob in known)] == []


def test_docker_lines_without_time_zone_or_level() -> None:
    source = read('{"log":"Nov one\\n","stream":"stderr","time":"2025-11-04T03:00:45.1Z"}\nplain\n')
    assert (source.format, source.unparsed.height) == ("docker-json", 1)


def test_broken_json_line_spoils_no_other() -> None:
    good = '{"__REALTIME_TIMESTAMP":"1762225245991099","MESSAGE":"x","_BOOT_ID":"y"}\n'
    source = read(good + good[:40] + "\n" + good)
    assert (source.rows.height, source.unparsed.height) == (2, 1)


def workbook(rows: Iterable[tuple[str, ...]]) -> bytes:
    cells = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) + "</row>" for row in rows
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{relations}"><Relationship Id="r1" Type="{office}/officeDocument" '
        f'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        f'<sheet name="Log" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{relations}"><Relationship Id="r1" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
    }
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return buffer.getvalue()


def test_workbook() -> None:
    source = read(
        workbook([("Time", "Content"), *[("2025-11-04 03:00:45", "[gateway:x]: WAN1 was offline.")] * 5, ("?", "odd")])
    )
    if source.rows.is_empty():  # without the extra, the file says how to read it
        assert "logcorr[xlsx]" in source.facts.notes[0]
        return
    assert (source.format, stamps(source)) == ("xlsx", ["2025-11-04 03:00:45"] * 5)
    assert source.unparsed["text"].to_list() == ["?,odd"]


def test_broken_workbook_says_so() -> None:
    assert WORKBOOK.parse(b"PK\x03\x04 xl/ nothing").facts.notes


@pytest.mark.parametrize(
    ("text", "stamp"),
    [
        ("Date;Event\n04.11.2025 03:00:45;WAN down\n04.11.2025 03:00:46;WAN up\n", "2025-11-04 03:00:45"),
        ('When\tWhat\n"Nov 04, 2025 03:00:45 AM"\tdown\n"Nov 04, 2025 03:00:46 AM"\tup\n', "2025-11-04 03:00:45"),
        ("ts,msg\n1762225245,down\n1762225246,up\n", "2025-11-04 03:00:45"),
    ],
)
def test_tables_of_other_layouts(text: str | bytes, stamp: str) -> None:
    source = read(text)
    assert (source.format, source.rows.height) == ("csv", 2)
    assert stamps(source)[0] == stamp
