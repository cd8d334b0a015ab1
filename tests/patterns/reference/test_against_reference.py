"""Every form and policy against the plain reference matchers, over random events and rules."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.patterns import generate
from tests.patterns.material import Ev, frame_of, rule, run, timeline_of
from tests.patterns.reference import forms as reference
from tests.patterns.reference.plain import Sequence

RANDOMS = st.randoms(use_true_random=False)
REFERENCE = {
    "count": reference.count,
    "flap": reference.flap,
    "all": reference.sets,
    "during": reference.during,
    "relation": reference.during,
    "silence": reference.silence,
    "burst": reference.burst,
    "step": reference.jump,
    "beat": reference.beat,
}
ONE_SPAN = (((-100.0, 100.0),), ((-5.0, 45.0),), ((0.0, 3.0),))

thorough = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
brief = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@thorough
@given(RANDOMS, st.sampled_from((generate.EXACT, generate.BLURRED)))
def test_sequences(r: Random, blurs: tuple[float, ...]) -> None:
    events, parts, spans = generate.events(r, blurs), generate.sequence(r), r.choice(generate.SPANS)
    timeline = timeline_of(spans=spans)
    frame = run(events, timeline, **parts).frame
    found = sorted(zip(map(tuple, frame["records"]), frame["outcome"], frame["order_known"], strict=True))
    assert found == sorted(Sequence(rule(**parts), frame_of(events), timeline).matches())


@pytest.mark.parametrize("form", REFERENCE)
@pytest.mark.parametrize("blurs", [generate.EXACT, generate.BLURRED], ids=["exact", "blurred"])
@brief
@given(r=RANDOMS)
def test_other_forms(form: str, blurs: tuple[float, ...], r: Random) -> None:
    parts = generate.FORMS[form](r)
    events, spans = generate.events(r, blurs), r.choice(ONE_SPAN if form == "burst" else generate.SPANS)
    if form == "beat":
        events, spans = generate.beating_events(r), generate.SPANS[0]
    assert_same(form, events, parts, spans)


def assert_same(form: str, events: list[Ev], parts: dict[str, Any], spans: Any) -> None:
    timeline = timeline_of(spans=spans)
    frame = run(events, timeline, **parts).frame
    found = sorted(zip(map(tuple, frame["records"]), frame["outcome"], strict=True))
    assert found == REFERENCE[form](rule(**parts), frame_of(events), timeline)
