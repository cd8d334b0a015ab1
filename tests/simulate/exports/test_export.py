"""journalctl is the oracle of the exporters: what it prints of our export is what our other forms say."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.simulate.exports.export import (
    STAMPS,
    Entry,
    entries,
    journal_export,
    journal_json,
    journal_json_pretty,
    journal_text,
    rsyslog,
)
from tests.simulate.machines import noise
from tests.simulate.machines.clock import HOUR, MINUTE, SECOND, Window, instant
from tests.simulate.machines.host import API, KERNEL, Host, machine
from tests.simulate.machines.tailscaled import FRANKFURT, Node, Tailscaled

START = instant("2025-11-04T02:00:00")
REMOTE = next(
    (
        path
        for path in map(Path, ("/usr/lib/systemd/systemd-journal-remote", "/lib/systemd/systemd-journal-remote"))
        if path.exists()
    ),
    Path("systemd-journal-remote"),
)


@cache
def written() -> tuple[Host, list[Entry]]:
    host = machine("opg-srv", "oracle", START, systemd=252)
    window = Window(START, START + HOUR // 3)
    noise.server(host, window, 1.0)
    nodes = [
        Node(name, name, f"100.64.0.{number}", f"203.0.113.{number}:41641")
        for number, name in enumerate(("a", "b", "c"))
    ]
    daemon = Tailscaled(host, nodes[0], (nodes[1], nodes[2]), "192.168.0.100", home=FRANKFURT)
    daemon.chatter(window)
    daemon.restart(START + 10 * MINUTE)
    host.log(START + SECOND, API, "\x1b[31mred\x1b[0m and\ttab")
    host.log(START + 2 * SECOND, API, b"caf\xe9 is not UTF-8")
    host.log(START + 3 * SECOND, API, "three\nlines\nof it")
    host.log(START + 4 * SECOND, API, "x" * 5000)
    host.log(START + 5 * SECOND, KERNEL, "Zagreb \u010d\u0107")
    return host, entries(host)


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    host, items = written()
    folder = tmp_path_factory.mktemp("journal")
    (folder / "all.export").write_bytes(journal_export(host, items))
    subprocess.run([REMOTE, "-o", folder / "all.journal", folder / "all.export"], check=True, capture_output=True)
    return folder / "all.journal"


def journalctl(journal: Path, mode: str) -> bytes:
    return subprocess.run(
        ["journalctl", "--file", journal, "-o", mode, "--utc", "--no-pager"], check=True, capture_output=True
    ).stdout


@pytest.mark.parametrize("mode", sorted(STAMPS))
def test_text_modes_are_what_journalctl_prints(journal: Path, mode: str) -> None:
    assert journal_text(*written(), mode).splitlines() == journalctl(journal, mode).splitlines()


def objects(text: bytes) -> list[dict[str, object]]:
    decoder, out, at, source = json.JSONDecoder(), [], 0, text.decode().strip()
    while at < len(source):
        item, at = decoder.raw_decode(source, at)
        out.append({key: value for key, value in item.items() if key != "__CURSOR"})  # its checksum is ours
        at += 1
    return out


@pytest.mark.parametrize(("mode", "form"), [("json", journal_json), ("json-pretty", journal_json_pretty)])
def test_json_modes_are_what_journalctl_prints(journal: Path, mode: str, form: object) -> None:
    assert callable(form)
    assert objects(form(*written())) == objects(journalctl(journal, mode))


def test_export_is_lossless(journal: Path) -> None:
    def fields(data: bytes) -> list[bytes]:
        return sorted(line for line in data.split(b"\n") if not line.startswith(b"__CURSOR"))

    assert fields(journal_export(*written())) == fields(journalctl(journal, "export"))


def test_rsyslog_has_one_line_a_record() -> None:
    host, items = written()
    for traditional in (False, True):
        lines = rsyslog(host, items, traditional=traditional).splitlines()
        assert len(lines) == len(items)
        assert any(b"three#012lines#012of it" in line for line in lines)
    assert lines[0].startswith(b"Nov  4 02:00:")
