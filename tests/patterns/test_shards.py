"""Matching shard by shard gives what one pass gives."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logcorr.patterns import match
from tests.patterns import generate
from tests.patterns.material import frame_of, rule, rulebook, timeline_of
from tests.patterns.shards import match_in_shards

SPANS = (((-1000.0, 9000.0),), ((-1000.0, 1500.0), (1600.0, 2500.0)))


def _rows(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    return sorted(
        zip(
            map(tuple, frame["records"]),
            frame["outcome"],
            frame["order_known"],
            frame["key"].fill_null(""),
            frame["title"],
            strict=True,
        )
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), st.sampled_from((200, 700, 1500)))
def test_shards_find_what_one_pass_finds(r: Random, length: int) -> None:
    events = generate.events(r, generate.BLURRED, most=80, until=r.choice((600, 3000)))
    parts = r.choice((generate.sequence, generate.sequence, generate.count, generate.flap, generate.sets))(r)
    timeline, frame = timeline_of(spans=r.choice(SPANS)), frame_of(events)
    rules = rulebook(rule=rule(**parts))
    assert _rows(match_in_shards(frame, rules, timeline, timedelta(seconds=length))) == _rows(
        match(frame, rules, timeline).frame
    )
