"""Bad input is data: nothing crashes, hangs or vanishes."""

import hashlib
import random
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logcorr import parsers
from logcorr.parsers import PARSERS, LineParser
from logcorr.parsers.engine import dialect, pieces
from logcorr.schema import Source

TEXTS = [sample.text.encode() for parser in PARSERS for sample in parser.samples]


def accounted(source: Source) -> Source:
    total = source.rows.height + source.unparsed.height + source.continuation + source.markers
    assert source.lines == total
    return source


def read(data: bytes) -> Source:
    return accounted(parsers.read("x.log", BytesIO(data)))


@given(st.binary(max_size=2000))
@settings(max_examples=60, deadline=None)
def test_random_bytes(data: bytes) -> None:
    source = read(data)
    assert source.bytes == len(data)


@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=6), st.data())
@settings(max_examples=60, deadline=None)
def test_damaged_samples_in_any_mixture(texts: list[bytes], data: st.DataObject) -> None:
    mixed = bytearray(b"".join(texts))
    for _ in range(data.draw(st.integers(0, 5))):
        mixed[data.draw(st.integers(0, len(mixed) - 1))] = data.draw(st.integers(0, 255))
    read(bytes(mixed[: data.draw(st.integers(0, len(mixed)))]))


@given(
    st.lists(st.sampled_from([b"\n", b"\r\n", b"\r", b"\0", b"\xff\xfe", b"a", b" ", b"-- ", b"Nov  4 03:00:45 h p: "]))
)
@settings(max_examples=60, deadline=None)
def test_mixed_endings(parts: list[bytes]) -> None:
    read(b"".join(parts))


@pytest.mark.slow
def test_blocks_give_the_same_rows_as_one_piece() -> None:
    rng = random.Random(1)
    for parser in PARSERS:
        if not isinstance(parser, LineParser):
            continue
        data = b"".join(rng.choice(parser.samples).text.encode() for _ in range(20))
        whole = read(data)
        pieces = [accounted(part) for part in parsers.read_blocks("x.log", BytesIO(data), block_bytes=400)]
        assert sum(part.rows.height for part in pieces) == whole.rows.height, parser.id
        assert sum(part.bytes for part in pieces) == len(data)
        assert pieces[-1].sha256 == whole.sha256
        lines = [line for part in pieces for line in part.rows["line"].to_list()]
        assert lines == whole.rows["line"].to_list(), parser.id
        messages = [text for part in pieces for text in part.rows["message"].to_list()]
        assert messages == whole.rows["message"].to_list(), parser.id


def test_bad_bytes_are_shown_in_the_message() -> None:
    (message,) = read(b"Nov  4 03:00:45 vps1 app: caf\xe9\n").rows["message"]
    assert message == "caf\\xe9"


def test_zero_bytes_of_a_power_cut_hide_no_line() -> None:
    source = read(b"Nov  4 03:00:45 vps1 app: one\n" + bytes(512) + b"Nov  4 03:00:46 vps1 app: two\n")
    assert source.rows["message"].to_list() == ["one", "two"]


def test_ten_megabyte_line() -> None:
    source = read(b"Nov  4 03:00:45 vps1 app: " + b"x" * 10_000_000 + b"\nNov  4 03:00:46 vps1 app: two\n")
    assert source.rows["message"].str.len_bytes().to_list() == [10_000_000, 3]


def test_utf16_as_windows_shells_redirect_it() -> None:
    text = "2025-11-04 03:00:45 FAILED\r\n2025-11-04 03:00:46 OK\r\n"
    source = read(text.encode("utf-16"))
    assert source.rows["message"].to_list() == ["FAILED", "OK"]


def test_binary_is_named_as_such() -> None:
    source = read(bytes(range(256)) * 40)
    assert source.format == "unrecognised"
    assert "binary" in source.facts.notes[0]


def test_text_without_times_is_refused_with_the_reason() -> None:
    source = read(b"Started service\nStopped service\n")
    assert (source.format, source.lines, source.unparsed.height) == ("unrecognised", 2, 2)
    assert "-o cat" in str(source.facts.untimed)


def test_empty() -> None:
    assert read(b"").format == "empty"


def test_torn_export_keeps_what_is_whole() -> None:
    sample, *_ = next(parser for parser in PARSERS if parser.id == "journal-export").samples
    data = sample.text.encode()
    for end in range(0, len(data), 5):
        source = read(data[:end])
        assert source.rows.height <= 2
    assert read(data[: data.index(b"MESSAGE\n") + 12]).rows.height == 1


def test_formats_are_told_apart_within_one_file() -> None:
    syslog = b"Nov  4 03:00:45 vps1 app[1]: one\n" * 5
    iso = b"2025-11-04T03:00:46.000001+00:00 vps1 app[1]: two\n" * 3
    source = read(syslog + iso + b"what is this\n")
    assert source.format == "syslog-rfc3164+syslog-rfc3339"
    assert source.rows["stamp_kind"].to_list() == ["yearless"] * 5 + ["utc"] * 3
    assert source.unparsed["text"].to_list() == ["what is this"]


@pytest.mark.parametrize("filler", [b"x", b"{", b"\xff", b" "])
def test_of_a_line_longer_than_any_the_beginning_is_read(monkeypatch: pytest.MonkeyPatch, filler: bytes) -> None:
    monkeypatch.setattr(pieces, "_LONGEST_LINE", 4_000)
    before, after = b"Nov  4 03:00:45 vps1 app: one\n", b"\nNov  4 03:00:47 vps1 app: two\n"
    data = before + filler * 50_000 + after
    blocks = [accounted(part) for part in parsers.read_blocks("x.log", BytesIO(data), block_bytes=1_000)]
    rows = [row for part in blocks for row in part.rows.select("message", "line", "offset").rows()]
    assert rows[0][0].startswith("one")
    assert rows[-1] == ("two", 3, len(data) - len(after) + 1)
    assert sum(part.lines for part in blocks) == 3
    assert sum(part.bytes for part in blocks) == len(data)
    assert blocks[-1].sha256 == hashlib.sha256(data).hexdigest()
    assert len([note for part in blocks for note in part.facts.lost if "passed over" in note]) == 1


def test_lines_that_end_in_returns_are_no_long_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "_LONGEST_LINE", 200)
    data = b"".join(b"Nov  4 03:00:45 vps1 app: %d\r" % number for number in range(100))
    blocks = [accounted(part) for part in parsers.read_blocks("x.log", BytesIO(data), block_bytes=150)]
    assert sum(part.rows.height for part in blocks) == 100


def test_short_lines_come_in_smaller_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "_MOST_LINES", 100)
    monkeypatch.setattr(dialect, "_FAR", 50)
    data = b"Nov  4 03:00:45 vps1 app: one\n" + b"\n" * 5_000 + b"Nov  4 03:00:46 vps1 app: two\n"
    blocks = [accounted(part) for part in parsers.read_blocks("x.log", BytesIO(data), block_bytes=10_000)]
    assert len(blocks) > 20
    assert max(block.lines for block in blocks) < 1_000
    assert sum(block.lines for block in blocks) == 5_002
    assert [line for block in blocks for line in block.rows["line"]] == [1, 5_002]
