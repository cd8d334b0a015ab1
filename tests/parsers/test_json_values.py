"""What a line says is the same whatever lines stand around it, and no text in it is lost that is no UTF-8."""

from io import BytesIO

import polars as pl
import pytest

from logcorr import parsers
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


HALF_A_PAIR = rb"\ud83d"
BYTE = b"\x80"
INPUTS = {
    "prometheus": b'{"status":"success","data":{"resultType":"vector","result":['
    b'{"metric":{"__name__":"up","instance":"srv*:9100","device":"*"},"value":[1773493801,"*1"]}]}}\n',
    "victoriametrics": b'{"metric":{"__name__":"u*p","instance":"srv*"},"values":[1],"timestamps":[1773493801000]}\n',
    "sadf": b'{"sysstat": {"hosts": [{"nodename": "srv*","statistics":[{"timestamp": {"date": "2026-03-14", '
    b'"time": "13:10:01", "utc":1},"queue":{"runq-sz*": 1, "plist-sz": "*"}}]}]}}\n',
    "loki": b'{"status":"success","data":{"resultType":"streams","result":[{"stream":{"host":"srv*"},'
    b'"values":[["1773493801000000000","link * down"]]}]}}\n',
    "lines": b'{"time":"2026-03-14T13:10:01Z","host":"srv*","msg":"link * down"}\n',
    "array": b'[\n{"time":"2026-03-14T13:10:01Z","host":"srv*","msg":"link * down"}\n]\n',
}


@pytest.mark.parametrize("damage", [HALF_A_PAIR, BYTE], ids=["half a pair", "a byte"])
@pytest.mark.parametrize("name", INPUTS)
def test_the_record_is_read_and_says_what_stood_there(name: str, damage: bytes) -> None:
    found = parsers.read("x.log", BytesIO(INPUTS[name].replace(b"*", damage)))
    assert found.rows.height == 1
    assert found.unparsed.is_empty()
    row = found.rows.row(0, named=True)
    assert damage in str(row["host"] or row["message"]).encode() or r"\x80" in str(row["host"]) or r"\udc80" in str(row)
