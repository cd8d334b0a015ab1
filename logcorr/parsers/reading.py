"""From an open file to ``schema.Source``: sniff, cut into blocks, parse, count."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import BinaryIO, Final

import polars as pl

from logcorr.parsers.engine import untimed
from logcorr.parsers.engine.base import NO_ROWS, Batch, LineParser, Parser, any_header
from logcorr.parsers.engine.blocks import batch, merged
from logcorr.parsers.engine.byte_stream import ByteStream
from logcorr.parsers.engine.dialect import Dialect, text_cut
from logcorr.parsers.engine.head import head_of
from logcorr.parsers.engine.lines import Lines, split
from logcorr.parsers.engine.window import LOOK, Window, looked_at, moved
from logcorr.parsers.formats.snapshots import settle
from logcorr.parsers.wrappers import nested, pasted, relayed
from logcorr.schema import Facts, Source, empty

BLOCK: Final = 16 << 20
WINDOW_BLOCK: Final = 4 << 20  # in smaller ones, less lies beside the window
_THREADS: Final = 2  # blocks parsed at a time; Polars and numpy let go of the interpreter while they work
HEAD: Final = 64 << 10
_BROAD: Final = 0.5  # the weight of a dialect whose header says little more than when
_CERTAIN: Final = 0.985  # no other format needs to be asked
UNRECOGNISED: Final = "unrecognised"
EMPTY: Final = "empty"

_LARGEST_BLOCK: Final = 128 << 20  # a record larger than this is torn, at a line's end where there is one
_LONGEST_LINE: Final = 32 << 20  # of a line longer than this, only about as much is read
_MOST_LINES: Final = 1 << 20  # in a block
_STRIDE: Final = 61  # every so many bytes are looked at to guess how many lines there are
_BINARY_SHARE: Final = 0.05  # of the head's bytes are control characters: no text
_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1b\x1e"))
_BINARY: Final = "binary data, not a log in any known format"
_EMPTY: Final = "the file is empty"
_CUT_LINE: Final = "a line is longer than any log's: {:,} bytes of it were read, and {:,} more were passed over"
_NOTHING: Final = Batch(NO_ROWS, empty({"line": pl.UInt32(), "text": pl.String()}))
#: Rotation and compression endings that say nothing about what a file logs.
_ENDING: Final = re.compile(
    r"(?:\.(?:log|txt|out|json|jsonl|ndjson|csv|gz|bz2|xz|zst|lz4|old|[0-9]{1,3})|[-.][0-9]{8}(?:-[0-9]{6,10})?)$"
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads inputs with some parsers, in their sniffing order."""

    parsers: Sequence[Parser]
    line_parsers: Sequence[LineParser]
    narrow: Sequence[Dialect]

    @classmethod
    def of(cls, parsers: Sequence[Parser]) -> Reader:
        """A reader for ``parsers``."""
        line_parsers = tuple(parser for parser in parsers if isinstance(parser, LineParser) and not _is_alone(parser))
        narrow = tuple(parser for parser in line_parsers if isinstance(parser, Dialect) and parser.narrow)
        return cls(parsers, line_parsers, narrow)

    def read(
        self,
        name: str,
        file: BinaryIO,
        *,
        modified: datetime | None = None,
        window: Window | None = None,
        collectors: Sequence[str] = (),
    ) -> Source:
        """The whole input as one ``Source``; never raises for anything in it.

        Args:
            name: how the input is shown; the rows of a format without program names get the file's base name.
            file: the decompressed bytes.
            modified: mtime of the file or archive member.
            window: of what lies outside, only a few records are read, so that its clock can be told.
            collectors: globs on names of containers and inputs whose output is other machines' logs.
        """
        blocks = list(self.read_blocks(name, file, modified=modified, window=window, collectors=collectors))
        if len(blocks) == 1:
            return blocks[0]
        known = [block.format for block in blocks if block.format not in (UNRECOGNISED, EMPTY)]
        formats = dict.fromkeys(part for each in known for part in each.split("+"))
        return replace(
            blocks[-1],
            format="+".join(formats) or UNRECOGNISED,
            rows=pl.concat([block.rows for block in blocks], rechunk=False),
            unparsed=pl.concat([block.unparsed for block in blocks], rechunk=False),
            bytes=sum(block.bytes for block in blocks),
            lines=sum(block.lines for block in blocks),
            continuation=sum(block.continuation for block in blocks),
            markers=sum(block.markers for block in blocks),
            passed_over=sum(block.passed_over for block in blocks),
            facts=_facts(blocks, recognised=bool(known)),
        )

    def read_blocks(
        self,
        name: str,
        file: BinaryIO,
        *,
        modified: datetime | None = None,
        block_bytes: int | None = None,
        window: Window | None = None,
        collectors: Sequence[str] = (),
    ) -> Iterator[Source]:
        """The input as one ``Source`` per block of about ``block_bytes``; ``sha256`` is on the last one only.

        Line numbers and offsets count through. Memory is bounded by the block, which grows only for a larger record.
        With ``window``, of blocks that lie outside only a few records are read, and there is no hash.
        """
        stream = ByteStream(file, hashed=window is None)
        size = block_bytes or (BLOCK if window is None else WINDOW_BLOCK)
        line, boot = 1, None
        opened = partial(nested.opened, read=self._inner, name=_stem(name) or "", collectors=collectors)
        parse = partial(self._parse_within, window, opened) if window else partial(self._parse, opened)
        for piece, (part, count) in self._parsed(_pieces(stream, self.order, size), parse):
            yield _source(name, _placed(part, line - 1, boot), piece, modified)
            line, boot = line + count, part.boot or boot

    def _parsed(
        self, pieces: Iterator[_Piece], parse: Callable[[_Piece], tuple[Batch, int]]
    ) -> Iterator[tuple[_Piece, tuple[Batch, int]]]:
        """Each piece with what was parsed from it, in order; the next ones are read and parsed meanwhile."""
        first = next(pieces)
        if first.last:
            yield first, parse(first)
            return
        with ThreadPoolExecutor(_THREADS) as pool:
            waiting = deque([(first, pool.submit(parse, first))])
            for piece in pieces:
                waiting.append((piece, pool.submit(parse, piece)))
                if len(waiting) > _THREADS:
                    done, future = waiting.popleft()
                    yield done, future.result()
            while waiting:
                done, future = waiting.popleft()
                yield done, future.result()

    def _parse(self, opened: Callable[[Batch], Batch], piece: _Piece) -> tuple[Batch, int]:
        """What the piece holds, and of how many lines; they are counted from 1, as those before are not known yet."""
        if _is_whole(piece.order):
            return opened(piece.order[0].parse(piece.data, first_offset=piece.offset)), 0
        lines = split(piece.data, stop=piece.used, first_offset=piece.offset)
        return opened(self._text(lines, piece.order)), len(lines)

    def _parse_within(self, window: Window, opened: Callable[[Batch], Batch], piece: _Piece) -> tuple[Batch, int]:
        """The same, but only some records of a piece that lies outside the window."""
        best = piece.order[0] if piece.order else None
        parts = looked_at(piece.data, piece.used, best.cut) if isinstance(best, LineParser) else None
        if parts is None or piece.used < 4 * LOOK:
            return self._parse(opened, piece)
        data = b"".join(piece.data[begin:end] for begin, end in parts)
        seen, _ = self._parse(opened, replace(piece, data=data, used=len(data), offset=0))
        if window.may_hold(seen.rows, seen.unparsed.height):
            return self._parse(opened, piece)
        lines = piece.data.count(b"\n", 0, piece.used)
        rows = moved(seen.rows, parts, piece.offset)
        return replace(seen, rows=rows, unparsed=seen.unparsed.clear(), passed_over=lines - seen.lines), lines

    def _inner(self, data: bytes) -> Batch:
        """The lines of text that stood inside records."""
        order = self.order(_head(data, more=False))
        return self._unmarked(split(data), [parser for parser in order if isinstance(parser, LineParser)])

    def order(self, head: bytes) -> list[Parser]:
        """The parsers that recognise ``head``, best first."""
        if not head:
            return []
        bare = self._bare_head(head)
        lines = head_of(bare)
        scores: list[tuple[float, Parser]] = []
        for parser in self.parsers:
            score = (
                parser.score(lines)
                if isinstance(parser, Dialect)
                else parser.sniff(bare if isinstance(parser, LineParser) else head)
            )
            if score >= _CERTAIN:
                return [parser]
            if score > 0:
                scores.append((score, parser))
        best = [parser for _, parser in sorted(scores, key=lambda pair: -pair[0])]
        return best[:1] + [parser for parser in best[1:] if not _is_alone(parser)]

    def _text(self, lines: Lines, order: Sequence[Parser]) -> Batch:
        if not len(lines):
            return replace(_NOTHING, facts=Facts(notes=(_EMPTY,)))
        if not order and is_binary(lines.data[: min(HEAD, lines.stop)]):
            return replace(_NOTHING, facts=Facts(notes=(_BINARY,)))
        part = self._unmarked(lines, order)
        if not part.rows.height and part.unparsed.height:
            return replace(part, facts=merged([part.facts, Facts(notes=(untimed.why(part.unparsed["text"]),))]))
        return part

    def _unmarked(self, lines: Lines, order: Sequence[Parser]) -> Batch:
        """The lines read without what people put around them, and without a collector's header."""
        marked = pasted.without_marks(lines)
        if marked is not None:
            return pasted.with_names(self._relayed(marked.lines, order), marked)
        return self._relayed(lines, order)

    def _relayed(self, lines: Lines, order: Sequence[Parser]) -> Batch:
        sent = relayed.without_stamp(lines, any_header(self.narrow))
        if sent is not None:
            return relayed.with_stamp(batch(sent.lines, self._turns(sent.lines, order)), sent)
        return batch(lines, self._turns(lines, order))

    def _bare_head(self, head: bytes) -> bytes:
        """The head as ``_unmarked`` sees it."""
        if is_binary(head):
            return head
        lines = split(head)
        marked = pasted.without_marks(lines)
        lines = marked.lines if marked else lines
        sent = relayed.without_stamp(lines, any_header(self.narrow))
        lines = sent.lines if sent else lines
        return "\n".join(lines.text).encode() if marked or sent else head

    def _turns(self, lines: Lines, order: Sequence[Parser]) -> list[LineParser]:
        """In what order to offer ``lines``.

        First exact framings that were recognised: their values may hold lines that look like anything. Then narrow
        dialects, whose lines broader ones would take for less. The rest as they fit the head; but where that is of a
        format of its own, what any program may write comes last.
        """
        fitting = [parser for parser in order if isinstance(parser, LineParser)]
        framings = [parser for parser in fitting if not isinstance(parser, Dialect)]
        narrow = self.narrow if framings or lines.text.str.contains(any_header(self.narrow)).any() else ()
        if fitting and not _is_broad(fitting[0]):
            fitting, broad = [one for one in fitting if not _is_broad(one)], [one for one in fitting if _is_broad(one)]
            others = [one for one in self.line_parsers if not _is_broad(one)]
            turns = (*framings, *narrow, *fitting, *others, *broad, *self.line_parsers)
        else:
            turns = (*framings, *narrow, *fitting, *self.line_parsers)
        return [*{parser.id: parser for parser in turns}.values()]


def _is_alone(parser: Parser) -> bool:
    """Whether the parser's lines may be anything, where another format fits."""
    return isinstance(parser, Dialect) and parser.alone


def _is_broad(parser: Parser) -> bool:
    """Whether lines of many programs fit the parser."""
    return isinstance(parser, Dialect) and parser.weight <= _BROAD


def _is_whole(order: Sequence[Parser]) -> bool:
    """Whether the best parser wants the whole input in one piece."""
    return bool(order) and not isinstance(order[0], LineParser)


def is_binary(head: bytes) -> bool:
    """Whether ``head`` is no text: too many control characters, those that logs use not counted."""
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls > _BINARY_SHARE * len(head)


def _head(data: bytes, *, more: bool) -> bytes:
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


def _facts(blocks: Sequence[Source], *, recognised: bool) -> Facts:
    facts = merged([block.facts for block in blocks])
    return (
        replace(facts, notes=tuple(note for note in facts.notes if not note.startswith(untimed.NO_TIME)))
        if recognised
        else facts
    )


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block as it was cut: ``data[:used]`` holds whole records."""

    data: bytes
    used: int
    offset: int
    order: Sequence[Parser]
    size: int  # raw bytes read for it
    last: bool
    sha256: str | None  # of the whole input, on the last piece
    lost: tuple[str, ...]


def _pieces(stream: ByteStream, order_of: Callable[[bytes], Sequence[Parser]], block_bytes: int) -> Iterator[_Piece]:
    data, offset = stream.more(block_bytes), 0
    first: Sequence[Parser] | None = None
    while True:
        order = order_of(_head(data, more=not stream.done))
        first = order if first is None else first
        order = [parser for parser in order if parser in first or not _is_alone(parser)]
        passed, lost = 0, stream.lost
        if _is_whole(order):
            data += stream.rest()
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
        yield _Piece(data, used, offset, order, size, not rest, digest, lost)
        if not rest:
            return
        data, offset = rest, offset + used + passed


def _placed(part: Batch, lines: int, boot: str | None) -> Batch:
    """``part`` with the lines before it counted, and the boot that a marker before it announced."""
    if not lines and not boot:
        return part
    moved = (pl.col("line") + lines).cast(pl.UInt32)
    rows, unparsed = part.rows.with_columns(moved), part.unparsed.with_columns(moved)
    return replace(part, rows=rows.with_columns(pl.col("boot").fill_null(boot)) if boot else rows, unparsed=unparsed)


def _source(name: str, part: Batch, piece: _Piece, modified: datetime | None) -> Source:
    part = settle(part, name, modified) if part.rows.height else part
    rows = part.rows
    if rows.height and rows["program"].null_count() == rows.height:
        rows = rows.with_columns(program=pl.lit(_stem(name)))
    nothing = EMPTY if _EMPTY in part.facts.notes else UNRECOGNISED
    return Source(
        path=name,
        format="+".join(part.formats) or nothing,
        rows=rows,
        unparsed=part.unparsed,
        sha256=piece.sha256,
        bytes=piece.size,
        lines=part.lines,
        continuation=part.continuation,
        markers=part.markers,
        passed_over=part.passed_over,
        modified=modified,
        facts=merged([part.facts, Facts(lost=piece.lost)]),
    )


def _stem(name: str) -> str | None:
    """``monitor`` for ``logs/monitor.log.2.gz``; nothing for standard input."""
    stem = re.split(r"[/\\!]", name)[-1]
    while (shorter := _ENDING.sub("", stem)) != stem:
        stem = shorter
    return stem if stem.strip("-") else None
