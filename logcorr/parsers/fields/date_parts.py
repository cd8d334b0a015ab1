"""Dates in parts: numbers of which the order has to be found out, clocks of twelve hours, months by name.

The groups of an expression that these read: ``a``, ``b``, ``c`` (three numbers in some order, ``sep`` between them) or
``year``, ``month``, ``day``; ``clock`` (hours, minutes, seconds), ``fraction`` (digits), ``half`` (AM or PM).
"""

from __future__ import annotations

from itertools import chain
from typing import Final

import polars as pl

from logcorr.parsers.fields import stamps
from logcorr.parsers.fields.months import in_english

#: Hours of one or two digits, and which half of the day they are of.
CLOCK: Final = (
    r"(?P<clock>[0-2]?[0-9]:[0-5][0-9]:[0-6][0-9])(?:[.,:](?P<fraction>[0-9]{1,9}))?"
    r"(?:[ \u202f\u00a0]?(?P<half>[AaPp]\.?[Mm]\b\.?))?"
)
NUMBERS: Final = r"(?P<a>[0-9]{1,4})(?P<sep>[-/.])(?P<b>[0-9]{1,2})[-/.](?P<c>[0-9]{1,4})\.?"
EITHER_WAY: Final = "times such as {} may be {} or {}; read as {}"

_ORDERS: Final = {"ymd": "year/month/day", "dmy": "day/month/year", "mdy": "month/day/year"}
_CENTURY: Final = "20"  # of years of two digits
_OLDEST: Final = 2010  # the year of systemd's first release: of 03/02/26, the year is not 2003
_NOON: Final = 12
_SHORT: Final = 2  # digits that a day or month has at most


def named(frame: pl.DataFrame) -> pl.Series:
    """The wall clock of groups ``day``, ``month`` (a name of any language) and ``year``; without one it is 1972."""
    year = _column(frame, "year").str.zfill(2)
    year = pl.select(pl.when(year.str.len_bytes() == 2).then(pl.lit(_CENTURY) + year).otherwise(year)).to_series()
    date = frame.select(pl.format("{} {} {}", year.fill_null(stamps.YEAR), in_english(frame["month"]), "day"))
    return _wall(date.to_series(), frame, "%Y %b %d")


def numeric(frame: pl.DataFrame, prefer: str | None = None) -> tuple[pl.Series, pl.Series]:
    """The wall clock of three numbers, and, where another order fits as well, what may be said of it (else null).

    The order is the one in which most rows are dates; of several, that in which the rows lie closest together, as lines
    of a log do; of those, one that dates none before ``_OLDEST``; of those, ``prefer``. Rows with other separators, or
    years of other length, have an order of their own, and so have those that are no dates in the order of the others.
    """
    wall = pl.repeat(None, frame.height, dtype=pl.Datetime("us"), eager=True)
    told = pl.repeat(None, frame.height, dtype=pl.String, eager=True)
    shape = pl.struct("sep", pl.col("a").str.len_bytes() > _SHORT, pl.col("c").str.len_bytes() > _SHORT)
    groups = frame.select(shape.alias("shape")).with_row_index("at").group_by("shape", maintain_order=True).agg("at")
    for rows in groups["at"]:
        left = rows
        for _ in _ORDERS:
            found, either = _in_one_order(frame[left], prefer)
            wall, told = wall.scatter(left, found), told.scatter(left, either)
            rest = left.filter(found.is_null())
            if not len(rest) or len(rest) == len(left):
                break
            left = rest
    return wall, told


def _in_one_order(frame: pl.DataFrame, prefer: str | None) -> tuple[pl.Series, pl.Series]:
    """As ``numeric``, with null for rows that are no dates in the order of most."""
    nothing = pl.repeat(None, frame.height, dtype=pl.String, eager=True)
    ranked: list[tuple[tuple[int, int, bool], str, pl.Series]] = []
    for order in _orders(frame, prefer):
        wall = _ordered(frame, order)
        steps = wall.drop_nulls().diff().dt.total_microseconds().abs().sum()
        old = bool((wall.dt.year() < _OLDEST).any())
        ranked.append(((wall.null_count(), int(steps or 0), old), order, wall))
    best = min(ranked, key=lambda one: one[0])
    also = [order for rank, order, wall in ranked if rank == best[0] and not wall.equals(best[2])]
    if not also or _by_custom(frame):
        return best[2], nothing
    shown = frame.select(pl.concat_str("a", "sep", "b", "sep", "c")).to_series()[0]
    told = EITHER_WAY.format(shown, _ORDERS[best[1]], _ORDERS[also[0]], _ORDERS[best[1]])
    return best[2], pl.repeat(told, frame.height, dtype=pl.String, eager=True)


def _by_custom(frame: pl.DataFrame) -> bool:
    """Whether its notation tells the order: points stand where the day comes first, AM and PM where the month does."""
    halves = "half" in frame.columns and frame["half"].is_not_null().all()
    return halves or bool((frame["sep"] == ".").all())


def _ordered(frame: pl.DataFrame, order: str) -> pl.Series:
    parts = dict(zip(order, "abc", strict=True))
    year = pl.col(parts["y"])
    year = pl.when(year.str.len_bytes() <= _SHORT).then(pl.lit(_CENTURY) + year.str.zfill(_SHORT)).otherwise(year)
    date = frame.select(pl.format("{}-{}-{}", year, parts["m"], parts["d"])).to_series()
    return _wall(date, frame, "%Y-%m-%d")


def of_day(frame: pl.DataFrame) -> pl.Series:
    """The time of day of group ``clock``, and of ``half`` where there is one, on 1972-01-01."""
    return _wall(pl.repeat(f"{stamps.YEAR}-01-01", frame.height, eager=True), frame, "%Y-%m-%d")


def _orders(frame: pl.DataFrame, prefer: str | None) -> list[str]:
    """The orders that the numbers may stand in, the likeliest first."""
    first, last = (int(frame[name].str.len_bytes().max() or 0) for name in "ac")  # type: ignore[arg-type]  # a number
    if first > _SHORT:
        return ["ymd"]
    if (frame["sep"] == ".").all():
        return ["dmy"] if last != _SHORT else ["dmy", "ymd"]
    halves = "half" in frame.columns and frame["half"].is_not_null().any()
    likely = [
        *([prefer] if prefer else []),
        *(["mdy"] if halves else []),
        *(["ymd"] if last <= _SHORT else []),
        "dmy",
        "mdy",
    ]
    return list(dict.fromkeys(likely))


def _wall(date: pl.Series, frame: pl.DataFrame, pattern: str) -> pl.Series:
    """Dates and the frame's clock, with twelve hours turned into twenty-four."""
    clock = frame["clock"].str.replace("60$", "59")
    half = _column(frame, "half").str.head(1).str.to_lowercase()
    if half.null_count() < len(half):
        hour = clock.str.extract("^([0-9]+)").cast(pl.Int64, strict=False)
        turned = hour % _NOON + pl.select(pl.when(half == "p").then(_NOON).otherwise(0)).to_series()
        clock = pl.select(
            pl.when(half.is_null() | (hour == 0) | (hour > _NOON)).then(clock)
            .otherwise(pl.format("{}{}", turned, clock.str.extract("(:.*)$")))
        ).to_series()  # fmt: skip
    text = pl.select(pl.format("{} {}.{}", date, clock, _column(frame, "fraction").fill_null("0"))).to_series()
    return text.str.to_datetime(f"{pattern} %H:%M:%S%.f", time_unit="us", strict=False)


def _column(frame: pl.DataFrame, name: str) -> pl.Series:
    return frame[name] if name in frame.columns else pl.repeat(None, frame.height, dtype=pl.String, eager=True)


def note(told: pl.Series) -> tuple[str, ...]:
    """What ``numeric`` says of orders, once."""
    return tuple(chain(told.drop_nulls().unique()))
