"""How long an incident lasted and whether it is over, in words."""

from __future__ import annotations

from typing import Final

from logcorr.model import Report, Verdict
from logcorr.report.assumed import is_assumed
from logcorr.report.text.clock import clock
from logcorr.report.text.words import RESOLVED
from logcorr.times.timespan import duration

_AGAIN: Final = "may come back"
_ASSUMED: Final = "the log names no zone"


def started(report: Report, verdict: Verdict) -> str:
    """Say when an incident started, and where nothing says in which zone the logs of its hosts are."""
    if not verdict.started:
        return "not known"
    read = [item for item in report.inputs if item.records and item.host in verdict.hosts]
    doubt = f" ({_ASSUMED})" if read and all(map(is_assumed, read)) else ""
    return f"{clock(report.zone).stamp(verdict.started).both}{doubt}"


def resolved(report: Report, verdict: Verdict) -> str:
    """Say whether an incident is over, since when, and, of one that recurs, that it may come back."""
    said = RESOLVED[verdict.ongoing]
    if verdict.ongoing is not False or not verdict.ended:
        return said
    again = f"; {_AGAIN}" if verdict.recurrence is not None else ""
    return f"{said}, {clock(report.zone).stamp(verdict.ended).both}{again}"


def lasted(report: Report, verdict: Verdict) -> str | None:
    """Say how long an incident lasted; where it outlasted the logs, how long at least, and where it came again and
    again, how often and how long in all. None where that is not known.
    """
    end = verdict.ended
    if verdict.ongoing:
        end = max((source.last for source in report.inputs if source.last), default=end)
    if not verdict.started or not end or end < verdict.started:
        return None
    seconds = (end - verdict.started).total_seconds()
    told = verdict.recurrence
    if not seconds and told is None:
        return "a moment"
    whole = f"{'at least ' if verdict.ongoing else ''}{duration(seconds)}"
    if told is None:
        return whole
    lengths = [each.duration_s for each in told.outages if each.duration_s is not None]
    total = f", {duration(sum(lengths))} in all" if len(lengths) == told.count and any(lengths) else ""
    return f"{whole} from first to last: {told.count:,} times{total}"
