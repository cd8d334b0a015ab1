"""An expression for many names finds what the names find one after another, the longest first."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from logcorr.one_of import one_of

NAMES = st.sets(st.text("ab.-_1ſ[", min_size=1, max_size=6), min_size=1, max_size=12)


def apart(names: set[str]) -> str:
    ordered = sorted(names, key=lambda name: (-len(name), name))
    return "|".join("".join("[._-]" if one in "._-" else re.escape(one) for one in name) for name in ordered)


@settings(deadline=None)
@given(NAMES, st.text("aAbB.-_1 [ſs", max_size=30))
def test_the_longest_is_found_where_any_is(names: set[str], text: str) -> None:
    whole, flat = (
        re.compile(rf"(?<![A-Za-z0-9])(?:{source})(?![A-Za-z0-9])", re.IGNORECASE)
        for source in (one_of(names), apart(names))
    )
    assert [found.span() for found in whole.finditer(text)] == [found.span() for found in flat.finditer(text)]


def test_names_that_all_begin_one_another_are_found() -> None:
    names = {"a" * length for length in range(1, 300)}
    assert re.fullmatch(one_of(names), "a" * 299)
    assert re.match(f"(?:{one_of(names)})b", "a" * 250 + "b")
