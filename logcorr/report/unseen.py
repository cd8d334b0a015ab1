"""What was not seen, beside the verdict: the log that would settle it, else the gravest gap in those given."""

from __future__ import annotations

from typing import Final

from logcorr.model import CoverageGap, Report, Verdict
from logcorr.report.text.words import some

_HOSTS: Final = 4  # named whose logs were given


def unseen(report: Report, verdict: Verdict) -> str | None:
    """The verdict's own warning; of the leading incident, else the gap that hides most, and how many more there are."""
    if verdict.warning or not report.coverage or verdict != report.verdict:
        return verdict.warning
    gravest = max(report.coverage, key=lambda gap: len(gap.hides))
    more = len(report.coverage) - 1
    others = f" {more:,} more gap{'s'[: more != 1]}." if more else ""
    return f"{_place(gravest)}{gravest.reason.rstrip('.')}.{others}"


def nothing_unseen(report: Report) -> str:
    """Say that no gap is known, and of which hosts logs were given: what others did is not in them."""
    hosts = tuple(dict.fromkeys(item.host for item in report.inputs if item.records and item.host))
    return f"no gap is known in the logs given{f' (of {some(hosts, _HOSTS)} alone)' if hosts else ''}"


def _place(gap: CoverageGap) -> str:
    """Where it is, unless the reason says so."""
    names = [name for name in ((gap.source or "").rpartition("/")[2], gap.host) if name]
    return "" if not names or any(name in gap.reason for name in names) else f"{names[0]}: "
