"""Classification: which records carry which events, with which fields."""

from fnmatch import fnmatchcase
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logcorr.events import classify, classify_messages
from logcorr.events.classify import BATCH
from logcorr.events.sought import ONE_PASS
from logcorr.origin import hide
from logcorr.rulebook.checks.outsiders import chosen_in
from logcorr.rulebook.models import Rulebook
from logcorr.rulebook.wordings import compile_wording
from logcorr.schema import EVENTS, TIMELINE, Timeline
from tests.events.material import rulebook, timeline

NETWORKD = {
    "program": "systemd-networkd",
    "events": {
        "link.down": {"says": "{interface}: Link DOWN"},
        "carrier.lost": {
            "says": ["{interface}: Lost carrier", {"says": "{interface}: carrier gone", "set": {"reason": "old"}}]
        },
    },
}
ANYONE = {
    "program": "*",
    "events": {
        "reset": {
            "regex": r"(?P<remote_ip>[\d.]+):(?P<remote_port>\d+): connection reset by peer",
            "unless": [" HTTP/"],
        }
    },
}


def names(rules: Rulebook, *records: tuple[str | None, str]) -> list[list[str]]:
    found = classify_messages([{"program": program, "message": message} for program, message in records], rules)
    return [[name for name, _ in events] for events in found]


def test_programs_are_named_by_globs_with_classes_and_without_some() -> None:
    rules = rulebook({**NETWORKD, "program": ["net[12]", "app*", "!app-[!x]", "a+b"]})
    told = {name: names(rules, (name, "eth0: Link DOWN")) == [["link.down"]] for name in
            ("net1", "net2", "net3", "net[12]", "app", "app-x", "app-y", "a+b", "aab", None)}  # fmt: skip
    assert [name for name, found in told.items() if found] == ["net1", "net2", "app", "app-x", "a+b"]


def test_an_event_has_its_records_columns_and_its_fields() -> None:
    records: list[dict[str, object]] = [
        {"program": "x", "message": "y"},
        {"program": "systemd-networkd", "message": "eth0: Link DOWN", "host": "h", "pid": 7},
    ]
    events = classify(timeline(records, first_id=40), rulebook(NETWORKD, ANYONE))
    assert events.drop("fields").schema == pl.Schema(EVENTS)
    row = events.row(0, named=True)
    assert (row["id"], row["event"], row["host"], row["pid"], row["fields"]["interface"]) == (
        41,
        "link.down",
        "h",
        7,
        "eth0",
    )


def test_every_declared_field_is_a_member_with_its_type() -> None:
    members = classify(timeline([]), rulebook(NETWORKD, ANYONE)).schema["fields"]
    assert isinstance(members, pl.Struct)
    found = {member.name: member.dtype for member in members.fields}
    assert found == {
        "hides": pl.String,
        "interface": pl.String,
        "reason": pl.String,
        "remote_ip": pl.String,
        "remote_port": pl.Int64,
        "unit": pl.String,
    }


def test_no_rules_no_events() -> None:
    assert classify(timeline([{"program": "x", "message": "y"}]), Rulebook()).is_empty()


def test_only_the_rules_programs_speak() -> None:
    rules = rulebook(NETWORKD, ANYONE)
    said = "read tcp 192.0.2.1:5->192.0.2.9:443: connection reset by peer"
    assert names(
        rules, ("app", "eth0: Link DOWN"), (None, "eth0: Link DOWN"), (None, said), ("systemd-networkd", said)
    ) == [[], [], ["reset"], ["reset"]]


def test_literals_that_must_not_occur() -> None:
    rules = rulebook(ANYONE)
    assert names(
        rules,
        ("nginx", "GET /192.0.2.9:1: connection reset by peer HTTP/1.1"),
        ("nginx", "192.0.2.9:1: connection reset by peer"),
    ) == [
        [],
        ["reset"],
    ]


def test_one_record_may_carry_several_events_in_the_order_of_the_rules() -> None:
    relay = {
        "program": "tailscaled",
        "events": {"derp.lost": {"regex": r"^derp\.Recv\(derp-(?P<region>\d+)\): (?P<error>.+)"}},
    }
    said = "derp.Recv(derp-4): read tcp4 192.0.2.1:5->192.0.2.9:443: connection reset by peer"
    assert names(rulebook(relay, ANYONE), ("tailscaled", said)) == [["derp.lost", "reset"]]
    assert names(rulebook(ANYONE, relay), ("tailscaled", said)) == [["reset", "derp.lost"]]


def test_of_one_events_wordings_the_first_that_fits_counts() -> None:
    rules = rulebook(
        {
            "program": "p",
            "events": {"e": {"says": ["a {count} b {*}", {"says": "a {count} {*}", "set": {"reason": "second"}}]}},
        }
    )
    found = classify_messages([{"program": "p", "message": text} for text in ("a 1 b x", "a 2 x")], rules)
    assert found == [[("e", {"count": 1})], [("e", {"count": 2, "reason": "second"})]]


def test_a_value_in_the_message_stands_before_an_implied_one() -> None:
    rules = rulebook(
        {"program": "p", "events": {"e": {"regex": r"^went (?:to (?P<state>\w+))?", "set": {"state": "nowhere"}}}}
    )
    found = classify_messages([{"program": "p", "message": text} for text in ("went to bed", "went ")], rules)
    assert [events[0][1]["state"] for events in found] == ["bed", "nowhere"]


@pytest.mark.parametrize(
    "prefix", ["[v1] ", "[v2] ", "2025/11/04 03:00:45 ", "2025/11/04 03:00:45.123456 ", "2025/11/04 03:00:45 [v1] "]
)
def test_prefixes_of_log_libraries_are_no_part_of_the_message(prefix: str) -> None:
    rules = rulebook(
        {"program": "p", "events": {"t": {"says": "up {interface}"}, "r": {"regex": r"^up (?P<interface>\w+)"}}}
    )
    assert names(rules, ("p", f"{prefix}up eth0")) == [["t", "r"]]


def test_a_message_id_alone_decides_whatever_the_text_says() -> None:
    rules = rulebook({"program": "systemd", "events": {"started": {"message_id": "a" * 32}}})
    records = [
        {"program": "systemd", "message": "Gestartet.", "message_id": "a" * 32},
        {"program": "systemd", "message": "Gestartet.", "message_id": "b" * 32},
        {"program": "systemd", "message": "Gestartet."},
        {"program": "other", "message": "Gestartet.", "message_id": "a" * 32},
    ]
    assert [len(found) for found in classify_messages(records, rules)] == [1, 0, 0, 0]


def test_a_message_id_and_a_text_must_both_hold_unless_the_format_carries_no_ids() -> None:
    rules = rulebook({"program": "systemd", "events": {"started": {"says": "Started {unit}.", "message_id": "a" * 32}}})
    text = {"program": "systemd", "message": "Started a.service."}
    journal = {**text, "transport": "journal"}
    records = [
        {**journal, "message_id": "a" * 32},
        {**journal, "message_id": "b" * 32},
        journal,  # a journal's record would have carried the id
        text,  # a text file cannot
        {**journal, "message_id": "a" * 32, "message": "Something else."},
    ]
    assert [len(found) for found in classify_messages(records, rules)] == [1, 0, 0, 1, 0]


def test_what_a_structured_record_is_about_fills_fields_that_the_wording_lacks() -> None:
    rules = rulebook({"program": "p", "events": {"e": {"says": ["over", "over for {unit}", "over on {interface}"]}}})
    records = [
        {"program": "p", "message": "over", "about": "tailscaled.service"},
        {"program": "p", "message": "over", "about": "tailscale0"},
        {"program": "p", "message": "over for a.service", "about": "b.service"},
        {"program": "p", "message": "over on eth0", "about": "eth1"},
        {"program": "p", "message": "over"},
    ]
    found = [events[0][1] for events in classify_messages(records, rules)]
    assert found == [
        {"unit": "tailscaled.service"},
        {"interface": "tailscale0"},
        {"unit": "a.service"},
        {"interface": "eth0"},
        {},
    ]


def test_hostile_values_stay_text_and_numbers_that_do_not_fit_are_absent() -> None:
    rules = rulebook({"program": "p", "events": {"e": {"says": "n {count} u {user} e {error}"}}})
    found = classify_messages([{"program": "p", "message": f"n {'9' * 40} u root e {{x}}\x1b[31m\n$1 \\1"}], rules)
    assert found == [[("e", {"user": "root", "error": "{x}\x1b[31m\n$1 \\1"})]]


# --- against the plainest reading of the rules ----------------------------------------------------------------------

WORDS = [
    "link",
    "down",
    "up",
    "lost carrier",
    "reset by peer",
    "10.0.0.1",
    "eth0",
    "eth1",
    "5",
    "LoSt",
    "lin\N{KELVIN SIGN}",
    "lo\N{LATIN SMALL LETTER LONG S}t",
    "x:",
    "tailscaled.service",
    "HTTP/1.1",
    "port 5",
    "port 6",
    "p\N{LATIN SMALL LETTER O WITH DIAERESIS}rt 61",
    "eth\N{ARABIC-INDIC DIGIT FOUR}",
]
TEMPLATES = [
    "{interface} link down",
    "link {*} up",
    "{ip} reset by peer",
    "{*}lost carrier",
    "x: {text} {count}",
    "{interface} x: {error}",
    "link",
    "{unit} up",
]
REGEXES = [
    r"(?P<interface>eth\d)",
    r"lost (?:carrier|link)",
    r"^x: (?P<count>\d+)?",
    r"(?i)LINK (?P<state>DOWN|up)",
    r"(?i)loSt|peeR",
    r"reset by peer|lost carrier",
    r"[a-z]+ (?P<count>\d)",
    r"(?:link )?down$",
    r"port [1-5]\b",
    r"rt \d{2}|port 6$",
    r"eth[^0\W]",
    r"\w{4} 6",
]
OUTSIDERS = [
    r"^(?P<own>.* port [1-5])$",
    r"^(?P<before>x: )\w+(?P<after> .*)$",
    r"\bport [6-9]\d?",
    r"(?P<before>lost )\S+",
    r"^eth1.+",
]

wordings = st.one_of(
    st.builds(
        lambda says, unless: {"says": says, "unless": unless},
        st.sampled_from(TEMPLATES),
        st.lists(st.sampled_from(WORDS), max_size=1),
    ),
    st.builds(lambda regex: {"regex": regex, "set": {"reason": "r"}}, st.sampled_from(REGEXES)),
    st.builds(
        lambda says, number: {"says": says, "message_id": number * 32},
        st.sampled_from(TEMPLATES),
        st.sampled_from("ab"),
    ),
    st.builds(lambda number: {"message_id": number * 32}, st.sampled_from("ab")),
)
files = st.builds(
    lambda program, outsiders, seen, events: {
        "program": program,
        "outsiders": outsiders,
        "events": {name: {"says": said, "outsider_fields": seen if outsiders else []} for name, said in events.items()},
    },
    st.sampled_from(["p", "q", "*", ["p", "q*"], "qq"]),
    st.lists(st.sampled_from(OUTSIDERS), max_size=2, unique=True),
    st.sampled_from([[], ["reason"]]),
    st.dictionaries(
        st.sampled_from(["one", "two", "three.x"]), st.lists(wordings, min_size=1, max_size=3), min_size=1, max_size=3
    ),
)
record = st.fixed_dictionaries(
    {
        "program": st.sampled_from(["p", "q", "qq", "r", None]),
        "message": st.one_of(st.none(), st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)),
        "message_id": st.sampled_from([None, "a" * 32, "b" * 32]),
        "transport": st.sampled_from([None, "journal"]),
    }
)


def plainly(rec: dict[str, Any], rules: Rulebook) -> list[str]:
    """The names of a record's events: every rule tried on it, one after the other."""
    found: list[str] = []
    mine = [file for file in rules.events if any(fnmatchcase(rec["program"] or "", glob) for glob in file.programs)]
    shown = pl.Series([rec["message"]], dtype=pl.String)
    shown = hide(shown, [chosen for file in mine for chosen in chosen_in(file)])
    for file in mine:
        for name, event in file.events.items():
            for wording in event.wordings():
                regex = compile_wording(wording).regex
                text = rec["message"] if event.outsider_fields else shown[0]
                said = regex is None or (text is not None and pl.Series([text]).str.contains(regex)[0])
                without_ids = regex is not None and rec["message_id"] is None and rec["transport"] is None
                same_id = wording.message_id is None or rec["message_id"] == wording.message_id or without_ids
                forbidden = any(word in (text or "") for word in wording.unless)
                if said and same_id and not forbidden and name not in found:
                    found.append(name)
    return found


@settings(max_examples=150, deadline=None)
@given(st.lists(files, min_size=1, max_size=3), st.lists(record, max_size=12))
def test_it_finds_what_trying_every_rule_on_every_record_finds(
    written: list[dict[str, Any]], records: list[dict[str, Any]]
) -> None:
    rules = rulebook(*written)
    found = [[name for name, _ in events] for events in classify_messages(records, rules)]
    assert [sorted(each) for each in found] == [sorted(plainly(each, rules)) for each in records]


def test_rows_beyond_one_batch_are_found_in_timeline_order() -> None:
    said = ("eth0: Link DOWN", "eth0: Lost carrier", "nothing", "read 192.0.2.1:5: connection reset by peer")
    count = 2 * BATCH + 5
    records = {
        "id": pl.int_range(count, dtype=pl.UInt32, eager=True),
        "program": pl.repeat("systemd-networkd", count, eager=True),
        "message": pl.Series(said).gather([*range(4)] * (count // 4) + [*range(count % 4)]),
    }
    missing = {name: pl.Series([None], dtype=kind).new_from_index(0, count) for name, kind in TIMELINE.items()}
    events = classify(Timeline(pl.DataFrame(missing | records)), rulebook(NETWORKD, ANYONE))
    expected = [number for number in range(count) if number % 4 != 2]
    assert events["id"].to_list() == expected
    names_of = ("link.down", "carrier.lost", None, "reset")
    assert events["event"].to_list() == [names_of[number % 4] for number in expected]
    port = events["fields"].struct.field("remote_port")
    assert port.to_list() == [5 if number % 4 == 3 else None for number in expected]


@pytest.mark.parametrize("count", [7, 70_000])
def test_what_differs_in_its_digits_alone_is_told_apart(count: int) -> None:
    rules = rulebook(
        {"program": "p", "events": {"low": {"regex": "port [1-4]$"}, "any": {"regex": r"port (?P<port>\d)"}}}
    )
    numbers = [number % 10 for number in range(count)]
    records = [{"program": "p", "message": f"port {number}" if number else None} for number in numbers]
    events = classify(timeline(records), rules)
    every = [(at, number) for at, number in enumerate(numbers) if number]
    told = [(at, name) for at, number in every for name in (["low"] if number < 5 else []) + ["any"]]
    assert events.select("id", "event").rows() == told
    ports = events.filter(event="any").select("id", pl.col("fields").struct.field("port"))
    assert ports.rows() == every


@pytest.mark.parametrize("count", [99, 101, ONE_PASS - 1, ONE_PASS + 1])
def test_the_number_of_rules_changes_nothing(count: int) -> None:
    events = {f"event.n{number}": {"says": f"word {number}x {{count}}"} for number in range(count)}
    rules = rulebook({"program": "p", "events": events})
    assert names(rules, *(("p", f"word {number}x 5") for number in range(count))) == [
        [f"event.n{number}"] for number in range(count)
    ]
