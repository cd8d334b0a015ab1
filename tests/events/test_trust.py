"""Whether journald vouches for the origin of an event."""

import pytest

from logcorr.events import classify
from tests.events.material import rulebook, timeline

EVENTS = {"oom": {"says": "Out of memory: Killed process {pid}"}}
KERNEL = {"program": "kernel", "origin": {"transport": "kernel"}, "events": EVENTS}
UNIT = {"program": "kernel", "origin": {"unit": "tail*.service"}, "events": EVENTS}
ANY = {"program": "kernel", "events": EVENTS}


@pytest.mark.parametrize(
    ("rules", "record", "trusted"),
    [
        (KERNEL, {"trusted": True, "transport": "kernel"}, True),
        (KERNEL, {"trusted": True, "transport": "syslog", "unit": "session-3.scope"}, False),  # logger -t kernel ...
        (KERNEL, {"trusted": None, "transport": None}, None),  # a text file cannot say
        (KERNEL, {"trusted": False, "transport": "kernel"}, False),
        (UNIT, {"trusted": True, "transport": "stdout", "unit": "tailscaled.service"}, True),
        (UNIT, {"trusted": True, "transport": "syslog", "unit": "session-3.scope"}, False),
        (UNIT, {"trusted": None, "unit": "session-3.scope"}, False),
        (UNIT, {"trusted": None, "unit": "tailscaled.service"}, None),
        (UNIT, {"trusted": True, "transport": "stdout", "unit": None}, True),
        (ANY, {"trusted": True, "transport": "syslog"}, True),
        (ANY, {"trusted": False}, False),
        (ANY, {}, None),
    ],
)
def test_trust(rules: dict[str, object], record: dict[str, object], trusted: bool | None) -> None:
    said = {"program": "kernel", "message": "Out of memory: Killed process 1", **record}
    assert classify(timeline([said]), rulebook(rules))["trusted"].to_list() == [trusted]


def test_each_event_has_the_trust_that_its_own_rules_give() -> None:
    other = {"program": "kernel", "origin": {"transport": "syslog"}, "events": {"other": {"regex": "Killed process"}}}
    said = {"program": "kernel", "message": "Out of memory: Killed process 1", "trusted": True, "transport": "syslog"}
    events = classify(timeline([said]), rulebook(KERNEL, other))
    assert dict(events.select("event", "trusted").rows()) == {"oom": False, "other": True}
