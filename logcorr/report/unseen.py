"""What was not seen, beside the verdict: the log that would settle it, else the gravest gap in those given."""

from __future__ import annotations

from logcorr.model import CoverageGap, Report, Verdict


def unseen(report: Report, verdict: Verdict) -> str | None:
    """The verdict's own warning; of the leading incident, else the gap that hides most, and how many more there are."""
    if verdict.warning or not report.coverage or verdict != report.verdict:
        return verdict.warning
    gravest = max(report.coverage, key=lambda gap: len(gap.hides))
    more = len(report.coverage) - 1
    others = f" {more:,} more gap{'s'[: more != 1]}." if more else ""
    return f"{_place(gravest)}{gravest.reason.rstrip('.')}.{others}"


def _place(gap: CoverageGap) -> str:
    """Where it is, unless the reason says so."""
    names = [name for name in ((gap.source or "").rpartition("/")[2], gap.host) if name]
    return "" if not names or any(name in gap.reason for name in names) else f"{names[0]}: "
