"""The shipped fixtures are what the composer makes, and hold what the story says."""

from __future__ import annotations

import gzip
import json
import tomllib
from functools import cache

import pytest

from tests.simulate.fixtures import FOLDER, fixtures, stored
from tests.simulate.story import LINK_DOWN, WAN, clock


@cache
def made() -> dict[str, bytes]:
    return fixtures()


def committed() -> set[str]:
    return {
        str(path.relative_to(FOLDER))
        for path in FOLDER.rglob("*")
        if path.is_file() and path.name not in ("README.md", ".gitattributes")
    }


def test_the_folder_holds_these_files_and_no_others() -> None:
    assert committed() == set(made())


@pytest.mark.parametrize("name", sorted(committed()))
def test_committed_file_equals_what_is_generated(name: str) -> None:
    assert stored(FOLDER / name) == made()[name]  # a .gz by its content: zlib's versions compress differently


def values(export: bytes, field: bytes) -> list[bytes]:
    return [line.partition(b"=")[2] for line in export.split(b"\n") if line.startswith(field + b"=")]


def test_link_down_is_seen_twice_at_the_noted_times() -> None:
    entries = made()["tailscale-link-flap/opg-srv.export"].split(b"\n\n")
    downs = [entry for entry in entries if b"\nMESSAGE=tailscale0: Link DOWN\n" in entry]
    assert [int(values(entry, b"_SOURCE_REALTIME_TIMESTAMP")[0]) for entry in downs] == list(LINK_DOWN)
    assert {values(entry, b"_PID")[0] for entry in downs} == {b"1111"}


def test_the_uplink_fails_before_any_connection_does() -> None:
    export = made()["tailscale-link-flap/opg-srv.export"]
    first = min(
        int(values(entry, b"__REALTIME_TIMESTAMP")[0])
        for entry in export.split(b"\n\n")
        if b"i/o timeout" in entry or b"reset by peer" in entry
    )
    assert first > clock(WAN[0][0]) + 15_000_000


def test_no_carrier_is_lost_but_the_tunnels() -> None:
    messages = values(made()["tailscale-link-flap/opg-srv.export"], b"MESSAGE")
    assert {message for message in messages if b"carrier" in message or b"Link DOWN" in message} == {
        b"tailscale0: Link DOWN",
        b"tailscale0: Lost carrier",
        b"tailscale0: Gained carrier",
    }
    assert not [
        message for message in messages if b"NIC Link" in message or (b"bond0" in message and b"slave" in message)
    ]


def test_each_restart_follows_four_failures_and_is_answered_once() -> None:
    words = [
        line.split()[5] if b"from" in line else line.split()[2]
        for line in made()["tailscale-link-flap/tailscale-monitor.log"].splitlines()
    ]
    text = b" ".join(words)
    cycle = b"FAILED FAILED FAILED FAILED restarting tailscaled OK "
    assert cycle * 2 + b"FAILED FAILED OK" in text.replace(b"(no", b"")
    assert text.count(b"restarting") == 2


def test_nothing_fails_on_the_quiet_night() -> None:
    quiet = {name: data for name, data in made().items() if name.startswith("quiet-night/")}
    assert b"FAILED" not in quiet["quiet-night/tailscale-monitor.log"]
    for data in quiet.values():
        assert b"tailscaled got signal" not in data
        assert b"timeout opening" not in data
        assert b"offline" not in data.replace(b"went offline", b"")


def test_every_json_line_is_an_object_with_an_address() -> None:
    for line in made()["tailscale-link-flap/vps1.json.gz"].splitlines():
        row = json.loads(line)
        assert row["__CURSOR"].startswith(f"s={row['__SEQNUM_ID']};")
        assert row["_HOSTNAME"] == "vps1"


@pytest.mark.parametrize("name", sorted(name for name in committed() if name.endswith(".toml")))
def test_truth_is_valid_toml_about_the_files_present(name: str) -> None:
    truth = tomllib.loads((FOLDER / name).read_text())
    folder = FOLDER / name.removesuffix(".toml")
    assert set(truth["zones"]) == set(truth["hosts"]) == {path.name for path in folder.iterdir()}
    assert truth["window"]["since"] < truth["window"]["until"]


def test_compressed_files_carry_no_time() -> None:
    for path in FOLDER.rglob("*.gz"):
        assert path.read_bytes()[3:8] == b"\0\0\0\0\0"
        assert gzip.decompress(path.read_bytes())
