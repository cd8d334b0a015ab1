"""What a match and a finding say: titles, keys, hosts, records, limits."""

from __future__ import annotations

from typing import Any

import pytest

from logcorr import schema
from logcorr.patterns import match
from logcorr.patterns.search import combinations
from tests.patterns.material import Ev, frame_of, moment, outcomes, pairs, rule, rulebook, run, timeline_of

PAIR = [{"down": "a"}, {"reset": "b", "within": 30}]


def titles(events: list[Ev], title: str, **parts: Any) -> list[str]:
    pattern = rule(**parts).model_copy(update={"title": title})
    return match(frame_of(events), rulebook(rule=pattern), timeline_of()).frame["title"].to_list()


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("plain", "plain"),
        ("{down.name} of {host}", "tailscale0 of h1"),
        ("{reset.x} after {down.x}", "7 after ?"),
        ("{x} is the first x there is", "7 is the first x there is"),
        ("{down.nonsense} and {nobody.x}", "? and ?"),
        ("{not closed", "{not closed"),
        ("{down.name}{down.name}", "tailscale0tailscale0"),
    ],
)
def test_titles_are_filled_from_the_match(title: str, expected: str) -> None:
    events = [Ev("a", 0, fields={"name": "tailscale0"}), Ev("b", 5, fields={"x": 7})]
    assert titles(events, title, sequence=PAIR, by="host") == [expected]


def test_log_text_in_a_title_is_not_read_as_a_template() -> None:
    events = [Ev("a", 0, fields={"name": "{host}"}), Ev("b", 5)]
    assert titles(events, "{down.name}", sequence=PAIR) == ["{host}"]


def test_each_match_has_its_own_title() -> None:
    events = [Ev("a", at, fields={"name": name}) for at, name in ((0, "eth0"), (1, "eth1"))] + [Ev("b", 5)]
    assert titles(events, "{down.name}", sequence=PAIR) == ["eth0", "eth1"]


def test_the_frame_keeps_its_schema() -> None:
    for parts in ({"sequence": PAIR}, {"count": {"event": "a", "at_least": 2, "within": 10}}, {"all": PAIR[:1]}):
        found = run([Ev("a", 0), Ev("a", 1), Ev("b", 2)], **parts)
        assert found.frame.schema == schema.MATCHES
        assert run([], **parts).frame.schema == schema.MATCHES


def test_keys_are_joined() -> None:
    events = [Ev("a", 0, fields={"x": 1}), Ev("b", 5, fields={"x": 1})]
    assert run(events, sequence=PAIR, by=("host", "x")).frame["key"].to_list() == ["h1 | 1"]
    assert run(events, sequence=PAIR).frame["key"].to_list() == [None]


def test_differently_named_fields_are_joined() -> None:
    events = [Ev("a", 0, fields={"x": 1}), Ev("a", 1, fields={"x": 2}), Ev("b", 5, fields={"y": "2"})]
    assert pairs(run(events, sequence=PAIR, by={"down.x": "reset.y"})) == [(1, 2)]


def test_a_record_without_the_key_takes_no_part() -> None:
    events = [Ev("a", 0, host=None), Ev("b", 1, host=None), Ev("a", 2), Ev("b", 3)]
    assert outcomes(run(events, sequence=PAIR, by="host")) == [((2, 3), "matched")]


def test_one_record_is_never_two_steps() -> None:
    both = [Ev("a", 0, record="same"), Ev("b", 0, record="same")]
    assert pairs(run(both, sequence=PAIR, by="host")) == []
    assert pairs(run([*both, Ev("b", 3)], sequence=PAIR, by="host")) == [(0, 1)]


def test_a_finding_sums_up() -> None:
    events = [Ev("a", 0), Ev("b", 5), Ev("a", 100, host="h2"), Ev("b", 105, host="h2"), Ev("a", 200)]
    timeline = timeline_of(spans=((-100, 210),))
    (found,) = run(events, timeline, sequence=PAIR, by="host", severity="high", caution="no causal chain").findings
    assert (found.pattern, found.count, found.inconclusive) == ("rule", 2, 1)
    assert (found.first, found.last) == (moment(0), moment(105))
    assert found.hosts == ("h1", "h2")
    assert found.records == (0, 1, 2, 3)
    assert (found.severity, found.pairing, found.caution) == ("high", "each", "no causal chain")


def test_pairing_is_told_for_sequences_only() -> None:
    (found,) = run([Ev("a", 0), Ev("a", 1)], count={"event": "a", "at_least": 2, "within": 10}).findings
    assert found.pairing is None


def test_no_finding_without_a_match() -> None:
    found = run([Ev("a", 0)], timeline_of(spans=((-10, 10),)), sequence=PAIR)
    assert found.findings == ()
    assert found.frame["outcome"].to_list() == ["inconclusive"]


def test_globs_name_events() -> None:
    events = [Ev("wan.down", 0), Ev("wan.lease.expired", 5), Ev("lan.down", 6)]
    steps = [{"down": "wan.*"}, {"then": "wan.lease.*", "within": 30}]
    assert pairs(run(events, sequence=steps)) == [(0, 1)]


def test_repeated_lines_count_as_often_as_they_say() -> None:
    events = [Ev("a", 0), Ev("a", 5, repeat=3)]
    assert pairs(run(events, count={"event": "a", "at_least": 4, "within": 10})) == [(0, 1)]
    assert pairs(run(events, count={"event": "a", "at_least": 5, "within": 10})) == []


def test_what_is_cut_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """1000 causes and 1000 effects in one window are a million pairs; two thousand a side would be four."""
    monkeypatch.setattr(combinations, "MOST_CHAINS", 500)
    monkeypatch.setattr(combinations, "MOST_PER_START", 10)
    events = [Ev("a", at / 1000) for at in range(100)] + [Ev("b", 1 + at / 1000) for at in range(100)]
    found = run(events, sequence=PAIR, pair="all")
    assert found.frame.height == 500
    assert [(limit.limit, limit.seen) for limit in found.limits] == [(1_000_000, 100)]


def test_a_comparison_that_never_holds_gives_up_on_a_cause() -> None:
    causes = [Ev("a", at / 1000, fields={"x": 1}) for at in range(3)]
    effects = [Ev("b", 1 + at / 1000, fields={"x": 5}) for at in range(1200)]
    steps: list[Any] = [PAIR[0], {"reset": "b", "within": 30, "where": {"x": {"lt": "$down.x"}}}]
    found = run([*causes, *effects], sequence=steps)
    assert found.frame.height == 0
    assert [limit.seen for limit in found.limits] == [3]


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ({"y": "10.0.0.5"}, 1),
        ({"y": ["10.0.0.5", "192.0.2.1"]}, 2),
        ({"y": {"cidr": "10.0.0.0/8"}}, 1),
        ({"y": {"not_cidr": ["10.0.0.0/8"]}}, 2),
        ({"y": {"glob": "*.1"}}, 1),
        ({"y": {"regex": r"^\d+\.0"}}, 2),
        ({"x": {"ge": 2}}, 2),
        ({"x": {"gt": 2, "ne": 4}}, 1),
        ({"x": {"exists": False}}, 0),
        ({"host": "h1"}, 3),
    ],
)
def test_conditions_on_one_event(where: dict[str, Any], count: int) -> None:
    addresses = ("10.0.0.5", "192.0.2.1", "fd7a:115c:a1e0::1")
    events = [Ev("a", at, fields={"x": at + 1, "y": address}) for at, address in enumerate(addresses)]
    found = run(events, sequence=[{"s": "a", "where": where}])
    assert len(pairs(found)) == count


def test_unsorted_events_are_matched_in_time_order() -> None:
    events = frame_of([Ev("a", 0), Ev("b", 5)]).reverse()
    pattern = rule(sequence=PAIR, by="host")
    assert match(events, rulebook(rule=pattern), timeline_of()).frame["records"].to_list() == [[0, 1]]


def test_events_without_fields_can_be_matched() -> None:
    events = frame_of([Ev("a", 0), Ev("b", 5)]).drop("fields")
    pattern = rule(sequence=PAIR, by="host")
    assert match(events, rulebook(rule=pattern), timeline_of()).frame.height == 1
