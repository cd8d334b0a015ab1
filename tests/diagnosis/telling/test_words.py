"""An event in half a sentence: of several rules for it, that whose wording the line has."""

from __future__ import annotations

import pytest

from logcorr.diagnosis.telling.words import describe_event
from logcorr.rulebook import load_rules


@pytest.mark.parametrize(
    ("message", "target", "said"),
    [
        (
            "SERVICE ALERT: dns01;DNS;CRITICAL;HARD;3;Plugin timed out",
            "dns01;DNS",
            "the monitor cannot reach dns01;DNS",
        ),
        (
            "%TRACK-6-STATE: 10 ip sla 10 reachability Up -> Down",
            "10 ip sla 10",
            "the router's test 10 ip sla 10 fails",
        ),
    ],
)
def test_who_tells_it_is_named_for_what_it_is(message: str, target: str, said: str) -> None:
    row = {"event": "probe.failed", "program": "mon1", "message": message, "fields": {"target": target}}
    assert describe_event(row, load_rules()) == said
