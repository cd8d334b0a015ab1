"""A link that a device at the end of it took down is no incident; one that others miss, or that leads on, is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logcorr.api import AnalyzeRequest, analyze
from logcorr.diagnosis.everyday import stood_in_for
from logcorr.diagnosis.judging import weights

DOWN, UP = (
    "%LINK-3-UPDOWN: Interface {port}, changed state to down",
    "%LINK-3-UPDOWN: Interface {port}, changed state to up",
)


def _switch(*lines: tuple[str, str, str], day: str = "Mar 14") -> str:
    told = [("00:00:05", "Gi1/0/2", UP), ("00:00:09", "Gi1/0/3", UP), *lines, ("23:59:00", "Gi1/0/2", UP)]
    return "".join(
        f"{day} {at} 192.0.2.9 {number}: {day} {at}.000: {text.format(port=port)}\n"
        for number, (at, port, text) in enumerate(told, 100)
    )


def _cause(tmp_path: Path, **logs: str) -> tuple[str, str]:
    for name, text in logs.items():
        (tmp_path / f"{name}.log").write_text(text, encoding="utf-8")
    verdict = analyze(AnalyzeRequest(inputs=[str(tmp_path)])).verdict
    return verdict.status, verdict.cause


def test_what_hangs_at_one_port_was_switched_off_and_on(tmp_path: Path) -> None:
    log = _switch(("09:10:00", "Gi1/0/3", DOWN), ("17:20:00", "Gi1/0/3", UP))
    assert _cause(tmp_path, switch=log) == ("no-incident", "no-incident")


def test_a_quiet_report_tells_of_the_port_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "sw.log").write_text(_switch(("09:10:00", "Gi1/0/3", DOWN), ("17:20:00", "Gi1/0/3", UP)))
    reason = analyze(AnalyzeRequest(inputs=[str(tmp_path)])).verdict.reason
    assert reason.endswith(
        "; a port lost its link, as when the device there is switched off: Gi1/0/3 on 192.0.2.9, 8 h 10 min"
    )


def test_many_that_are_switched_off_at_the_end_of_the_day(tmp_path: Path) -> None:
    ports = [("17:00:10", 1), ("17:00:31", 2), ("17:00:55", 3), ("17:01:20", 4), ("17:01:45", 5)]
    log = _switch(*[(at, f"Gi1/0/{port}", DOWN) for at, port in ports])
    assert _cause(tmp_path, switch=log)[1] == "no-incident"


@pytest.mark.parametrize("port", ["Te1/1/1", "Port-channel2", "TwentyFiveGigE1/1/4"])
def test_a_port_that_leads_on_counts(tmp_path: Path, port: str) -> None:
    log = _switch(("09:10:00", port, DOWN), ("09:20:00", port, UP))
    assert _cause(tmp_path, switch=log)[1] == "link-carrier-lost"


def test_ports_lost_in_one_moment_count(tmp_path: Path) -> None:
    lost = [("09:10:00", f"Gi1/0/{port}", DOWN) for port in (4, 5, 6, 7)]
    back = [("09:14:00", f"Gi1/0/{port}", UP) for port in (4, 5, 6, 7)]
    assert _cause(tmp_path, switch=_switch(*lost, *back))[1] == "link-carrier-lost"


def test_a_link_that_others_miss_counts(tmp_path: Path) -> None:
    log = _switch(("09:10:00", "Gi1/0/3", DOWN), ("09:20:00", "Gi1/0/3", UP))
    nas = "".join(
        f"2026-03-14T09:{minute}:00+00:00 web1 kernel: nfs: server 192.0.2.30 not responding, still trying\n"
        for minute in (11, 13, 15)
    )
    assert _cause(tmp_path, switch=log, web=nas)[1] != "no-incident"


BEGIN, MINUTE = datetime(2026, 3, 14, tzinfo=UTC), timedelta(minutes=1)
_LOSS = st.tuples(
    st.sampled_from("xy"), st.sampled_from("ab"), st.sampled_from(["1", "2", "3", None]), st.integers(0, 90),
    st.integers(0, 60), st.booleans(),
)  # fmt: skip


@given(st.lists(_LOSS, max_size=12))
def test_what_stood_in_is_another_one_of_the_machine_that_was_lost_long_after(rows: list[tuple[object, ...]]) -> None:
    columns = {"kind": pl.String, "host": pl.String, "object": pl.String, "start": pl.Int64, "lasts": pl.Int64,
               "planned": pl.Boolean}  # fmt: skip
    losses = pl.DataFrame(rows, schema=columns, orient="row").with_columns(
        start=pl.lit(BEGIN) + MINUTE * pl.col("start"),
        until=pl.lit(BEGIN) + MINUTE * (pl.col("start") + pl.col("lasts")),
    )
    gap = timedelta(seconds=weights.INCIDENT_GAP)
    known = [row for row in losses.rows(named=True) if row["kind"] == "x" and not row["planned"]]
    expected = [
        row["kind"] == "x" and not row["planned"] and any(
            other["host"] == row["host"] and other["object"] != row["object"]
            and row["start"] + gap < other["start"] < row["until"]
            for other in known
        )
        for row in losses.rows(named=True)
    ]  # fmt: skip
    assert stood_in_for(losses, ["x"]).to_list() == expected
