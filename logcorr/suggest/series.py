"""The series that are compared: for each kind of line the instants at which it occurred, host by host on one axis.

A kind of line is an event of the rulebook, where a line carries one, else a message template of a program. Kinds that
occur fewer than ``FEWEST`` times cannot be judged, and of the others the ``MOST_KINDS`` most frequent take part.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from logcorr.chance.trials import FEWEST, reach_of
from logcorr.coverage.intervals import NOTHING, TimeSet, subtract, union
from logcorr.coverage.limiters import Hidden
from logcorr.coverage.survey import observed_places
from logcorr.dataclass import dataclass
from logcorr.schema import Timeline
from logcorr.suggest.templates import mine
from logcorr.times.micros import SECOND, Bools, Ints

MOST_KINDS: Final = 250
#: The longest time between cause and effect that is tried.
LONGEST_LAG: Final = 600 * SECOND
#: With more hosts than these, pairs are looked for on each host alone.
MOST_HOSTS: Final = 8


@dataclass(frozen=True, slots=True)
class SeriesKind:
    """One kind of line: an event that the rulebook knows, or a program's template."""

    event: str | None
    program: str | None
    template: str | None


@dataclass(frozen=True, slots=True, eq=False)
class KindSeries:
    """One kind's occurrences: timeline rows, and their instants on the axis, ascending."""

    kind: SeriesKind
    rows: Ints
    at: Ints
    host: Ints
    observed: TimeSet  # where on the axis the kind could be seen
    program: str | None  # of the first row

    def __len__(self) -> int:
        return len(self.at)


@dataclass(frozen=True, slots=True, eq=False)
class Occurrences:
    """All series of a timeline. On the axis µs of host h begin at ``h * room``."""

    series: tuple[KindSeries, ...]
    hosts: tuple[str, ...]
    room: int
    sooner: Ints  # of each timeline row: the earliest and the latest instant that it may be of, and its source
    later: Ints
    source: Ints
    kinds: int  # how many kinds of line were frequent enough, those beyond MOST_KINDS included

    def elsewhere(self, one: KindSeries) -> KindSeries:
        """What happened on other hosts, and where all of them were observed, moved to the axis of each host."""
        at, rows, seen = [], [], []
        for host in range(len(self.hosts)):
            away = one.host != host
            at.append(one.at[away] + (host - one.host[away]) * self.room)
            rows.append(one.rows[away])
            seen.append(self._seen_elsewhere(one, host))
        place = np.concatenate(at)
        order = np.argsort(place, kind="stable")
        row, hosts = np.concatenate(rows)[order], place[order] // self.room
        return KindSeries(one.kind, row, place[order], hosts, TimeSet.of(union(np.concatenate(seen))), one.program)

    def order_known(self, causes: Ints, effects: Ints) -> Bools:
        """Whether these rows came in this order whatever their clocks leave open; lines of one source did."""
        same = self.source[causes] == self.source[effects]
        return np.asarray(same | (self.later[causes] <= self.sooner[effects]))

    def _seen_elsewhere(self, one: KindSeries, host: int) -> Ints:
        """The time in which every other host that has the kind could show it."""
        edges = np.array([[host * self.room, (host + 1) * self.room - 1]], dtype=np.int64)
        seen = edges
        others = np.unique(one.host[one.host != host]).tolist()
        for other in others:
            intervals = one.observed.spans
            part = intervals[intervals[:, 0] // self.room == other] + (host - other) * self.room
            seen = subtract(seen, subtract(edges, part))
        return seen if others else NOTHING


def occurrences(timeline: Timeline, events: pl.DataFrame | None) -> Occurrences:
    """Find the kinds of line of a timeline, and when they occurred."""
    labelled = _labelled(timeline, events)
    frequent = (
        labelled.group_by("event", "program", "template", maintain_order=True)
        .len()
        .filter(pl.col("len") >= FEWEST)
        .sort("len", "event", "program", "template", descending=[True, False, False, False])
        .with_row_index("kind")
    )
    kinds, frequent = frequent.height, frequent.head(MOST_KINDS)
    rows = labelled.join(frequent, on=["event", "program", "template"], nulls_equal=True, maintain_order="left")
    hosts = tuple(timeline.frame["host"].drop_nulls().unique().sort().to_list())
    placed, start, room = _on_axis(timeline, rows, hosts)
    sources = _sources(timeline, hosts, start, room)
    names = frequent.select("event", "program", "template").rows()
    groups = placed.sort("kind", "at", maintain_order=True).partition_by("kind", maintain_order=True)
    series = tuple(_series(SeriesKind(*names[group["kind"][0]]), group, sources) for group in groups)
    of_row = timeline.frame.select("source", pl.col("time_lo", "time_hi").to_physical()).cast(pl.Int64).fill_null(0)
    sooner, later, source = (of_row[name].to_numpy() for name in ("time_lo", "time_hi", "source"))
    return Occurrences(series, hosts, room, sooner, later, source, kinds)


def _labelled(timeline: Timeline, events: pl.DataFrame | None) -> pl.DataFrame:
    """``id``, and the kind of each row; a row that carries several events stands several times."""
    mined = mine(timeline.frame).select("id", "program", "template")
    if events is None or events.is_empty():
        return mined.with_columns(event=pl.lit(None, pl.String))
    known = events.select(
        pl.col("id").cast(mined.schema["id"]),
        program=pl.lit(None, pl.String),
        template=pl.lit(None, pl.String),
        event="event",
    ).unique(maintain_order=True)
    unknown = mined.join(known, on="id", how="anti", maintain_order="left")
    return pl.concat([unknown.with_columns(event=pl.lit(None, pl.String)), known]).sort("id", maintain_order=True)


def _on_axis(timeline: Timeline, rows: pl.DataFrame, hosts: tuple[str, ...]) -> tuple[pl.DataFrame, int, int]:
    """The rows with their place on the axis; rows of one host and µs follow one another by a µs each, in order."""
    codes = pl.DataFrame({"host": hosts, "code": range(len(hosts))}, schema={"host": pl.String, "code": pl.Int64})
    frame = timeline.frame.select("id", "host", "source", "program", pl.col("time").to_physical()).drop_nulls(
        ["host", "time"]
    )
    frame = frame.join(codes, on="host", how="left", maintain_order="left").with_columns(
        time=pl.col("time") + pl.int_range(pl.len()).over("host", "time")
    )
    first, last = (int(frame["time"].min() or 0), int(frame["time"].max() or 0))  # type: ignore[arg-type]  # integers
    room = last - first + 4 * reach_of(LONGEST_LAG)
    start = first - 2 * reach_of(LONGEST_LAG)
    frame = frame.with_columns(at=pl.col("time") - start + pl.col("code") * room)
    return rows.select("id", "kind").join(frame, on="id", how="inner", maintain_order="left"), start, room


def _sources(timeline: Timeline, hosts: tuple[str, ...], start: int, room: int) -> dict[tuple[int, int], Ints]:
    """Observed time on the axis, by source and host."""
    code = {host: number for number, host in enumerate(hosts)}
    return {
        (source, code[host]): spans + code[host] * room - start
        for (source, host), spans in observed_places(timeline, Hidden()).items()
        if host in code
    }


def _series(kind: SeriesKind, group: pl.DataFrame, sources: dict[tuple[int, int], Ints]) -> KindSeries:
    """One kind; it could be seen wherever a source that shows it was read."""
    pairs = group.select("source", "code").unique(maintain_order=True).rows()
    seen = [sources[pair] for pair in pairs if pair in sources]
    return KindSeries(
        kind=kind,
        rows=group["id"].cast(pl.Int64).to_numpy(),
        at=group["at"].to_numpy(),
        host=group["code"].to_numpy(),
        observed=TimeSet.of(union(np.concatenate(seen)) if seen else NOTHING),
        program=group["program"][0],
    )
