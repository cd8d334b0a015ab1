"""The public incidents that the reference notes cite are judged as their sources were, or left open."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.simulate.accuracy import judge
from tests.simulate.public import PUBLIC, UNSHAPED, Public, public_incident

REFERENCE = Path(__file__).resolve().parents[2].parent / "shared" / "reference" / "tailscale-systemd.md"
_NUMBER = re.compile(r"\d+$")


@pytest.mark.parametrize("case", PUBLIC, ids=lambda case: case.id)
def test_a_public_incident_is_named_or_left_open_never_wrongly_named(case: Public) -> None:
    found = judge(public_incident(case))
    assert found.right, f"{found.cause} ({found.status})"


def test_most_are_named() -> None:
    assert sum(case.cause != "undetermined" and "undetermined" not in case.also for case in PUBLIC) * 2 > len(PUBLIC)


def test_ids_are_unique_and_sources_are_addresses() -> None:
    assert len({case.id for case in PUBLIC} | set(UNSHAPED)) == len(PUBLIC) + len(UNSHAPED)
    assert all(case.source.startswith("https://") for case in PUBLIC)


def test_every_issue_that_the_notes_cite_is_accounted_for() -> None:
    if not REFERENCE.exists():
        pytest.skip("the reference notes are not beside this repository")
    cited = set(re.findall(r"#(\d{2,6})\b", REFERENCE.read_text(encoding="utf-8")))
    known = {found[0] for name in (*(case.id for case in PUBLIC), *UNSHAPED) if (found := _NUMBER.search(name))}
    assert cited <= known


def test_the_same_case_gives_the_same_bytes() -> None:
    assert public_incident(PUBLIC[0]).files == public_incident(PUBLIC[0]).files
