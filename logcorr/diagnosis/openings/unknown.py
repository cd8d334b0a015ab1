"""Unknown: lines that no rule knows, that look like errors, and that stand out from their own background.

What they mean is open: they open an incident that is undetermined, quoted by their templates, and name no cause.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import numpy as np
import polars as pl

from logcorr.chance.tails import range_tail
from logcorr.diagnosis.groups import ROWS
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.lines import times
from logcorr.diagnosis.openings.found import Field, Opened
from logcorr.diagnosis.scene import Scene
from logcorr.diagnosis.telling.templates import template

#: What has to be in a line before its words are looked at: cheap to look for, in any case.
_HINTS: Final = (
    "error", "err]", "fatal", "panic", "critical", "severe", "emerg", "exception", "fail", "traceback", "no space left",
    "read-only file system", "i/o error", "input/output error", "too many open", "cannot allocate", "out of memory",
    "enospc", "erofs", "eio", "emfile", "enfile", "enomem", "edquot", "quota exceeded",
)  # fmt: skip
#: A level of error or graver, in a field or as the first word, or the system's words for what went wrong: errno(3) by
#: name and by text, as C, Go, Java, Python, Node and the rest print them.
_ERROR: Final = (
    r'(?i:\b(?:level|lvl|severity|loglevel|priority)"?\s*[=:]\s*"?(?:err|error|crit|critical|fatal|panic|alert|emerg)\b)'
    r"|\b(?:ERROR|FATAL|PANIC|CRITICAL|SEVERE|EMERG|EMERGENCY|ALERT)\b"
    r"|(?i:\[(?:error|err|crit|critical|fatal|alert|emerg)\])"
    r"|^(?:\S+ ){0,2}(?i:error|fatal|panic|critical|exception)[:!]"
    r"|^[EF]\d{4} \d\d:|Traceback \(most recent call last\)|\b(?:[a-z]\w+\.)+[A-Z]\w*(?:Exception|Error)\b"
    r"|(?i:no space left on device|disk quota exceeded|read-only file system|input/output error|too many open files"
    r"|cannot allocate memory|out of memory)|\bE(?:NOSPC|ROFS|IO|MFILE|NFILE|NOMEM|DQUOT)\b"
)
#: What a request or a stranger's input quotes is no error of the machine's.
_QUOTED: Final = r'"(?:GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH) |(?i:invalid user|authentication fail|password|preauth)'
_LOOKED_AT: Final = ("id", "host", "program", "time", "time_lo", "time_hi", "source", "priority", "message")
_GRAVE: Final = 3  # syslog's err, crit, alert, emerg


def by_unknown(field: Field) -> list[Opened]:
    """The templates of errors without a rule that come in a stretch of their own; alike ones are one incident."""
    errors = _errors(field.scene)
    if errors.height < weights.UNKNOWN_ERRORS:
        return []
    errors = errors.filter(~_inside(field, errors))
    told = errors.with_columns(template=template(pl.col("message")))
    summed = told.group_by("host", "program", "template").agg(
        count=pl.len(), first=pl.col("time").min(), last=pl.col("time").max()
    )
    telling = summed.filter(_stands_out(summed, field.scene))
    rows = told.join(
        telling.select("host", "program", "template", "first", "last"),
        on=["host", "program", "template"],
        nulls_equal=True,
    )
    return [_opened(part) for part in _stretches(rows)]


def _errors(scene: Scene) -> pl.DataFrame:
    """The records that no rule knows and that look like errors."""
    known = scene.brief["id"].unique().implode()
    message = pl.col("message")
    hint = (pl.col("priority") <= _GRAVE).fill_null(value=False) | message.str.contains_any(
        list(_HINTS), ascii_case_insensitive=True
    ).fill_null(value=False)
    looks = (pl.col("priority") <= _GRAVE).fill_null(value=False) | message.str.contains(_ERROR)
    unknown = ~pl.col("id").is_in(known), looks & ~message.str.contains(_QUOTED)
    return scene.timeline.pick(lambda said: said.filter(hint).filter(unknown[0]).filter(unknown[1]), _LOOKED_AT)


def _inside(field: Field, errors: pl.DataFrame) -> pl.Series:
    """Which of them came in an incident that is open already, or while their machine came up."""
    around = timedelta(seconds=weights.STRAY)
    opened = sorted({group for item in field.opened for group in item.groups})
    lasted = {"start": pl.col("time").min(), "end": pl.max_horizontal("time", "until").max()}
    groups = field.rows.filter(pl.col("group").is_in(opened)).group_by("group").agg(**lasted).drop("group")
    alone = [item.rows.group_by("id").agg(**lasted).drop("id") for item in field.opened if item.rows is not None]
    near = pl.concat([groups, *alone]).sort("start")
    at, starts = times(errors["time"]), times(near["start"] - around)
    over = np.append(np.maximum.accumulate(times(near["end"] + around)), np.iinfo(np.int64).min)
    return pl.Series(at <= over[np.searchsorted(starts, at, "right") - 1]) | _coming_up(errors, field.scene, around)


def _coming_up(errors: pl.DataFrame, scene: Scene, around: timedelta) -> pl.Series:
    """Which of them their machine wrote while it came up."""
    ups = scene.darkness.select("host", "up", begun=pl.col("end") - around).sort("begun")
    ups = ups.with_columns(over=(pl.col("up") + around).cum_max().over("host"))
    rows = errors.select("host", "time").with_row_index("row").sort("time")
    met = rows.join_asof(ups, left_on="time", right_on="begun", by="host", check_sortedness=False)
    return met.sort("row").select((pl.col("time") <= pl.col("over")).fill_null(value=False)).to_series()


def _stands_out(summed: pl.DataFrame, scene: Scene) -> pl.Series:
    """Whether a template comes often, for long, and in one part of the log rather than all the time."""
    times = scene.timeline.frame["time"]
    span: float = (times.max() - times.min()).total_seconds()  # type: ignore[operator,union-attr]  # datetimes
    kept = []
    for count, first, last in summed.select("count", "first", "last").rows():
        lasted = (last - first).total_seconds()
        enough = (
            count >= weights.UNKNOWN_ERRORS
            and lasted >= weights.UNKNOWN_LASTS
            and lasted <= weights.ALL_THE_TIME * span
        )
        kept.append(enough and range_tail(count, lasted / span) * summed.height < weights.BACKGROUND_P)
    return pl.Series(kept, dtype=pl.Boolean)


def _stretches(rows: pl.DataFrame) -> list[pl.DataFrame]:
    """Apart where nothing of the kind lasts: a template stands out over the whole of its time, pauses and all."""
    ordered = rows.sort("first", "time", "id")
    so_far = pl.col("last").cum_max().shift()
    apart = (pl.col("first") - so_far > timedelta(seconds=weights.INCIDENT_GAP)).fill_null(value=False)
    return (
        ordered.with_columns(stretch=apart.cum_sum()).drop("first", "last").partition_by("stretch", maintain_order=True)
        if rows.height
        else []
    )


def _opened(rows: pl.DataFrame) -> Opened:
    blank = {"trigger": False, "pattern": False, "open": False, "lasted": 0.0, "spare": False, "beside": None}
    shown = rows.with_columns(
        *(pl.lit(value).alias(name) for name, value in blank.items()),
        pl.lit(1, pl.Int64).alias("impact"),
        pl.lit("unknown").alias("event"),
        pl.lit("symptom").alias("role"),
        pl.lit(None, pl.String).alias("lost"),
        pl.lit(None, pl.String).alias("object"),
        until="time",
    )
    return Opened("unknown", (), weights.INCIDENT_WEIGHT, None, shown.select(ROWS))
