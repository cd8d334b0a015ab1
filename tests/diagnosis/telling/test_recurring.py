"""What comes again at one place for one cause is one headline; what differs in cause, thing or weight stays apart."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from logcorr.model import Verdict
from tests.diagnosis.telling.test_order import FLUSHED, MIDNIGHT, log, told

Said = tuple[float, str]


def down(interface: str, since: float, until: float) -> tuple[Said, Said]:
    """A card loses its link, and has it again."""
    card = f"kernel: e1000e 0000:00:1f.6 {interface}: NIC Link is"
    return (since, f"{card} Down"), (until, f"{card} Up 1000 Mbps Full Duplex, Flow Control: None")


def found(folder: Path, *said: Said) -> tuple[Verdict, ...]:
    return told(folder, srv7=log("srv7", *said)).incidents


@pytest.mark.parametrize("starts", [(600, 1200), (300, 600, 1200)], ids=["twice", "three times"])
def test_a_few_outages_of_one_cause_at_one_place_are_one_headline(tmp_path: Path, starts: tuple[int, ...]) -> None:
    (one,) = found(tmp_path, *(line for start in starts for line in down("eth0", start, start + 12)))
    assert (one.started, one.ended) == (
        MIDNIGHT + timedelta(minutes=starts[0]),
        MIDNIGHT + timedelta(minutes=starts[-1] + 12),
    )
    assert one.recurrence is not None
    assert [each.start for each in one.recurrence.outages] == [MIDNIGHT + timedelta(minutes=each) for each in starts]
    assert (one.recurrence.count, one.recurrence.period_s, one.recurrence.chance) == (len(starts), None, None)
    assert f"It happened {len(starts)} times between 2026-04-07 " in one.summary
    assert "regular" not in one.summary


def test_what_goes_on_the_second_time_goes_on(tmp_path: Path) -> None:
    (one,) = found(tmp_path, *down("eth0", 600, 612), *down("eth0", 1200, 2000)[:1])
    assert (one.ongoing, one.ended) == (True, None)
    assert one.recurrence is not None
    assert one.recurrence.outages[-1].end is None


@pytest.mark.parametrize(
    "other",
    [down("eth1", 1200, 1212), down("eth0", 1200, 1202), FLUSHED],
    ids=["another card", "a blip beside an outage", "another cause"],
)
def test_what_differs_stays_apart(tmp_path: Path, other: tuple[Said, ...]) -> None:
    incidents = found(tmp_path, *down("eth0", 60, 90), *other)
    assert len(incidents) == 2
    assert [each.recurrence for each in incidents] == [None, None]


def test_a_silence_of_another_peer_is_another_incident(tmp_path: Path) -> None:
    def refused(address: str, since: int) -> list[Said]:
        text = f"backup[1200]: dial tcp {address}:8080: connect: connection refused"
        return [(since + number / 4, text) for number in range(60)]

    assert len(found(tmp_path, *refused("192.0.2.7", 60), *refused("192.0.2.7", 600))) == 1
    incidents = found(tmp_path, *refused("192.0.2.7", 60), *refused("192.0.2.8", 600))
    assert [each.recurrence for each in incidents] == [None, None]


def test_what_fails_on_another_machine_is_another_incident(tmp_path: Path) -> None:
    logs = {"srv7": log("srv7", *down("eth0", 60, 90)), "srv8": log("srv8", *down("eth0", 1200, 1212))}
    assert [each.hosts for each in told(tmp_path, **logs).incidents] == [("srv7",), ("srv8",)]
