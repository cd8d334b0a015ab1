"""What limiters say they held back (``logs.suppressed``): when, and which events could not be seen meanwhile.

A note that names a format hides the events in its field ``hides``. Where that cannot be told it hides whatever the
limited programs report: tailscaled and the kernel limit themselves, journald limits the programs of a unit. A note that
says neither hides everything on its host.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any, Final

import numpy as np
import polars as pl

from logcorr.coverage import intervals
from logcorr.dataclass import dataclass
from logcorr.ratelimits import JOURNALD_INTERVAL, TAILSCALED_HELD_BACK
from logcorr.rulebook.conditions import value_of
from logcorr.rulebook.globs import glob_matches
from logcorr.schema import Timeline
from logcorr.times.micros import NEVER, Ints

#: The event of a limiter's note.
NOTE: Final = "logs.suppressed"

#: A note that names a format, and not a function; and one that says that its lines are held back from here on.
_PRINTF: Final = pl.col("format").str.contains(r"[%\s]").fill_null(value=False)
_OPENS: Final = _PRINTF & pl.col("count").is_null()

OnHosts = dict[str | None, Ints]
_FIELDS: Final = ("format", "hides", "unit", "count")


@dataclass(frozen=True, slots=True, eq=False)
class Hidden:
    """Time on each host in which limiters held lines back, by what they hid."""

    groups: tuple[tuple[frozenset[str] | None, OnHosts], ...] = ()  # None: every event
    told: frozenset[tuple[int, str | None, int]] = frozenset()  # (source, host, µs) at which what a note says ends
    _made: dict[tuple[int, ...], OnHosts] = field(default_factory=dict)

    def of(self, name: str) -> OnHosts:
        """When an event was hidden; one object for all that the same notes hide."""
        which = tuple(at for at, (names, _) in enumerate(self.groups) if names is None or name in names)
        if which not in self._made:
            parts: dict[str | None, list[Ints]] = {}
            for at in which:
                for host, spans in self.groups[at][1].items():
                    parts.setdefault(host, []).append(spans)
            self._made[which] = {host: intervals.merge_all(each) for host, each in parts.items()}
        return self._made[which]


def read(events: pl.DataFrame, timeline: Timeline, reporters: Mapping[str, tuple[str, ...]]) -> Hidden:
    """The notes among ``events`` (schema.EVENTS). ``reporters``: the programs (globs) that report each event."""
    notes = events.filter((pl.col("event") == NOTE) & pl.col("trusted").fill_null(value=True))
    if not notes.height:
        return Hidden()
    rows = notes.select(
        "source",
        "host",
        "program",
        *(value_of(name, notes.schema).cast(pl.String).alias(name) for name in _FIELDS),
        *(pl.col(name).to_physical().cast(pl.Int64) for name in ("time", "time_lo", "time_hi")),
    )
    units = _programs_of_units(timeline, rows["unit"].drop_nulls().unique())
    groups: dict[frozenset[str] | None, dict[str | None, list[Ints]]] = {}
    for part in _limits(rows).partition_by("program", "own", "hides", "unit", "host", maintain_order=True):
        first = part.row(0, named=True)
        names = _hidden(first, units, reporters)
        groups.setdefault(names, {}).setdefault(first["host"], []).append(part.select("start", "end").to_numpy())
    told = rows.select("source", "host", pl.col("time") + pl.when(_OPENS).then(TAILSCALED_HELD_BACK).otherwise(0))
    return Hidden(
        tuple((names, _merged(parts)) for names, parts in groups.items() if names is None or names),
        frozenset(told.rows()),
    )


def _limits(rows: pl.DataFrame) -> pl.DataFrame:
    """From when to when (half-open, µs) each note says that lines are missing; none where an earlier note says it."""
    opened = _OPENS.cast(pl.Int8).cum_max().over("source", "host", "program", "format") > 0
    of_format = pl.when(_OPENS).then("time_lo").when(opened).then(None).otherwise(-NEVER)
    timed = rows.sort("time", maintain_order=True).with_columns(
        start=pl.when(_PRINTF).then(of_format).otherwise(pl.col("time_lo") - JOURNALD_INTERVAL),
        end=pl.col("time_hi") + pl.when(_OPENS).then(TAILSCALED_HELD_BACK).otherwise(1),
        own=pl.col("format").is_not_null() | (pl.col("program") == "kernel"),
    )
    return timed.drop_nulls("start")


def _merged(parts: Mapping[str | None, list[Ints]]) -> OnHosts:
    return {host: intervals.union(np.concatenate(each)) for host, each in parts.items()}


def _programs_of_units(timeline: Timeline, units: pl.Series) -> dict[str, frozenset[str]]:
    """The programs that speak in each of the units."""
    if not len(units):
        return {}
    mine = pl.col("unit").is_in(units.implode())
    found = timeline.pick(lambda said: said.filter(mine).unique(["unit", "program"]), ["id", "unit", "program"])
    programs = found.group_by("unit").agg(pl.col("program").unique().drop_nulls())
    return {unit: frozenset(names) for unit, names in programs.rows() if names}


def _hidden(
    note: Mapping[str, Any], units: Mapping[str, frozenset[str]], reporters: Mapping[str, tuple[str, ...]]
) -> frozenset[str] | None:
    """The events that a note hides; None: any."""
    if note["hides"] is not None:
        return frozenset(note["hides"].split())
    if note["unit"] is not None:
        return _reported_by(units[note["unit"]], reporters) if note["unit"] in units else None
    return _reported_by((note["program"],), reporters) if note["program"] and note["own"] else None


def _reported_by(programs: Iterable[str], reporters: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    return frozenset(
        name for name, globs in reporters.items() if any(glob_matches(program, globs) for program in programs)
    )
