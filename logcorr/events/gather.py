"""The matches of all wordings as one frame of events, in timeline order."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import polars as pl

from logcorr.events.matching import Hits
from logcorr.events.wordbook import STRUCTURED, Wordbook
from logcorr.origin import trusted
from logcorr.rulebook.fieldtypes import field_type
from logcorr.rulebook.globs import glob_regex
from logcorr.rulebook.models import Origin
from logcorr.schema import EVENTS, TIMELINE

Ints = npt.NDArray[np.int64]


def gather_events(frame: pl.DataFrame, hits: Sequence[Hits], wordbook: Wordbook) -> tuple[pl.DataFrame, pl.Series]:
    """One row per event, as schema.EVENTS with the struct ``fields``; and for each event its row of ``frame``."""
    rows = _joined([found.rows.to_numpy() for found in hits])
    entries = np.repeat(np.array([found.number for found in hits], dtype=np.int64), [len(found.rows) for found in hits])
    names = [event for event, _ in wordbook.told]
    order = np.argsort((rows << 32) | entries, kind="stable")
    rows, entries = rows[order], entries[order]
    at = pl.Series(rows)
    columns = {name: frame[name].gather(at) for name in EVENTS if name in TIMELINE}
    columns["event"] = pl.Series(names, dtype=pl.String).gather(pl.Series(entries))
    columns["trusted"] = _trusted(frame, at, entries, [origin for _, origin in wordbook.told])
    fields = _fields(hits, order, wordbook)
    columns["fields"] = _structured(frame, at, fields).to_struct("fields")
    return pl.DataFrame({name: columns[name] for name in (*EVENTS, "fields")}), at


def _joined(parts: Sequence[npt.NDArray[np.generic]]) -> Ints:
    return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, dtype=np.int64)


def _fields(hits: Sequence[Hits], order: Ints, wordbook: Wordbook) -> pl.DataFrame:
    """A column for every declared field; most are null in most rows."""
    starts = np.concatenate([[0], np.cumsum([len(found.rows) for found in hits])]).astype(np.int64)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    given: dict[str, list[tuple[int, pl.Series]]] = {}
    for start, found in zip(starts.tolist(), hits, strict=False):
        for name, values in found.fields.items():
            given.setdefault(name, []).append((start, values))

    def column(name: str) -> pl.Series:
        dtype = wordbook.dtypes[name]
        if name not in given:
            return pl.Series(name, [None], dtype=dtype).new_from_index(0, len(order))
        return _spread(given[name], rank, dtype).alias(name)

    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        return pl.DataFrame(list(pool.map(column, wordbook.dtypes)))


def _spread(parts: Sequence[tuple[int, pl.Series]], rank: Ints, dtype: type[pl.DataType]) -> pl.Series:
    """The values of one field in the order of events; each part begins at its place among all matches."""
    values = pl.concat([values.cast(dtype, strict=False) for _, values in parts])
    places = np.concatenate([rank[start : start + len(values)] for start, values in parts])
    return pl.Series([None], dtype=dtype).new_from_index(0, len(rank)).scatter(places, values)


def _structured(frame: pl.DataFrame, at: pl.Series, fields: pl.DataFrame) -> pl.DataFrame:
    """Fill unit and interface from what a structured journal says the record is about, where the wording has none."""
    unit = field_type("unit")
    about = (
        frame["about"]
        .gather(at)
        .to_frame("about")
        .select(about="about", is_unit=pl.col("about").str.contains(f"^(?:{unit.pattern if unit else ''})$"))
    )
    filled = {
        "unit": pl.when("is_unit").then("about"),
        "interface": pl.when(~pl.col("is_unit")).then("about"),
    }
    return fields.with_columns(
        fields[name].fill_null(about.select(filled[name].alias(name)).to_series())
        for name in STRUCTURED
        if name in fields
    )


def _trusted(frame: pl.DataFrame, at: pl.Series, entries: Ints, origins: Sequence[Origin | None]) -> pl.Series:
    """Whether the log vouches that the event was said by whom its rules let say it; see schema.EVENTS.

    Where anybody may say it, a name that the record's origin contradicts matters no more than the right one.
    """
    used, place = np.unique(entries, return_inverse=True)
    distinct = {origin: number for number, origin in enumerate(dict.fromkeys(origins[entry] for entry in used))}
    code = np.array([distinct[origins[entry]] for entry in used], dtype=np.int64)[place]
    seen = pl.DataFrame([frame[name].gather(at) for name in ("trusted", "origin", "unit", "transport")])
    vouched = pl.when(trusted(pl.col("origin"))).then(pl.lit(value=True))
    verdict = pl.when(pl.col("origin").is_null()).then("trusted").otherwise(vouched)
    for origin, number in distinct.items():
        if origin is not None:
            verdict = (
                pl.when((pl.col("code") == number) & _is_other(origin)).then(pl.lit(value=False)).otherwise(verdict)
            )
    return seen.with_columns(code=pl.Series(code)).select(verdict.alias("trusted")).to_series()


def _is_other(origin: Origin) -> pl.Expr:
    """Whether the record is of another origin, as far as it names one: one that names none contradicts nothing."""
    other = pl.lit(value=False)
    if origin.unit is not None:
        other |= ~pl.col("unit").str.contains(glob_regex(origin.unit))
    if origin.transport is not None:
        other |= pl.col("transport") != origin.transport
    if origin.by is not None:
        other |= ~pl.col("origin").is_in(origin.by)
    return other.fill_null(value=False)
