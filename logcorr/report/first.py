"""What to do first: the first action of the leading incident; where none is known, the first check."""

from __future__ import annotations

from typing import Final

from logcorr.dataclass import dataclass
from logcorr.model import Report, Verdict

_READ: Final = "none, it only reads"
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
    whole: str | None = None  # its command with all lines
    why: str = ""


def first(report: Report, verdict: Verdict) -> First | None:
    """Return the first action for a cause of ``verdict``, which other incidents' actions may precede."""
    meant = {verdict.cause, *verdict.contributing}
    action = next((action for action in report.actions if action.cause in meant), None)
    if action is not None:
        more = len(report.actions) - 1
        return First(action.do.rstrip("."), action.on, _brief(action.command), action.risk.rstrip("."), "do-now", more)
    if verdict.status != "undetermined" or verdict != report.verdict:
        return None
    titles = _suspected(report)
    check = next((check for cause in titles for check in report.checks if cause in check.settles), None)
    if check is None:
        why = "no cause is supported, so what was logged around them is all there is to go by"
        return First("Read the key lines and those around them", None, None, _READ, "evidence", 0, why=why)
    settled = [f"“{title}”" for cause, title in titles.items() if cause in check.settles]
    more = len(report.checks) - 1
    return First(
        f"Check for {' or '.join(settled[:_SETTLED])}",
        check.on,
        _brief(check.command),
        _READ,
        "questions",
        more,
        check.command,
        check.why or "what was found does not yet decide between causes",
    )


def _suspected(report: Report) -> dict[str, str]:
    """Titles of the causes that something in the first incident speaks for, by id, the best supported first: a check
    for any other does not fit what was found.
    """
    alive = [each for each in report.hypotheses if each.incident == 0 and each.status != "ruled-out" and each.supports]
    ranked = sorted(alive, key=lambda each: (each.status != "supported", -each.score))
    return {each.cause: each.title for each in ranked}


def _brief(command: str | None) -> str | None:
    lines = command.split("\n") if command else []
    if not lines:
        return None
    whole = len(lines[0]) <= _COMMAND
    first = lines[0] if whole else lines[0][:_COMMAND].rpartition("; ")[0]  # never a command cut in two
    return f"{first} …".strip() if len(lines) > 1 or not whole else first
