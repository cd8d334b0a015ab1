"""Blocks that lie outside the window asked for: looked at in a few places, and otherwise passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.dataclass import dataclass

#: What is looked at of a block: so many bytes at its beginning, in its middle and at its end.
LOOK: Final = 8 << 10

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR: Final = 3_600_000_000
_DAY: Final = 24 * _HOUR
#: Local time may be off by a zone (UTC-12:00 to UTC+14:00) and an hour of summer time.
_ZONE: Final = 15 * _HOUR
_LEAP_YEAR: Final = 1972  # of dates that print no year; see schema.STAMP_KINDS
_PLAUSIBLE: Final = 946_684_800_000_000  # 2000-01-01
_DISORDER: Final = 60_000_000  # µs that lines may lie before those above them: writers take turns
_SPOILT: Final = 0.5  # share of lines not understood from which a block is not known by its looks
_BOOT_MARK: Final = b"\n-- Boot "


@dataclass(frozen=True, slots=True)
class Window:
    """What is wanted, µs, UTC, inclusive."""

    low: int
    high: int

    def may_hold(self, rows: pl.DataFrame, unparsed: int) -> bool:
        """Whether a block of which these rows were looked at (stamp, stamp_kind, received) may lie in the window."""
        if not rows.height or unparsed > _SPOILT * rows.height:
            return True
        kinds = set(rows["stamp_kind"].unique())
        stamp = _in_order(rows["stamp"])
        if stamp is None:
            return True
        first, last = int(stamp.min()), int(stamp.max())
        if first < _PLAUSIBLE and kinds != {"yearless"}:
            return True  # a clock that was not set yet: what follows tells when that was
        if kinds == {"utc"}:
            return first <= self.high and last >= self.low
        if kinds == {"local"}:
            return first <= self.high + _ZONE and last >= self.low - _ZONE
        return kinds != {"yearless"} or self._may_hold_dates(first, last)

    def _may_hold_dates(self, first: int, last: int) -> bool:
        """The same for dates without a year."""
        low, high = self.low - _ZONE, self.high + _ZONE
        if high - low > 300 * _DAY or last - first > 300 * _DAY:
            return True
        low, high = _in_leap_year(low), _in_leap_year(high)
        return first <= high and last >= low if low <= high else first <= high or last >= low


def _in_order(stamps: pl.Series) -> NDArray[np.int64] | None:
    """The stamps; None where one is missing, or where they are neither in order nor in the opposite one."""
    if stamps.null_count():
        return None
    found = stamps.to_physical().to_numpy()
    step = np.diff(found)
    return found if (step >= -_DISORDER).all() or (step <= _DISORDER).all() else None


def _in_leap_year(micros: int) -> int:
    """The same date and time of day in 1972."""
    date = (_EPOCH + timedelta(microseconds=micros)).replace(year=_LEAP_YEAR)
    return (date - _EPOCH) // timedelta(microseconds=1)


def looked_at(data: bytes, used: int, cut: Callable[[bytes], int]) -> list[tuple[int, int]] | None:
    """Stretches [begin, end) of whole records of ``data[:used]``; None where no record ends where one should.

    Beside those at the beginning, in the middle and at the end there is the last line that announces a boot.
    """
    found = []
    for begin in (0, used // 2, max(used - LOOK, 0)):
        start = cut(data[: min(begin, used)]) if begin else 0
        end = start + cut(data[start : min(start + 2 * LOOK, used)]) if start + 2 * LOOK < used else used
        if (begin and not start) or end <= start:
            return None
        found.append((start, end))
    mark = data.rfind(_BOOT_MARK, 0, used) + 1
    if mark:
        end = data.find(b"\n", mark, used) + 1
        found.append((mark, end or used))
    return list(_apart(found))


def _apart(found: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """In order, and none that begins inside another."""
    reached = 0
    for begin, end in sorted(found):
        if end > max(begin, reached):
            yield max(begin, reached), end
            reached = end


def moved(rows: pl.DataFrame, parts: list[tuple[int, int]], offset: int) -> pl.DataFrame:
    """Rows of the stretches put together, with the offsets that they have in the source; their lines are not known."""
    sizes = np.cumsum([0, *(end - begin for begin, end in parts)])
    at = rows["offset"].to_numpy().astype(np.int64)
    which = np.clip(np.searchsorted(sizes, at, side="right") - 1, 0, len(parts) - 1)
    begins = np.array([begin for begin, _ in parts], np.int64)
    placed = at - sizes[which] + begins[which] + offset
    return rows.with_columns(offset=pl.Series(placed).cast(pl.UInt64), line=pl.lit(None, pl.UInt32))
