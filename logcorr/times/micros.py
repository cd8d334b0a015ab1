"""Times as numpy arrays: microseconds (µs) since 1970 in int64, ``NULL`` where there is none; and durations in µs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Floats: TypeAlias = NDArray[np.float64]

NULL: Final = np.iinfo(np.int64).min
#: Beyond every time, with room to add a duration without overflow.
NEVER: Final = np.iinfo(np.int64).max // 4

MILLISECOND: Final = 1_000
SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: What a time is held within: the years that datetime knows, but for the first and the last, which leave room for what
#: is added to a time or taken from it.
LOWEST: Final = -62_104_060_800 * SECOND  # the beginning of year 2
HIGHEST: Final = 253_370_764_799 * SECOND  # the last second of year 9998


def to_micros(when: datetime) -> int:
    """An aware datetime as microseconds since 1970."""
    since = when - _EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def to_datetime(micros: int) -> datetime:
    """Microseconds since 1970 as a UTC datetime, held within ``LOWEST`` and ``HIGHEST``."""
    return _EPOCH + timedelta(microseconds=min(max(int(micros), LOWEST), HIGHEST))


def ints(series: pl.Series) -> Ints:
    """A column as int64, with ``NULL`` for null."""
    physical = series.to_physical().cast(pl.Int64, strict=False)
    return physical.fill_null(NULL).to_numpy().astype(np.int64, copy=False)


def of_seconds(seconds: float | None) -> int:
    """A duration as whole µs; none is NEVER."""
    return NEVER if seconds is None else round(seconds * SECOND)
