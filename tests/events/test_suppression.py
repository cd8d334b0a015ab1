"""tailscaled's notes that it holds lines back."""

import pytest

from logcorr.events import classify_messages
from tests.events.material import rulebook

RULES = rulebook(
    {
        "program": "tailscaled",
        "events": {
            "derp.lost": {"regex": r"magicsock: .*derp\.Recv\(derp-(?P<region>\d+)\): (?P<error>.+)"},
            "peer.timeout": {"says": "open-conn-track: timeout opening ({local_ip}) to node {node}"},
            "logs.suppressed": {
                "says": [
                    {"regex": r'^\[RATELIMIT\] format\("(?P<format>.*)"\) \((?P<count>\d+) dropped\)'},
                    {"regex": r'^\[RATELIMIT\] format\("(?P<format>.*)"\)$'},
                ]
            },
        },
    },
    {"program": "*", "events": {"reset": {"regex": "connection reset by peer"}}},
)
LOST = "magicsock: [0xc0] derp.Recv(derp-4): read: connection reset by peer"


def classified(*messages: str) -> list[dict[str, dict[str, object]]]:
    records = [{"program": "tailscaled", "message": message} for message in messages]
    return [dict(found) for found in classify_messages(records, RULES)]


def test_a_note_is_no_line_of_the_format_that_it_quotes() -> None:
    note = '[RATELIMIT] format("magicsock: [%p] derp.Recv(derp-4): connection reset by peer")'
    assert list(classified(note)[0]) == ["logs.suppressed"]


def test_the_note_names_the_events_that_the_format_words() -> None:
    found = classified('[RATELIMIT] format("magicsock: [%p] derp.Recv(derp-%d): %v") (12 dropped)')[0][
        "logs.suppressed"
    ]
    assert (found["count"], found["hides"]) == (12, "derp.lost")


def test_the_note_names_what_lines_of_the_format_were_seen_to_carry() -> None:
    found = classified(LOST, '[RATELIMIT] format("magicsock: [%p] derp.Recv(derp-%d): %v")')[1]["logs.suppressed"]
    assert found["hides"] == "derp.lost reset"


def test_a_wording_longer_than_the_format_is_found() -> None:
    note = '[RATELIMIT] format("open-conn-track: timeout opening %v to node %v; online=%v, lastRecv=%v")'
    assert classified(note)[0]["logs.suppressed"]["hides"] == "peer.timeout"


@pytest.mark.parametrize("text", ["%s: %v", "net_ratelimit", "[%p] %s"])
def test_a_format_that_says_nothing_may_hide_anything(text: str) -> None:
    assert "hides" not in classified(LOST, f'[RATELIMIT] format("{text}")')[1]["logs.suppressed"]


def test_a_format_with_the_engines_special_characters_is_text() -> None:
    note = '[RATELIMIT] format("wgengine: (a|b)* [%v] $ ^ \\\\d+ {%d}")'
    assert classified(LOST, note)[1]["logs.suppressed"]["hides"] == ""
