"""What a form found, before it is written as a frame: rows of the stream for each match, and what the title may use."""

from __future__ import annotations

import re
from dataclasses import field, replace
from typing import Final

import numpy as np
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.patterns.engine.stream import EventStream
from logcorr.rulebook.models import Pattern
from logcorr.schema import MATCHES, OUTCOMES
from logcorr.times.micros import Bools, Ints
from logcorr.times.timespan import duration

_HOLE: Final = re.compile(r"\{([A-Za-z_][\w.]*)\}")

_MANY_SIZES: Final = 8

#: What a title shows for a field that the match does not have.
UNKNOWN: Final = "?"


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Matches of one pattern. ``rows`` and ``names`` are flat over all matches, ``owner`` ascends."""

    owner: Ints  # number of the match each row belongs to
    rows: Ints  # of the stream, in step order
    names: Ints  # index into ``bindings``
    bindings: tuple[str, ...]
    matched: Bools  # for each match; otherwise inconclusive
    order_known: Bools
    key_fields: tuple[tuple[str, str], ...] = ()  # (binding, field): what the key is made of
    values: dict[str, pl.Series] = field(default_factory=dict)  # more for the title: a text for each match
    gave_up: int = 0  # causes for which a search hit its cap
    anchor: int = 0  # the binding whose first row places a match in time

    @property
    def count(self) -> int:
        """How many matches, inconclusive ones included."""
        return len(self.matched)

    def take(self, order: Ints) -> Found:
        """Some of the matches, in this order."""
        rank = np.full(self.count, -1, dtype=np.int64)
        rank[order] = np.arange(len(order))
        flat = np.argsort(rank[self.owner], kind="stable")
        flat = flat[rank[self.owner][flat] >= 0]
        return replace(
            self,
            owner=rank[self.owner][flat],
            rows=self.rows[flat],
            names=self.names[flat],
            matched=self.matched[order],
            order_known=self.order_known[order],
            values={name: texts.gather(order) for name, texts in self.values.items()},
        )


def nothing(bindings: tuple[str, ...] = ()) -> Found:
    """No match."""
    none = np.zeros(0, dtype=np.int64)
    return Found(none, none, none, bindings, none.astype(bool), none.astype(bool))


def to_frame(found: Found, pattern: Pattern, stream: EventStream) -> pl.DataFrame:
    """The matches as schema.MATCHES, ordered by their begin."""
    if not found.count:
        return pl.DataFrame(schema=MATCHES)
    found = _in_time_order(found, stream)
    begin, end = _extent(found, stream)
    records = pl.Series(stream.pos[found.rows]).cast(pl.UInt32)
    frame = pl.DataFrame(
        {
            "pattern": pl.repeat(pattern.id, found.count, eager=True),
            "outcome": pl.Series(OUTCOMES).cast(MATCHES["outcome"]).gather((~found.matched).astype(np.int64)),
            "key": _key(found, stream),
            "begin": pl.Series(begin).cast(MATCHES["begin"]),
            "end": pl.Series(end).cast(MATCHES["end"]),
            "records": _lists(records, found.owner),
            "steps": _lists(pl.Series(found.bindings, dtype=pl.String).gather(found.names), found.owner),
            "order_known": found.order_known,
            "title": _titles(found, pattern.title, stream),
        }
    )
    return frame.cast(dict(MATCHES))  # type: ignore[arg-type]  # a mapping of names to types


def _extent(found: Found, stream: EventStream) -> tuple[Ints, Ints]:
    """Time of the first and of the last record of each match."""
    time = stream.time[found.rows]
    starts = np.searchsorted(found.owner, np.arange(found.count))
    return np.minimum.reduceat(time, starts), np.maximum.reduceat(time, starts)


def _in_time_order(found: Found, stream: EventStream) -> Found:
    """The matches by begin, then by end."""
    begin, end = _extent(found, stream)
    step, tie = np.diff(begin), np.diff(end)
    if bool(((step > 0) | ((step == 0) & (tie >= 0))).all()):
        return found
    return found.take(np.lexsort((end, begin)))


def _lists(values: pl.Series, owner: Ints) -> pl.Series:
    """The values of each match as a list. Matches are mostly of one or two sizes; those of a size are cut in one go."""
    size = np.bincount(owner)
    sizes = np.unique(size)
    if len(sizes) > _MANY_SIZES:
        together = pl.DataFrame({"owner": owner, "value": values})
        return together.group_by("owner", maintain_order=True).agg("value")["value"]
    parts = [values.filter(pl.Series(size[owner] == each)).reshape((-1, int(each))).arr.to_list() for each in sizes]
    if len(parts) == 1:
        return parts[0]
    place = np.argsort(np.argsort(size, kind="stable"), kind="stable")
    return pl.concat(parts).gather(place)


def _key(found: Found, stream: EventStream) -> pl.Series:
    if not found.key_fields:
        return pl.Series([None], dtype=pl.String).new_from_index(0, found.count)
    parts = [
        _value_of(found, stream, binding, name).fill_null("").alias(str(place))
        for place, (binding, name) in enumerate(found.key_fields)
    ]
    return pl.DataFrame(parts).select(pl.concat_str(pl.all(), separator=" | ")).to_series()


def _titles(found: Found, template: str, stream: EventStream) -> pl.Series:
    if not _HOLE.search(template):
        return pl.repeat(template, found.count, eager=True)
    parts: list[pl.Expr] = []
    columns: list[pl.Series] = [pl.Series("row", np.arange(found.count))]
    for place, text in enumerate(_HOLE.split(template)):
        if place % 2 == 0:
            parts.append(pl.lit(text))
            continue
        columns.append(_filled(found, stream, text).fill_null(UNKNOWN).alias(str(place)))
        parts.append(pl.col(str(place)))
    return pl.DataFrame(columns).with_columns(title=pl.concat_str(parts))["title"]


def _filled(found: Found, stream: EventStream, hole: str) -> pl.Series:
    """The text for ``{step.field}``, ``{field}`` (of the first record that has it) or a value of the form's own."""
    if hole in found.values:
        return found.values[hole]
    step, dot, name = hole.partition(".")
    return _value_of(found, stream, step, name) if dot else _value_of(found, stream, None, step)


def _value_of(found: Found, stream: EventStream, binding: str | None, name: str) -> pl.Series:
    """The first value of a field in each match, of one step or of any."""
    owner, rows = found.owner, found.rows
    if binding is not None:
        wanted = found.bindings.index(binding) if binding in found.bindings else -1
        owner, rows = owner[found.names == wanted], rows[found.names == wanted]
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    text = stream.values(name, rows[first]).cast(pl.String)
    if len(first) == found.count and not text.null_count():
        return text
    text = stream.values(name, rows).cast(pl.String)
    there = np.flatnonzero(text.is_not_null().to_numpy())
    owner, first = np.unique(owner[there], return_index=True)
    index = np.full(found.count, -1, dtype=np.int64)
    index[owner] = there[first]
    filled = text.extend_constant(None, 1)
    return filled.gather(np.where(index < 0, len(text), index))


def in_words(micros: float) -> str:
    """A length of time in microseconds as people say it: ``30 s``, ``5 min 20 s``."""
    return duration(micros / 1e6)
