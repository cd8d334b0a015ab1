"""Tables of log lines: CSV of any separator, and workbooks (.xlsx, with the extra ``xlsx``).

Controllers export their logs this way, in layouts that differ and are not documented, so columns are told by what is in
them: the time is the column that parses as one, the message the one with the longest text, the rest by their heading.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from importlib import import_module
from itertools import pairwise
from typing import Final

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.parsers.engine.base import NO_ROWS, Batch, Sample, records
from logcorr.parsers.engine.head import Head
from logcorr.parsers.fields import date_parts, stamps
from logcorr.parsers.fields.levels import level
from logcorr.parsers.fields.moments import moment
from logcorr.parsers.formats.metrics.numbers import metrics
from logcorr.parsers.formats.metrics.points import EMPTY
from logcorr.schema import Facts

_SEPARATORS: Final = ",;\t|"
_SAMPLE_ROWS: Final = 200
_FITTING: Final = 0.8  # of a column's values must be times
_TIME_LIKE: Final = re.compile(r".{0,4}[0-9].{0,60}:[0-9]{2}|[0-9]{10}(?:[0-9]{3}){0,3}(?:\.[0-9]+)?$")
_FORMATS: Final = (
    "%Y-%m-%d %H:%M:%S%.f", "%Y/%m/%d %H:%M:%S%.f", "%d.%m.%y %H:%M:%S", "%d.%m.%Y %H:%M:%S%.f",
    "%b %d, %Y %I:%M:%S %p",
    "%b %d, %Y %H:%M:%S", "%d %b %Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%Y-%m-%d %I:%M:%S %p", "%Y-%m-%d %H:%M",
    "%d.%m.%y %H:%M", "%d.%m.%Y %H:%M",
)  # fmt: skip
#: Day and month may be either way round.
_EITHER: Final = ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M")
_WAYS: Final = ("day/month/year", "month/day/year")
_DATE_LIKE: Final = re.compile(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}$")
_CLOCK_LIKE: Final = re.compile(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(?: ?[AaPp][Mm])?$")
_LEVEL_HEADINGS: Final = r"(?i)level|severity|priority"
_HOST_HEADINGS: Final = r"(?i)^(?:host|hostname|device|device name|source|system)$"
_PROGRAM_HEADINGS: Final = r"(?i)^(?:program|process|app|application|module|facility|tag|identifier)$"
_FRITZ: Final = r"Internetverbindung|DSL[ -]|PPPoE|FRITZ!Box|WLAN-"
_OMADA: Final = r"\[(?:gateway|osg|osw|switch|ap|client):[^\]]+\]|DHCP (?:Server|client) |online detection result"
_PROGRAMS: Final = {"omada-controller": _OMADA, "fritzbox": _FRITZ}
_NO_EXTRA: Final = "a workbook: install logcorr[xlsx] to read it, or save it as CSV"
_NO_TIME: Final = "a table without a column of times"


def rows_of(table: Sequence[Sequence[str]]) -> tuple[pl.DataFrame, Facts]:
    """Rows for a table whose first line is its heading; ``line`` is the position in the table, from 1.

    Returns no rows, and a note, where no column holds times.
    """
    heading, body = [name.strip() for name in table[0]], table[1:]
    width = len(heading)
    columns = [pl.Series(str(at), [_cell(row, at) for row in body], dtype=pl.String) for at in range(width)]
    timed = next(((at, found) for at, column in enumerate(columns) if (found := times(column)) is not None), None)
    timed = timed or _in_two(columns)
    if timed is None:
        return NO_ROWS, Facts(notes=(_NO_TIME,))
    at, stamped = timed
    clock = {at + 1} if at + 1 < width and _CLOCK_LIKE.match(_sample(columns[at + 1])) else set()
    facts = Facts(notes=date_parts.note(stamped["either"]) if "either" in stamped.columns else ())
    if (numbers := metrics(heading, columns, {at, *clock}, stamped)) is not None:
        return records(numbers.with_columns(line=pl.col("row") + 2)), facts
    frame = _told(heading, columns, {at, *clock}).with_columns(stamped.get_columns())
    return records(frame.with_columns(line=pl.int_range(2, pl.len() + 2))), facts


def _told(heading: Sequence[str], columns: Sequence[pl.Series], timed: set[int]) -> pl.DataFrame:
    """Who says what with which priority, as far as headings tell; what is said is the longest of the other columns."""
    named = {kind: _heading(heading, pattern) for kind, pattern in _KINDS.items()}
    message = _longest(columns, timed | {place for place in named.values() if place is not None})
    nothing = pl.repeat("", len(columns[0]), eager=True)
    frame = pl.DataFrame({"message": columns[message] if message is not None else nothing})
    for kind, place in named.items():
        if place is not None and place != message:
            value = columns[place]
            frame = frame.with_columns((level(pl.lit(value)) if kind == "priority" else pl.lit(value)).alias(kind))
    for program, words in _PROGRAMS.items():
        if frame["message"].str.contains(words).any():
            frame = frame.with_columns(program=pl.lit(program))
    return frame


def _in_two(columns: Sequence[pl.Series]) -> tuple[int, pl.DataFrame] | None:
    """A column of dates before one of times of day."""
    for at, (date, clock) in enumerate(pairwise(columns)):
        if _DATE_LIKE.match(_sample(date)) and _CLOCK_LIKE.match(_sample(clock)):
            found = times(date + " " + clock)
            if found is not None:
                return at, found
    return None


def _sample(column: pl.Series) -> str:
    filled = column.drop_nulls()
    return str(filled[0]) if len(filled) else ""


_KINDS: Final = {"priority": _LEVEL_HEADINGS, "host": _HOST_HEADINGS, "program": _PROGRAM_HEADINGS}


def _cell(row: Sequence[str], at: int) -> str | None:
    return row[at].strip() if at < len(row) and row[at].strip() else None


def _heading(heading: Sequence[str], pattern: str) -> int | None:
    found = pl.Series(heading, dtype=pl.String).str.contains(pattern).arg_true()
    return int(found[0]) if len(found) else None


def _longest(columns: Sequence[pl.Series], taken: set[int]) -> int | None:
    free = [at for at in range(len(columns)) if at not in taken]
    return max(free, key=lambda at: columns[at].str.len_chars().fill_null(0).sum()) if free else None


def times(text: pl.Series) -> pl.DataFrame | None:
    """``stamp``, ``stamp_kind`` and ``resolution`` of a column of times in any of many notations; else nothing.

    ``either``, where it is there: what is said of a date whose day and month may be the other way round.
    """
    filled = text.drop_nulls()
    if not len(filled) or not _TIME_LIKE.match(filled[0]):
        return None
    found = moment(text)
    if _share(found["stamp"], filled) >= _FITTING:
        return found
    for pattern in _FORMATS:
        stamp = stamps.wall(text, (pattern,))
        if _share(stamp, filled) >= _FITTING:
            return _local(stamp, pattern)
    return _day_or_month(text, filled)


def _local(stamp: pl.Series, pattern: str) -> pl.DataFrame:
    step = 1_000_000 if "%S" in pattern else 60_000_000
    return pl.DataFrame({"stamp": stamp}).with_columns(stamp_kind=pl.lit("local"), resolution=pl.lit(step))


def _day_or_month(text: pl.Series, filled: pl.Series) -> pl.DataFrame | None:
    """The way in which more of the times are dates; of two, that in which they lie closer together, then day first."""
    ways = [stamps.wall(text, (pattern,)) for pattern in _EITHER]
    shares = [_share(stamp, filled) for stamp in ways]
    if max(shares) < _FITTING:
        return None
    spans = [(stamp.max() - stamp.min()) if stamp.count() else timedelta.max for stamp in ways]  # type: ignore[operator]  # datetimes
    best = min((0, 1), key=lambda way: (-shares[way], spans[way]))
    sure = shares[0] != shares[1] or spans[0] != spans[1]
    told = None if sure else date_parts.EITHER_WAY.format(filled[0], *_WAYS, _WAYS[0])
    return _local(ways[best], _EITHER[best]).with_columns(either=pl.lit(told, pl.String))


def _share(stamp: pl.Series, filled: pl.Series) -> float:
    return (len(stamp) - stamp.null_count()) / len(filled)


@dataclass(frozen=True, slots=True)
class Table:
    """A ``Parser`` for whole tables; ``load`` turns bytes into lines of cells, ``fits`` sniffs them."""

    id: str
    title: str
    samples: tuple[Sample, ...]
    fits: Callable[[bytes], float]
    load: Callable[[bytes], Sequence[Sequence[str]] | str]

    def sniff(self, head: Head) -> float:
        """How well ``head`` fits."""
        return self.fits(head.data)

    def parse(self, data: bytes, *, first_offset: int = 0) -> Batch:
        """Read the whole table. A line whose time cannot be read is unparsed."""
        table = self.load(data)
        unparsed = {"line": pl.UInt32(), "text": pl.String()}
        if isinstance(table, str):
            return Batch(NO_ROWS, pl.DataFrame(schema=unparsed), facts=Facts(notes=(table,)))
        if not table:
            return Batch(NO_ROWS, pl.DataFrame(schema=unparsed))
        rows, facts = rows_of(table)
        timed = rows.filter(pl.col("stamp").is_not_null())
        known = set(timed["line"].to_list())
        gaps = {at for at, row in enumerate(table[1:], start=2) if at not in known and _is_gap(row)}
        told = known | gaps
        left = [(at, ",".join(row)) for at, row in enumerate(table[1:], start=2) if at not in told]
        moved = timed.with_columns(line=pl.col("line").cast(pl.UInt32), offset=pl.lit(first_offset, pl.UInt64))
        return Batch(
            moved,
            pl.DataFrame(left, schema=unparsed, orient="row"),
            lines=len(table) + timed.height - len(known),
            markers=1 + len(gaps),
            facts=facts,
            formats=(self.id, *(["metrics"] if timed["transport"].count() else [])) if timed.height else (),
        )


def _is_gap(row: Sequence[str]) -> bool:
    """Whether a line of metrics holds a time and no value: nothing was measured then."""
    return sum(cell.strip() not in EMPTY for cell in row) <= 1


def _is_time(cell: str) -> bool:
    """Whether a cell is a time, or a date or time of day alone."""
    if _DATE_LIKE.match(cell.strip()) or _CLOCK_LIKE.match(cell.strip()):
        return True
    return times(pl.Series([cell.strip() or None], dtype=pl.String)) is not None


def _load_csv(data: bytes) -> list[list[str]]:
    return _cells(data.decode("utf-8", "backslashreplace"))


def _cells(text: str) -> list[list[str]]:
    text = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    try:
        table = [row for row in csv.reader(io.StringIO(text), delimiter=_separator(text)) if row]
    except csv.Error:
        table = [[line] for line in text.splitlines()]
    if table and len(table[0]) > 1 and not table[0][-1].strip():
        table[0].pop()  # mtr ends its heading, and no other line, with a comma
    return table


def _separator(text: str) -> str:
    first = text.split("\n", 1)[0]
    return max(_SEPARATORS, key=first.count)


def _fits_csv(head: bytes) -> float:
    """A heading without times above lines of as many cells, one of which is a time."""
    text = head.decode("utf-8", "replace")
    lines = text.splitlines()[:_SAMPLE_ROWS]
    separator = _separator(text)
    first = _cells(lines[0]) if lines else []
    cells = len(first[0]) - 1 if first else 0
    if (
        not cells
        or text.startswith(("{", "["))
        or sum(line.count(separator) >= cells for line in lines) < len(lines) / 2
    ):
        return 0.0
    table = _cells("\n".join(lines))
    if len(table) < len(("heading", "body")) or any(_is_time(cell) for cell in table[0]):
        return 0.0
    even = sum(len(row) == len(table[0]) for row in table) / len(table)
    rows, _ = rows_of(table)
    return 0.97 * even if rows.height and even >= _FITTING else 0.0


def _fits_workbook(head: bytes) -> float:
    return 0.99 if head.startswith(b"PK\x03\x04") and (b"[Content_Types].xml" in head or b"xl/" in head) else 0.0


def _load_workbook(data: bytes) -> Sequence[Sequence[str]] | str:
    try:
        fastexcel = import_module("fastexcel")
    except ImportError:
        return _NO_EXTRA
    try:
        workbook = fastexcel.read_excel(data)
        sheets = [
            workbook.load_sheet(name, header_row=None, dtypes="string").to_polars() for name in workbook.sheet_names
        ]
    except (fastexcel.FastExcelError, zipfile.BadZipFile, ValueError) as error:
        return f"the workbook cannot be read: {error}"
    return [["" if cell is None else str(cell) for cell in row] for sheet in sheets for row in sheet.rows()]


CSV = Table(
    "csv", "CSV table",
    (
        Sample('Time,Level,Content\n2025-11-04 03:00:45,Warning,"[gateway:00-00-5E-00-53-01]: The online detection '
               'result of [WAN1] was offline."\n2025-11-04 02:59:00,Info,"Cloud access, restored."\n',
               {"stamp": ["2025-11-04T03:00:45", "2025-11-04T02:59:00"], "stamp_kind": "local", "priority": [4, 6],
                "program": "omada-controller", "line": [2, 3],
                "message": ["[gateway:00-00-5E-00-53-01]: The online detection result of [WAN1] was offline.",
                            "Cloud access, restored."]}),
        Sample("Date;Time;Host;Message\n04.11.2025;03:00:45;gw1;uplink lost\n04.11.2025;03:01:00;gw1;uplink back\n",
               {"stamp": ["2025-11-04T03:00:45", "2025-11-04T03:01:00"], "host": "gw1",
                "message": ["uplink lost", "uplink back"]}),
        Sample('"timestamp","source","message"\n"2025-11-04T03:00:45.250Z","gw1","uplink lost, 2 of 2"\n',
               {"stamp": "2025-11-04T03:00:45.25", "stamp_kind": "utc", "host": "gw1",
                "message": "uplink lost, 2 of 2"}),
    ),
    _fits_csv, _load_csv,
)  # fmt: skip
WORKBOOK = Table("xlsx", "workbook (.xlsx)", (), _fits_workbook, _load_workbook)
