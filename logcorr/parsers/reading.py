"""From an open file to ``schema.Source``: sniff, cut into blocks, parse, count, hash."""

from __future__ import annotations

import codecs
import hashlib
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO, Final

import polars as pl

from logcorr.parsers.base import NO_ROWS, Batch, LineParser, Parser, any_header
from logcorr.parsers.blocks import batch, merged
from logcorr.parsers.dialect import Dialect, text_cut
from logcorr.parsers.head import head_of
from logcorr.parsers.lines import Lines, split
from logcorr.schema import Facts, Source, empty

BLOCK: Final = 32 << 20
HEAD: Final = 64 << 10
UNRECOGNISED: Final = "unrecognised"
EMPTY: Final = "empty"

_LARGEST_BLOCK: Final = 1 << 30  # a record larger than this is torn
_BINARY_SHARE: Final = 0.05  # of the head's bytes are control characters: no text
_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1b\x1e"))
_UTF16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_NO_TIME: Final = (
    "no line carries a time, so nothing can be placed on a timeline; if this is `journalctl -o cat` output, "
    "export again with -o export (or -o short-iso-precise)"
)
_BINARY: Final = "binary data, not a log in any known format"
_EMPTY: Final = "the file is empty"
_NOTHING: Final = Batch(NO_ROWS, empty({"line": pl.UInt32(), "text": pl.String()}))
#: Rotation and compression endings that say nothing about what a file logs.
_ENDING: Final = re.compile(r"(?:\.(?:log|txt|out|gz|bz2|xz|zst|lz4|old|[0-9]{1,3})|[-.][0-9]{8}(?:-[0-9]{6,10})?)$")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads inputs with some parsers, in their sniffing order."""

    parsers: Sequence[Parser]

    def read(self, name: str, file: BinaryIO, *, modified: datetime | None = None) -> Source:
        """The whole input as one ``Source``; never raises for anything in it.

        Args:
            name: how the input is shown; the rows of a format without program names get the file's base name.
            file: the decompressed bytes.
            modified: mtime of the file or archive member.
        """
        blocks = list(self.read_blocks(name, file, modified=modified))
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
            facts=merged([block.facts for block in blocks]),
        )

    def read_blocks(
        self, name: str, file: BinaryIO, *, modified: datetime | None = None, block_bytes: int = BLOCK
    ) -> Iterator[Source]:
        """The input as one ``Source`` per block of about ``block_bytes``; ``sha256`` is on the last one only.

        Line numbers and offsets count through. Memory is bounded by the block, which grows only for a larger record.
        """
        stream = _Stream(file)
        data = stream.more(block_bytes)
        line, offset, boot = 1, 0, None
        while True:
            order = self.order(_head(data, more=not stream.done))
            if order and not isinstance(order[0], LineParser):
                data += stream.rest()
                part, used, count = order[0].parse(data, first_line=line, first_offset=offset), len(data), 0
            else:
                data, used = _cut(stream, data, order, block_bytes)
                lines = split(data, stop=used, first_line=line, first_offset=offset)
                part, count = self._text(lines, order, boot), len(lines)
            rest = data[used:] + (b"" if stream.done else stream.more(block_bytes))
            size, digest = stream.taken(last=not rest)
            yield _source(name, part, size=size, sha256=digest, modified=modified, notes=stream.notes)
            if not rest:
                return
            line, offset, data, boot = line + count, offset + used, rest, part.boot or boot

    def order(self, head: bytes) -> list[Parser]:
        """The parsers that recognise ``head``, best first."""
        lines = head_of(head)
        scores = [
            (parser.score(lines) if isinstance(parser, Dialect) else parser.sniff(head), parser)
            for parser in self.parsers
        ]
        return [parser for score, parser in sorted(scores, key=lambda pair: -pair[0]) if score > 0]

    def _text(self, lines: Lines, order: Sequence[Parser], boot: str | None) -> Batch:
        if not len(lines):
            return replace(_NOTHING, facts=Facts(notes=(_EMPTY,)))
        if not order and is_binary(lines.data[: min(HEAD, lines.stop)]):
            return replace(_NOTHING, facts=Facts(notes=(_BINARY,)))
        part = batch(lines, self._turns(lines, order), boot=boot)
        if not part.rows.height and part.unparsed.height:
            return replace(part, facts=merged([part.facts, Facts(notes=(_NO_TIME,))]))
        return part

    def _turns(self, lines: Lines, order: Sequence[Parser]) -> list[LineParser]:
        """In what order to offer ``lines``.

        First exact framings that were recognised: their values may hold lines that look like anything. Then narrow
        dialects, whose lines broader ones would take for less. The rest as they fit the head.
        """
        fitting = [parser for parser in order if isinstance(parser, LineParser)]
        rest = [parser for parser in self.parsers if isinstance(parser, LineParser) and parser not in fitting]
        framings = [parser for parser in fitting if not isinstance(parser, Dialect)]
        narrow = [parser for parser in self.parsers if isinstance(parser, Dialect) and parser.narrow]
        if not framings and not lines.text.str.contains(any_header(narrow)).any():
            narrow = []
        return [*{parser.id: parser for parser in [*framings, *narrow, *fitting, *rest]}.values()]


def is_binary(head: bytes) -> bool:
    """Whether ``head`` is no text: too many control characters, those that logs use not counted."""
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls > _BINARY_SHARE * len(head)


def _head(data: bytes, *, more: bool) -> bytes:
    """What to sniff: whole lines, unless the data ends here."""
    head = data[:HEAD]
    return head[: head.rfind(b"\n") + 1] or head if more or len(data) > HEAD else head


def _cut(stream: _Stream, data: bytes, order: Sequence[Parser], block_bytes: int) -> tuple[bytes, int]:
    """``data`` and where to end the block; reads on where no record ends in it, doubling, to stay linear."""
    best = next((parser for parser in order if isinstance(parser, LineParser)), None)
    while not stream.done and len(data) < _LARGEST_BLOCK:
        used = best.cut(data) if best else text_cut(data)
        if used:
            return data, used
        data += stream.more(max(block_bytes, len(data)))
    return data, len(data)


def _source(
    name: str, part: Batch, *, size: int, sha256: str | None, modified: datetime | None, notes: tuple[str, ...]
) -> Source:
    rows = part.rows
    if rows.height and rows["program"].null_count() == rows.height:
        rows = rows.with_columns(program=pl.lit(_stem(name)))
    nothing = EMPTY if _EMPTY in part.facts.notes else UNRECOGNISED
    return Source(
        path=name,
        format="+".join(part.formats) or nothing,
        rows=rows,
        unparsed=part.unparsed,
        sha256=sha256,
        bytes=size,
        lines=part.lines,
        continuation=part.continuation,
        markers=part.markers,
        modified=modified,
        facts=merged([part.facts, Facts(notes=notes)]),
    )


def _stem(name: str) -> str | None:
    """``monitor`` for ``logs/monitor.log.2.gz``; nothing for standard input."""
    stem = re.split(r"[/\\!]", name)[-1]
    while (shorter := _ENDING.sub("", stem)) != stem:
        stem = shorter
    return stem if stem.strip("-") else None


class _Stream:
    """A file being read: hashes and counts the raw bytes, and turns UTF-16 (a BOM says so) into UTF-8."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._decoder: codecs.IncrementalDecoder | None = None
        self._fresh = 0
        self._started = False
        self.done = False
        self.notes: tuple[str, ...] = ()

    def more(self, size: int) -> bytes:
        """About ``size`` more bytes; less only at the end, or where reading fails."""
        parts: list[bytes] = []
        while size > 0 and not self.done:
            part = self._read(size)
            self.done = not part
            size -= len(part)
            parts.append(part)
        return self._text(b"".join(parts))

    def rest(self) -> bytes:
        """Everything that is left."""
        parts = []
        while not self.done:
            parts.append(self.more(BLOCK))
        return b"".join(parts)

    def taken(self, *, last: bool) -> tuple[int, str | None]:
        """The raw bytes read since the last call and, at the end, the hash of all."""
        size, self._fresh = self._fresh, 0
        return size, self._digest.hexdigest() if last else None

    def _read(self, size: int) -> bytes:
        try:
            part = self._file.read(size)
        except (OSError, EOFError, zlib.error) as error:
            self.notes = (f"reading stopped early: {error}",)
            return b""
        self._digest.update(part)
        self._fresh += len(part)
        return part

    def _text(self, data: bytes) -> bytes:
        if not self._started:
            self._started = True
            encoding = _UTF16.get(data[:2])
            self._decoder = codecs.getincrementaldecoder(encoding)("replace") if encoding else None
            data = data[2:] if encoding else data.removeprefix(codecs.BOM_UTF8)
        if self._decoder is None:
            return data
        return self._decoder.decode(data, final=self.done).encode("utf-8", "replace")
