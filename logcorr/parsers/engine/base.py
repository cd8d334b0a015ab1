"""The contract of a parser: text in, rows of ``schema.RECORDS`` out, and nothing lost on the way."""

from __future__ import annotations

from dataclasses import field
from enum import IntEnum
from typing import Final, Protocol, runtime_checkable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.origin import Kind, of_text, trusted
from logcorr.parsers.engine.head import Head
from logcorr.parsers.engine.lines import Lines
from logcorr.schema import RECORDS, Facts, empty

#: Lines at the left edge that belong to the record before them: an exception and its cause, as Java (Throwable's
#: printStackTrace), Python (traceback) and Node.js print them, and Go's goroutines.
TRACE: Final = (
    r"^(?:(?:Caused by|Suppressed|Wrapped by): |(?:[A-Za-z_$][\w$]*[./])*[\w$]*(?:Error|Exception)(?:: |$)|"
    r"(?:[a-z_$][\w$]*\.){2,}[A-Z][\w$]*(?:: |$)|Traceback \(most recent call last\):$|"
    r"During handling of the above exception, another|The above exception was the direct cause|goroutine [0-9]+ \[)"
)
#: A frame of schema.RECORDS without rows.
NO_ROWS: Final = empty(RECORDS)
#: The most that ``sniff`` of a format may say whose turn is ``Turn.LAST``; it is not asked where another said as much.
LAST_FIT: Final = 0.3

#: What became of a line that was offered to a parser.
LEFT: Final = 0  # not mine
RECORD: Final = 1
CONTINUATION: Final = 2  # folded into the record before it
MARKER: Final = 3  # belongs to the format, and is no record


@dataclass(frozen=True, slots=True)
class Batch:
    """What a parser made of one block: lines in = rows + unparsed + continuation + markers."""

    rows: pl.DataFrame  # schema.RECORDS
    unparsed: pl.DataFrame  # line: UInt32, text: String
    lines: int = 0
    continuation: int = 0  # lines folded into the row before them
    markers: int = 0  # lines that are not log records ("-- Boot ... --", blank lines)
    facts: Facts = field(default_factory=Facts)
    formats: tuple[str, ...] = ()  # ids of the parsers that recognised records, the largest share first
    boot: str | None = None  # the boot that the last "-- Boot ... --" announced
    passed_over: int = 0  # further lines that were not read: they lie outside the window


@dataclass(frozen=True, slots=True)
class Sample:
    """One example of a format: the text, and the columns that a parser must read from it."""

    text: str
    expect: dict[str, object]


@dataclass(frozen=True, slots=True)
class LineMatches:
    """The part of some lines that a parser recognised. A line may hold several records; they share its number."""

    rows: pl.DataFrame  # schema.RECORDS
    role: NDArray[np.uint8]  # LEFT, RECORD, CONTINUATION or MARKER for every line offered
    facts: Facts = field(default_factory=Facts)


@runtime_checkable
class Parser(Protocol):
    """One log format: what whole and line parsers share. ``PARSERS`` in the package's ``__init__`` lists all."""

    @property
    def id(self) -> str:
        """For example ``journal-export``."""

    @property
    def title(self) -> str:
        """For example ``journalctl -o export``."""

    @property
    def samples(self) -> tuple[Sample, ...]:
        """Examples of the format."""

    def sniff(self, head: Head) -> float:
        """How well the first 64 KiB fit this format: 0 (not at all) to 1 (beyond doubt)."""


@runtime_checkable
class WholeParser(Parser, Protocol):
    """A format that is read in one piece: a native journal, a document, a table."""

    def parse(self, data: bytes, *, first_offset: int = 0) -> Batch:
        """Read the whole input. Never raises for anything in ``data``."""


class Turn(IntEnum):
    """When a format's turn is to look at lines. Those of one turn come as they fit the head of the input."""

    EXACT = 0  # framed: its values may hold lines that look like anything
    NARROW = 1  # broader formats would take its lines for less
    ORDINARY = 2
    BROAD = 3  # its header says little more than when
    LAST = 4  # asked only where no other format fits the head: its ``sniff`` says ``LAST_FIT`` at most


@runtime_checkable
class LineParser(Parser, Protocol):
    """A format of lines: what it does not recognise in a block is offered to the others."""

    @property
    def turn(self) -> Turn:
        """When it is asked."""

    @property
    def headers(self) -> tuple[str, ...]:
        """Expressions (Rust syntax) one of which the first line of every record matches at its start."""

    def take(self, lines: Lines) -> LineMatches:
        """Recognise what is mine among ``lines``, which need not be neighbours. Never raises for anything in them."""

    def cut(self, data: bytes) -> int:
        """Where a block may end so that no record is torn; 0 when ``data`` holds no such place."""


def records(frame: pl.DataFrame, known: Kind = "text") -> pl.DataFrame:
    """``frame`` as schema.RECORDS: columns it lacks are null (``repeat``: 1), columns unknown there are dropped.

    ``known`` is the origin of all rows where the frame does not say it.
    """
    missing = [pl.lit(None).cast(kind).alias(name) for name, kind in RECORDS.items() if name not in frame.columns]
    said = "origin" in frame.columns
    frame = frame.with_columns(missing).select(pl.col(name).cast(kind, strict=False) for name, kind in RECORDS.items())
    if not said:
        frame = frame.with_columns(origin=of_text(pl.col("program"), pl.col("pid"), known=known))
    return frame.with_columns(pl.col("repeat").fill_null(1), trusted=trusted(pl.col("origin")))
