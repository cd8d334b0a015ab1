"""Writing the merged timeline: as a table for eyes, or as CSV, NDJSON or Parquet for other programs."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text

from logcorr import api
from logcorr.cli import notices
from logcorr.cli.inputs_view import console
from logcorr.cli.options import given_files
from logcorr.cli.output import written
from logcorr.textsafe import visible

#: What the table shows; the other formats have every column.
_SHOWN = ("time", "host", "program", "message", "event")  # the last only where it was asked for
_TABLE_ROWS = 2000
_PIECE = 20_000
_FORMULA = r"((?:^|[;\t\r\n])[\s\"]*)([=+\-@＝＋－＠])"
_NARROW = 80  # columns that a table needs
_FILE_WIDTH = 160  # columns of a table in a file


def write_frame(request: api.AnalyzeRequest, form: str, place: str | None, *, lines: int | None, events: bool) -> None:
    """Merge the inputs and write them to the file ``place``, or to standard output."""
    frame, inputs = api.merged(request, events=events)
    request.progress("")
    notices.tell(notices.unused_inputs(inputs))
    notices.tell(notices.other_zones(inputs))
    notices.tell(notices.unused_names(request, frame["source"].unique(), frame["host"].unique()))
    frame = frame.tail(lines) if lines else frame
    if place:
        written(lambda partial: _write(frame, form, partial), place, given_files(request))
    elif form == "table":
        show_table(frame, console())
    else:
        _print(frame, form)


def _write(frame: pl.DataFrame, form: str, place: Path) -> None:
    match form:
        case "table":
            with place.open("w", encoding="utf-8", newline="\n") as file:
                show_table(frame, Console(file=file, width=_FILE_WIDTH, no_color=True))
        case "csv":
            _inert(frame).write_csv(place)
        case "ndjson":
            frame.write_ndjson(place)
        case _:
            place.write_bytes(_parquet(frame))  # by Polars itself, what a full disk says would be lost


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
    """Print the last rows, as many as a person would read."""
    if frame.height > _TABLE_ROWS:
        out.print(f"{frame.height - _TABLE_ROWS} earlier records are not shown; use --format csv, or -n")
    names = [name for name in _SHOWN if name in frame.columns]
    shown = frame.tail(_TABLE_ROWS).with_columns(pl.col("time").dt.strftime("%Y-%m-%d %H:%M:%S%.3fZ"))
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
