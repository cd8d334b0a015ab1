"""Writing the merged timeline: as a table for eyes, or as CSV, NDJSON or Parquet for other programs."""

from __future__ import annotations

import io
import sys
from dataclasses import field
from pathlib import Path
from typing import Final

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text

from logcorr import api
from logcorr.cli.arguments.filters import Filters
from logcorr.cli.arguments.options import given_files
from logcorr.cli.redaction import refuse_survivors
from logcorr.cli.terminal import notices
from logcorr.cli.terminal.inputs_view import console
from logcorr.cli.terminal.output import say, written
from logcorr.dataclass import dataclass
from logcorr.redact import Redactor, learn_records, record_texts, redact_records
from logcorr.textsafe import visible

#: What the table shows; the other formats have every column.
_SHOWN = ("time", "host", "program", "message", "event")  # the last only where it was asked for
_TABLE_ROWS = 2000
_PIECE = 20_000
_FORMULA = r"((?:^|[;\t\r\n])[\s\"]*)([=+\-@＝＋－＠])"
_NARROW = 80  # columns that a table needs
_STAMP: Final = "%Y-%m-%dT%H:%M:%S%.6f%:z"  # as journalctl -o short-iso-precise has it


@dataclass(frozen=True, slots=True)
class Wish:
    """What to write of a timeline, and how."""

    form: str  # table, csv, ndjson or parquet
    place: str | None = None  # a file; None: standard output
    last: int | None = None  # only so many records, the last ones
    events: bool = False
    zone: str | None = None  # IANA name of the zone to write times in; None: UTC
    filters: Filters = field(default_factory=Filters)
    redactor: Redactor | None = None  # None: nothing is hidden


def write_frame(request: api.AnalyzeRequest, wish: Wish) -> int:
    """Merge the inputs and write what is wished. Returns 1 where filters leave no record, as grep(1) does, else 0."""
    whole, inputs = api.build_frame(request, events=wish.events)
    request.progress("")
    notices.print_notices(notices.unused_inputs(inputs))
    notices.print_notices(notices.other_zones(inputs))
    notices.print_notices(notices.unused_names(request, whole["source"].unique(), whole["host"].unique()))
    frame = wish.filters.apply(whole)
    frame = frame.tail(wish.last) if wish.last else frame
    frame = frame.with_columns(pl.col(pl.Datetime).dt.convert_time_zone(wish.zone)) if wish.zone else frame
    if wish.redactor:
        frame = _hidden(frame, whole, wish.redactor, wish.place or "-")
    if wish.place:
        written(lambda partial: _write(frame, wish.form, partial), wish.place, given_files(request))
    elif wish.form == "table" and sys.stdout.isatty():
        show_table(frame, console())
    else:
        _print(frame, wish.form)
    if frame.height:
        return 0
    say(f"logcorr: none of {whole.height:,} records is wanted by the filters")
    return 1


def _hidden(frame: pl.DataFrame, whole: pl.DataFrame, redactor: Redactor, place: str) -> pl.DataFrame:
    """Redacted records; what a record that is not shown gives away is hidden in those that are."""
    learn_records(whole, redactor)
    hidden = redact_records(frame, redactor)
    refuse_survivors(record_texts(hidden), redactor, place)
    return hidden


def _write(frame: pl.DataFrame, form: str, place: Path) -> None:
    match form:
        case "table":
            with place.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(_lines(piece) for piece in frame.iter_slices(_PIECE))
        case "csv":
            _inert(frame).write_csv(place)
        case "ndjson":
            frame.write_ndjson(place)
        case _:
            place.write_bytes(_parquet(frame))  # by Polars itself, what a full disk says would be lost


def _lines(frame: pl.DataFrame) -> str:
    """A line for each record, as journalctl writes it: time, host, program and pid, message; then its events."""
    pid = pl.format("[{}]", "pid").fill_null("")
    told = pl.format(
        "{} {} {}{}: {}",
        pl.col("time").dt.strftime(_STAMP),
        pl.col("host").fill_null("-"),
        pl.col("program").fill_null("-"),
        pid,
        pl.col("message").fill_null(""),
    )
    if "event" in frame.columns:
        told += pl.format("  [{}]", "event").fill_null("")
    return "".join(f"{_plain(line)}\n" for line in frame.select(told.alias("line"))["line"])


def _plain(line: str) -> str:
    """The whole line with a sign for every character that acts on a terminal; most lines hold none."""
    return line if line.isascii() and line.isprintable() else visible(line, sys.maxsize)


def _parquet(frame: pl.DataFrame) -> memoryview:
    whole = io.BytesIO()
    frame.write_parquet(whole)
    return whole.getbuffer()


def _print(frame: pl.DataFrame, form: str) -> None:
    """Write to standard output piece by piece, so that a reader who has seen enough ends it."""
    out = sys.stdout.buffer
    if form == "parquet":
        out.write(_parquet(frame))
        return
    for number, piece in enumerate(frame.iter_slices(_PIECE)):
        if form == "table":
            out.write(_lines(piece).encode())
            continue
        text = _inert(piece).write_csv(include_header=number == 0) if form == "csv" else piece.write_ndjson()
        out.write(_harmless(text).encode() if sys.stdout.isatty() else text.encode())


def _harmless(text: str) -> str:
    """What a terminal may be sent: the line breaks are ours, whatever else acts on it becomes a sign."""
    return "\n".join(visible(line, sys.maxsize) for line in text.split("\n"))


def _inert(frame: pl.DataFrame) -> pl.DataFrame:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV injection).

    Where a semicolon separates, as it does for half of the world, a cell may begin inside of what is one for us.
    """
    text = pl.col(pl.String).str.replace_all(_FORMULA, "${1}'${2}")
    return frame.with_columns(text.str.replace(r"^([\t\r])", "'${1}"))


def show_table(frame: pl.DataFrame, out: Console) -> None:
    """Print the last rows on a terminal, as many as a person would read; a pipe gets all of them, each in a line."""
    if frame.height > _TABLE_ROWS:
        left_out = frame.height - _TABLE_ROWS
        out.print(f"{left_out:,} earlier records are not shown; -n, --grep and --since choose, and `| less` shows all")
    names = [name for name in _SHOWN if name in frame.columns]
    zone = "Z" if str(frame.schema["time"]).endswith("'UTC')") else "%:z"
    shown = frame.tail(_TABLE_ROWS).with_columns(pl.col("time").dt.strftime(f"%Y-%m-%d %H:%M:%S%.3f{zone}"))
    rows = [[visible(str(value or ""), 300) for value in row] for row in shown.select(names).rows()]
    if out.width < _NARROW:
        _show_paragraphs(rows, names, out)
        return
    table = Table(box=None, pad_edge=False, header_style="bold", expand=True)
    for name in names:
        if name == "message":
            table.add_column(name, overflow="fold", ratio=1)
        else:
            table.add_column(name, no_wrap=True, max_width=None if name == "time" else out.width // 6)
    for row in rows:
        table.add_row(*map(Text, row))
    out.print(table)


def _show_paragraphs(rows: list[list[str]], names: list[str], out: Console) -> None:
    """A line for where and when, and the message below it, where columns have no room side by side."""
    place = names.index("message")
    for row in rows:
        out.print(Text("  ".join(row[:place] + row[place + 1 :]), style="bold", overflow="ellipsis", no_wrap=True))
        out.print(Text(row[place], overflow="fold"))
