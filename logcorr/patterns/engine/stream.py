"""The events of a run as the matcher reads them: arrays in timeline order, and the rows of each event name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from typing import Final

import numpy as np
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.grouped import highest_so_far, lowest_to_come
from logcorr.rulebook.conditions import value_of
from logcorr.rulebook.globs import glob_regex, is_glob
from logcorr.times.micros import Bools, Ints, ints

_SPREAD: Final = 0x9E3779B97F4A7C1  # odd, so that sources of one clock fall far apart
_FEW_NAMES: Final = 1 << 16  # numpy sorts 16-bit codes by radix


@dataclass(frozen=True, slots=True, eq=False)
class EventStream:
    """Events in timeline order. Times are µs since 1970.

    A *lane* is one clock domain as one source shows it; inside a lane the order of the records is known, so the bounds
    of their times are tightened to ascend with it. ``pos`` is the timeline id: events of one record share it.
    """

    events: pl.DataFrame  # in timeline order, others among them
    index: Ints  # of each row in ``events``
    time: Ints
    lo: Ints
    hi: Ints
    pos: Ints
    lane: Ints
    rows_of: dict[str, Ints]
    _codes: dict[str, Ints] = field(default_factory=dict)  # made when first asked for
    _hosts: dict[str, int] = field(default_factory=dict)
    _columns: dict[str, pl.Series] = field(default_factory=dict)

    def names(self, wanted: str | tuple[str, ...]) -> list[str]:
        """The event names present that ``wanted`` (names or globs) covers."""
        return [name for name in expand(wanted, self.rows_of) if len(self.rows_of[name])]

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
        if name not in self._columns:
            column = self.events.select(value_of(name, self.events.schema).alias(name)).to_series()
            missing = len(column) != self.events.height
            self._columns[name] = column.new_from_index(0, self.events.height) if missing else column
        return self._columns[name][self.index[rows]]

    def told(self, names: Iterable[str], rows: Ints) -> pl.DataFrame:
        """Some fields or base columns of the rows, a column each: all fields together are many."""
        return pl.DataFrame({name: self.values(name, rows) for name in names})

    def codes(self, name: str) -> Ints:
        """A number for each value of ``name``, for every row; -1 where there is none."""
        if name not in self._codes:
            self._codes[name] = factorize(self.values(name, np.arange(len(self.index))))
        return self._codes[name]

    def hosts(self, rows: Ints | None = None) -> dict[str, int]:
        """The hosts (of some rows), each with its code in ``codes("host")``."""
        codes = self.codes("host")
        if not self._hosts:
            first = np.zeros(int(codes.max(initial=-1)) + 1, dtype=np.int64)
            first[codes[::-1]] = np.arange(len(codes))[::-1]
            present = np.flatnonzero(np.bincount(codes[codes >= 0]))
            self._hosts.update(zip(self.values("host", first[present]), present.tolist(), strict=True))
        if rows is None:
            return self._hosts
        here = set(np.flatnonzero(np.bincount(codes[rows] + 1)) - 1)
        return {name: code for name, code in self._hosts.items() if code in here}

    def same_order(self, first: Ints, second: Ints) -> Bools:
        """Whether the order of the two rows is known, row by row."""
        return np.asarray((self.lane[first] == self.lane[second]) | (self.lo[second] > self.hi[first]))


def expand(wanted: str | tuple[str, ...], known: dict[str, Ints] | frozenset[str]) -> list[str]:
    """Those of the ``known`` names that ``wanted`` (names or globs) covers, in the order asked for."""
    found: dict[str, None] = {}
    for name in (wanted,) if isinstance(wanted, str) else wanted:
        if not is_glob(name):
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


def build(events: pl.DataFrame, wanted: tuple[str, ...]) -> EventStream:
    """Keep the events that ``wanted`` (names or globs) covers. ``events`` is schema.EVENTS, with or without fields."""
    names = list(dict.fromkeys(wanted))
    if any(is_glob(name) for name in names):
        names = expand(wanted, frozenset(events["event"].unique().drop_nulls()))
    if events.height > 1 and not events["time"].is_sorted():
        events = events.sort("time", "id", maintain_order=True)
    index = np.flatnonzero(events.select(pl.col("event").is_in(names)).to_series().to_numpy())
    time, lo, hi = (ints(events[name])[index] for name in ("time", "time_lo", "time_hi"))
    lane = _lanes(events["clock"].gather(index), events["source"].gather(index))
    if bool((lo != hi).any()):
        lo, hi = _tighten(lane, lo, hi)
    pos = events["id"].to_numpy()[index].astype(np.int64)
    return EventStream(events, index, time, lo, hi, pos, lane, _rows_of(events["event"].gather(index), names))


def _lanes(clock: pl.Series, source: pl.Series) -> Ints:
    """A number for each pair of clock and source. A 64-bit hash of the name is as good as a count, and sooner had."""
    number = clock.hash().to_numpy().view(np.int64)
    return np.asarray(number + source.cast(pl.Int64).fill_null(-1).to_numpy() * _SPREAD)


def _tighten(lane: Ints, lo: Ints, hi: Ints) -> tuple[Ints, Ints]:
    """Bounds that ascend in each lane: a record is no earlier than the one before it, no later than the one after."""
    order = np.argsort(lane, kind="stable")
    group = np.concatenate([[0], np.cumsum(np.diff(lane[order]) != 0)])
    tight_lo, tight_hi = np.empty_like(lo), np.empty_like(hi)
    tight_lo[order] = highest_so_far(group, lo[order])
    tight_hi[order] = lowest_to_come(group, hi[order])
    return tight_lo, tight_hi


def _rows_of(event: pl.Series, names: list[str]) -> dict[str, Ints]:
    if not names:
        return {}
    codes = event.cast(pl.Enum(names)).to_physical().to_numpy()
    if len(names) < _FEW_NAMES:
        codes = codes.astype(np.uint16)
    order = np.argsort(codes, kind="stable").astype(np.int64)
    edges = np.searchsorted(codes[order], np.arange(len(names) + 1))
    return {name: order[edges[number] : edges[number + 1]] for number, name in enumerate(names)}
