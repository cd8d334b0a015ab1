"""From an open file to ``schema.Source``: sniff, cut into blocks, parse, count."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import BinaryIO, Final

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.parsers.engine import untimed
from logcorr.parsers.engine.base import LAST_FIT, NO_ROWS, Batch, LineParser, Parser, Turn, WholeParser
from logcorr.parsers.engine.blocks import batch
from logcorr.parsers.engine.byte_stream import ByteStream
from logcorr.parsers.engine.head import Head, any_header, head_of
from logcorr.parsers.engine.lines import Lines, split
from logcorr.parsers.engine.pieces import HEAD, RawPiece, head_bytes, is_binary, is_last, pieces
from logcorr.parsers.engine.window import LOOK, Window, looked_at, moved
from logcorr.parsers.fields.log_names import program_in
from logcorr.parsers.formats import metrics
from logcorr.parsers.formats.snapshots import date_snapshots
from logcorr.parsers.wrappers import nested, unwrapped
from logcorr.schema import EMPTY, UNRECOGNISED, Facts, Source, empty, join_facts, merge_facts

BLOCK: Final = 16 << 20
WINDOW_BLOCK: Final = 4 << 20  # in smaller ones, less lies beside the window
_THREADS: Final = 2  # blocks parsed at a time; Polars and numpy let go of the interpreter while they work
_CERTAIN: Final = 0.985  # no other format needs to be asked

_BINARY: Final = "binary data, not a log in any known format"
_EMPTY: Final = "the file is empty"
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
    narrow: Sequence[LineParser]
    # by their ids; to ask each parser of what kind it is takes longer than to sniff
    of_lines: frozenset[str]
    last: frozenset[str]

    @classmethod
    def of(cls, parsers: Sequence[Parser]) -> Reader:
        """A reader for ``parsers``."""
        line_parsers = tuple(parser for parser in parsers if isinstance(parser, LineParser) and not is_last(parser))
        narrow = tuple(parser for parser in line_parsers if parser.turn is Turn.NARROW)
        of_lines = frozenset(parser.id for parser in parsers if isinstance(parser, LineParser))
        last = frozenset(parser.id for parser in parsers if is_last(parser))
        return cls(parsers, line_parsers, narrow, of_lines, last)

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
            name: how the input is shown; rows of a format without program names get that which the file's name names,
                else its base name.
            file: the decompressed bytes.
            modified: mtime of the file or archive member.
            window: of what lies outside, only a few records are read, so that its clock can be told.
            collectors: globs on names of containers and inputs whose output is other machines' logs.
        """
        blocks = list(self.read_blocks(name, file, modified=modified, window=window, collectors=collectors))
        return blocks[0] if len(blocks) == 1 else _joined(blocks)

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
        """The input as one ``Source`` per block of about ``block_bytes``; ``sha256`` is on the last one only, and all
        others have ``more``.

        Line numbers and offsets count through. Memory is bounded by the block, which grows only for a larger record.
        With ``window``, of blocks that lie outside only a few records are read, and there is no hash.
        """
        stream = ByteStream(file, hashed=window is None)
        size = block_bytes or (BLOCK if window is None else WINDOW_BLOCK)
        line, boot = 1, None
        opened = partial(nested.unwrap_nested, read=self._inner, name=_stem(name) or "", collectors=collectors)
        parse = partial(self._parse_within, window, opened) if window else partial(self._parse, opened)
        for piece, (part, count) in self._parsed(pieces(stream, self.order, size), parse):
            yield _source(name, _placed(part, line - 1, boot), piece, modified)
            line, boot = line + count, part.boot or boot

    def _parsed(
        self, pieces: Iterator[RawPiece], parse: Callable[[RawPiece], tuple[Batch, int]]
    ) -> Iterator[tuple[RawPiece, tuple[Batch, int]]]:
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

    def _parse(self, opened: Callable[[Batch], Batch], piece: RawPiece) -> tuple[Batch, int]:
        """What the piece holds, and of how many lines; they are counted from 1, as those before are not known yet."""
        best = piece.order[0] if piece.order else None
        if isinstance(best, WholeParser):
            return opened(best.parse(piece.data, first_offset=piece.offset)), 0
        lines = split(piece.data, stop=piece.used, first_offset=piece.offset)
        return opened(self._text(lines, piece.order)), len(lines)

    def _parse_within(self, window: Window, opened: Callable[[Batch], Batch], piece: RawPiece) -> tuple[Batch, int]:
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
        order = self.order(head_bytes(data, more=False))
        return self._unwrapped(split(data), [parser for parser in order if isinstance(parser, LineParser)])

    def order(self, head: bytes) -> list[Parser]:
        """The parsers that recognise ``head``, best first."""
        if not head:
            return []
        whole = head_of(head)
        bare = self._bare(whole)
        scores: list[tuple[float, Parser]] = []
        for parser in self.parsers:
            if parser.id in self.last and any(score >= LAST_FIT for score, _ in scores):
                continue
            score = parser.sniff(bare if parser.id in self.of_lines else whole)
            if score >= _CERTAIN:
                return [parser]
            if score > 0:
                scores.append((score, parser))
        best = [parser for _, parser in sorted(scores, key=lambda pair: -pair[0])]
        return best[:1] + [parser for parser in best[1:] if parser.id not in self.last]

    def _text(self, lines: Lines, order: Sequence[Parser]) -> Batch:
        if not len(lines):
            return replace(_NOTHING, facts=Facts(notes=(_EMPTY,)))
        if not order and is_binary(lines.data[: min(HEAD, lines.stop)]):
            return replace(_NOTHING, facts=Facts(notes=(_BINARY,)))
        part = self._unwrapped(lines, order)
        if not part.rows.height and part.unparsed.height:
            return replace(part, facts=replace(part.facts, untimed=untimed.why(part.unparsed["text"])))
        return part

    def _unwrapped(self, lines: Lines, order: Sequence[Parser]) -> Batch:
        """The lines read without what stands around them, and that put back."""
        bare, taken = unwrapped(lines, any_header(self._narrow_headers))
        part = batch(bare, self._turns(bare, order))
        for one in reversed(taken):
            part = one.restore(part)
        return part

    def _bare(self, head: Head) -> Head:
        """The head as ``_unwrapped`` sees it."""
        if is_binary(head.data):
            return head
        bare, taken = unwrapped(split(head.data), any_header(self._narrow_headers))
        return head_of("\n".join(bare.text).encode()) if taken else head

    def _turns(self, lines: Lines, order: Sequence[Parser]) -> list[LineParser]:
        """In what order to offer ``lines``.

        First exact framings that were recognised: their values may hold lines that look like anything. Then narrow
        dialects, whose lines broader ones would take for less. The rest as they fit the head; but where that is of a
        format of its own, what any program may write comes last.
        """
        fitting = [parser for parser in order if isinstance(parser, LineParser)]
        framings = [parser for parser in fitting if parser.turn is Turn.EXACT]
        asked = framings or lines.text.str.contains(any_header(self._narrow_headers)).any()
        narrow = self.narrow if asked else ()
        if fitting and fitting[0].turn < Turn.BROAD:
            own = [one for one in fitting if one.turn < Turn.BROAD]
            broad = [one for one in fitting if one.turn >= Turn.BROAD]
            others = [one for one in self.line_parsers if one.turn < Turn.BROAD]
            turns = (*framings, *narrow, *own, *others, *broad, *self.line_parsers)
        else:
            turns = (*framings, *narrow, *fitting, *self.line_parsers)
        return [*{parser.id: parser for parser in turns}.values()]

    @property
    def _narrow_headers(self) -> tuple[str, ...]:
        return tuple(header for parser in self.narrow for header in parser.headers)


def _placed(part: Batch, lines: int, boot: str | None) -> Batch:
    """``part`` with the lines before it counted, and the boot that a marker before it announced."""
    if not lines and not boot:
        return part
    moved = (pl.col("line") + lines).cast(pl.UInt32)
    rows, unparsed = part.rows.with_columns(moved), part.unparsed.with_columns(moved)
    return replace(part, rows=rows.with_columns(pl.col("boot").fill_null(boot)) if boot else rows, unparsed=unparsed)


def _source(name: str, part: Batch, piece: RawPiece, modified: datetime | None) -> Source:
    part = metrics.named(date_snapshots(part, name, modified), name) if part.rows.height else part
    rows = part.rows
    stem = _stem(name)
    writer = program_in(stem) if stem else None
    if rows.height and (writer or rows["program"].null_count() == rows.height):
        rows = rows.with_columns(pl.col("program").fill_null(pl.lit(writer or stem)))
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
        facts=merge_facts([part.facts, Facts(lost=piece.lost)]),
        more=not piece.last,
    )


def _joined(blocks: Sequence[Source]) -> Source:
    """All blocks of an input as one; of the last are its name, hash and time."""
    form, facts = join_facts([block.format for block in blocks], [block.facts for block in blocks])
    return replace(
        blocks[-1],
        format=form,
        rows=pl.concat([block.rows for block in blocks], rechunk=False),
        unparsed=pl.concat([block.unparsed for block in blocks], rechunk=False),
        bytes=sum(block.bytes for block in blocks),
        lines=sum(block.lines for block in blocks),
        continuation=sum(block.continuation for block in blocks),
        markers=sum(block.markers for block in blocks),
        passed_over=sum(block.passed_over for block in blocks),
        facts=facts,
    )


def _stem(name: str) -> str | None:
    """``monitor`` for ``logs/monitor.log.2.gz``; nothing for standard input."""
    stem = re.split(r"[/\\!]", name)[-1]
    while (shorter := _ENDING.sub("", stem)) != stem:
        stem = shorter
    return stem if stem.strip("-") else None
