"""Whether journald vouches for the origin of an event."""

import pytest

from logcorr.events import classify
from logcorr.origin import HIDDEN
from logcorr.rulebook import load_rules
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


@pytest.mark.parametrize(
    ("origin", "trusted"),
    [("service", True), ("script", None), ("user", False), ("container", None), ("quoted", False), ("text", None)],
)
def test_a_script_of_the_sites_own_may_log_under_any_name(origin: str, trusted: bool | None) -> None:
    """``logger -t NAME`` from root's cron: there is no program that the name belongs to. A user's is not the site's."""
    rules = load_rules()
    said = {"program": "net-monitor", "message": "100.76.8.62:4010 FAILED", "origin": origin}
    found = classify(timeline([said]), rules)
    assert found.filter(event="probe.failed")["trusted"].to_list() == [trusted]


@pytest.mark.parametrize(("origin", "trusted"), [("script", None), ("quoted", None), ("user", False), ("tool", False)])
def test_what_any_program_may_say_depends_on_no_name(origin: str, trusted: bool | None) -> None:
    said = {"program": "x", "message": "Killed", "origin": origin}
    rules = rulebook({"program": "*", "events": {"killed": {"says": "Killed"}}})
    assert classify(timeline([said]), rules)["trusted"].to_list() == [trusted]


def test_an_event_may_have_an_origin_of_its_own() -> None:
    events = {"a": {"says": "Killed"}, "b": {"regex": "^Killed", "origin": {"by": ["user"]}}}
    said = {"program": "x", "message": "Killed", "origin": "user"}
    found = classify(timeline([said]), rulebook({"program": "x", "events": events}))
    assert dict(found.select("event", "trusted").rows()) == {"a": False, "b": None}


def test_wordings_do_not_see_what_outsiders_chose() -> None:
    door = {
        "program": "door",
        "outsiders": [r"^(?P<own>open)$", r"^(?P<before>no ).+(?P<after> came in)$", ".+"],
        "events": {
            "opened": {"says": "open"},
            "turned.away": {"regex": "^no (?P<user>.+) came in$"},
            "named": {"regex": "^no (?P<user>.+) came in$", "outsider_fields": ["user"]},
        },
    }
    anywhere = {"program": "*", "events": {"alarm": {"regex": "fire"}}}
    said = ["open", "no fire came in", "fire", "no fire came in, fire"]
    found = classify(timeline([{"program": "door", "message": text} for text in said]), rulebook(door, anywhere))
    assert found.select("id", "event").rows() == [(0, "opened"), (1, "turned.away"), (1, "named")]
    assert found.filter(event="named")["fields"].struct.field("user").to_list() == ["fire"]
    assert found.filter(event="turned.away")["fields"].struct.field("user").to_list() == [HIDDEN]
    elsewhere = classify(timeline([{"program": "lift", "message": "fire"}]), rulebook(door, anywhere))
    assert elsewhere["event"].to_list() == ["alarm"]
