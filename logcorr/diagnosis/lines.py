"""Events as arrays, for what is asked thousands of times of a few of them: each question a search and a slice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.times.micros import Bools, Ints

Numbers: TypeAlias = npt.NDArray[np.integer[Any]]

VOUCHED_FOR: Final = 1
CONTRADICTED: Final = 0
_NOBODY_KNOWS: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """A column of names: the number of each row's (-1: none), and the names by number, in order."""

    numbers: Numbers
    names: tuple[str, ...]

    @classmethod
    def of(cls, column: pl.Series, also: pl.Series | None = None) -> Names:
        """The names of a column, and some that are not in it."""
        known = (column if also is None else pl.concat([column, also])).unique().drop_nulls().sort()
        return cls(_numbered(column, known), tuple(known))

    def number(self, column: pl.Series) -> Numbers:
        """The numbers of other rows."""
        return _numbered(column, pl.Series(self.names, dtype=pl.String))

    def told(self, numbers: Numbers) -> list[str]:
        """The distinct names of some numbers, in order."""
        return [self.names[number] for number in np.unique(numbers) if number >= 0]

    def among(self, names: frozenset[str]) -> Bools:
        """Which numbers are of these names; the last is none's."""
        return np.array([*(name in names for name in self.names), False], dtype=bool)


def _numbered(column: pl.Series, known: pl.Series) -> Numbers:
    coded = column.cast(pl.Enum(known), strict=False).to_physical().cast(pl.Int64).fill_null(-1)
    return coded.to_numpy()


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Scene.brief as arrays, by row."""

    id: Ints
    time: Ints  # µs
    low: Ints
    event: Names
    host: Names
    program: Names
    role: Names
    impact: Ints
    trusted: npt.NDArray[np.int8]  # VOUCHED_FOR, CONTRADICTED, or nobody can say
    limited: Bools
    unverified: Bools
    ephemeral: Bools

    @classmethod
    def of(cls, brief: pl.DataFrame, places: Mapping[str, Ints], hosts: pl.Series) -> Columns:
        """Those of ``brief``. ``places``: its rows by event. ``hosts``: all of the run, also those without events."""
        names = sorted(places)
        event = np.full(brief.height, -1, dtype=np.int64)
        for number, name in enumerate(names):
            event[places[name]] = number
        first = brief.select("role")[[places[name][0] for name in names]] if names else brief.select("role").clear()
        role = Names.of(first["role"])
        return cls(
            id=brief["id"].cast(pl.Int64).to_numpy(),
            time=times(brief["time"]),
            low=times(brief["time_lo"]),
            event=Names(event, tuple(names)),
            host=Names.of(brief["host"], hosts),
            program=Names.of(brief["program"]),
            role=Names(np.append(role.numbers, -1)[event], role.names),  # an event has one role
            impact=brief["impact"].to_numpy(),
            trusted=brief["trusted"].cast(pl.Int8).fill_null(_NOBODY_KNOWS).to_numpy(),
            limited=brief["limited"].to_numpy(),
            unverified=brief["unverified"].to_numpy(),
            ephemeral=brief["ephemeral"].to_numpy(),
        )


def times(column: pl.Series) -> Ints:
    """A column of times in µs."""
    return column.to_physical().to_numpy()


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Some rows of Scene.brief. ``more`` holds what is known of each beside: of a pattern's matches ``step`` (a name),
    ``match`` (a number), ``begin`` and ``end`` (of the match), ``open`` (a clause at its end could not be observed) and
    ``trusted``; of what dates a cause ``since`` when it was at work (µs), and how many seconds it ``lasts`` at most.
    """

    columns: Columns
    at: Ints
    more: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.at)

    def take(self, which: Bools | Numbers | slice) -> Lines:
        """Those of the rows."""
        return Lines(self.columns, self.at[which], {name: values[which] for name, values in self.more.items()})

    def once(self) -> Lines:
        """The first row of each record."""
        if len(self.at) < 2:
            return self
        _, first = np.unique(self.id, return_index=True)
        return self if len(first) == len(self.at) else self.take(np.sort(first))

    @property
    def id(self) -> Ints:
        """The records."""
        return self.columns.id[self.at]

    @property
    def time(self) -> Ints:
        """When, in µs."""
        return self.columns.time[self.at]

    @property
    def host(self) -> Numbers:
        """The numbers of the hosts."""
        return self.columns.host.numbers[self.at]

    @property
    def event(self) -> Numbers:
        """The numbers of the events."""
        return self.columns.event.numbers[self.at]

    @property
    def impact(self) -> Ints:
        """What it does by itself (weights.IMPACT)."""
        return self.columns.impact[self.at]

    @property
    def trusted(self) -> npt.NDArray[np.int8]:
        """Whether the origin is vouched for; of a match, that of its weakest line."""
        known = self.more.get("trusted")
        return self.columns.trusted[self.at] if known is None else known

    def between(self, since: int, until: int) -> Lines:
        """The rows of a time (µs), both ends included. They have to be in order of time."""
        if not len(self.at):  # most
            return self
        low, high = np.searchsorted(self.time, (since, until + 1), "left")
        return self if high - low == len(self.at) else self.take(slice(low, high))

    @property
    def hosts(self) -> list[str]:
        """The distinct hosts, in order."""
        return self.columns.host.told(self.host)

    @property
    def events(self) -> list[str]:
        """The distinct events, in order."""
        return self.columns.event.told(self.event)

    def of_role(self, role: str) -> Bools:
        """Which rows are of events of this role ("symptom")."""
        names = self.columns.role
        return names.among(frozenset((role,)))[names.numbers[self.at]]


@dataclass(frozen=True, slots=True, eq=False)
class Symptoms:
    """The symptoms of an incident as arrays, by row. Hosts are numbered as in ``Columns``, events by themselves."""

    id: Ints
    time: Ints  # µs
    low: Ints
    high: Ints
    host: Numbers
    event: Numbers

    @classmethod
    def of(cls, rows: pl.DataFrame, columns: Columns) -> Symptoms:
        """Those of Incident.symptoms."""
        return cls(
            id=rows["id"].cast(pl.Int64).to_numpy(),
            time=times(rows["time"]),
            low=times(rows["time_lo"]),
            high=times(rows["time_hi"]),
            host=columns.host.number(rows["host"]),
            event=Names.of(rows["event"]).numbers,
        )
