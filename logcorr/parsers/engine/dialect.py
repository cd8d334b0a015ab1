"""Line dialects: a format whose every record begins with a header that one regular expression describes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.origin import Kind
from logcorr.parsers.engine.base import LEFT, NO_ROWS, RECORD, TRACE, LineMatches, Sample, Turn, records
from logcorr.parsers.engine.head import Head, share, shows
from logcorr.parsers.engine.lines import Lines
from logcorr.parsers.fields import date_parts, stamps
from logcorr.schema import Facts

#: Groups of the header plus ``message`` (the rest of the line) and ``at`` (the line's position) in; the same frame with
#: columns of schema.RECORDS out. ``stamp`` null: not mine after all. A line may come back as several rows.
Columns = Callable[[pl.DataFrame], pl.DataFrame]

HINT: Final = 0.04  # what a hint adds to the score
_BROAD: Final = 0.5  # the weight of a dialect whose header says little more than when
_LOOK: Final = 400
_FAR: Final = 20_000  # lines to look back
_TRACE: Final = re.compile(TRACE.encode())
_NUMERIC: Final = re.compile(r"^(?:UTC|GMT)(?=[+-][0-9]{2}:[0-9]{2}$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """A ``LineParser`` for one header. ``headers`` are tried in order, each on what the ones before it left.

    Rust regex syntax (linear time); keep the first header one-pass, or extraction is several times slower.
    """

    id: str
    title: str
    headers: tuple[str, ...]
    columns: Columns
    samples: tuple[Sample, ...]
    weight: float = 0.9  # the score when every line fits: lower for headers that fit too much
    hint: str | None = None  # seen anywhere in the head, it settles a tie
    finish: Columns | None = None  # over all rows of a block together, when every header has been tried
    narrow: bool = False  # its lines would fit a broader dialect too, so it is asked first
    indented: bool = False  # records may begin with white space
    origin: Kind = "text"  # who could have written its records, as far as the format tells
    alone: bool = False  # asked only where no other format fits the head

    @property
    def turn(self) -> Turn:
        """By its flags; of a low weight is what fits too much."""
        if self.alone:
            return Turn.LAST
        if self.narrow:
            return Turn.NARROW
        return Turn.BROAD if self.weight <= _BROAD else Turn.ORDINARY

    def sniff(self, head: Head) -> float:
        """The share of lines that carry the header, times ``weight``."""
        found = share(self.headers, head, indented=self.indented)
        hint = HINT if found and self.hint and shows(self.hint, head) else 0.0
        return min(1.0, found * self.weight + hint)

    def take(self, lines: Lines) -> LineMatches:
        """The records among ``lines``."""
        role = np.full(len(lines), LEFT, np.uint8)
        parts: list[pl.DataFrame] = []
        for header in self.headers:
            rows = self.rows(header, lines.text, role)
            if rows is not None:
                role[rows["at"].to_numpy()] = RECORD
                parts.append(rows)
        if not parts:
            return LineMatches(NO_ROWS, role)
        rows = parts[0] if len(parts) == 1 else pl.concat(parts, how="diagonal_relaxed").sort("at", maintain_order=True)
        rows = self.finish(rows) if self.finish else rows
        return LineMatches(records(placed(rows, lines), self.origin), role, _facts(rows))

    def rows(self, header: str, text: pl.Series, role: NDArray[np.uint8]) -> pl.DataFrame | None:
        """What ``columns`` makes of lines that ``role`` leaves and that carry ``header``; None where it is nothing."""
        free = role == LEFT
        if not free.any():
            return None
        mask = text.str.contains(f"^(?:{header})") if free.all() else _among(text, free, header)
        hits = int(mask.sum())
        if not hits:
            return None
        at = pl.Series(np.flatnonzero(mask.to_numpy()), dtype=pl.Int64)
        mine = text if hits == len(text) else text.filter(mask)
        groups = mine.str.extract_groups(f"^(?P<head>{header})").struct.unnest()
        frame = groups.with_columns(at.alias("at"), mine.alias("message"))
        rest = pl.col("message").cast(pl.Binary).bin.slice(pl.col("head").str.len_bytes()).cast(pl.String)
        rows = self.columns(frame.with_columns(rest)).filter(pl.col("stamp").is_not_null())
        return rows.drop("head", strict=False) if rows.height else None

    def cut(self, data: bytes) -> int:
        """Before the last line that begins with no white space."""
        return text_cut(data)


def _among(text: pl.Series, free: NDArray[np.bool_], header: str) -> pl.Series:
    """Which of the lines that are ``free`` carry the header."""
    some = pl.Series(np.flatnonzero(free))
    found = text.gather(some).str.contains(f"^(?:{header})")
    return pl.Series(np.zeros(len(free), np.bool_)).scatter(some.filter(found), True)


def _facts(rows: pl.DataFrame) -> Facts:
    """The zone, orders of day and month (column ``either``), and that the device doubts its clock (``doubt``)."""
    facts = _zone(rows) if "zone" in rows.columns else Facts()
    if "either" in rows.columns:
        facts = replace(facts, notes=(*facts.notes, *date_parts.note(rows["either"])))
    doubted = rows["doubt"].count() if "doubt" in rows.columns else 0
    if not doubted:
        return facts
    note = f"{doubted:,} times are marked by the device as those of a clock that is not set or not synchronised"
    return replace(facts, notes=(*facts.notes, note))


def _zone(rows: pl.DataFrame) -> Facts:
    """What zone the file is in, where its rows print one that could not be applied: without a year, or not unique."""
    open_ = rows.filter((pl.col("stamp_kind") != "utc") & pl.col("zone").is_not_null())["zone"].unique().sort()
    named = {name: _NUMERIC.sub("", name) if _NUMERIC.match(name) else stamps.ZONES.get(name.upper()) for name in open_}
    (zone,) = set(named.values()) if len(set(named.values())) == 1 else (None,)
    unclear = [name for name, known in named.items() if known is None]
    notes = (f"{', '.join(unclear[:3])} means several zones; say which with --tz",) if unclear else ()
    return Facts(zone=zone, zone_from=f"{', '.join(open_)} in the log" if zone else None, notes=notes)


def text_cut(data: bytes) -> int:
    """Where text may be cut: before the last line that is not indented and belongs to no other (0: nowhere).

    Among very many lines that go on one after another, any will do.
    """
    whole = stop = end = len(data) if data.endswith(b"\n") else data.rfind(b"\n") + 1
    for _ in range(_FAR):
        end = data.rfind(b"\n", 0, end)
        if end < 0:
            return 0
        line = data[end + 1 : min(stop, end + _LOOK)]
        if line and line[0] not in b" \t\r\n" and b"message repeated " not in line and not _TRACE.match(line):
            return end + 1
        stop = end
    return whole


def placed(frame: pl.DataFrame, lines: Lines) -> pl.DataFrame:
    """``frame`` with ``line`` and ``offset`` for the lines that its column ``at`` points to."""
    at = frame["at"].to_numpy()
    return frame.with_columns(line=pl.Series(lines.number[at]), offset=pl.Series(lines.base + lines.start[at]))
