"""Time spans, read and written.

Read as systemd.time(7) writes them ("30s", "5min 20s", "1h30min", "250ms"; a bare number is seconds): one grammar for
rule files (``within: 30s``) and for ``--since -2h``. Written as a person says them, the same way in every text.
"""

from __future__ import annotations

import re
from typing import Final

_UNITS: Final = {
    unit: seconds
    for units, seconds in (
        ("usec us µs μs", 1e-6),  # the micro sign and the Greek letter
        ("msec ms", 1e-3),
        ("seconds second sec s", 1.0),
        ("minutes minute min m", 60.0),
        ("hours hour hr h", 3600.0),
        ("days day d", 86_400.0),
        ("weeks week w", 604_800.0),
        ("months month M", 2_629_800.0),
        ("years year y", 31_557_600.0),
    )
    for unit in units.split()
}
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_PART: Final = re.compile(r"\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[A-Za-zµμ]*)\s*", re.ASCII)


def parse_duration(text: object) -> float:
    """Seconds of a time span. Raises ValueError for anything that is not one."""
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        raise ValueError("expected a duration such as 30s, 5min or 2h")  # noqa: TRY004  # pydantic collects ValueErrors
    if isinstance(text, int | float):
        return float(text)
    total, position = 0.0, 0
    while position < len(text):
        part = _PART.match(text, position)
        if part is None or (part["unit"] and part["unit"] not in _UNITS):
            raise ValueError(f"{text!r} is not a duration; write 30s, 5min or 2h")
        total += float(part["number"]) * _UNITS[part["unit"] or "s"]
        position = part.end()
    if not position:
        raise ValueError("expected a duration such as 30s, 5min or 2h")
    return total


def duration(seconds: float) -> str:
    """Write a duration in its greatest units: ``40 ms``, ``0.3 s``, ``4 min 24 s``, ``3 h 5 min``, ``2 d 4 h``."""
    size = abs(seconds)
    sign = "−" if seconds < 0 else ""
    if 0.0005 <= size < 0.095:
        return f"{sign}{size * 1000:.0f} ms"
    if size < 10 and round(size, 1) != round(size):
        return f"{sign}{size:.1f} s"
    whole = round(size)
    if whole < _MINUTE:
        return f"{sign if whole else ''}{whole} s"
    if whole < _HOUR:
        return sign + _pair(whole, _MINUTE, 1, "min", "s")
    if whole < _DAY:
        return sign + _pair(whole, _HOUR, _MINUTE, "h", "min")
    return sign + _pair(whole, _DAY, _HOUR, "d", "h")


def _pair(seconds: int, great: int, small: int, great_unit: str, small_unit: str) -> str:
    count, rest = divmod(seconds, great)
    rest //= small
    return f"{count:,} {great_unit} {rest} {small_unit}" if rest else f"{count:,} {great_unit}"
