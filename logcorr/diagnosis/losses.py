"""What was there and then was not: pairs of events of one thing on one machine, and how long it was gone.

Which events say so stands in ``rules/states.yaml``. A loss begins with the first line that tells it and ends with the
first that tells the return; what several programs say of one thing is one loss.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.lines import times
from logcorr.rulebook.conditions import all_hold
from logcorr.rulebook.models import StateKind
from logcorr.schema import UTC, Timeline
from logcorr.times.micros import to_micros

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
#: A switch calls one port by its long name and by its short one: GigabitEthernet1/0/7, Gi1/0/7.
SHORT_NAME: Final = (r"^(Gi|Te|Twe|Fo|Fi|Hu|Fa|Eth|Po)[A-Za-z-]*(\d+(?:/\d+)*)$", "$1$2")
_KEY: Final = ("kind", "host", "object")


def find_losses(scene: Scene) -> pl.DataFrame:
    """Every loss of every kind as ``LOSSES``, by start. Lines of contradicted origin tell none."""
    marks = [told for kind in scene.rules.states.values() if (told := _marks(kind, scene)) is not None]
    known = _losses(pl.concat(marks), scene) if marks else pl.DataFrame(schema=LOSSES)
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
    found, around = np.zeros(known.height, dtype=bool), timedelta(seconds=weights.ONE_ACT)
    dark = scene.darkness.select("host", "start", "end", "up", "planned").rows()
    ordered = known.with_row_index("row").drop_nulls("end").sort("start") if dark else known.clear()
    losses = {
        host: (times(part["start"]), times(part["end"]), part["row"].to_numpy())
        for (host,), part in ordered.group_by("host", maintain_order=True)
    }
    for host, start, end, up, meant in dark:
        begun = (start if meant and start is not None else end) - around
        if host in losses:
            starts, ends, rows = losses[host]
            low, high = np.searchsorted(starts, (to_micros(begun), to_micros(up) + 1), "left")
            found[rows[low:high][ends[low:high] <= to_micros(up + around)]] = True
    return pl.Series(found)


def _marks(kind: StateKind, scene: Scene) -> pl.DataFrame | None:
    """The lines that tell a loss or a return of one kind, with what the rules say of the kind; None without a loss."""
    down = told_of(kind.lost, kind.where, kind, scene)
    if kind.lost_in:
        matched = scene.matches.filter((pl.col("outcome") == "matched") & pl.col("pattern").is_in(kind.lost_in))
        down = down.filter(pl.col("id").is_in(matched["records"].explode().cast(pl.UInt32).implode()))
    if down.is_empty():
        return None
    up = told_of(kind.back, kind.back_where, kind, scene)
    ups = [_told_by_any(up, down) if kind.one else _returns(up, down)]
    ups += [_speaking(down, scene)] if kind.speaks else []
    told = pl.concat([down.with_columns(down=True), *(each.with_columns(down=False) for each in ups)])
    renewed = None if kind.renewed_within is None else timedelta(seconds=kind.renewed_within)
    return told.with_columns(
        kind=pl.lit(kind.id),
        renewed=pl.lit(renewed, pl.Duration("us")),
        passing=pl.lit(timedelta(seconds=kind.passing), pl.Duration("us")),
        untold=pl.lit(kind.end_untold),
    )


def _losses(marks: pl.DataFrame, scene: Scene) -> pl.DataFrame:
    marks = marks.sort(*_KEY, "time", "id", nulls_last=False, maintain_order=True)
    until = pl.when(~pl.col("down")).then("time").backward_fill().over(_KEY)
    quiet = (pl.col("time").diff().over(_KEY) > pl.col("renewed")).fill_null(value=False)
    begins = pl.col("down") & (~pl.col("down").shift(1).over(_KEY).fill_null(value=False) | quiet)
    risen = pl.when(~pl.col("down")).then("time").forward_fill().over(_KEY)
    lost = marks.with_columns(until=until, risen=risen, begins=begins)
    lost = lost.with_columns(loss=pl.col("begins").cum_sum().over(_KEY))
    found = (
        lost.filter("down")
        .group_by(*_KEY, "loss", maintain_order=True)
        .agg(
            pl.col("renewed", "passing", "untold").first(),
            start=pl.col("time").first(),
            last=pl.col("time").last(),
            end=pl.col("until").first(),
            risen=pl.col("risen").first(),
            rows=pl.col("id").unique(),
        )
        .with_row_index("row")
    )
    brief = (pl.col("end") - pl.col("start") <= pl.col("passing")) & (pl.col("passing") > timedelta(0))
    announced = [row for kind in scene.rules.states.values() if kind.clean for row in _announced(found, kind, scene)]
    return found.select(
        "kind",
        "object",
        "host",
        "start",
        _end(),
        "rows",
        planned=brief.fill_null(value=False) | pl.col("row").is_in(announced),
        returned=pl.col("end").is_not_null(),
    ).cast(LOSSES)  # type: ignore[arg-type]  # names to types


def _end() -> pl.Expr:
    """A loss that is told again and again is over when it is told no more; one whose end is not told, with its last."""
    end, last = pl.col("end"), pl.col("last")
    late = end - last > pl.col("renewed")
    once = pl.col("rows").list.len() < 2  # one line tells a moment, no stretch
    over = pl.when(pl.col("renewed").is_not_null() & (late | once)).then(last).otherwise(end)
    return pl.when("untold").then(over.fill_null(last)).otherwise(over).alias("end")


def told_of(names: tuple[str, ...], where: dict[str, Any], kind: StateKind, scene: Scene) -> pl.DataFrame:
    """The lines of these events: id, host, object, time. The thing of a line that names none is null."""
    at = scene.rows_of(names, scene.lasting)
    if not at.size:
        return _NOT_TOLD
    rows = scene.brief[at]
    if where and rows.height:
        full = scene.with_members(rows, where)
        rows = rows.filter(full.select(all_hold(where, full.schema)).to_series())
    full = scene.with_members(rows, kind.of)
    known = [pl.col(name).cast(pl.String) for name in kind.of if name in scene.members]
    thing = (
        full.select(object=pl.coalesce(*known).str.replace(*SHORT_NAME)).to_series()
        if known
        else pl.lit(None, pl.String)
    )
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


def unanswered(scene: Scene) -> pl.DataFrame:
    """Of lines that tell a loss, ``id``, and when it had ``begun``: with the first request that nothing answered. A
    program gives up long after that.
    """
    found = [_given_up(kind, scene) for kind in scene.rules.states.values() if kind.asked]
    return pl.concat(found) if found else pl.DataFrame(schema={"id": pl.UInt32, "begun": UTC})


def _given_up(kind: StateKind, scene: Scene) -> pl.DataFrame:
    """The same of one kind. Requests and losses are matched by machine, and by thing where both name one."""
    lost = told_of(kind.lost, kind.where, kind, scene)
    asked = told_of(kind.asked, {}, kind, scene) if lost.height else lost
    if asked.is_empty():
        return pl.DataFrame(schema={"id": pl.UInt32, "begun": UTC})
    named = lost["object"].is_not_null().all() and asked["object"].is_not_null().all()
    thing = pl.col("object") if named else pl.lit(None, pl.String)
    parts = {"asked": asked, "lost": lost, "back": told_of(kind.back, kind.back_where, kind, scene)}
    marks = pl.concat([part.with_columns(says=pl.lit(says), object=thing) for says, part in parts.items()])
    place, idle = ("host", "object"), pl.duration(seconds=weights.STRAY)
    marks = marks.sort(*place, "time", "id", maintain_order=True)
    answered = (pl.col("says").shift(1) == "back") | (pl.col("time").diff() > idle)
    marks = marks.with_columns(run=answered.over(place).fill_null(value=True).cum_sum())
    first = pl.col("time").filter(pl.col("says") == "asked").min().over(*place, "run")
    before = pl.col("time").filter(pl.col("says") == "lost").min().over(*place, "run") > first
    return marks.with_columns(begun=first).filter((pl.col("says") == "lost") & before).select("id", "begun")


def _told_by_any(up: pl.DataFrame, down: pl.DataFrame) -> pl.DataFrame:
    """The returns of one thing of which several logs tell: each ends its loss in all of them."""
    things = down.select("host", "object").unique()
    return up.drop("host").join(things, on="object", nulls_equal=True).select(up.columns).unique()


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
    found = [
        _next_word(lost.with_columns(voice="object"), scene.timeline, "unit"),
        _next_word(named, scene.timeline, "program"),
    ]
    return pl.concat(found).select(down.columns)


def _next_word(lost: pl.DataFrame, timeline: Timeline, by: str) -> pl.DataFrame:
    """For each lost service the first record after ``since`` of which the column ``by`` is its ``voice``."""
    if lost.is_empty():
        return lost.clear()
    mine = pl.col(by).is_in(lost["voice"].unique().implode())
    said = timeline.pick(lambda part: part.filter(mine), ["id", "host", "time", by])
    again = said.select("host", voice=by, since="time", again="id", at="time").sort("since")
    if again.is_empty():
        return lost.clear()
    ordered = lost.sort("since")
    met = ordered.join_asof(again, on="since", by=["host", "voice"], strategy="forward", check_sortedness=False)
    return met.drop_nulls("again").with_columns(id="again", time="at").select(lost.columns)


def _announced(found: pl.DataFrame, kind: StateKind, scene: Scene) -> list[int]:
    """Which losses (``row``) of a kind were announced and made good. What came back after it was announced is lost
    anew.
    """
    mine = found.filter(pl.col("kind") == kind.id)
    if mine.is_empty():
        return []
    told = _of_every_object(told_of(kind.clean, {}, kind, scene), mine)
    said = told.select("host", pl.col("object").fill_null(""), at="time", announced="time").sort("at")
    near = mine.select("host", pl.col("object").fill_null(""), "end", "risen", "row", at="start").sort("at")
    joined = near.join_asof(
        said, on="at", by=["host", "object"], strategy="nearest", tolerance=weights.LAST_WORDS, check_sortedness=False
    )
    lasted = pl.col("end") - pl.col("at")
    short = lasted <= timedelta(seconds=kind.clean_lasts) if kind.clean_lasts is not None else lasted.is_not_null()
    anew = (pl.col("risen") > pl.col("announced")).fill_null(value=False)
    return joined.filter(pl.col("announced").is_not_null() & short.fill_null(value=False) & ~anew)["row"].to_list()
