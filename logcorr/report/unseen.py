"""What was not seen, beside the verdict: the log that would settle it, else the gravest gap in those given."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from logcorr.model import CoverageGap, Report, Verdict
from logcorr.report.text.words import some

_HOSTS: Final = 4  # named whose logs were given
_LOOK_BACK: Final = timedelta(hours=1)  # no cause has a longer look_back


def unseen(report: Report, verdict: Verdict) -> str | None:
    """The verdict's own warning; of the leading incident, else the gap at its time that hides most, and how many more
    there are.
    """
    near = [gap for gap in report.coverage if _touches(gap, verdict)]
    if verdict.warning or not near or verdict != report.verdict:
        return verdict.warning
    gravest = max(near, key=lambda gap: len(gap.hides))
    more = len(near) - 1
    others = f" {more:,} more gap{'s'[: more != 1]}." if more else ""
    return f"{_place(gravest)}{gravest.reason.rstrip('.')}.{others}"


def nothing_unseen(report: Report) -> str:
    """Say that no gap is known, or none at the time of the incident, and of which hosts logs were given: what others
    did is not in them.
    """
    hosts = tuple(dict.fromkeys(item.host for item in report.inputs if item.records and item.host))
    when = " for the time of the incident" if report.coverage else ""
    return f"no gap is known in the logs given{when}{f' (of {some(hosts, _HOSTS)} alone)' if hosts else ''}"


def _touches(gap: CoverageGap, verdict: Verdict) -> bool:
    """Whether something of the incident, or of what led to it, may lie in the gap."""
    times = [*(step.time for step in verdict.chain), *(time for time in (verdict.started, verdict.ended) if time)]
    if not times:
        return True
    before = gap.end is not None and gap.end < min(times) - _LOOK_BACK
    after = gap.start is not None and gap.start > max(times) and not verdict.ongoing
    return not before and not after


def _place(gap: CoverageGap) -> str:
    """Where it is, unless the reason says so."""
    names = [name for name in ((gap.source or "").rpartition("/")[2], gap.host) if name]
    return "" if not names or any(name in gap.reason for name in names) else f"{names[0]}: "
