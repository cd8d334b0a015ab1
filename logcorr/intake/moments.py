"""Times of files and members, which may be anything that fits their fields."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def of_seconds(seconds: float) -> datetime | None:
    """Seconds since 1970 as a time; None where no calendar has it (NaN, 1e300)."""
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        return None


def of_parts(parts: Sequence[int]) -> datetime | None:
    """Year, month, day, hour, minute, second as a time; None where no calendar has it (a month 0)."""
    year, month, day, hour, minute, second = parts
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (OverflowError, ValueError):
        return None
