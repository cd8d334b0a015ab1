"""The picture of the incident: a lane for each source, with where it was seen and what stood out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import polars as pl

from logcorr.diagnosis.incidents import Incident
from logcorr.diagnosis.scene import Scene
from logcorr.diagnosis.telling.citations import Citations
from logcorr.model import Lane, Mark
from logcorr.textsafe import shortened

_MARKS = 200
_PER_LANE = 40
_TEXT = 120
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def draw_lanes(
    scene: Scene, incidents: tuple[Incident, ...], citations: Citations, chain: Mapping[int, int]
) -> tuple[Lane, ...]:
    """One lane a source, in order of first event; marks are the events that matter, the rest is counted together.

    ``chain``: the timeline rows that are steps of the first chain, and their positions in it.
    """
    marks = _marks(scene, incidents, citations, chain)
    lanes = []
    for index, item in enumerate(scene.timeline.inputs):
        if not item.records:
            continue
        spans = scene.timeline.spans.filter(pl.col("source") == index).sort("start")
        gaps = tuple(
            (gap.start, gap.end, gap.reason)
            for gap in scene.timeline.gaps
            if gap.source == item.path and gap.start is not None and gap.end is not None
        )
        own = marks.get(index, ())
        lanes.append(
            Lane(
                label=item.path, host=item.host, spans=tuple(spans.select("start", "end").rows()), gaps=gaps, marks=own
            )
        )
    return tuple(sorted(lanes, key=_first_mark))


def _first_mark(lane: Lane) -> tuple[datetime, str]:
    start = lane.marks[0].time if lane.marks else lane.spans[-1][1] if lane.spans else _NEVER
    return (start, lane.label)


def _marks(
    scene: Scene, incidents: tuple[Incident, ...], citations: Citations, chain: Mapping[int, int]
) -> dict[int, tuple[Mark, ...]]:
    """Cited events first, then those with impact, up to the cap; what is beyond it joins its neighbour as a count."""
    symptoms = [incident.symptoms["id"] for incident in incidents]
    wanted = set(citations.ids) | ({row for ids in symptoms for row in ids})
    rows = (
        scene.of(wanted)
        .sort("impact", descending=True, maintain_order=True)
        .unique("id", keep="first", maintain_order=True)
        .sort("time", "id")
    )
    share = max(1, min(_PER_LANE, _MARKS // max(1, rows["source"].n_unique())))
    chosen = {
        int(source): _chosen(group, citations, share)
        for (source,), group in rows.group_by("source", maintain_order=True)
    }
    messages = scene.messages(row for group in chosen.values() for row in group["id"])
    return {source: _lane_marks(group, messages, citations, chain) for source, group in chosen.items()}


def _chosen(group: pl.DataFrame, citations: Citations, share: int) -> pl.DataFrame:
    """The rows of one source that are marks, each with how many it stands for and until when."""
    cited = pl.col("id").is_in(list(citations.ids))
    plain = group.filter(~cited)
    room = max(0, share - group.filter(cited).height)
    step = max(1, -(-plain.height // room)) if room else plain.height + 1
    thinned = plain.with_row_index("at").with_columns(bucket=pl.col("at") // step)
    first = (
        thinned.unique("bucket", keep="first", maintain_order=True).join(
            thinned.group_by("bucket").agg(count=pl.len(), until=pl.col("time").max()), on="bucket"
        )
        if room and plain.height
        else thinned.clear().with_columns(count=pl.lit(1, pl.UInt32), until=pl.col("time"))
    )
    columns = ["id", "time", "role", "event", "count", "until"]
    shown = group.filter(cited).with_columns(count=pl.lit(1, pl.UInt32), until=pl.col("time")).select(columns)
    return pl.concat([shown, first.select(columns)]).sort("time", "id")


def _lane_marks(
    group: pl.DataFrame, messages: Mapping[int, str | None], citations: Citations, chain: Mapping[int, int]
) -> tuple[Mark, ...]:
    return tuple(
        Mark(
            time=row["time"],
            until=row["until"] if row["count"] > 1 else None,
            kind=row["role"],
            event=row["event"],
            text=shortened(messages.get(row["id"]) or "", _TEXT),
            evidence=citations.ids.get(row["id"]),
            count=row["count"],
            chain=chain.get(row["id"]),
        )
        for row in group.rows(named=True)
    )
