"""Expressions for ASCII find in texts of ASCII what the expressions that they stand for find there."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logcorr.narrow import is_plain, narrowed
from logcorr.rulebook import load_rules
from logcorr.rulebook.wordings import compile_wording

EVERY = "".join(map(chr, range(1, 128)))
PIECES = [
    *(r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"\b", r"\B"),
    *(r"[\w.-]", r"[^\s:]", r"[^\W\d]", r"[\D]", r"[]\d]", r"[[:alpha:]\s]"),
    *("a", r"\.", r"\\", r"\x41", "(?i:K)", "."),
]


@pytest.mark.parametrize("escape", [r"\d", r"\w", r"\s", r"\D", r"\W", r"\S", r"[^\d\s]", r"[\w-]"])
def test_every_character_of_ascii_is_in_the_same_classes(escape: str) -> None:
    each = pl.Series(list(EVERY))
    assert each.str.contains(f"^{escape}$").to_list() == each.str.contains(narrowed(f"^{escape}$")).to_list()


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(["", "", "?", "+", "*?"])), min_size=1, max_size=6),
    st.lists(st.text("aK5_-. :\\A\t\n\N{HORIZONTAL ELLIPSIS}", max_size=8), min_size=1, max_size=12),
)
def test_it_finds_the_same(items: list[tuple[str, str]], texts: list[str]) -> None:
    pattern = "(" + "".join(piece if piece in (r"\b", r"\B") else piece + count for piece, count in items) + ")"
    found = pl.Series(texts).str.extract(pattern).to_list()
    assert pl.Series(texts).str.extract(narrowed(pattern)).to_list() == found


def test_classes_in_classes_are_left_alone() -> None:
    assert narrowed(r"[\w&&[^\d]]\s") == r"[\w&&[^\d]]\s"


def test_the_engine_takes_every_shipped_expression() -> None:
    rules = load_rules()
    wordings = [said for file in rules.events for event in file.events.values() for said in event.wordings()]
    found = {compile_wording(said, tested=True, known=rules.expressions).regex for said in wordings}
    regexes = [regex for regex in found if regex is not None]
    texts = pl.Series(["eth0: Link DOWN", EVERY])
    for regex in regexes:
        assert texts.str.contains(narrowed(regex)).to_list() == texts.str.contains(regex).to_list()


def test_plain_is_ascii_alone() -> None:
    assert is_plain(pl.Series(["a", None, ""]))
    assert not is_plain(pl.Series(["a", "\N{HORIZONTAL ELLIPSIS}"]))
