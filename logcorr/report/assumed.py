"""Zones that are only assumed: where logs of several clocks are put in one order, its lines may be hours off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from logcorr.model import Report, SourceFile

_MOST: Final = 3  # inputs that are named; the inputs at the page's end have them all


def assumed_zones(report: Report) -> str | None:
    """Say which inputs' zones are only assumed, and the options that settle them.

    None where no zone is assumed, and where no other clock takes part: the lines of one machine keep their order.
    """
    used = [item for item in report.inputs if item.records and not item.problem]
    doubted = [item for item in used if is_assumed(item)]
    clocks = {(item.host or item.path) if is_assumed(item) else None for item in used}
    if not doubted or len(clocks) < 2:
        return None
    named = ", ".join(f"{_name(item)} ({item.timezone or 'UTC'})" for item in doubted[:_MOST])
    more = f" and {len(doubted) - _MOST:,} more" if len(doubted) > _MOST else ""
    options = " ".join(dict.fromkeys(_options(doubted[:_MOST])))
    return f"the zone is only assumed for {named}{more}, so times there may be hours off; settle it with {options}"


def is_assumed(item: SourceFile) -> bool:
    """Whether neither the logs nor the user say in which zone the input's times are."""
    return (item.timezone_from or "").startswith("assumed")


def _options(inputs: list[SourceFile]) -> Iterator[str]:
    for item in inputs:
        name = f"{_name(item)}=ZONE"
        yield f"--tz {name}" if name.replace("-", "").replace(".", "").replace("=", "").isalnum() else f"--tz '{name}'"


def _name(item: SourceFile) -> str:
    return item.path.rpartition("/")[2]
