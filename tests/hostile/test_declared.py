"""What has to be declared: containers that collect others' logs, the site's routers; and what a doubted line weighs."""

from __future__ import annotations

import io
import json
from math import exp, log
from pathlib import Path

import pytest

from logcorr.api import AnalyzeRequest, analyze
from logcorr.diagnosis.judging import weights
from logcorr.model import Report
from logcorr.parsers import read
from tests.hostile.incidents import incident
from tests.simulate.machines.clock import SECOND, moment

INNER = "Mar 14 03:00:00 gw kernel: eth0: Link is Down"
NAMES = ["collector-1-json.log", "collector.log"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("declared", [False, True])
def test_a_container_speaks_for_others_where_it_is_declared_a_collector(name: str, declared: bool) -> None:
    line = json.dumps({"log": f"{INNER}\n", "stream": "stdout", "time": "2026-03-14T03:00:00.5Z"})
    rows = read(name, io.BytesIO(f"{line}\n".encode() * 3), collectors=["coll*"] if declared else []).rows
    assert rows["message"].to_list() == ["eth0: Link is Down"] * 3
    assert set(rows["origin"]) == ({"text"} if declared else {"quoted"})
    assert set(rows["host"]) == ({"gw"} if declared else {None})
    assert set(rows["trusted"]) == ({None} if declared else {False})


def test_another_containers_declaration_is_none_of_this_one() -> None:
    line = json.dumps({"log": f"{INNER}\n", "stream": "stdout", "time": "2026-03-14T03:00:00.5Z"})
    rows = read("web-json.log", io.BytesIO(f"{line}\n".encode()), collectors=["coll*"]).rows
    assert (rows["origin"].item(), rows["host"].item()) == ("quoted", None)


def reported(name: str, folder: Path, more: dict[str, bytes], routers: tuple[str, ...] = ()) -> Report:
    told = incident(name)
    for file, data in {**told.files, **more}.items():
        (folder / file).write_bytes(data)
    return analyze(AnalyzeRequest(inputs=[str(folder)], now=moment(told.truth.until), routers=routers))


def test_a_declared_router_decides_as_one_that_is_not(tmp_path: Path) -> None:
    """And one that is not declared, where another is, decides nothing; both are said."""
    told = incident("wan-outage")
    sender = told.files["omada-controller.log"].split(b"\n")[0].split()[1].decode()
    plain, declared, other = (
        reported("wan-outage", folder, {}, routers)
        for folder, routers in ((tmp_path, ()), (tmp_path, (sender,)), (tmp_path, ("elsewhere",)))
    )
    assert plain.verdict.cause == "wan-outage"
    assert (declared.verdict.status, declared.verdict.cause) == (plain.verdict.status, plain.verdict.cause)
    assert not [gap for gap in declared.coverage if gap.kind == "contradicted"]
    assert other.verdict.cause != "wan-outage" or other.verdict.status not in ("likely", "confirmed")
    assert [gap.host for gap in other.coverage if gap.kind == "contradicted"] == [sender]


def test_an_undeclared_second_device_that_contradicts_the_router_is_told(tmp_path: Path) -> None:
    told = incident("link-carrier-lost")
    assert told.truth.started is not None
    lines = [
        f"{moment(told.truth.started + step * SECOND):%Y-%m-%dT%H:%M:%SZ} gw-guest dpinger: WAN_DHCP 192.0.2.1: Alarm "
        "latency 0us stddev 0us loss 100%"
        for step in range(-20, 60, 10)
    ]
    calm = reported("link-carrier-lost", tmp_path, {})
    spoofed = reported("link-carrier-lost", tmp_path, {"network.log": "".join(f"{line}\n" for line in lines).encode()})
    assert (spoofed.verdict.status, spoofed.verdict.cause) == (calm.verdict.status, calm.verdict.cause)
    (gap,) = [gap for gap in spoofed.coverage if gap.kind == "contradicted"]
    assert gap.host == "gw-guest"
    assert "--router gw-guest" in gap.reason


@pytest.mark.parametrize("ratio", [2, 5, 20, 200])
def test_a_doubted_sign_weighs_the_mean_of_both_ratios(ratio: int) -> None:
    """It may be said by whom it names (ratio to 1) or by anybody (1 to 1): it weighs less, and never nothing."""
    left = weights.doubted(log(ratio))
    assert exp(left) == pytest.approx((ratio + 1) / 2)
    assert 0 < left < log(ratio)


def test_lines_that_nothing_vouches_for_weigh_less_and_the_report_says_so(tmp_path: Path) -> None:
    """The same lines with and without what journald knew of those who sent them."""
    told = incident("service-crashed")
    looked_at = ("_COMM", "_EXE", "_CMDLINE", "_SYSTEMD_UNIT", "_SYSTEMD_CGROUP", "_SYSTEMD_SLICE", "_GID")
    bare = {
        name: b"".join(_without(line, looked_at) for line in data.splitlines())
        for name, data in told.files.items()
        if name.endswith(".json")
    }
    vouched, doubted = (tmp_path / part for part in ("vouched", "doubted"))
    for folder in (vouched, doubted):
        folder.mkdir()
    full, half = reported("service-crashed", vouched, {}), reported("service-crashed", doubted, bare)
    scores = [
        next(item.score for item in report.hypotheses if item.cause == "service-crashed") for report in (full, half)
    ]
    assert scores[1] < scores[0]
    said = [sign.says for item in half.hypotheses for sign in item.supports]
    assert any("nothing vouches for the sender, so this counts half" in text for text in said)


def _without(line: bytes, names: tuple[str, ...]) -> bytes:
    row = json.loads(line)
    keep = row.get("_PID") == "1" or row.get("_TRANSPORT") == "kernel"
    return json.dumps(row if keep else {name: row[name] for name in row if name not in names}).encode() + b"\n"
