"""Time as a picture: one bar per source, and beneath it where boots, clock steps and lost messages lie."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.textsafe import visible

#: Kinds of gaps in which nothing can be there.
_ABSENT: Final = ("silence", "starts-late", "ends-early")
_NARROWEST: Final = 10
_WIDEST: Final = 200
_TICK: Final = 3  # blanks between two times on the axis, at least


@dataclass(frozen=True, slots=True)
class Signs:
    """What bars are drawn with."""

    levels: str  # from the fewest records to the most
    quiet: str  # no record
    absent: str  # no record, and a coverage gap says so
    cut: str


FINE: Final = Signs("▁▂▃▄▅▆▇█", "·", "░", "…")
PLAIN: Final = Signs(".:-=+*#@", " ", "_", "~")

#: What stands beneath a bar, the gravest first: the gap's kind or "boot", its letter, and what the legend says of it.
MARKS: Final = (
    ("clock-step", "s", "clock step"),
    ("lost-messages", "x", "messages lost"),
    ("rate-limited", "r", "messages suppressed"),
    ("limit", "l", "limit hit"),
    ("boot", "b", "boot or clock reset"),
)


def bar(slices: pl.DataFrame, signs: Signs) -> str:
    """A character for each of a source's slices (timeline.occupancy), scaled to its busiest one."""
    counts = slices["records"].to_list()
    tallest = max(counts, default=0) or 1
    steps = len(signs.levels)
    return "".join(
        signs.levels[-(-count * steps // tallest) - 1] if count else signs.absent if _is_absent(kinds) else signs.quiet
        for count, kinds in zip(counts, slices["gap"].to_list(), strict=True)
    )


def _is_absent(kinds: str | None) -> bool:
    return kinds is not None and not set(_ABSENT).isdisjoint(kinds.split(", "))


def marks(slices: pl.DataFrame) -> str:
    """The gravest mark of each slice; blanks where there is none."""
    return "".join(
        _mark({*(kinds or "").split(", "), "boot" if boots else ""})
        for kinds, boots in zip(slices["gap"].to_list(), slices["boots"].to_list(), strict=True)
    )


def _mark(kinds: set[str]) -> str:
    return next((letter for kind, letter, _ in MARKS if kind in kinds), " ")


def axis(starts: Sequence[datetime], span: timedelta) -> str:
    """When slices begin, written above as many as there is room for."""
    pattern = _pattern(span)
    line = ""
    for column, start in enumerate(starts):
        label = f"{start:{pattern}}"[: 12 if pattern.endswith("%f") else None]
        if (not line or column >= len(line) + _TICK) and column + len(label) <= len(starts):
            line = line.ljust(column) + label
    return line


def _pattern(span: timedelta) -> str:
    for longest, pattern in (
        (timedelta(seconds=5), "%H:%M:%S.%f"),
        (timedelta(minutes=5), "%H:%M:%S"),
        (timedelta(hours=30), "%H:%M"),
        (timedelta(days=300), "%m-%d"),
    ):
        if span <= longest:
            return pattern
    return "%Y-%m"


def widths(names: Sequence[str], room: int) -> tuple[int, int]:
    """Columns for names, and for bars, in ``room``; a third for names at most."""
    name = min(max(map(len, names), default=0), max(room // 3, _NARROWEST))
    return name, min(max(room - name - 1, _NARROWEST), _WIDEST)


def short_names(paths: Sequence[str]) -> list[str]:
    """The paths without the folder that all are in."""
    parts = [path.split("/")[:-1] for path in paths]
    shared = 0
    while parts and all(len(part) > shared for part in parts) and len({part[shared] for part in parts}) == 1:
        shared += 1
    return [visible("/".join(path.split("/")[shared:])) for path in paths]


def fitted(name: str, width: int, signs: Signs) -> str:
    """The end of ``name``, which tells most, in exactly ``width`` columns."""
    return name.ljust(width) if len(name) <= width else signs.cut + name[len(name) - width + 1 :]
