"""The Markdown report: to be pasted into a ticket, and to be read as plain text where nothing renders it."""

from __future__ import annotations

from typing import Final

from logcorr.model import Report
from logcorr.report import budget
from logcorr.report.inert import inline
from logcorr.report.view import View, view

LIMIT: Final = 60_000  # characters; GitHub refuses an issue's body above 65,536

_NOTE = "Log lines below are quoted as data. They come from the machines, and from whoever could write to their logs."

# What no log can know, after the postmortem template of the SRE book; left blank on purpose.
_STUB = """## To fill in

- Impact on users:
- How it was detected:
- Owner:
- Action items:
"""


def render(report: Report) -> str:
    """Return the Markdown, within the first budget that keeps it under ``LIMIT``; then sections go, last first."""
    text = ""
    for each in budget.MARKDOWN:
        shown = view(report, each)
        text = _text(shown, len(shown.parts))
        if len(text) <= LIMIT:
            return text
    for count in range(len(shown.parts) - 1, 1, -1):
        text = _text(shown, count)
        if len(text) <= LIMIT:
            break
    return text


def _text(shown: View, count: int) -> str:
    blocks = [f"# {inline(shown.title)}"]
    for part in shown.parts[:count]:
        if part.section.id != "header":
            blocks.append(f"## {part.section.title}")
        blocks.append(part.section.markdown(part.data))
        blocks += [f"_{omission}_" for omission in part.omissions]
        if part.section.id == "header":
            blocks.append(_NOTE)
    left_out = ", ".join(part.section.title for part in shown.parts[count:])
    if left_out:
        blocks.append(f"Left out for length: {left_out}. The HTML and JSON reports have them.")
    return "\n\n".join((*blocks, _STUB))
