"""What a line says is the same whatever lines stand around it."""

import polars as pl
import pytest

from logcorr.parsers.fields.json_values import decode

LINES = (
    r'{"t":"\ud800","u":"x"}',
    r'{"t":"\uD83D\uDE00"}',
    r'{"t":"\\ud800 text"}',
    '{"t":"plain"}',
    '{"t":[104,105]}',
    '{"t":null,"u":1.50}',
    '{"t":"first","t":"last"}',
    '{"t":null,"u":1,"t":"last"}',
    '{"t":18446744073709551616,"u":-0.0}',
    '{"t":1e21,"u":1E-7}',
    '{"t":"[1]","u":"{}"}',
    r'{"t":"[ \"t\":[1]","u":true}',
    r'{"\u0074":"escaped name"}',
    '{"t" : [ "one", "two" ], "u":{"t":"inner"}}',
    '{"v":{"t":"inner"}}',
    "no object",
)


def decoded(lines: tuple[str, ...]) -> list[tuple[object, ...]]:
    return decode(pl.Series(lines), ["t", "u"]).select("t", "u", "valid").rows()


@pytest.mark.parametrize("left_out", LINES)
def test_neighbours_do_not_count(left_out: str) -> None:
    kept = tuple(line for line in LINES if line != left_out)
    assert decoded(kept) == [row for line in kept for row in decoded((line,))]


def test_half_a_surrogate_pair_stays_the_escape_that_was_written() -> None:
    """RFC 8259, 8.2: the grammar allows it, and some writers leave it where they cut a text."""
    assert decoded(LINES[:4]) == [
        (r"\ud800", "x", True), ("\U0001f600", None, True), (r"\ud800 text", None, True), ("plain", None, True)
    ]  # fmt: skip


def test_of_a_repeated_name_the_first_value_counts() -> None:
    assert decoded(LINES[6:8]) == [("first", None, True), (None, "1", True)]
    assert decoded((*LINES[6:8], "no object"))[:2] == decoded(LINES[6:8])


def test_names_that_no_line_has_are_null() -> None:
    assert decoded(('{"v":1}', "{}")) == [(None, None, True)] * 2
