"""Cited lines become evidence: numbered in time order, each with its place and a few lines around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.diagnosis.scene import Scene
from logcorr.model import Evidence

_CONTEXT = 2
#: Lines that a report cites at most: so many for the first incident, for what no incident needs, and for any incident
#: that needs more than its share; and a share for each further one, which no other can use up.
_MOST = 120
_SHARE = 30


@dataclass(frozen=True, slots=True)
class Citations:
    """Every line that the report cites, and its id ("E7")."""

    evidence: tuple[Evidence, ...]
    ids: Mapping[int, str]
    left_out: int

    def of(self, rows: Iterable[int]) -> tuple[str, ...]:
        """The evidence ids of timeline rows; a row beyond the cap has none."""
        return tuple(self.ids[row] for row in rows if row in self.ids)


def cite(wanted: Sequence[Sequence[int]], others: Iterable[int], says: Mapping[int, str], scene: Scene) -> Citations:
    """Number rows in the order of time. ``wanted`` by each incident, the most important first; ``others``: by none."""
    shares = [row for each in wanted for row in dict.fromkeys(each[:_SHARE])]
    rest = [row for each in wanted for row in each[_SHARE:]]
    kept = list(dict.fromkeys((*shares, *rest, *others)))
    most = _MOST + _SHARE * max(0, len(wanted) - 1)
    rows = sorted(kept[:most])
    frame = scene.records(rows)
    events = (
        scene.of(rows)
        .sort("impact", descending=True, maintain_order=True)
        .unique("id", keep="first", maintain_order=True)
    )
    known = {row["id"]: row for row in scene.with_fields(events).rows(named=True)}
    around = _context(frame, scene)
    evidence = tuple(
        _evidence(f"E{number}", row, known.get(row["id"]), says.get(row["id"]), around.get(row["id"], ((), ())), scene)
        for number, row in enumerate(frame.rows(named=True), start=1)
    )
    ids = {row: item.id for row, item in zip(frame["id"], evidence, strict=True)}
    return Citations(evidence=evidence, ids=ids, left_out=max(0, len(kept) - most))


def _evidence(
    label: str,
    row: dict[str, Any],
    event: dict[str, Any] | None,
    says: str | None,
    around: tuple[tuple[str, ...], tuple[str, ...]],
    scene: Scene,
) -> Evidence:
    fields = {name: value for name, value in ((event or {}).get("fields") or {}).items() if value is not None}
    spread = (row["time_hi"] - row["time_lo"]).total_seconds() / 2
    return Evidence(
        id=label,
        time=row["time"],
        time_uncertainty_s=spread,
        host=row["host"],
        program=row["program"],
        unit=row["unit"],
        pid=row["pid"],
        event=event["event"] if event else None,
        fields=fields,
        message=str(row["message"] or ""),
        source=scene.timeline.inputs[row["source"]].path,
        line=row["line"],
        trusted=event["trusted"] if event else row["trusted"],
        origin=row["origin"],
        says=says,
        before=around[0],
        after=around[1],
    )


def _context(cited: pl.DataFrame, scene: Scene) -> dict[int, tuple[tuple[str, ...], tuple[str, ...]]]:
    """The messages before and after each cited row in its own source."""
    ids, lines, sources = (scene.timeline.frame[name].fill_null(0).to_numpy() for name in ("id", "line", "source"))
    around: dict[int, tuple[list[int], list[int]]] = {}
    for (source,), group in cited.group_by("source"):
        mine = np.flatnonzero(sources == source)
        own = ids[mine[np.argsort(lines[mine], kind="stable")]]
        for at in np.flatnonzero(np.isin(own, group["id"].to_numpy())).tolist():
            before, after = own[max(0, at - _CONTEXT) : at], own[at + 1 : at + 1 + _CONTEXT]
            around[int(own[at])] = before.tolist(), after.tolist()
    wanted = (row for pair in around.values() for rows in pair for row in rows)
    said = {
        row: f"{program}: {message}" if program else str(message)
        for row, program, message in scene.records(wanted, ("id", "program", "message")).rows()
    }
    return {
        row: (tuple(said[each] for each in before), tuple(said[each] for each in after))
        for row, (before, after) in around.items()
    }
