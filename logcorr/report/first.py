"""What to do first: the first action of the leading incident."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import shorten
from typing import Final

from logcorr.model import Report, Verdict

_COMMAND: Final = 120  # characters of a command beside the verdict; the whole of it stands under Do now


@dataclass(frozen=True, slots=True)
class First:
    """The first thing to do."""

    do: str
    on: str | None
    command: str | None  # its first line
    risk: str
    more: int


def first(report: Report, verdict: Verdict) -> First | None:
    """Return the first action for a cause of ``verdict``, which other incidents' actions may precede."""
    causes = {verdict.cause, *verdict.contributing}
    action = next((action for action in report.actions if action.cause in causes), None)
    if action is None:
        return None
    lines = action.command.split("\n") if action.command else []
    command = f"{shorten(lines[0], _COMMAND, placeholder=' …')}{' …' if len(lines) > 1 else ''}" if lines else None
    return First(action.do.rstrip("."), action.on, command, action.risk.rstrip("."), len(report.actions) - 1)
