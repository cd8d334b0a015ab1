"""The parser of snapshots: what commands printed about the state of a machine, cut up, dated and put into sentences.

``jc`` is not used: of these formats it knows ping and sysctl, keeps no line numbers, and reads torn output wrongly or
raises. A snapshot must say where it was read, and a torn one is normal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import field
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.parsers.engine.base import CONTINUATION, LEFT, MARKER, NO_ROWS, RECORD, LineMatches, Sample, Turn, records
from logcorr.parsers.engine.dialect import placed
from logcorr.parsers.engine.head import Head
from logcorr.parsers.engine.lines import Lines
from logcorr.parsers.formats.snapshots import counters, mtr, ping, probes, states, tailnet
from logcorr.parsers.formats.snapshots.moments import Moment
from logcorr.parsers.formats.snapshots.sections import HEADS, Context, Heading, Statement, Tool, head_of_line

#: What marks a row as stated by a snapshot, where a journal has its transport.
TRANSPORT: Final = "snapshot"

TOOLS: Final[tuple[Tool, ...]] = (
    counters.ETHTOOL, counters.LINKS, counters.CONNTRACK, counters.TABLE, states.SETTINGS, states.BONDING,
    states.NETWORK, states.NETWORK_LIST, states.RESOLVER, states.UNIT, tailnet.STATUS, tailnet.STATUS_JSON,
    tailnet.NETCHECK, mtr.MTR, mtr.MTR_JSON, ping.PING, probes.PROBE,
)  # fmt: skip

#: These begin as any JSON does.
_BRACES: Final = (tailnet.STATUS_JSON, mtr.MTR_JSON)
_SURE: Final = "|".join(tool.title for tool in TOOLS if not tool.after_time and tool not in _BRACES)
_STATING: Final = frozenset(tool.program for tool in TOOLS)
#: One of these must be there, or nothing is looked at: the first line of an output, or a heading of our own.
TITLES: Final = rf"^(?:{_SURE}|### [0-9]|  \"BackendState\": | *(?:\{{ *)?\"report\": ?\{{|{probes.SURE})"
_MARKS: Final = rf"^(?:{'|'.join(tool.title for tool in TOOLS)})|{HEADS}"
_TITLES: Final = re.compile(TITLES)
_TITLE: Final = tuple(re.compile(tool.title) for tool in TOOLS)
_HEADED: Final = re.compile(HEADS)
_LOG_LINE: Final = re.compile(
    r"(?:[A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:|[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9]{2}:|\[ *[0-9]+\.[0-9]+\] )"
)
_WIDTH: Final = 4000  # characters of a line that are looked at
_WEIGHT: Final = 0.97
_LOOK: Final = 400


@dataclass(frozen=True, slots=True)
class _Stated:
    """A statement with what was known of it where it stood."""

    says: Statement
    moment: Moment | None
    program: str
    host: str | None


@dataclass(slots=True)
class _Walk:
    """A transcript as it is walked through."""

    lines: Sequence[str]
    role: NDArray[np.uint8]
    context: Context = field(default_factory=Context)
    found: list[_Stated] = field(default_factory=list)

    def go(self, marks: Sequence[int]) -> None:
        """From mark to mark; what lies between them is kept only under the command that printed it."""
        end = 0
        for mark in [*marks, len(self.lines)]:
            if mark < end:
                continue
            self._verbatim(end, mark)
            end = self._at(mark) if mark < len(self.lines) else mark

    def _at(self, mark: int) -> int:
        head = head_of_line(self.lines[mark]) if _HEADED.match(self.lines[mark]) else None
        if head:
            self._enter(mark, head)
            return mark + 1
        return self._output(mark) or mark

    def _enter(self, mark: int, head: Heading) -> None:
        self.context.enter(head)
        self.role[mark] = MARKER

    def _output(self, mark: int) -> int:
        """The first line after the output that begins at ``mark``; 0 where none does."""
        fresh, self.context.fresh = self.context.fresh, False
        for tool, title in zip(TOOLS, _TITLE, strict=True):
            if not title.match(self.lines[mark]) or (tool.after_time and not fresh):
                continue
            reading = tool.reads(self.lines, mark, self.context)
            timed = self._time_within(mark + 1, reading.end)
            if timed:
                reading = tool.reads(self.lines[:timed], mark, self.context)
            if reading.end <= mark:
                continue
            self.role[mark : reading.end] = CONTINUATION
            self.context.host = self.context.host or reading.host
            for one in reading.statements:
                self._state(one, tool.program, reading.moment)
            self._mark_openings(mark, reading.end)
            return reading.end
        return 0

    def _time_within(self, start: int, end: int) -> int:
        """The first line that gives a time, as a command of its own prints it: no output goes on behind it."""
        for at in range(start, end):
            head = head_of_line(self.lines[at]) if _HEADED.match(self.lines[at]) else None
            if head and head.moment:
                return at
        return 0

    def _state(self, one: Statement, program: str, moment: Moment | None) -> None:
        self.role[one.at] = RECORD
        host = one.host or self.context.host
        self.found.append(_Stated(one, one.moment or moment or self.context.moment, program, host))

    def _mark_openings(self, start: int, end: int) -> None:
        """Lines before the first record of an output, and blank ones, are no part of a record."""
        part = self.role[start:end]
        before = np.cumsum(part == RECORD) == 0
        blank = np.array([not line.strip() for line in self.lines[start:end]])
        part[(part == CONTINUATION) & (before | blank)] = MARKER

    def _verbatim(self, start: int, end: int) -> None:
        """Lines that nothing reads better, under a command that is known and prints no log."""
        word = self.context.word if start < end else ""
        # what a tool states can be compared with what it stated before; a line kept as it is cannot
        word = f"{word}-output" if word in _STATING else word
        for at in range(start, end) if word else ():
            if self.lines[at].strip() and not _LOG_LINE.match(self.lines[at]):
                self._state(Statement(at, self.lines[at].strip()), word, None)


def read_transcript(lines: Sequence[str], marks: Sequence[int]) -> tuple[pl.DataFrame, NDArray[np.uint8]]:
    """Statements as rows (without ``line`` and ``offset``; ``at`` is the position), and what became of each line."""
    walk = _Walk(lines, np.full(len(lines), LEFT, np.uint8))
    walk.go(marks)
    return _rows(walk.found, walk.context.host), walk.role


def _rows(found: Sequence[_Stated], host: str | None) -> pl.DataFrame:
    moments = [one.moment for one in found]
    columns = {
        "at": pl.Series([one.says.at for one in found], dtype=pl.Int64),
        "stamp": pl.Series([one and one.micros for one in moments], dtype=pl.Int64).cast(pl.Datetime("us")),
        "stamp_kind": pl.Series([one and one.kind for one in moments], dtype=pl.String),
        "resolution": pl.Series([one and one.resolution for one in moments], dtype=pl.Int64),
        "host": pl.Series([one.host or host for one in found], dtype=pl.String),
        "program": pl.Series([one.program for one in found], dtype=pl.String),
        "about": pl.Series([one.says.about for one in found], dtype=pl.String),
        "message": pl.Series([one.says.message for one in found], dtype=pl.String),
    }
    return pl.DataFrame(columns).with_columns(transport=pl.lit(TRANSPORT)).sort("at", maintain_order=True)


@dataclass(frozen=True, slots=True)
class Snapshots:
    """The ``LineParser`` of snapshots and of transcripts of a shell."""

    id: str
    title: str
    samples: tuple[Sample, ...]
    headers: tuple[str, ...] = (TITLES.removeprefix("^"),)
    turn: Turn = Turn.EXACT

    def sniff(self, head: Head) -> float:
        """The share of lines that belong to the outputs of known commands."""
        text = [line[:_WIDTH] for line in head.lines]
        if not any(_TITLES.match(line) for line in text):
            return 0.0
        marks = [
            at for at, line in enumerate(text) if _HEADED.match(line) or any(title.match(line) for title in _TITLE)
        ]
        _, role = read_transcript(text, marks)
        filled = np.array([bool(line.strip()) for line in text])
        return _WEIGHT * float((role[filled] != LEFT).mean()) if filled.any() else 0.0

    def take(self, lines: Lines) -> LineMatches:
        """The outputs of known commands among ``lines``."""
        role = np.full(len(lines), LEFT, np.uint8)
        if not len(lines) or not lines.text.str.contains(TITLES).any():
            return LineMatches(NO_ROWS, role)
        marks = np.flatnonzero(lines.text.str.contains(_MARKS).to_numpy())
        rows, role = read_transcript(lines.text.str.slice(0, _WIDTH).to_list(), marks.tolist())
        return LineMatches(records(placed(rows, lines)) if rows.height else NO_ROWS, role)

    def cut(self, data: bytes) -> int:
        """Before the last line that gives a time: what comes after it needs nothing from before."""
        stop = end = len(data) if data.endswith(b"\n") else data.rfind(b"\n") + 1
        while (end := data.rfind(b"\n", 0, end)) >= 0:
            line = data[end + 1 : min(stop, end + _LOOK)].split(b"\n", 1)[0].decode("utf-8", "replace")
            head = head_of_line(line.rstrip("\r")) if _HEADED.match(line) else None
            if head and head.moment:
                return end + 1
            stop = end + 1
        return 0
