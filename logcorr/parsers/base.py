"""The contract of a parser: a block of bytes in, rows of ``schema.RECORDS`` out, and nothing lost on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from logcorr.schema import Facts


@dataclass(frozen=True, slots=True)
class Batch:
    """What a parser made of one block: lines in = rows + unparsed + continuation + markers."""

    rows: pl.DataFrame                     # schema.RECORDS
    unparsed: pl.DataFrame                 # line: UInt32, text: String
    lines: int = 0
    continuation: int = 0                  # lines folded into the row before them
    markers: int = 0                       # lines that are not log records ("-- Boot ... --", blank lines)
    facts: Facts = field(default_factory=Facts)


@dataclass(frozen=True, slots=True)
class Sample:
    """One example of a format: the text, and the columns that a parser must read from it."""

    text: str
    expect: dict[str, object]


class Parser(Protocol):
    """One log format. ``PARSERS`` in the package's ``__init__`` is the only registry."""

    id: str                                # "journal-export"
    title: str                             # "journalctl -o export"
    samples: tuple[Sample, ...]

    def sniff(self, head: bytes) -> float:
        """How well the first 64 KiB fit this format: 0 (not at all) to 1 (beyond doubt)."""

    def parse(self, data: bytes, *, first_line: int = 1, first_offset: int = 0) -> Batch:
        """Read one block of whole records. Never raises for anything in ``data``."""
