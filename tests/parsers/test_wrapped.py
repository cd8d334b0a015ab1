"""Lines as people paste them and as tools and collectors pass them on: the same records as without."""

import json
from io import BytesIO

import polars as pl
import pytest

from logcorr import parsers
from logcorr.schema import Source

GO = [
    "2025/11/04 03:00:45 magicsock: derp-10 connected; connGen=1",
    "2025/11/04 03:00:46 magicsock: closing connection to derp-12 (idle), age 5h1m52s",
]
JOURNAL = [
    "Nov 04 03:00:45 vps1 systemd-networkd[400]: eth0: Lost carrier",
    "Nov 04 03:00:46 vps1 kernel: e1000e 0000:00:1f.6 eth0: NIC Link is Down",
]
OPENWRT = [
    "Tue Nov  4 03:00:45 2025 daemon.notice netifd: Interface 'wan' has lost the connection",
    "Tue Nov  4 03:00:46 2025 kern.info kernel: [  123.456789] eth1: Link is Down",
]
LOGS = {"go": GO, "journal": JOURNAL, "openwrt": OPENWRT}
MARKS = {
    "quoted": "> {}",
    "quoted twice": "> > {}",
    "a code span": "`{}`",
    "a fence without a line of its own": "```{}",
    "an item": "- {}",
    "indented": "    {}",
    "a tab": "\t{}",
    "a box": "│ {}      │",
    "a line of HTML": "{}<br>",
    "cat -n": "     7\t{}",
    "grep -n": "7:{}",
    "grep over files": "/var/log/syslog.1:{}",
    "grep -n over files": "logs/syslog:7:{}",
    "coloured": "\x1b[0;1;39m{}\x1b[0m",
}
HEADERS = {
    "docker logs -t": "2025-11-04T03:00:45.123456789Z {}",
    "an export with a tab": "2025-11-04T03:00:45.123Z\t{}",
    "a relay": "2025-11-04T03:00:45+00:00 collector {}",
    "an old relay": "Nov  4 03:00:45 collector {}",
    "a prompt's time": "[2025-11-04 03:00:45] {}",
}
SERVICES = {
    "docker compose logs": ("vpn-1  | {}", None),
    "coloured compose logs": ("\x1b[36mvpn-1  | \x1b[0m{}", None),
    "kubectl logs --prefix": ("[pod/ts-abc-0/vpn] {}", "ts-abc-0"),
    "kubectl logs --prefix --timestamps": ("[pod/ts-abc-0/vpn] 2025-11-04T03:00:45.1Z {}", "ts-abc-0"),
    "stern": ("ts-abc-0 vpn {}", "ts-abc-0"),
}
SAME = ("stamp", "program", "pid", "message")


def read(text: str) -> Source:
    source = parsers.read("x.log", BytesIO(text.encode()))
    assert source.lines == source.rows.height + source.unparsed.height + source.continuation + source.markers
    return source


def wrapped(form: str, lines: list[str]) -> Source:
    return read("".join(form.format(line) + "\n" for line in lines))


def plain(lines: list[str]) -> pl.DataFrame:
    return read("\n".join(lines) + "\n").rows


@pytest.mark.parametrize("form", (MARKS | HEADERS).values(), ids=(MARKS | HEADERS).keys())
@pytest.mark.parametrize("lines", LOGS.values(), ids=LOGS.keys())
def test_same_records_as_without(form: str, lines: list[str]) -> None:
    source = wrapped(form, lines)
    assert source.rows.select(SAME).rows() == plain(lines).select(SAME).rows()
    assert not source.unparsed.height


@pytest.mark.parametrize("form", MARKS.values(), ids=MARKS.keys())
def test_a_record_is_found_where_its_line_begins(form: str) -> None:
    source = wrapped(form, GO)
    assert source.rows["line"].to_list() == [1, 2]
    assert source.rows["offset"].to_list() == [0, len((form.format(GO[0]) + "\n").encode())]


@pytest.mark.parametrize(("form", "pod"), SERVICES.values(), ids=SERVICES.keys())
def test_services_and_pods(form: str, pod: str | None) -> None:
    source = wrapped(form, GO)
    assert source.rows["program"].to_list() == ["tailscaled"] * 2
    assert source.rows["host"].to_list() == [pod] * 2
    other = wrapped(form, ["2025/11/04 03:00:45 listening on :4010"] * 2)
    assert other.rows["program"].to_list() == ["vpn"] * 2 if pod else ["vpn-1"] * 2


def test_what_a_collector_adds_is_when_it_came() -> None:
    rows = wrapped("2025-11-04T02:00:47.5Z {}", GO).rows
    assert rows["stamp"].dt.to_string("%H:%M:%S").to_list() == ["03:00:45", "03:00:46"]
    assert rows["received"].dt.replace_time_zone(None).dt.to_string("%H:%M:%S%.3f").to_list() == ["02:00:47.500"] * 2
    assert wrapped("2025-11-04T02:00:47+00:00 192.0.2.9 {}", GO).rows["host"].to_list() == ["192.0.2.9"] * 2
    assert wrapped("2025-11-04T02:00:47+00:00 192.0.2.9 {}", JOURNAL).rows["host"].to_list() == ["vps1"] * 2


def test_a_paste_between_prose() -> None:
    text = f"It breaks at night:\n\n> {JOURNAL[0]}\n> {JOURNAL[1]}\n\nAny ideas?\n"
    source = read(text)
    assert source.rows["message"].to_list() == plain(JOURNAL)["message"].to_list()
    assert source.unparsed["line"].to_list() == [1, 6]


def test_an_indented_line_of_a_record_is_no_record() -> None:
    rows = read(f"{JOURNAL[0]}\n    {JOURNAL[1]}\n").rows
    assert rows.height == 1
    assert rows["message"][0].endswith("NIC Link is Down")


def test_a_tabbed_view_is_no_collectors_header() -> None:
    rows = read("2025-11-04T03:00:45\tWarning\tapp\tno answer\n2025-11-04T03:00:46\tWarning\tapp\tagain\n").rows
    assert rows["message"].to_list() == ["no answer", "again"]


CONTAINERS = {
    "docker-json": lambda line: json.dumps(
        {"log": line + "\n", "stream": "stderr", "time": "2025-11-04T03:00:45.2Z"}, separators=(",", ":")
    ),
    "cri": lambda line: f"2025-11-04T03:00:45.2Z stderr F {line}",
    "docker-compose": lambda line: f"vpn-1  | 2025-11-04T03:00:45.2Z {line}",
}


@pytest.mark.parametrize("form", CONTAINERS)
def test_the_program_in_a_container(form: str) -> None:
    source = read("".join(CONTAINERS[form](line) + "\n" for line in GO))
    assert source.format == form
    assert source.rows["program"].to_list() == ["tailscaled"] * 2
    assert source.rows["message"][0] == "magicsock: derp-10 connected; connGen=1"
    assert source.rows["stamp"].dt.to_string("%H:%M:%S%.3f").to_list() == ["03:00:45.200"] * 2
    other = read("".join(CONTAINERS[form](line) + "\n" for line in ("plain text", "2025/11/04 03:00:45 my app")))
    assert "tailscaled" not in other.rows["program"].to_list()


def test_docker_under_journald() -> None:
    rows = read("".join(f"Nov 04 03:00:45 vps1 1f2e3d4c5b6a[999]: {line}\n" for line in GO)).rows
    assert rows["program"].to_list() == ["tailscaled"] * 2
    assert rows["host"].to_list() == ["vps1"] * 2


def test_syslog_in_a_stores_export() -> None:
    text = "".join(json.dumps({"@timestamp": "2025-11-04T03:07:00Z", "message": line}) + "\n" for line in JOURNAL)
    rows = read(text).rows
    assert rows["program"].to_list() == ["systemd-networkd", "kernel"]
    assert rows["host"].to_list() == ["vps1"] * 2
    assert rows["stamp"].dt.to_string("%H:%M:%S").to_list() == ["03:00:45", "03:00:46"]
    assert rows["received"].dt.to_string("%H:%M").to_list() == ["03:07"] * 2


def test_markers_and_what_goes_on_lose_the_same_mark() -> None:
    for mark in ("> ", "    ", "│ "):
        text = f"{mark}{JOURNAL[0]}\n{mark}-- Reboot --\n{mark}{JOURNAL[1]}\n{mark}    and more\n"
        source = read(text)
        assert source.rows["message"].to_list() == [
            "eth0: Lost carrier",
            "e1000e 0000:00:1f.6 eth0: NIC Link is Down\n    and more",
        ]
        assert source.rows["boot"].null_count() == 1
        assert not source.unparsed.height


def test_blanks_that_a_page_made_one() -> None:
    assert read("Tue Nov 4 03:00:45 2025 daemon.notice netifd: up\n").format == "openwrt"
    assert read("[Tue Nov 4 03:00:45 2025] e1000e: eth1 NIC Link is Down\n").rows["program"].to_list() == ["kernel"]
    assert read("Tue Nov 4 03:00:45 2025 SIGTERM[hard,] received\n").rows["message"].to_list() == [
        "SIGTERM[hard,] received"
    ]


@pytest.mark.parametrize("month", ["11月", " 11月", "11월", "nov."])
def test_months_of_other_languages(month: str) -> None:
    rows = read(f"{month} 04 03:00:45 vps1 app[7]: one\n{month} 04 03:00:46 vps1 app[7]: two\n").rows
    assert rows["stamp"].dt.to_string("%m-%d %H:%M:%S").to_list() == ["11-04 03:00:45", "11-04 03:00:46"]
    assert rows["host"].to_list() == ["vps1"] * 2


def test_the_first_word_of_a_containers_line_is_no_host() -> None:
    rows = read("2025-11-04T03:00:45.123456789Z Reserved Port: 80\n2025-11-04T03:00:46.123456789Z Server up\n").rows
    assert rows["host"].null_count() == 2
    assert rows["message"].to_list() == ["Reserved Port: 80", "Server up"]


def test_early_tailscaled_prints_its_memory_in_use() -> None:
    rows = read("2020/08/20 15:06:35 7.7M/24.0M magicsock: 0 active derp conns\n").rows
    assert rows["message"].to_list() == ["magicsock: 0 active derp conns"]
