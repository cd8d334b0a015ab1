"""What a line says is the same whatever lines stand around it."""

import polars as pl
import pytest

from logcorr.parsers.json_values import decode

LINES = (
    r'{"t":"\ud800","u":"x"}',
    r'{"t":"\uD83D\uDE00"}',
    r'{"t":"\\ud800 text"}',
    '{"t":"plain"}',
    '{"t":[104,105]}',
    '{"t":null,"u":1.50}',
    "no object",
)


def decoded(lines: tuple[str, ...]) -> list[tuple[object, ...]]:
    text = pl.Series(lines)
    return decode(lambda: text, len(text), ["t", "u"]).rows()


@pytest.mark.parametrize("left_out", LINES)
def test_neighbours_do_not_count(left_out: str) -> None:
    kept = tuple(line for line in LINES if line != left_out)
    assert decoded(kept) == [row for line in kept for row in decoded((line,))]


def test_half_a_surrogate_pair_is_no_json() -> None:
    assert decoded(LINES[:4]) == [
        (None, None, False), ("\U0001f600", None, True), (r"\ud800 text", None, True), ("plain", None, True)
    ]  # fmt: skip
