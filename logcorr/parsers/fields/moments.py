"""Times as values of a field, in whatever notation a program chose: columns of text to instants or wall clocks."""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.parsers.fields import date_parts, stamps
from logcorr.parsers.fields.months import MONTH

_ISO: Final = (
    r"^(?P<date>[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,](?P<fraction>[0-9]{1,9}))?)"
    r" ?(?P<zone>Z|UTC|[+-][0-9]{2}:?[0-9]{2})?$"
)
_EPOCH: Final = r"^(?P<seconds>[0-9]{10})(?:\.?(?P<fraction>[0-9]{1,9}))?$"
_ZONE: Final = rf"(?: ?(?P<zone>Z|(?:UTC|GMT)?[+-][0-9]{{2}}:?[0-9]{{2}}|UTC|GMT|{stamps.ZONE_NAMES}))?(?: \([^)]*\))?$"
_GAP: Final = r"(?:[ T:,-]{1,3}| @ )"
_WEEKDAY: Final = r"^(?:\p{L}{2,9}\.?,? )?"
_YEAR: Final = r"(?P<year>[12][0-9]{3}|[0-9]{2})"
#: What logs, web servers and spreadsheets write beside ISO 8601.
_NAMED: Final = (
    rf"{_WEEKDAY}(?P<day>[0-3]?[0-9])\.?[ /.-](?P<month>{MONTH})[ /.,-]{{1,2}}{_YEAR}{_GAP}{date_parts.CLOCK}{_ZONE}",
    rf"{_WEEKDAY}(?P<month>{MONTH})[ /-](?P<day>[0-3]?[0-9]),?[ /-]{_YEAR}{_GAP}{date_parts.CLOCK}{_ZONE}",
    (
        rf"{_WEEKDAY}(?P<month>{MONTH}) (?P<day>[ 0-3]?[0-9]) {date_parts.CLOCK}(?: (?P<zone>[A-Z]{{3,5}}))? "
        r"(?P<year>[12][0-9]{3})$"
    ),
)
_NUMERIC: Final = rf"^{date_parts.NUMBERS}(?:, |[ T]){date_parts.CLOCK}{_ZONE}"
_SHAPE: Final = {"stamp": pl.Datetime("us"), "stamp_kind": pl.String(), "resolution": pl.Int64()}


def moment(text: pl.Series) -> pl.DataFrame:
    """Columns ``stamp``, ``stamp_kind``, ``resolution`` from times as programs write them: ISO or epoch (s to ns).

    Other notations are tried on what is neither. Column ``either`` is there where the order of day and month is open:
    what ``date_parts.numeric`` says of it.
    """
    iso = text.str.extract_groups(_ISO).struct.unnest()
    date = iso["date"].str.replace_many(["/", ",", " "], ["-", ".", "T"])
    local = stamps.utc(stamps.wall(date, stamps.ISO[:1]), iso["zone"])
    digits = text.str.extract_groups(_EPOCH).struct.unnest()
    epoch = stamps.epoch(digits["seconds"], digits["fraction"])
    fraction = pl.select(pl.coalesce(iso["fraction"], digits["fraction"])).to_series()
    found = pl.select(
        stamp=pl.coalesce(local["stamp"], epoch),
        stamp_kind=pl.when(epoch.is_not_null()).then(pl.lit("utc")).otherwise(local["stamp_kind"]),
        resolution=stamps.resolution(fraction),
    )
    left = found["stamp"].is_null() & text.is_not_null()
    return _with_others(found, text, left) if left.any() else found


def _with_others(found: pl.DataFrame, text: pl.Series, left: pl.Series) -> pl.DataFrame:
    at = left.arg_true()
    other, told = _otherwise(text.gather(at))
    either = [pl.repeat(None, len(text), dtype=pl.String, eager=True).scatter(at, told).alias("either")]
    return found.with_columns(
        found[name].scatter(at, other[name])
        if name != "stamp_kind"
        else found[name].cast(pl.String).scatter(at, other[name])
        for name in found.columns
    ).with_columns(either if told.count() else [])


def _otherwise(text: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
    """As ``moment``, for times that are neither ISO nor epoch; and what may be said of the order of day and month."""
    told = pl.repeat(None, len(text), dtype=pl.String, eager=True)
    found = pl.DataFrame({name: pl.repeat(None, len(text), dtype=kind, eager=True) for name, kind in _SHAPE.items()})
    for pattern in (*_NAMED, _NUMERIC):
        left = found["stamp"].is_null()
        at = (left & text.str.contains(pattern).fill_null(value=False)).arg_true()
        if not len(at):
            continue
        groups = text.gather(at).str.extract_groups(pattern).struct.unnest()
        groups = groups.with_columns(pl.col("day").str.strip_chars()) if "day" in groups.columns else groups
        if "a" in groups.columns:
            wall, either = date_parts.numeric(groups)
            told = told.scatter(at, either)
        else:
            wall = date_parts.named(groups)
        utc = stamps.utc(wall, groups["zone"])
        step = stamps.resolution(groups["fraction"])
        found = found.with_columns(
            found["stamp"].scatter(at, utc["stamp"]),
            found["stamp_kind"].scatter(at, utc["stamp_kind"]),
            found["resolution"].scatter(at, step),
        )
    return found, told
