"""The rows that show each sign of the rules, found once for all incidents of a run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from logcorr.diagnosis.incidents import Incident
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.scene import Scene
from logcorr.rulebook.conditions import all_hold
from logcorr.rulebook.models import Pattern, Sign, Where
from logcorr.times.micros import Ints, to_micros

_NONE: Final = ""  # the name of no pattern


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Event rows in order of time. ``frame`` has the columns of Scene.brief; rows of a pattern's matches also ``step``,
    ``match`` (a number), ``begin`` and ``end`` (of the match) and ``open`` (a clause at its end could not be observed).
    """

    frame: pl.DataFrame
    time: Ints  # µs

    def between(self, since: datetime, until: datetime) -> pl.DataFrame:
        """The rows of a time, both ends included."""
        if not len(self.time):  # most signs
            return self.frame
        low, high = np.searchsorted(self.time, [to_micros(since), to_micros(until) + 1], "left")
        return self.frame.slice(int(low), int(high - low))


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """The signs of one run near its incidents."""

    scene: Scene
    near: tuple[tuple[datetime, datetime], ...]  # the times at which any cause looks for its signs
    _is_near: npt.NDArray[np.bool_]  # which rows of Scene.brief lie in ``near``
    _matches: dict[str, pl.DataFrame]  # the matches that reach into ``near``, by pattern; _NONE: no match
    _events: dict[str, Rows] = field(default_factory=dict)
    _patterns: dict[str, Rows] = field(default_factory=dict)

    def rows_of(self, sign: Sign) -> Rows:
        """The rows near any incident that show an event or a pattern of a sign, its conditions applied."""
        if sign.pattern is not None:
            return self.pattern(sign.pattern, sign.where, sign.on)
        return self.events(sign.event or (), sign.where, sign.on)

    def events(self, names: str | tuple[str, ...], where: Where | None = None, on: str | None = None) -> Rows:
        """The rows of events (globs allowed)."""
        key = f"{names!r} {where!r} {on}"
        known = self._events.get(key)
        if known is None:
            rows = self.scene.claimed(names, self._is_near)
            rows = self._narrowed(rows, where, on)
            known = self._events[key] = Rows(rows, _times(rows))
        return known

    def pattern(self, name: str, where: Where | None = None, on: str | None = None) -> Rows:
        """The rows of a pattern's matches, also where only a clause at their end is open, as nobody observed it."""
        if name not in self._matches:  # most patterns, and what is asked of one is asked of all
            name, where, on = _NONE, None, None
        key = f"{name} {where!r} {on}"
        known = self._patterns.get(key)
        if known is None:
            rows = self._narrowed(_matched(name, self._matches[name], self.scene), where, on).sort("time", "id")
            known = self._patterns[key] = Rows(rows, _times(rows))
        return known

    def elsewhere(self, sign: Sign, hosts: Iterable[str]) -> int:
        """How often an event sign occurs on some hosts outside all incidents; what comes as one act counts once."""
        rows = self.scene.claimed(sign.event or (), self.scene.believed & ~self._is_near)
        rows = rows.filter(pl.col("host").is_in(sorted(hosts)).fill_null(value=False))
        rows = self._narrowed(rows, sign.where, sign.on)
        return int((rows["time"].diff().dt.total_seconds() > weights.ONE_ACT).sum()) + 1 if rows.height else 0

    def calm(self) -> timedelta:
        """How much of the run lies outside all incidents."""
        times = self.scene.timeline.frame["time"]
        span: timedelta = times.max() - times.min()  # type: ignore[operator,assignment]  # a datetime column, not empty
        return max(span - sum((end - start for start, end in self.near), timedelta(0)), timedelta(0))

    def _narrowed(self, rows: pl.DataFrame, where: Where | None, on: str | None) -> pl.DataFrame:
        if on is not None and rows.height:
            on_router = pl.col("host").is_in(sorted(self.scene.routers)).fill_null(value=False)
            rows = rows.filter(on_router if on == "router" else ~on_router)
        if not where or rows.is_empty():
            return rows
        told = self.scene.with_members(rows, where)
        return rows.filter(told.select(all_hold(where, told.schema)).to_series())


def open_ledger(scene: Scene, incidents: Iterable[Incident]) -> Ledger:
    """A ledger for these incidents."""
    reach = timedelta(seconds=max((cause.look_back for cause in scene.rules.causes.values()), default=0.0))
    near = sorted((incident.start - reach, incident.end + weights.AFTERMATH) for incident in incidents)
    merged: list[tuple[datetime, datetime]] = []
    for start, end in near:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return Ledger(scene, tuple(merged), _during(_times(scene.brief), merged), _matches_near(merged, scene.matches))


def _times(rows: pl.DataFrame) -> Ints:
    return rows["time"].to_numpy().view(np.int64)


def _during(times: Ints, near: Iterable[tuple[datetime, datetime]]) -> npt.NDArray[np.bool_]:
    """Which times lie in one of the stretches (ascending, apart), both ends included."""
    ends = np.array([(to_micros(start), to_micros(end)) for start, end in near], np.int64).reshape(-1, 2)
    begun = np.searchsorted(ends[:, 0], times, "right")
    ended: npt.NDArray[np.intp] = np.searchsorted(ends[:, 1], times, "left")
    return begun > ended


def _matches_near(near: Iterable[tuple[datetime, datetime]], matches: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The matches that reach into ``near``, by pattern, and none under ``_NONE``."""
    touching = pl.any_horizontal(
        pl.lit(value=False), *((pl.col("begin") <= end) & (pl.col("end") >= start) for start, end in near)
    )
    parts = matches.filter(touching).partition_by("pattern", as_dict=True, maintain_order=True)
    return {_NONE: matches.clear()} | {str(name): part for (name,), part in parts.items()}


def _matched(name: str, matches: pl.DataFrame, scene: Scene) -> pl.DataFrame:
    """The rows of the matches of a pattern."""
    pattern = scene.rules.patterns.get(name)
    open_ended = pl.col("outcome") == "inconclusive"
    matches = matches.filter(~open_ended | (_all_seen(pattern) if pattern else pl.lit(value=False)))
    spread = matches.select("begin", "end", open=open_ended, match=pl.int_range(pl.len()), id="records", step="steps")
    spread = spread.explode("id", "step")
    rows = scene.of(spread["id"]).unique("id", keep="first", maintain_order=True)
    joined = rows.join(spread, on="id", how="inner", maintain_order="left")
    return joined.with_columns(trusted=_weakest(pl.col("trusted")).over("match"))


def _all_seen(pattern: Pattern) -> pl.Expr:
    """Whether every step of a sequence or set was seen that must occur. What is left open is then what must not."""
    steps = [step for step in pattern.sequence or pattern.all or () if not step.negated and not step.optional]
    if not steps:
        return pl.lit(value=False)
    return pl.all_horizontal(
        pl.col("steps").list.eval(pl.element() == step.name).list.sum() >= step.at_least for step in steps
    )


def _weakest(trusted: pl.Expr) -> pl.Expr:
    """A match is worth its weakest line: False where one is contradicted, True where all are vouched for."""
    return pl.when((~trusted).any()).then(statement=False).when(trusted.all(ignore_nulls=False)).then(statement=True)
