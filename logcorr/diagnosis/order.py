"""Which incident a report leads with: of two that cover the same time, the one that shows the cause.

What a monitor or a client sees meanwhile is seen from outside: its lines are many, and tell no cause.
"""

from __future__ import annotations

from collections.abc import Sequence

from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.telling.verdicts import Case


def in_order(cases: Sequence[Case]) -> tuple[Case, ...]:
    """The cases, gravest first as given; but one that only sees another's effect comes after it."""
    ordered = list(cases)
    for case in cases:
        ahead = [other for other in ordered[: ordered.index(case)] if _shows(case, other)]
        if ahead:
            ordered.remove(case)
            ordered.insert(ordered.index(ahead[0]), case)
    return tuple(ordered)


def _shows(case: Case, other: Case) -> bool:
    """Whether ``case`` has a cause of its own, and ``other`` none in the same time, or only a silent far end."""
    root, seen = case.outcome.root, other.outcome.root
    if root is None or root.cause.other_end or (seen is not None and not seen.cause.other_end):
        return False
    if seen is None and case.outcome.status not in weights.SURE:
        return False
    both = min(case.incident.end, other.incident.end) - max(case.incident.start, other.incident.start)
    longer = max(each.incident.end - each.incident.start for each in (case, other))
    return both >= longer * weights.SAME_TIME
