"""An input cut into blocks of whole records, each with the parsers that recognise how it begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from logcorr.dataclass import dataclass
from logcorr.parsers.engine.base import LineParser, Parser, Turn, WholeParser
from logcorr.parsers.engine.byte_stream import ByteStream
from logcorr.parsers.engine.dialect import text_cut

HEAD: Final = 64 << 10
_LARGEST_BLOCK: Final = 128 << 20  # a record larger than this is torn, at a line's end where there is one
_LONGEST_LINE: Final = 32 << 20  # of a line longer than this, only about as much is read
_MOST_LINES: Final = 1 << 20  # in a block
_STRIDE: Final = 61  # every so many bytes are looked at to guess how many lines there are
_BINARY_SHARE: Final = 0.05  # of the head's bytes are control characters: no text
_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1b\x1e"))
_CUT_LINE: Final = "a line is longer than any log's: {:,} bytes of it were read, and {:,} more were passed over"


@dataclass(frozen=True, slots=True)
class RawPiece:
    """A block as it was cut: ``data[:used]`` holds whole records."""

    data: bytes
    used: int
    offset: int
    order: Sequence[Parser]
    size: int  # raw bytes read for it
    last: bool
    sha256: str | None  # of the whole input, on the last piece
    lost: tuple[str, ...]


def pieces(stream: ByteStream, order_of: Callable[[bytes], Sequence[Parser]], block_bytes: int) -> Iterator[RawPiece]:
    """The input in blocks of about ``block_bytes``; ``order_of`` names the parsers that recognise its beginning."""
    data, offset = stream.more(block_bytes), 0
    first: Sequence[Parser] | None = None
    while True:
        order = order_of(head_bytes(data, more=not stream.done))
        first = order if first is None else first
        order = [parser for parser in order if parser in first or not is_last(parser)]
        passed, lost = 0, stream.lost
        if order and isinstance(order[0], WholeParser):
            data = stream.rest(data)
            rest, used, lost = b"", len(data), stream.lost
        else:
            data, used = _cut(stream, data, order, block_bytes)
            rest = data[used:]
            if not stream.done and len(rest) < block_bytes:
                rest += stream.more(block_bytes)
            if _is_torn(data, used):
                rest, passed = _after_line(stream, rest, block_bytes)
                lost = (*lost, _CUT_LINE.format(used, passed)) if passed > 1 else lost
        size, digest = stream.taken(last=not rest)
        yield RawPiece(data, used, offset, order, size, not rest, digest, lost)
        if not rest:
            return
        data, offset = rest, offset + used + passed


def is_binary(head: bytes) -> bool:
    """Whether ``head`` is no text: too many control characters, those that logs use not counted."""
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls > _BINARY_SHARE * len(head)


def head_bytes(data: bytes, *, more: bool) -> bytes:
    """What to sniff: whole lines, unless the data ends here."""
    head = data[:HEAD]
    return head[: head.rfind(b"\n") + 1] or head if more or len(data) > HEAD else head


def _cut(stream: ByteStream, data: bytes, order: Sequence[Parser], block_bytes: int) -> tuple[bytes, int]:
    """``data`` and where to end the block; reads on where no record ends in it, doubling, to stay linear."""
    if not order and is_binary(data[:HEAD]):
        return data, len(data)
    best = order[0] if order else None
    cut = best.cut if isinstance(best, LineParser) else text_cut
    while not stream.done and len(data) < _LARGEST_BLOCK:
        used = cut(data)
        if used:
            return data, _with_fewer_lines(data, used, cut)
        if _is_torn(data, len(data)):
            return data, len(data)
        data += stream.more(max(block_bytes, len(data)))
    used = len(data) if stream.done else data.rfind(b"\n") + 1 or len(data)
    return data, _with_fewer_lines(data, used, cut)


def _with_fewer_lines(data: bytes, used: int, cut: Callable[[bytes], int]) -> int:
    """Where to end the block instead of at ``used``, if its lines are so short that it holds far too many."""
    lines = data[:used:_STRIDE].count(b"\n") * _STRIDE
    return used if lines <= _MOST_LINES else cut(data[: used * _MOST_LINES // lines]) or used


def _is_torn(data: bytes, used: int) -> bool:
    """Whether ``data[:used]`` ends in the middle of a line that is longer than any should be."""
    start = data.rfind(b"\n", 0, used) + 1
    return used - start >= _LONGEST_LINE and used - data.rfind(b"\r", start, used) >= _LONGEST_LINE


def _after_line(stream: ByteStream, data: bytes, block_bytes: int) -> tuple[bytes, int]:
    """What follows the line that ``data`` ends in the middle of, and how many bytes of the line were passed over."""
    passed = 0
    while data.find(b"\n") < 0 and not stream.done:
        passed += len(data)
        data = stream.more(block_bytes)
    end = data.find(b"\n") + 1 or len(data)
    return data[end:], passed + end


def is_last(parser: Parser) -> bool:
    """Whether the parser's lines may be anything, where another format fits."""
    return isinstance(parser, LineParser) and parser.turn is Turn.LAST
