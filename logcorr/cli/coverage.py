"""The picture that ``logcorr check`` prints: a table of the inputs, and time per source as a bar."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text

from logcorr.model import CoverageGap, SourceFile
from logcorr.schema import Timeline
from logcorr.textsafe import visible

_BAR = 40
_EIGHTHS = " ▁▂▃▄▅▆▇█"


def console() -> Console:
    """Standard output: colour only on a terminal that wants it, width of the terminal, or wide in a pipe."""
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    width = None if sys.stdout.isatty() else int(os.environ.get("COLUMNS", "120"))
    return Console(no_color=plain, highlight=False, markup=False, width=width, soft_wrap=False)


def show_coverage(timeline: Timeline, refused: Sequence[SourceFile]) -> None:
    """Print each input, its bar of records over time, and what could not be seen."""
    out = console()
    for index, item in enumerate(timeline.inputs):
        _show_input(out, item)
        out.print(Text(f"  {_bar(timeline, index)}", style="cyan"))
    for item in refused:
        out.print(Text(f"{visible(item.path)}: not used: {visible(item.problem or '')}", style="yellow"))
    if timeline.frame.height:
        first, last = timeline.frame["time"].min(), timeline.frame["time"].max()
        out.print(f"bars: {_clock(first)} to {_clock(last)} UTC, taller is busier, · is nothing")  # type: ignore[arg-type]  # a datetime column
    _show_gaps(out, timeline.gaps)


def _show_input(out: Console, item: SourceFile) -> None:
    out.print(Text(visible(item.path), style="bold"))
    facts = Table.grid(padding=(0, 2))
    facts.add_column(no_wrap=True)
    facts.add_column(overflow="fold")
    rows = [
        ("format", item.format or "unknown"),
        ("host", item.host or "not stated"),
        (
            "zone",
            f"{item.timezone or 'unknown'} ({item.timezone_from})"
            if item.timezone_from
            else item.timezone or "unknown",
        ),
        ("year", item.year_from or "in the log"),
        ("skew", f"{item.skew_s:+.3f} s ({item.skew_from})" if item.skew_s is not None else item.skew_from or ""),
        ("span", f"{_clock(item.first)} to {_clock(item.last)} UTC"),
        ("records", _counts(item)),
    ]
    rows += [("unparsed", f"{count} x {template}") for template, count in item.templates]
    for name, value in rows:
        if value:
            facts.add_row(f"  {name}", Text(visible(str(value))))
    out.print(facts)


def _counts(item: SourceFile) -> str:
    parts = [f"{item.records} from {item.lines} lines"]
    parts += [
        f"{count} {what}"
        for count, what in (
            (item.unparsed, "unparsed"),
            (item.continuation, "continuation"),
            (item.dropped, "dropped as duplicates"),
        )
        if count
    ]
    return ", ".join(parts)


def _clock(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S}" if time else "?"


def _bar(timeline: Timeline, index: int) -> str:
    """How many records fall into each of forty equal stretches of the run."""
    frame = timeline.frame
    first: datetime = frame["time"].min()  # type: ignore[assignment]  # a datetime column
    last: datetime = frame["time"].max()  # type: ignore[assignment]
    width = max((last - first) / _BAR, timedelta(microseconds=1))
    slot = ((pl.col("time") - first).dt.total_microseconds() // int(width.total_seconds() * 1e6)).clip(0, _BAR - 1)
    counts = dict(frame.filter(pl.col("source") == index).group_by(slot.alias("slot")).len().rows())
    tallest = max(counts.values(), default=1)
    return "".join(_EIGHTHS[1 + counts[at] * 7 // tallest] if at in counts else "·" for at in range(_BAR))


def _show_gaps(out: Console, gaps: Sequence[CoverageGap]) -> None:
    for gap in gaps:
        span = f"{_clock(gap.start)} to {_clock(gap.end)}: " if gap.start else ""
        out.print(
            Text(f"{gap.kind}: {span}{visible(gap.source or gap.host or '')}: {visible(gap.reason)}", style="yellow")
        )
