"""What was there and then was not: pairs of events of one thing on one machine, and how long it was gone.

Which events say so stands in ``rules/states.yaml``. A loss begins with the first line that tells it and ends with the
first that tells the return; what several programs say of one thing is one loss.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from logcorr.diagnosis.judging import weights
from logcorr.rulebook.conditions import all_hold
from logcorr.rulebook.models import StateKind
from logcorr.schema import UTC

if TYPE_CHECKING:
    from logcorr.diagnosis.scene import Scene

#: One row a loss. ``end`` is null where the thing is not back when its machine's log ends. ``rows``: every line that
#: tells the loss. ``planned``: somebody meant it, or it belongs to a boot, a shutdown or a sleep. ``returned``: a line
#: tells that the thing is back; the end of a loss without one is its last line.
LOSSES: Final[dict[str, Any]] = {
    "kind": pl.String,
    "object": pl.String,
    "host": pl.String,
    "start": UTC,
    "end": UTC,
    "rows": pl.List(pl.UInt32),
    "planned": pl.Boolean,
    "returned": pl.Boolean,
}

_NOT_TOLD: Final = pl.DataFrame(schema={"id": pl.UInt32, "host": pl.String, "object": pl.String, "time": UTC})

#: The kind of loss that a darkness is.
HOST: Final = "host"
_KEY: Final = ("host", "object")


def find_losses(scene: Scene) -> pl.DataFrame:
    """Every loss of every kind as ``LOSSES``, by start. Lines of contradicted origin tell none."""
    found = [_losses(kind, scene) for kind in scene.rules.states.values()]
    known = pl.concat([pl.DataFrame(schema=LOSSES), *found])
    planned = pl.col("planned") | _in_passing(known, scene)
    return pl.concat([known.with_columns(planned), _machines(scene)]).sort("start", "kind", "host", "object")


def _machines(scene: Scene) -> pl.DataFrame:
    """The machines that were off or held."""
    gone = scene.darkness.filter(pl.col("start").is_not_null() & (pl.col("what") != "sleep"))
    return gone.select(
        pl.lit(HOST).alias("kind"),
        pl.col("host").alias("object"),
        "host",
        pl.col("due").alias("start"),
        "end",
        "rows",
        "planned",
        returned=pl.lit(value=True),
    ).cast(LOSSES)  # type: ignore[arg-type]  # names to types


def _in_passing(known: pl.DataFrame, scene: Scene) -> pl.Series:
    """Which losses begin and end while their machine goes down, sleeps, or comes up."""
    found = pl.Series([False] * known.height, dtype=pl.Boolean)
    around = timedelta(seconds=weights.ONE_ACT)
    for host, start, end, up, meant in scene.darkness.select("host", "start", "end", "up", "planned").rows():
        begun = (start if meant and start is not None else end) - around
        inside = (pl.col("host") == host) & pl.col("start").is_between(begun, up)
        found |= known.select((inside & (pl.col("end") <= up + around)).fill_null(value=False)).to_series()
    return found


def _losses(kind: StateKind, scene: Scene) -> pl.DataFrame:
    down, up = _told(kind.lost, kind.where, kind, scene), _told(kind.back, kind.back_where, kind, scene)
    if kind.lost_in is not None:
        matched = scene.matches.filter((pl.col("outcome") == "matched") & (pl.col("pattern") == kind.lost_in))
        down = down.filter(pl.col("id").is_in(matched["records"].explode().cast(pl.UInt32).implode()))
    if down.is_empty():
        return pl.DataFrame(schema=LOSSES)
    ups = [_returns(up, down), _speaking(down, scene)] if kind.speaks else [_returns(up, down)]
    marks = pl.concat([down.with_columns(down=True), *(each.with_columns(down=False) for each in ups)])
    marks = marks.sort("host", "object", "time", "id", nulls_last=False)
    until = pl.when(~pl.col("down")).then("time").backward_fill().over(_KEY)
    begins = pl.col("down") & ~pl.col("down").shift(1).over(_KEY).fill_null(value=False)
    if kind.renewed_within is not None:
        quiet = pl.col("time").diff().over(_KEY) > timedelta(seconds=kind.renewed_within)
        begins = pl.col("down") & (begins | quiet.fill_null(value=False))
    lost = marks.with_columns(until=until, loss=begins.cum_sum().over(_KEY)).filter("down")
    found = lost.group_by("host", "object", "loss", maintain_order=True).agg(
        start=pl.col("time").first(),
        last=pl.col("time").last(),
        end=pl.col("until").first(),
        rows=pl.col("id").unique(),
    )
    planned = _meant(found, kind, scene)
    return found.select(
        kind=pl.lit(kind.id),
        object="object",
        host="host",
        start="start",
        end=_end(kind),
        rows="rows",
        planned=planned,
        returned=pl.col("end").is_not_null(),
    ).cast(LOSSES)  # type: ignore[arg-type]  # names to types


def _end(kind: StateKind) -> pl.Expr:
    """A loss that is told again and again is over when it is told no more; one whose end is not told, with its last."""
    end, last = pl.col("end"), pl.col("last")
    if kind.renewed_within is not None:
        late = end - last > timedelta(seconds=kind.renewed_within)
        once = pl.col("rows").list.len() < 2  # one line tells a moment, no stretch
        end = pl.when(late | once).then(last).otherwise(end)
    return end.fill_null(last) if kind.end_untold else end


def _told(names: tuple[str, ...], where: dict[str, Any], kind: StateKind, scene: Scene) -> pl.DataFrame:
    """The lines of these events: id, host, object, time. The thing of a line that names none is null."""
    named = scene.named(names)
    if named.is_empty():
        return _NOT_TOLD
    rows = named.filter(pl.col("trusted").fill_null(value=True) & ~pl.col("ephemeral"))
    if where and rows.height:
        full = scene.with_members(rows, where)
        rows = rows.filter(full.select(all_hold(where, full.schema)).to_series())
    full = scene.with_members(rows, kind.of)
    known = [pl.col(name).cast(pl.String) for name in kind.of if name in scene.members]
    thing = full.select(object=pl.coalesce(*known)).to_series() if known else pl.lit(None, pl.String)
    return rows.select("id", "host", thing.alias("object"), "time")


def _returns(up: pl.DataFrame, down: pl.DataFrame) -> pl.DataFrame:
    """The returns that name a thing; and of those that name none, for each line of a loss the first that follows it:
    that is the return of whatever was lost on that machine, and the next ones say nothing new. All pairs of things and
    such returns would be as many as both multiplied.
    """
    named = up.filter(pl.col("object").is_not_null())
    machine = pl.col("host").fill_null("")  # a join of this kind knows no null
    unnamed = up.filter(pl.col("object").is_null()).select("id", back="id", time="time", machine=machine).sort("id")
    lost = down.select("id", "host", "object", machine=machine).sort("id")
    met = lost.join_asof(unnamed, on="id", by="machine", strategy="forward", check_sortedness=False).drop_nulls("back")
    return pl.concat([named, met.select("host", "object", "time", id="back").select(named.columns).unique()])


def _of_every_object(up: pl.DataFrame, down: pl.DataFrame) -> pl.DataFrame:
    """A return that names no thing is the return of whatever was lost on that machine."""
    named = up.filter(pl.col("object").is_not_null())
    things = down.select("host", "object").unique()
    unnamed = up.filter(pl.col("object").is_null()).drop("object").join(things, on="host", nulls_equal=True)
    return pl.concat([named, unnamed.select(named.columns)])


def _speaking(down: pl.DataFrame, scene: Scene) -> pl.DataFrame:
    """For each lost service the first line that it writes again: its unit, or the program that is called like it."""
    stem = pl.col("object").str.replace(r"\.\w+$", "")
    lost = down.with_columns(since=pl.col("time") + weights.LAST_WORDS).drop_nulls("object").sort("since")
    named = pl.concat([lost.with_columns(voice=voice) for voice in (stem, stem + "d")])  # ssh.service runs sshd
    said = scene.timeline.frame.lazy().select("id", "host", "program", "unit", "time")
    found = [_next_word(lost.with_columns(voice="object"), said, "unit"), _next_word(named, said, "program")]
    return pl.concat(found).select(down.columns)


def _next_word(lost: pl.DataFrame, said: pl.LazyFrame, by: str) -> pl.DataFrame:
    """For each lost service the first record after ``since`` of which the column ``by`` is its ``voice``."""
    mine = said.filter(pl.col(by).is_in(lost["voice"].unique().implode()))
    again = mine.select("host", voice=by, since="time", again="id", at="time").sort("since").collect()
    if lost.is_empty() or again.is_empty():
        return lost.clear()
    ordered = lost.sort("since")
    met = ordered.join_asof(again, on="since", by=["host", "voice"], strategy="forward", check_sortedness=False)
    return met.drop_nulls("again").with_columns(id="again", time="at").select(lost.columns)


def _meant(found: pl.DataFrame, kind: StateKind, scene: Scene) -> pl.Series:
    """Which losses were announced and made good, or are none."""
    took = pl.col("end") - pl.col("start")
    brief = (took <= timedelta(seconds=kind.passing)) & pl.lit(kind.passing > 0)
    passing = found.select(brief.fill_null(value=False).alias("planned")).to_series()
    if not kind.clean or found.is_empty():
        return passing
    announced = _of_every_object(_told(kind.clean, {}, kind, scene), found)
    said = announced.select("host", pl.col("object").fill_null(""), at="time", announced="time").sort("at")
    near = found.select("host", pl.col("object").fill_null(""), "end", at="start").with_row_index("loss").sort("at")
    joined = near.join_asof(
        said, on="at", by=["host", "object"], strategy="nearest", tolerance=weights.LAST_WORDS, check_sortedness=False
    )
    lasted = pl.col("end") - pl.col("at")
    short = lasted <= timedelta(seconds=kind.clean_lasts) if kind.clean_lasts is not None else lasted.is_not_null()
    meant = joined.with_columns(planned=pl.col("announced").is_not_null() & short.fill_null(value=False))
    return meant.sort("loss")["planned"] | passing
