"""Which incident a report leads with: of two that cover the same time, the one that shows the cause.

What a monitor or a client sees meanwhile is seen from outside: its lines are many, and tell no cause.
"""

from __future__ import annotations

from collections.abc import Sequence

from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.telling.verdicts import Case


def in_order(cases: Sequence[Case]) -> tuple[Case, ...]:
    """The cases, gravest first as given; but one that only sees another's effect comes after it."""
    order: list[int] = []  # positions in ``cases``
    for position, case in enumerate(cases):
        ahead = (place for place, other in enumerate(order) if _shows(case, cases[other]))
        order.insert(next(ahead, len(order)), position)
    return tuple(cases[position] for position in order)


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
