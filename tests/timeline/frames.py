"""RECORDS frames and sources written by hand, for the tests of the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from logcorr.schema import RECORDS, Facts, Source, Timeline

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    """``2025-11-04 03:00:45`` as an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def micros(when: datetime) -> int:
    return (when - EPOCH) // timedelta(microseconds=1)


def records(stamps: Sequence[str | datetime], kind: str | Sequence[str] = "utc", **columns: Any) -> pl.DataFrame:
    """One record per stamp. ``columns`` are RECORDS columns: a list, or one value for all."""
    count = len(stamps)
    walls = [(at(one) if isinstance(one, str) else one).replace(tzinfo=None) for one in stamps]
    given: dict[str, Any] = {
        "line": list(range(1, count + 1)),
        "offset": list(range(0, 100 * count, 100)),
        "stamp": walls,
        "stamp_kind": kind,
        "resolution": 1,
        "program": "test",
        "message": [f"message {index}" for index in range(count)],
        **columns,
    }
    spread = {
        name: list(value) if isinstance(value, list | tuple | range) else [value] * count
        for name, value in given.items()
    }
    data = [pl.Series(name, spread.get(name, [None] * count), dtype=dtype) for name, dtype in RECORDS.items()]
    return pl.DataFrame(data)


def source(path: str, rows: pl.DataFrame, *, facts: Facts | None = None, **fields: Any) -> Source:
    unparsed = pl.DataFrame(schema={"line": pl.UInt32, "text": pl.String})
    return Source(
        path=path,
        format="test",
        rows=rows,
        unparsed=fields.pop("unparsed", unparsed),
        lines=len(rows),
        facts=facts or Facts(),
        **fields,
    )


def times(timeline: Timeline, message: str | None = None) -> list[str]:
    """The times of the timeline, without zone, in order; of the records with ``message``, if given."""
    frame = timeline.frame if message is None else timeline.frame.filter(pl.col("message") == message)
    return [str(time.replace(tzinfo=None)) for time in frame["time"].to_list()]
