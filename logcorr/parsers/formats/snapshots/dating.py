"""What a file's name and modification time add to its snapshots: of what, and when, where the text says neither."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Final

import polars as pl

from logcorr.parsers.engine.base import Batch
from logcorr.parsers.formats.snapshots.moments import Moment, moment_in_name
from logcorr.parsers.formats.snapshots.snapshot import TRANSPORT
from logcorr.schema import Facts, merge_facts

_INTERFACE: Final = re.compile(
    r"(?<![0-9A-Za-z])((?:eth|en[opsx]|em|bond|team|wlan|wl[opsx]|tailscale|usb|wwan|p[0-9]p)[0-9][0-9A-Za-z]*)"
    r"(?![A-Za-z])"
)
_BY_NAME: Final = "the output prints no time: it is dated by the file's name"
_BY_CHANGE: Final = "the output prints no time: it is dated by the file's modification, unless copying changed that"
_UNKNOWN: Final = (
    "{} of the snapshot's statements have no time: print `date` before each command, or put it into the file's name"
)


def date_snapshots(part: Batch, name: str, modified: datetime | None) -> Batch:
    """``part`` with its snapshots named and dated as well as the file's name and modification time can.

    A statement of which no time is known is no record: it becomes an unparsed line, and a note says why.
    """
    mine = part.rows["transport"].eq_missing(TRANSPORT)
    if not mine.any():
        return part
    part = replace(part, rows=_named(part.rows, name))
    undated = mine & part.rows["stamp"].is_null()
    if not undated.any():
        return part
    if moment := moment_in_name(name):
        return _dated(part, undated, moment)
    if modified and undated.all():
        # left to the timeline, which puts a source without any time at its modification time
        return replace(part, facts=merge_facts([part.facts, Facts(notes=(_BY_CHANGE,))]))
    return _left_out(part, undated)


def _named(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """A ``?`` that leads a statement, replaced by the interface that the file's name tells."""
    found = _INTERFACE.findall(re.split(r"[/\\!]", name)[-1])
    if not found:
        return rows
    nameless = (pl.col("transport") == TRANSPORT) & pl.col("message").str.starts_with("?")
    text = pl.lit(found[-1]) + pl.col("message").str.slice(1)
    return rows.with_columns(
        message=pl.when(nameless).then(text).otherwise("message"),
        about=pl.when(nameless & pl.col("about").is_null()).then(pl.lit(found[-1])).otherwise("about"),
    )


def _dated(part: Batch, undated: pl.Series, moment: Moment) -> Batch:
    rows = part.rows.with_columns(
        stamp=pl.when(undated).then(pl.lit(moment.micros).cast(pl.Datetime("us"))).otherwise("stamp"),
        stamp_kind=pl.when(undated)
        .then(pl.lit(moment.kind).cast(part.rows["stamp_kind"].dtype))
        .otherwise("stamp_kind"),
        resolution=pl.when(undated).then(pl.lit(moment.resolution)).otherwise("resolution"),
    )
    return replace(part, rows=rows, facts=merge_facts([part.facts, Facts(notes=(_BY_NAME,))]))


def _left_out(part: Batch, undated: pl.Series) -> Batch:
    lost = part.rows.filter(undated).select("line", text="message")
    note = Facts(notes=(_UNKNOWN.format(lost.height),))
    unparsed = pl.concat([part.unparsed, lost]).sort("line", maintain_order=True)
    return replace(part, rows=part.rows.filter(~undated), unparsed=unparsed, facts=merge_facts([part.facts, note]))
