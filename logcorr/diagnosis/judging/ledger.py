"""The rows that show each sign of the rules, found once for all incidents of a run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from datetime import datetime, timedelta
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.diagnosis.incidents import Incident
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.lines import Lines, times
from logcorr.diagnosis.scene import Scene
from logcorr.diagnosis.sites import addresses_of
from logcorr.rulebook.conditions import all_hold
from logcorr.rulebook.models import Pattern, Sign, Where
from logcorr.times.micros import SECOND, Ints, to_micros

#: What is asked for: names, the conditions on their events as text, and who has to log them.
_Key: TypeAlias = tuple[str | tuple[str, ...], str, str | None]


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """The signs of one run near its incidents."""

    scene: Scene
    calm: int  # µs of the run outside all incidents
    dark: tuple[Ints, Ints]  # records that tell of a darkness, ascending, and when it began (µs)
    _is_near: npt.NDArray[np.bool_]  # which rows of Scene.brief lie where any cause looks for its signs
    _matches: dict[str, Lines]  # the rows of the matches that reach into that time, by pattern
    _events: dict[_Key, Lines] = field(default_factory=dict)
    _patterns: dict[_Key, Lines] = field(default_factory=dict)
    _elsewhere: dict[tuple[_Key, tuple[str, ...]], int] = field(default_factory=dict)
    _addresses: list[dict[str, set[str]]] = field(default_factory=list)  # of each machine, once they were asked for

    def rows_of(self, sign: Sign) -> Lines:
        """The rows near any incident that show an event or a pattern of a sign, its conditions applied."""
        if sign.pattern is not None:
            return self.pattern(sign.pattern, sign.where, sign.on)
        return self.events(sign.event or (), sign.where, sign.on)

    def events(self, names: str | tuple[str, ...], where: Where | None = None, on: str | None = None) -> Lines:
        """The rows of events (globs allowed), in order of time."""
        key = names, repr(where) if where else "", on
        known = self._events.get(key)
        if known is None:
            rows = self.scene.rows_of(names, self._is_near)
            known = self._events[key] = self._narrowed(Lines(self.scene.columns, rows), where, on)
        return known

    def pattern(self, name: str, where: Where | None = None, on: str | None = None) -> Lines:
        """The rows of a pattern's matches, also where only a clause at their end is open, as nobody observed it."""
        if name not in self._matches:  # most patterns
            return self.events(())
        key = name, repr(where) if where else "", on
        known = self._patterns.get(key)
        if known is None:
            known = self._patterns[key] = self._narrowed(self._matches[name], where, on)
        return known

    def elsewhere(self, sign: Sign, hosts: Iterable[str]) -> int:
        """How often an event sign occurs on some hosts outside all incidents; what comes as one act counts once."""
        names, wanted = sign.event or (), tuple(hosts)
        key = (names, repr(sign.where) if sign.where else "", sign.on), wanted
        known = self._elsewhere.get(key)
        if known is None:
            columns = self.scene.columns
            rows = Lines(columns, self.scene.rows_of(names, self.scene.believed & ~self._is_near))
            rows = self._narrowed(rows.take(columns.host.among(frozenset(wanted))[rows.host]), sign.where, sign.on)
            apart = np.diff(rows.time) // SECOND > weights.ONE_ACT
            known = self._elsewhere[key] = int(apart.sum()) + 1 if rows else 0
        return known

    def addresses(self) -> dict[str, set[str]]:
        """The addresses that each machine was seen to have."""
        if not self._addresses:
            self._addresses.append(addresses_of(self.scene))
        return self._addresses[0]

    def _narrowed(self, rows: Lines, where: Where | None, on: str | None) -> Lines:
        if on is not None and rows:
            on_router = self.scene.columns.host.among(self.scene.routers)[rows.host]
            rows = rows.take(on_router if on == "router" else ~on_router)
        if not where or not rows:
            return rows
        told = self.scene.with_members(self.scene.brief[rows.at], where)
        held = told.with_columns(held=all_hold(where, told.schema))["held"]
        return rows.take(held.fill_null(value=False).to_numpy())


def open_ledger(scene: Scene, incidents: Iterable[Incident]) -> Ledger:
    """A ledger for these incidents."""
    reach = timedelta(seconds=max((cause.look_back for cause in scene.rules.causes.values()), default=0.0))
    around = sorted((incident.start - reach, incident.end + weights.AFTERMATH) for incident in incidents)
    merged: list[tuple[datetime, datetime]] = []
    for start, end in around:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    ends = np.array([(to_micros(start), to_micros(end)) for start, end in merged], np.int64).reshape(-1, 2)
    lasted = scene.kinds.end - scene.kinds.start - int((ends[:, 1] - ends[:, 0]).sum())
    near = _during(scene.columns.time, ends)
    return Ledger(scene, max(lasted, 0), _dark(scene), near, _matches_near(ends, scene))


def _dark(scene: Scene) -> tuple[Ints, Ints]:
    """The records that tell of a darkness of which the beginning is known, ascending, and when each began (µs)."""
    told = scene.darkness.drop_nulls("start").select(pl.col("rows").alias("id"), "start").explode("id")
    first = told.drop_nulls("id").group_by("id").agg(pl.col("start").min()).sort("id")
    return first["id"].cast(pl.Int64).to_numpy(), times(first["start"])


def _during(at: Ints, ends: Ints) -> npt.NDArray[np.bool_]:
    """Which times lie in one of the stretches (ascending, apart), both ends included."""
    begun = np.searchsorted(ends[:, 0], at, "right")
    ended: npt.NDArray[np.intp] = np.searchsorted(ends[:, 1], at, "left")
    return begun > ended


def _matches_near(ends: Ints, scene: Scene) -> dict[str, Lines]:
    """The rows of the matches that reach into one of the stretches (ascending, apart), by pattern, in order of time."""
    matches = scene.matches
    if matches.is_empty() or not len(ends):
        return {}
    first = np.searchsorted(ends[:, 1], times(matches["begin"]), "left")  # that is not over when the match begins
    begins = np.append(ends[:, 0], np.iinfo(np.int64).max)
    touching = matches.filter(pl.Series(begins[first] <= times(matches["end"])))
    seen = pl.col("outcome") != "inconclusive"
    for name in touching.filter(~seen)["pattern"].unique():
        pattern = scene.rules.patterns.get(name)
        seen |= (pl.col("pattern") == name) & _all_seen(pattern) if pattern else pl.lit(value=False)
    return _matched(touching.filter(seen), scene)


def _matched(matches: pl.DataFrame, scene: Scene) -> dict[str, Lines]:
    """The rows of some matches, by pattern."""
    open_ended = pl.col("outcome") == "inconclusive"
    numbered = matches.select(
        "pattern", "begin", "end", open=open_ended, match=pl.int_range(pl.len()), id="records", step="steps"
    )
    spread = numbered.explode("id", "step")
    rows = scene.of(spread["id"]).select("id", "place", "time", "trusted").unique("id", keep="first")
    weakest = _weakest(pl.col("trusted")).over("match").cast(pl.Int8).fill_null(-1)
    told = rows.join(spread, on="id", how="inner").with_columns(trusted=weakest)
    told = told.sort("pattern", "time", "id", "match", maintain_order=True)
    more = {column: told[column].to_numpy() for column in ("step", "match", "open", "trusted")}
    lines = Lines(
        scene.columns,
        told["place"].cast(pl.Int64).to_numpy(),
        more | {"begin": times(told["begin"]), "end": times(told["end"])},
    )
    ends = told["pattern"].rle().struct.unnest().with_columns(end=pl.col("len").cum_sum())
    return {name: lines.take(slice(end - count, end)) for count, name, end in ends.rows()}


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
