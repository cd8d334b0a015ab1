"""What to do first: the first action of the leading incident; where none is known, the first check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from logcorr.model import Report, Verdict

_SETTLED: Final = 2  # causes that a check is for
_COMMAND: Final = 200  # characters of a command beside the verdict; the whole of it stands under Do now


@dataclass(frozen=True, slots=True)
class First:
    """The first thing to do."""

    do: str
    on: str | None
    command: str | None  # its first line
    risk: str
    section: str  # that has the whole of it, and
    more: int


def first(report: Report, verdict: Verdict) -> First | None:
    """Return the first action for a cause of ``verdict``, which other incidents' actions may precede."""
    meant = {verdict.cause, *verdict.contributing}
    action = next((action for action in report.actions if action.cause in meant), None)
    if action is not None:
        more = len(report.actions) - 1
        return First(action.do.rstrip("."), action.on, _brief(action.command), action.risk.rstrip("."), "do-now", more)
    if verdict.status != "undetermined" or verdict != report.verdict:
        return None
    if not report.checks:
        return First("Read the key lines and those around them", None, None, "none, it only reads", "evidence", 0)
    check = report.checks[0]
    titles = {each.cause: each.title for each in report.hypotheses}
    causes = " or ".join(f"“{titles.get(cause, cause)}”" for cause in check.settles[:_SETTLED])
    do = f"Check for {causes}" if causes else "Run the first check"
    return First(do, check.on, _brief(check.command), "none, it only reads", "questions", len(report.checks) - 1)


def _brief(command: str | None) -> str | None:
    lines = command.split("\n") if command else []
    if not lines:
        return None
    whole = len(lines[0]) <= _COMMAND
    first = lines[0] if whole else lines[0][:_COMMAND].rpartition("; ")[0]  # never a command cut in two
    return f"{first}{' …' if len(lines) > 1 or not whole else ''}".strip()
