"""The events of a run as the matcher reads them: arrays in timeline order, and the rows of each event name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl

from logcorr.patterns.grouped import Bools, Ints, highest_so_far, lowest_to_come
from logcorr.rulebook.conditions import glob_regex, value_of

_FEW_NAMES: Final = 1 << 16  # numpy sorts 16-bit codes by radix


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """Events in timeline order. Times are µs since 1970.

    A *lane* is one clock domain as one source shows it; inside a lane the order of the records is known, so the bounds
    of their times are tightened to ascend with it. ``pos`` is the timeline id: events of one record share it.
    """

    frame: pl.DataFrame
    time: Ints
    lo: Ints
    hi: Ints
    pos: Ints
    lane: Ints
    rows_of: dict[str, Ints]
    _codes: dict[str, Ints] = field(default_factory=dict)

    def names(self, wanted: str | tuple[str, ...]) -> list[str]:
        """The event names present that ``wanted`` (names or globs) covers."""
        return expand(wanted, self.rows_of)

    def rows(self, wanted: str | tuple[str, ...]) -> Ints:
        """Rows of all events named, in timeline order. A record may have several of them: see ``once``."""
        found = [self.rows_of[name] for name in self.names(wanted)]
        if not found:
            return np.zeros(0, dtype=np.int64)
        return found[0] if len(found) == 1 else np.sort(np.concatenate(found))

    def once(self, rows: Ints) -> Ints:
        """The first of the rows of each record."""
        again = self.pos[rows[1:]] == self.pos[rows[:-1]]
        return rows[np.concatenate([[True], ~again])] if again.any() else rows

    def values(self, name: str, rows: Ints) -> pl.Series:
        """The field or base column ``name`` of ``rows``; all null where there is none."""
        whole = self.frame.select(value_of(name, self.frame.schema).alias(name)).to_series()
        if len(whole) != self.frame.height:
            return pl.Series(name, [None], dtype=pl.String).new_from_index(0, len(rows))
        return whole.gather(rows)

    def codes(self, name: str) -> Ints:
        """A number for each value of ``name``, for every row; -1 where there is none."""
        if name not in self._codes:
            self._codes[name] = factorize(self.values(name, np.arange(self.frame.height)))
        return self._codes[name]

    def hosts(self, rows: Ints | None = None) -> dict[str, int]:
        """The hosts (of some rows), each with its code in ``codes("host")``."""
        codes = self.codes("host") if rows is None else self.codes("host")[rows]
        present, first = np.unique(codes, return_index=True)
        at = (first if rows is None else rows[first])[present >= 0]
        names = self.frame["host"].gather(at).to_list()
        return dict(zip(names, present[present >= 0].tolist(), strict=True))

    def same_order(self, first: Ints, second: Ints) -> Bools:
        """Whether the order of the two rows is known, row by row."""
        return np.asarray((self.lane[first] == self.lane[second]) | (self.lo[second] > self.hi[first]))


def expand(wanted: str | tuple[str, ...], known: dict[str, Ints] | frozenset[str]) -> list[str]:
    """Those of the ``known`` names that ``wanted`` (names or globs) covers, in the order asked for."""
    found: dict[str, None] = {}
    for name in (wanted,) if isinstance(wanted, str) else wanted:
        if "*" not in name:
            if name in known:
                found[name] = None
            continue
        series = pl.Series(sorted(known), dtype=pl.String)
        found.update(dict.fromkeys(series.filter(series.str.contains(glob_regex(name)))))
    return list(found)


def factorize(values: pl.Series) -> Ints:
    """A number for each distinct value; -1 for null. Numbers that differ only in type are told apart as text."""
    if values.dtype.is_integer() and values.len() and not values.null_count():
        numbers = values.cast(pl.Int64).to_numpy()
        span = int(numbers.max()) - int(numbers.min())
        if span <= 4 * len(numbers) + 1024:
            return np.asarray(numbers - numbers.min())
    text = values.cast(pl.String).cast(pl.Categorical)
    return text.to_physical().cast(pl.Int64).fill_null(-1).to_numpy()


def build(events: pl.DataFrame, wanted: tuple[str, ...]) -> Stream:
    """Keep the events that ``wanted`` (names or globs) covers. ``events`` is schema.EVENTS, with or without fields."""
    present = frozenset(events["event"].unique().drop_nulls())
    names = expand(wanted, present)
    frame = events.filter(pl.col("event").is_in(names)) if len(names) < len(present) else events
    time = micros(frame["time"])
    if len(time) > 1 and bool((np.diff(time) < 0).any()):
        frame = frame.sort("time", "id", maintain_order=True)
        time = micros(frame["time"])
    lo, hi, pos = micros(frame["time_lo"]), micros(frame["time_hi"]), frame["id"].cast(pl.Int64).to_numpy()
    lane = _lanes(frame)
    if bool((lo != hi).any()):
        lo, hi = _tighten(lane, lo, hi)
    return Stream(frame, time, lo, hi, pos, lane, _rows_of(frame, names))


def micros(column: pl.Series) -> Ints:
    """A time column as µs since 1970."""
    return column.to_physical().cast(pl.Int64).to_numpy()


def _lanes(frame: pl.DataFrame) -> Ints:
    clock = frame["clock"].fill_null("").cast(pl.Categorical).to_physical().cast(pl.Int64)
    source = frame["source"].cast(pl.Int64).fill_null(-1)
    return (clock * (1 << 17) + source + 1).to_numpy()


def _tighten(lane: Ints, lo: Ints, hi: Ints) -> tuple[Ints, Ints]:
    """Bounds that ascend in each lane: a record is no earlier than the one before it, no later than the one after."""
    order = np.argsort(lane, kind="stable")
    group = np.concatenate([[0], np.cumsum(np.diff(lane[order]) != 0)])
    tight_lo, tight_hi = np.empty_like(lo), np.empty_like(hi)
    tight_lo[order] = highest_so_far(group, lo[order])
    tight_hi[order] = lowest_to_come(group, hi[order])
    return tight_lo, tight_hi


def _rows_of(frame: pl.DataFrame, names: list[str]) -> dict[str, Ints]:
    if not names:
        return {}
    codes = frame["event"].cast(pl.Enum(names)).to_physical().to_numpy()
    if len(names) < _FEW_NAMES:
        codes = codes.astype(np.uint16)
    order = np.argsort(codes, kind="stable").astype(np.int64)
    edges = np.searchsorted(codes[order], np.arange(len(names) + 1))
    return {name: order[edges[number] : edges[number + 1]] for number, name in enumerate(names)}
