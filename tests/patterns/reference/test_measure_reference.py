"""``measure`` against the plainest reading of its definition."""

from __future__ import annotations

import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.patterns.material import Ev, outcomes, run, timeline_of

WITHIN = 10

events = st.lists(
    st.builds(
        lambda at, host, value: Ev("a", float(at), host, fields={"x": value}),
        st.integers(0, 60),
        st.sampled_from(["h1", "h2"]),
        st.one_of(st.none(), st.integers(0, 6)),
    ),
    max_size=12,
)
measures = st.sampled_from(["sum", "average", "median", "percentile"])
limits = st.sampled_from([{"gt": 6.0}, {"ge": 6.0}, {"gt": 3.0, "le": 5.0}, {"lt": 3.0}, {"le": 3.0}])


def measured(of: str, values: list[int]) -> float:
    if of == "sum":
        return sum(values)
    if of == "average":
        return statistics.fmean(values)
    return statistics.median(values) if of == "median" else float(np.percentile(values, 90))


def beyond(value: float, limit: dict[str, float]) -> bool:
    tests = {"gt": float.__gt__, "ge": float.__ge__, "lt": float.__lt__, "le": float.__le__}
    return all(tests[name](float(value), bound) for name, bound in limit.items())


def plainly(given_events: list[Ev], of: str, limit: dict[str, float]) -> list[tuple[int, ...]]:
    """The records of each match: windows beyond the limit, merged where they share a record."""
    ordered = [ev for ev in enumerate(sorted(given_events, key=lambda ev: ev.at)) if ev[1].fields["x"] is not None]
    found: list[tuple[int, ...]] = []
    for host in ("h1", "h2"):
        rows = [(number, ev) for number, ev in ordered if ev.host == host]
        matched: list[set[int]] = []
        for place, (_, last) in enumerate(rows):
            window = [place_ for place_, (_, ev) in enumerate(rows) if place_ <= place and last.at - ev.at <= WITHIN]
            same_instant = [place_ for place_, (_, ev) in enumerate(rows) if place_ > place and ev.at == last.at]
            values = [rows[each][1].fields["x"] for each in (*window, *same_instant)]
            if not beyond(measured(of, values), limit):
                continue
            if matched and matched[-1] & set(window):
                matched[-1] |= set(window)
            else:
                matched.append(set(window))
        found += [tuple(rows[each][0] for each in sorted(places)) for places in matched]
    return found


@settings(max_examples=200, deadline=None)
@given(events, measures, limits)
def test_it_finds_what_its_definition_says(given_events: list[Ev], of: str, limit: dict[str, float]) -> None:
    body = {"event": "a", "field": "x", "of": of, "within": WITHIN, **limit}
    body |= {"percentile": 90} if of == "percentile" else {}
    matches = run(given_events, measure=body, by="host")
    assert sorted(outcomes(matches)) == sorted((records, "matched") for records in plainly(given_events, of, limit))


@pytest.mark.parametrize(("limit", "outcome"), [({"lt": 3}, "inconclusive"), ({"gt": 0}, "matched")])
def test_a_low_sum_may_lack_what_was_not_observed(limit: dict[str, float], outcome: str) -> None:
    body = {"event": "a", "field": "x", "of": "sum", "within": WITHIN, **limit}
    seen = timeline_of(spans=((18.0, 100.0),))
    assert outcomes(run([Ev("a", 20.0, fields={"x": 1})], seen, measure=body, by="host")) == [((0,), outcome)]
