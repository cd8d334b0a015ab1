"""Zones that are only assumed: where logs of several clocks are put in one order, its lines may be hours off."""

from __future__ import annotations

from collections.abc import Sequence
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
    shown = list(dict.fromkeys((name(item, doubted), item.timezone or "UTC") for item in doubted))
    named = ", ".join(f"{each} ({zone})" for each, zone in shown[:_MOST])
    more = f" and {len(shown) - _MOST:,} more" if len(shown) > _MOST else ""
    options = " ".join(dict.fromkeys(_option(each) for each, _ in shown[:_MOST]))
    return f"the zone is only assumed for {named}{more}, so times there may be hours off; settle it with {options}"


def is_assumed(item: SourceFile) -> bool:
    """Whether neither the logs nor the user say in which zone the input's times are."""
    return (item.timezone_from or "").startswith("assumed")


def name(item: SourceFile, among: Sequence[SourceFile]) -> str:
    """What --tz may call an input: its file, or the host where several files ``among`` these are of it."""
    several = sum(each.host == item.host for each in among) > 1
    return item.host if item.host and several else item.path.rpartition("/")[2]


def _option(named: str) -> str:
    plain = named.replace("-", "").replace(".", "").isalnum()
    return f"--tz {named}=ZONE" if plain else f"--tz '{named}=ZONE'"
