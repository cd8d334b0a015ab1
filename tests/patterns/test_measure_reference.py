"""``measure`` against the plainest reading of its definition."""

from __future__ import annotations

import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.patterns.material import Ev, found, rule

WITHIN = 10
LIMITS = {"gt": 6.0, "ge": 6.0, "lt": 3.0, "le": 3.0}

events = st.lists(
    st.builds(
        Ev,
        st.just("a"),
        st.integers(0, 60).map(float),
        st.sampled_from(["h1", "h2"]),
        fields=st.fixed_dictionaries({"x": st.one_of(st.none(), st.integers(0, 6))}),
    ),
    max_size=12,
)
