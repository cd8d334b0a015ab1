r"""Collectors that put a header of their own in front of every line, whatever the line is.

``<when received>\t<sender>\t``, a time (``docker logs -t``, ``kubectl logs --timestamps``, exports of log stores), a
time and a host (a relay that keeps the header it got). That stamp is when the line arrived; the line's own tells when
it was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.origin import printed
from logcorr.parsers.engine.base import Batch
from logcorr.parsers.engine.head import any_header, found_in
from logcorr.parsers.engine.lines import Lines
from logcorr.parsers.fields import stamps
from logcorr.parsers.fields.levels import is_level
from logcorr.parsers.fields.syslog_parts import CLOCK
from logcorr.parsers.wrappers.pasted import BEGINS, DATED, UPTIME

_ISO: Final = (
    rf"(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{CLOCK}(?:\.[0-9]{{1,9}})?)(?P<zone>Z|[+-][0-9]{{2}}:?[0-9]{{2}})?"
)
_NAME: Final = r"[0-9A-Fa-f.:]{3,45}|[A-Za-z0-9._-]{1,253}"
#: What has no time of its own would be left without any.
_TABBED: Final = rf"^(?P<all>{_ISO}\t(?P<host>{_NAME})\t)(?:{BEGINS}|<[0-9]|\{{|\[?[0-9]|(?:CEF:)?0\||[a-z]+[/=])"
_ARRIVED: Final = rf"^(?P<all>{_ISO}(?:[ \t](?P<host>{_NAME}))??[ \t])(?:<[0-9]{{1,3}}>(?:1 )?)?{DATED}"
_BESIDE_UPTIME: Final = rf"^(?P<all>{_ISO}[ \t]){UPTIME}"
#: These say no zone; what they hold must look unlike them.
_BEGINS_ELSE: Final = (
    rf"(?:(?:<[0-9]{{1,3}}>)?(?:[A-Z][a-z]{{2}},? )?[A-Z][a-z]{{2}} [ 0-3][0-9] {CLOCK}|"
    rf"(?:[A-Z][a-z]{{2}} )?[0-9]{{4}}/[0-9]{{2}}/[0-9]{{2}} {CLOCK}|\[ *[0-9]{{1,9}}\.[0-9]{{6}}\] )"
)
_LOCAL: Final = (
    rf"^(?P<all>\[?(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[ T]{CLOCK}(?:[.,][0-9]{{1,9}})?)\]?[ \t]){_BEGINS_ELSE}"
)
_BSD: Final = (
    rf"^(?P<all>(?:<[0-9]{{1,3}}>)?[A-Z][a-z]{{2}} [ 0-3][0-9] {CLOCK} (?P<host>{_NAME}) )"
    rf"(?:<[0-9]{{1,3}}>(?:1 )?)?{DATED}"
)
_HEADERS: Final = (_TABBED, _ARRIVED, _BESIDE_UPTIME, _LOCAL, _BSD)
#: As a container's runtime stamps what a container prints (``docker logs -t``, ``kubectl logs --timestamps``).
_NANOSECONDS: Final = r"\.[0-9]{9}$"
_LOOK: Final = 20
_SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Unstamped:
    """Lines without the collector's header, and what it said by line."""

    lines: Lines
    received: pl.DataFrame  # line: UInt32, _received: UTC or null, _sender, _runtime: Boolean, _stamp, _kind

    def restore(self, part: Batch) -> Batch:
        """The rows with ``received``, and the sender for a host where they name none.

        Those that tell the time since boot alone were written when the header says.
        """
        rows = part.rows.join(self.received, on="line", how="left", maintain_order="left")
        uptime = (pl.col("stamp_kind") == "uptime") & pl.col("_stamp").is_not_null()
        within = pl.col("_runtime").fill_null(value=False)
        rows = rows.with_columns(
            received=pl.coalesce("received", "_received"),
            host=pl.when(~within).then(pl.coalesce("host", "_sender")),
            origin=pl.when(within).then(printed(pl.col("program"), pl.lit("", pl.String))).otherwise("origin"),
            stamp=pl.when(uptime).then("_stamp").otherwise("stamp"),
            stamp_kind=pl.when(uptime).then(pl.col("_kind").cast(rows.schema["stamp_kind"])).otherwise("stamp_kind"),
            resolution=pl.when(uptime).then(pl.lit(_SECOND)).otherwise("resolution"),
        )
        return replace(part, rows=rows.select(part.rows.columns))


def strip(lines: Lines, known: str) -> Unstamped | None:
    """The lines less their headers; nothing where the first lines have none. A ``Strip``."""
    shown = lines.head(_LOOK).text.to_list()
    headers = [header for header in _HEADERS if found_in(any_header((header,)), shown)]
    if not headers:  # as of most files
        return None
    found = _headers(lines, headers, known)
    width = found["all"].str.len_bytes().fill_null(0).to_numpy().astype(np.int64)
    if not width.any():
        return None
    when = stamps.utc(stamps.wall(found["date"].str.replace_all(",", ".", literal=True)), found["zone"])
    arrived = when.select(
        pl.when(pl.col("stamp_kind") == "utc").then(pl.col("stamp").dt.replace_time_zone("UTC"))
    ).to_series()
    received = pl.DataFrame(
        {
            "line": pl.Series(lines.number).cast(pl.UInt32),
            "_received": arrived,
            "_sender": found["host"],
            "_runtime": found["date"].str.contains(_NANOSECONDS) & found["host"].is_null(),
            "_stamp": when["stamp"],
            "_kind": when["stamp_kind"],
        }
    )
    bare = Lines(lines.data, lines.start + width, lines.end, lines.number, lines.base, lines.stop)
    return Unstamped(bare, received)


def _headers(lines: Lines, headers: Sequence[str], known: str) -> pl.DataFrame:
    """Of each line the header: ``all`` of it, its ``date``, ``zone`` and ``host``; null where it has none."""
    free = ~lines.text.str.contains(known)
    masks = [free if header != _TABBED else free | True for header in headers]
    groups = [
        pl.select(pl.when(mask).then(lines.text)).to_series().str.extract_groups(header).struct.unnest()
        for mask, header in zip(masks, headers, strict=True)
    ]
    found = pl.select(
        pl.coalesce(one[name] for one in groups if name in one.columns).alias(name)
        for name in ("all", "date", "zone", "host")
        if any(name in one.columns for one in groups)
    )
    absent = [pl.lit(None, pl.String).alias(name) for name in ("date", "zone", "host") if name not in found.columns]
    # a logging library's columns look alike, with a level where others have the sender
    return found.with_columns(absent).with_columns(
        all=pl.when(~is_level(pl.col("host")).fill_null(value=False)).then("all")
    )
