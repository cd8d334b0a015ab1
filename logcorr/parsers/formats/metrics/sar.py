"""What sar(1) and mpstat(1) print: tables of counters under a head that names the machine and the day.

References: sysstat pr_stats.c, common.c (``print_gal_header``: the date is that of the locale or, with
``S_TIME_FORMAT=ISO``, ISO 8601; times are those of the locale, with AM and PM in some), sar(1).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.parsers.engine.base import NO_ROWS, Batch, Sample
from logcorr.parsers.engine.head import Head, found_in
from logcorr.parsers.engine.lines import split
from logcorr.parsers.fields import date_parts
from logcorr.parsers.formats.metrics.points import format_points, points, subject, whole
from logcorr.schema import Facts

_HEAD: Final = (
    r"^(?:Linux|AIX|SunOS|GNU|FreeBSD) \S+ \((?P<host>[^)\s]{1,253})\)\s+"
    r"(?P<a>[0-9]{1,4})(?P<sep>[-/.年])(?P<b>[0-9]{1,2})[-/.月](?P<c>[0-9]{1,4})[日.]?(?:\s|$)"
)
_TIMED: Final = (
    r"^(?P<clock>[0-2]?[0-9]:[0-5][0-9]:[0-6][0-9])(?:[ \x{202f}\x{00a0}](?P<half>[AaPp]\.?[Mm]\.?))?\s+(?P<rest>\S.*)$"
)
_TITLE: Final = r"^[^\s]*[A-Za-z%][^\s]*(?:\s+[^\s]*[A-Za-z%][^\s]*)*\s*$"
_TOLD: Final = r"^(?:LINUX[ -]RESTART|COM\b)"
#: ``Average:`` and ``Summary:``, in any language.
_AVERAGE: Final = r"^\p{L}[^\s0-9]{0,15}:?\s"
#: Columns that name what the others are of, first or (with ``--pretty``) last.
_NAMES: Final = frozenset((
    "IFACE", "CPU", "DEV", "TTY", "INTR", "BUS", "FAN", "TEMP", "IN", "FILESYSTEM", "MOUNTPOINT", "DEVICE", "FCHOST",
    "NODE", "BAT", "Command", "PID", "UID", "CORE", "Device",
))  # fmt: skip
_HALF_DAY: Final = timedelta(hours=12)
_HEAD_LINES: Final = 60


@dataclass(frozen=True, slots=True)
class Sar:
    """The ``WholeParser`` of sysstat's text, which takes a whole input: its head dates all of it."""

    id: str
    title: str
    samples: tuple[Sample, ...]

    def sniff(self, head: Head) -> float:
        """Beyond doubt where a head stands above lines that begin with a time of day."""
        lines = head.lines[:_HEAD_LINES]
        first = next((at for at, line in enumerate(lines) if found_in(_HEAD, (line,))), None)
        return 0.98 if first is not None and found_in(_TIMED, lines[first:]) else 0.0

    def parse(self, data: bytes, *, first_offset: int = 0) -> Batch:
        """Read whole tables. A line of none of them is unparsed."""
        lines = split(data, first_offset=first_offset)
        text = lines.text.str.strip_chars_end()
        offset = pl.Series(lines.start) + lines.base
        frame = pl.DataFrame({"line": pl.Series(lines.number), "offset": offset, "text": text})
        head = text.str.extract_groups(_HEAD).struct.unnest()
        timed = text.str.extract_groups(_TIMED).struct.unnest()
        frame = pl.concat([frame, head, timed], how="horizontal").with_columns(
            pl.col("sep").replace("年", "-"), head=pl.col("host").is_not_null()
        )
        frame = frame.with_columns(
            pl.col("host", "a", "sep", "b", "c").forward_fill(), section=pl.col("head").cum_sum()
        )
        mine = frame.filter(pl.col("clock").is_not_null() & pl.col("a").is_not_null())
        if not mine.height:
            return whole(lines, NO_ROWS, _left(frame, NO_ROWS), self.id)
        rows, facts = _rows(mine)
        return whole(lines, rows, _left(frame, rows), self.id, facts)


def _left(frame: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Lines that are neither records nor a table's frame."""
    title = pl.col("rest").str.contains(_TITLE).fill_null(value=False)
    layout = pl.col("head") | title | (pl.col("text") == "") | pl.col("text").str.contains(_AVERAGE)
    seen = pl.col("line").cast(pl.UInt32).is_in(rows["line"].implode())
    return frame.filter(~layout & ~seen).select("line", "text")


def _rows(frame: pl.DataFrame) -> tuple[pl.DataFrame, Facts]:
    word = pl.col("rest").str.contains(_TOLD)
    title = pl.col("rest").str.contains(_TITLE) & ~word
    frame = frame.with_columns(
        said=word, title=pl.when(title).then(pl.col("rest").str.replace_all(r"\s+", " ").str.strip_chars())
    )
    frame = frame.with_columns(table=(title | (pl.col("section").diff() > 0)).fill_null(value=False).cum_sum())
    frame = _timed(frame.with_columns(pl.col("title").forward_fill().over("section"), titled=title))
    body = frame.filter(~pl.col("titled"))
    parts = [_of_table(str(title), part) for (title,), part in body.filter(~word).group_by("title") if title]
    spoken = body.filter("said").with_columns(thing=pl.lit("sar"), told=pl.col("rest").str.replace_all(r"\s+", " "))
    rows = points(pl.concat([*parts, spoken], how="diagonal"), "sar") if parts or spoken.height else NO_ROWS
    notes = date_parts.note(frame["either"])
    return rows.sort("line", maintain_order=True), Facts(notes=notes)


def _timed(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns stamp, stamp_kind and resolution; a table that goes on past midnight goes on on the next day."""
    wall, either = date_parts.numeric(frame.with_columns(fraction=pl.lit(None, pl.String)), "mdy")
    frame = frame.with_columns(wall=wall, either=either)
    over = (pl.col("wall").diff() < -_HALF_DAY).fill_null(value=False).cum_sum().over("section", "table")
    return frame.with_columns(
        stamp=pl.col("wall") + pl.duration(days=over), stamp_kind=pl.lit("local"), resolution=pl.lit(1_000_000)
    )


def _of_table(title: str, part: pl.DataFrame) -> pl.DataFrame:
    """The lines under one heading, as things with their metrics. What has fewer cells is none of them."""
    names = title.split(" ")
    cells = part["rest"].str.extract_all(r"\S+")
    part = part.with_columns(cells=cells).filter(cells.list.len() >= len(names))
    named = [at for at, name in enumerate(names) if name in _NAMES]
    measured = [at for at in range(len(names)) if at not in named]
    cell = pl.col("cells").list
    things = [cell.get(at) for at in named]
    if "CPU" in names:
        things = [pl.lit("cpu") + pl.lit(" ") + things[0], *things[1:]]
    thing = pl.concat_str(things, separator=" ") if things else pl.lit(subject(names[0]))
    return part.with_columns(
        thing=thing, told=format_points([names[at] for at in measured], [cell.get(at) for at in measured])
    ).drop("cells")


SAR: Final = Sar(
    "sar", "sar and mpstat (text)",
    (
        Sample("Linux 6.1.0-18-amd64 (srv1) \t03/14/2026 \t_x86_64_\t(4 CPU)\n\n"
               "02:00:01 PM     IFACE   rxerr/s   txerr/s\n02:10:01 PM      eno1      0.00      0.00\n"
               "02:20:01 PM      eno1    812.50      0.00\nAverage:         eno1    406.25      0.00\n",
               {"stamp": ["2026-03-14T14:10:01", "2026-03-14T14:20:01"], "stamp_kind": "local", "host": "srv1",
                "program": "sar", "about": "eno1", "line": [4, 5], "transport": "metric",
                "message": ["eno1: rxerr/s 0.00, txerr/s 0.00", "eno1: rxerr/s 812.50, txerr/s 0.00"]}),
        Sample("Linux 4.18.0 (srv1) \t2026-03-14 \t_x86_64_\t(2 CPU)\n\n23:40:01     LINUX RESTART\t(2 CPU)\n\n"
               "23:40:01        CPU     %user   %steal     %idle\n23:50:01        all      1.00     0.10     98.90\n"
               "00:00:01        all      1.00    45.00     54.00\n\n23:40:01    kbmemfree  %memused\n"
               "23:50:01       204800     75.00\n",
               {"stamp": ["2026-03-14T23:40:01", "2026-03-14T23:50:01", "2026-03-15T00:00:01", "2026-03-14T23:50:01"],
                "message": ["sar: LINUX RESTART (2 CPU)", "cpu all: %user 1.00, %steal 0.10, %idle 98.90",
                            "cpu all: %user 1.00, %steal 45.00, %idle 54.00",
                            "memory: kbmemfree 204800, %memused 75.00"]}),
        Sample("Linux 6.1.0 (srv1) \t14.03.2026 \t_x86_64_\t(4 CPU)\n\n"
               "14:00:01     MBfsfree  MBfsused   %fsused  %ufsused     Ifree     Iused    %Iused FILESYSTEM\n"
               "14:10:01            0      9569    100.00    100.00   1666005    255355     13.29 /dev/sda9\n"
               "Durchschn.:         0      9569    100.00    100.00   1666005    255355     13.29 /dev/sda9\n",
               {"stamp": "2026-03-14T14:10:01", "about": "/dev/sda9",
                "message": "/dev/sda9: MBfsfree 0, MBfsused 9569, %fsused 100.00, %ufsused 100.00, Ifree 1666005, "
                           "Iused 255355, %Iused 13.29"}),
    ),
)  # fmt: skip
