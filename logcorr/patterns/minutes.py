"""Wall-clock minutes as crontab(5) writes them, and which events follow one."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import polars as pl

from logcorr.errors import RuleError
from logcorr.patterns.engine.stream import EventStream
from logcorr.times.micros import Bools, Ints, ints

_PART: Final = re.compile(r"(?:\*|(?P<first>\d+)(?:-(?P<last>\d+))?)(?:/(?P<step>\d+))?")
_OFFSET: Final = re.compile(r"(?:UTC|GMT)?([+-])(\d\d):?(\d\d)?")
_MINUTE: Final = 60_000_000
_HOUR: Final = 60 * _MINUTE


def parse_minutes(text: str) -> tuple[int, ...]:
    """The minutes of a crontab(5) minute field: "*/5", "0,30", "10-20/2". Raises RuleError for anything else."""
    minutes: set[int] = set()
    for part in text.split(","):
        found = _PART.fullmatch(part.strip())
        step = int(found["step"] or 1) if found else 0
        if found is None or step == 0:
            raise RuleError(f"{text!r} is no minute field", hint='write it as in a crontab: "*/5", "0,30", "10-20/2"')
        first = int(found["first"] or 0)
        last = int(found["last"]) if found["last"] else first if found["first"] and not found["step"] else 59
        if last > 59 or first > last:
            raise RuleError(f"{text!r} is no minute field", hint="minutes run from 0 to 59")
        minutes.update(range(first, last + 1, step))
    return tuple(sorted(minutes))


def on_listed_minutes(
    rows: Ints, minutes: tuple[int, ...], tolerance: int, stream: EventStream, zones: tuple[str | None, ...]
) -> tuple[Bools, float]:
    """Which rows lie within the tolerance (µs) after a listed minute of their source's zone, and the share of all time
    that does.
    """
    starts = np.array(minutes, dtype=np.int64) * _MINUTE
    gaps = np.diff(np.append(starts, starts[0] + _HOUR))
    share = float(np.minimum(gaps, tolerance).sum()) / _HOUR
    source = stream.values("source", rows).to_numpy()
    offset = np.zeros(len(rows), dtype=np.int64)
    for number in np.unique(source):
        here = source == number
        offset[here] = _zone_offset(zones[number] if number < len(zones) else None, stream.time[rows[here]])
    # The largest listed minute at or before the latest true time, and whether the earliest is within the tolerance.
    late = stream.hi[rows] + offset
    since = (late % _HOUR)[:, None] - np.append(starts, starts[-1] - _HOUR)[None, :]
    since = np.where(since < 0, _HOUR, since).min(axis=1)
    return since - (stream.hi[rows] - stream.lo[rows]) <= tolerance, min(share, 1.0)


def _zone_offset(zone: str | None, time: Ints) -> Ints:
    """µs to add to UTC for the wall clock of a zone (IANA name or ±hh:mm); 0 where it is not known."""
    fixed = _OFFSET.fullmatch(zone or "")
    if fixed:
        size = int(fixed[2]) * _HOUR + int(fixed[3] or 0) * _MINUTE
        return np.full(len(time), size if fixed[1] == "+" else -size)
    utc = pl.Series(time).cast(pl.Datetime("us", "UTC"))
    try:
        local = utc.dt.convert_time_zone(zone or "UTC").dt.replace_time_zone(None)
    except pl.exceptions.ComputeError:
        return np.zeros(len(time), dtype=np.int64)
    return ints(local) - time
