"""The frames that travel between the stages, column by column.

``RECORDS`` is what a parser emits, ``TIMELINE`` what the timeline stage makes of many sources, ``EVENTS`` what
classification adds, ``MATCHES`` what the patterns find. All times are microseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import field, replace
from datetime import datetime
from typing import Final

import numpy as np
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.model import CoverageGap, Severity, SourceFile
from logcorr.origin import ORIGIN
from logcorr.packed import Packed, alone

UTC: Final = pl.Datetime("us", "UTC")

#: How a parser's ``stamp`` is to be read. ``utc``: an instant. ``local``: a wall clock without zone. ``yearless``: the
#: same, and without year (the date carries year 1972, which has a 29 February). ``timeofday``: a wall-clock time
#: without any date (the date is 1972-01-01). ``uptime``: time since boot as an offset from 1970-01-01.
STAMP_KINDS: Final = ("utc", "local", "yearless", "timeofday", "uptime")

#: The formats of what is none, and of nothing.
UNRECOGNISED: Final = "unrecognised"
EMPTY: Final = "empty"

#: How ``time`` was arrived at, best first.
TIME_BASES: Final = ("exact", "zone-assumed", "year-inferred", "anchored")

RECORDS: Final[dict[str, pl.DataType]] = {
    "line": pl.UInt32(),  # 1-based line (or entry) number in the decompressed source
    "offset": pl.UInt64(),  # byte offset of the record in the decompressed source
    "stamp": pl.Datetime("us"),  # the time as printed; how to read it says stamp_kind
    "stamp_kind": pl.Enum(STAMP_KINDS),
    "resolution": pl.Int64(),  # µs that the printed time leaves open (1_000_000 for whole seconds)
    "received": UTC,  # when a collector got the line, where that is printed too (else null)
    "boot": pl.String(),  # boot id, where the format carries one
    "monotonic": pl.Int64(),  # µs since boot, where the format carries it
    "seqnum": pl.UInt64(),  # journald or syslog sequence number
    "seqnum_id": pl.String(),  # journald seqnum id: with seqnum, the identity of an entry
    "host": pl.String(),  # as printed; null where the format has no host
    "program": pl.String(),  # syslog identifier, tag, or the format's own name ("omada-controller")
    "unit": pl.String(),  # systemd unit that journald vouches for (_SYSTEMD_UNIT)
    "pid": pl.Int64(),
    "priority": pl.UInt8(),  # syslog severity 0 (emerg) .. 7 (debug)
    "transport": pl.String(),  # journald's _TRANSPORT; "snapshot": what a command printed; "metric": samples; or null
    "message": pl.String(),
    "message_id": pl.String(),  # journald MESSAGE_ID, 32 hex digits
    "about": pl.String(),  # the unit or interface that the line is about (UNIT=, INTERFACE=), where structured
    "origin": ORIGIN,  # who could have written it; see logcorr.origin.KINDS
    "trusted": pl.Boolean(),  # journald vouches for the program's identity; null: the format cannot say
    "repeat": pl.UInt32(),  # how many times the line stands for ("last message repeated N times")
}

TIMELINE: Final[dict[str, pl.DataType]] = {
    "id": pl.UInt32(),  # row number, from 0, in true time order
    "time": UTC,  # corrected for zone, year and clock skew
    "time_lo": UTC,  # the true time lies within [time_lo, time_hi]
    "time_hi": UTC,
    "received": UTC,
    "clock": pl.String(),  # the clock domain: "<host>/<boot>", or a router's segment between resets
    "monotonic": pl.Int64(),
    "time_basis": pl.Enum(TIME_BASES),
    "host": pl.String(),
    "program": pl.String(),
    "unit": pl.String(),
    "pid": pl.Int64(),
    "priority": pl.UInt8(),
    "transport": pl.String(),
    "message": pl.String(),
    "message_id": pl.String(),
    "about": pl.String(),
    "origin": ORIGIN,
    "trusted": pl.Boolean(),
    "repeat": pl.UInt32(),
    "source": pl.UInt16(),  # index into the run's inputs
    "line": pl.UInt32(),
    "offset": pl.UInt64(),
}

#: The columns of TIMELINE that few stages look at, and only a part of the records at a time: of many records they are
#: packed, and the frame has the place of each record among them in their stead.
PACKED: Final = (
    *("received", "unit", "pid", "priority", "transport", "message", "message_id", "about", "repeat", "offset"),
)
PLACE: Final = "_place_of_text"
#: The columns that say the same again and again, whose strings are kept as numbers where text is packed.
CODED: Final = ("clock", "program")

#: One row per event recognised in a record, in timeline order. ``fields`` is a struct with one member for every field
#: that the rulebook declares; numbers are Int64 or Float64, everything else is String.
EVENTS: Final[dict[str, pl.DataType]] = {
    "id": pl.UInt32(),  # the timeline row
    "event": pl.String(),  # "link.down"
    "time": UTC,
    "time_lo": UTC,
    "time_hi": UTC,
    "host": pl.String(),
    "program": pl.String(),
    "pid": pl.Int64(),
    "clock": pl.String(),
    "source": pl.UInt16(),
    "trusted": pl.Boolean(),  # true: origin vouched for; false: origin contradicts the claim; null: cannot say
    "repeat": pl.UInt32(),
    # "fields": pl.Struct          members vary with the rulebook
}

#: The wordings that a record matches, by their numbers in the rulebook; null where nobody has looked yet.
TOLD: Final = pl.List(pl.UInt32)

#: Where each source was seen: one row per stretch without a gap.
SPANS: Final[dict[str, pl.DataType]] = {
    "source": pl.UInt16(),
    "host": pl.String(),
    "start": UTC,
    "end": UTC,
}

OUTCOMES: Final = ("matched", "inconclusive")

MATCHES: Final[dict[str, pl.DataType]] = {
    "pattern": pl.String(),
    "outcome": pl.Enum(OUTCOMES),  # inconclusive: the window runs into a gap or past the end of a log
    "key": pl.String(),  # the value(s) of `by`, joined with " | "
    "begin": UTC,  # time of the first matched event
    "end": UTC,  # time of the last matched event
    "records": pl.List(pl.UInt32()),  # timeline ids, in step order
    "steps": pl.List(pl.String()),  # the binding name of each record
    "order_known": pl.Boolean(),  # false: some gap is smaller than the two rows' combined time uncertainty
    "title": pl.String(),  # the pattern's title with this match's fields filled in
}


def empty(schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """A frame with ``schema`` and no rows."""
    return pl.DataFrame(schema=schema)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file says about itself beside its records."""

    zone: str | None = None  # IANA name or offset, where the format states it
    zone_from: str | None = None
    year: int | None = None  # a year that the text states somewhere
    year_from: str | None = None
    newest_first: bool = False
    notes: tuple[str, ...] = ()  # for `logcorr check`: "header says 312 entries, read 312"
    untimed: str | None = None  # why none of it has a place in time; of a part it says nothing where another has one
    lost: tuple[str, ...] = ()  # what of the file could not be read, each a coverage gap: "reading stopped early: ..."


def merge_facts(facts: Sequence[Facts]) -> Facts:
    """What several parts of a file say about it: the first to state a thing wins, notes add up."""
    total = Facts()
    for part in facts:
        total = replace(
            total,
            zone=total.zone or part.zone,
            zone_from=total.zone_from or part.zone_from,
            year=total.year or part.year,
            year_from=total.year_from or part.year_from,
            newest_first=total.newest_first or part.newest_first,
            notes=tuple(dict.fromkeys(total.notes + part.notes)),
            untimed=total.untimed or part.untimed,
            lost=tuple(dict.fromkeys(total.lost + part.lost)),
        )
    return total


@dataclass(frozen=True, slots=True)
class Whole:
    """What is known of a source of which only a part was read. Times are µs, UTC."""

    records: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Source:
    """One input after parsing, or a block of it: lines in = records + unparsed + continuation + markers."""

    path: str
    format: str  # the parser's id; "syslog-rfc3164+omada-controller" where mixed
    rows: pl.DataFrame  # RECORDS
    unparsed: pl.DataFrame  # line: UInt32, text: String
    sha256: str | None = None
    bytes: int = 0
    lines: int = 0
    continuation: int = 0
    markers: int = 0
    modified: datetime | None = None  # mtime of the file or archive member: an anchor for missing years
    facts: Facts = field(default_factory=Facts)
    passed_over: int = 0  # further lines that were not read: they lie outside the window
    whole: Whole | None = None  # where ``rows`` are those of a window, and of what may tell about its clock
    told: pl.Series | None = None  # TOLD, a value for each of ``rows``, where a worker classified them
    more: bool = False  # a block, and the next one of the same input follows it


def join_facts(formats: Sequence[str], facts: Sequence[Facts]) -> tuple[str, Facts]:
    """The format and the facts of an input, of those of its blocks: "unrecognised" only where no block is known."""
    parts = dict.fromkeys(part for one in formats for part in one.split("+"))
    known = [part for part in parts if part not in (UNRECOGNISED, EMPTY, "")]
    together = merge_facts(facts)
    return "+".join(known) or formats[0], replace(together, untimed=None) if known else together


@dataclass(frozen=True, slots=True)
class Timeline:
    """All records of a run in true time order, and what is known about where we could not look."""

    #: TIMELINE; with ``text`` PLACE instead of what is PACKED, what is CODED as Categorical, and "monotonic" only where
    #: some record has one
    frame: pl.DataFrame
    inputs: tuple[SourceFile, ...] = ()  # indexed by frame["source"]
    spans: pl.DataFrame = field(default_factory=lambda: empty(SPANS))
    gaps: tuple[CoverageGap, ...] = ()
    told: pl.Series | None = None  # TOLD, a value for each row; None: nothing was classified yet
    text: Packed | None = None  # PACKED, of many records

    def slices(
        self, columns: Sequence[str] = tuple(TIMELINE), among: pl.Series | None = None
    ) -> Iterator[pl.DataFrame]:
        """Some of TIMELINE's columns of all records, a part at a time: each in order, but they may overlap in time.

        Only of those records of which ``among`` is true.
        """
        if self.text is None:
            yield (self.frame if among is None else self.frame.filter(among)).select(columns)
            return
        place = self.frame[PLACE].to_numpy()
        order = np.argsort(place, kind="stable").astype(np.uint32)
        order = order if among is None else order[among.to_numpy()[order]]
        kept = self.frame.select(PLACE, *(name for name in columns if name in self.frame.columns))
        for part in self.text.parts(place[order], order):
            rows = np.sort(order[part])
            stretch = len(rows) and rows[-1] - rows[0] + 1 == len(rows)
            mine = kept.slice(int(rows[0]), len(rows)) if stretch else kept[rows]
            yield _whole(mine, self.text.read(place[rows], columns), columns)

    def in_order(self, rows: int) -> Iterator[pl.DataFrame]:
        """TIMELINE of all records in order, so many at a time; at least one frame."""
        for start in range(0, max(self.frame.height, 1), rows):
            yield self.rows(np.arange(start, min(start + rows, self.frame.height)))

    def pick(
        self, choose: Callable[[pl.LazyFrame], pl.LazyFrame], columns: Sequence[str] = tuple(TIMELINE)
    ) -> pl.DataFrame:
        """What ``choose`` makes of all records, a part of them at a time, in order: ``id`` has to be in it."""
        if self.text is None:
            return choose(self.frame.select(columns).lazy()).collect()
        parts = [alone(choose(part.lazy()).collect(), part.height) for part in self.slices(columns)]
        found = pl.concat(parts)
        return found if found["id"].is_sorted() else found.sort("id")

    def rows(
        self, at: pl.Series | np.ndarray[tuple[int], np.dtype[np.int64]], columns: Sequence[str] = tuple(TIMELINE)
    ) -> pl.DataFrame:
        """Some of TIMELINE's columns of the records at some places of ``frame``."""
        chosen = self.frame[at]
        if self.text is None:
            return chosen.select(columns)
        return _whole(chosen, self.text.read(chosen[PLACE].to_numpy(), columns), columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternResult:
    """One pattern that matched in a run, summed up: what ``model.Finding`` says, with timeline ids for evidence."""

    pattern: str
    title: str  # of the first match, its fields filled in
    severity: Severity
    count: int
    first: datetime
    last: datetime
    hosts: tuple[str, ...]
    records: tuple[int, ...]  # timeline ids, the most telling first
    inconclusive: int = 0
    pairing: str | None = None
    expected_by_chance: float | None = None
    p_value: float | None = None
    chance: str | None = None
    caution: str | None = None
    order_undetermined: int = 0


def _whole(frame: pl.DataFrame, text: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Columns of which some are PACKED and some CODED; null is what is nowhere."""
    plain = frame.with_columns(pl.col(name).cast(TIMELINE[name]) for name in CODED if name in frame.columns)
    known = {one.name: one for one in (*plain, *text)}
    nulls = (pl.Series(name, [None], TIMELINE[name]) for name in columns if name not in known)
    known |= {one.name: one.new_from_index(0, frame.height) for one in nulls}
    return pl.DataFrame([known[name] for name in columns])
