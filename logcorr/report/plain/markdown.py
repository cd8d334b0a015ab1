"""The Markdown report: to be pasted into a ticket, and to be read as plain text where nothing renders it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from logcorr.model import Report
from logcorr.report import budget
from logcorr.report.text.inert import inline
from logcorr.report.view import Part, View, view

LIMIT: Final = 60_000  # characters; GitHub refuses an issue's body above 65,536

_NOTE = "Log lines below are quoted as data. They come from the machines, and from whoever could write to their logs."
_ANSWER: Final = frozenset({"header", "answer", "do-now"})  # sections that are not cut while there is anything else
_LONG: Final = 15  # lines of a section from which it is folded

# What no log can know, after the postmortem template of the SRE book; left blank on purpose.
_STUB = """## To fill in

- Impact on users:
- How it was detected:
- Owner:
- Action items:
"""


def render(report: Report) -> str:
    """Return the Markdown, no longer than ``LIMIT``.

    The answer and what to do stay whole; the rest is written within the first budget that fits, then sections go, last
    first. Only an answer that is too long by itself is cut.
    """
    views: dict[int, View] = {}
    for of_answer in range(len(budget.MARKDOWN)):
        for of_rest in range(of_answer, len(budget.MARKDOWN)):
            for each in (of_answer, of_rest):
                views[each] = views.get(each) or view(report, budget.MARKDOWN[each])
            answer = views[of_answer]
            shown = _joined(answer, views[of_rest])
            if len(text := _text(answer, shown)) <= LIMIT:
                return text
        for count in range(len(shown) - 1, 1, -1):
            if len(text := _text(answer, shown[:count], shown[count:])) <= LIMIT:
                return text
    return text


def _joined(answer: View, rest: View) -> tuple[Part, ...]:
    cut = {part.section.id: part for part in rest.parts}
    return tuple(part if part.section.id in _ANSWER else cut.get(part.section.id, part) for part in answer.parts)


def _text(shown: View, parts: Sequence[Part], left_out: Sequence[Part] = ()) -> str:
    blocks = [f"# {inline(shown.title)}", *(block for part in parts for block in _blocks(part))]
    if left_out:
        names = ", ".join(part.section.title for part in left_out)
        blocks.append(f"Left out for length: {names}. The HTML and JSON reports have them.")
    return "\n\n".join((*blocks, _STUB))


def _blocks(part: Part) -> Iterator[str]:
    """Write a section; a long one that is not the answer can be unfolded where trackers know how."""
    if part.section.id != "header":
        yield f"## {part.section.title}"
    body = part.section.markdown(part.data)
    folded = part.section.id not in _ANSWER and body.count("\n") >= _LONG
    if folded:
        yield f"<details>\n<summary>{part.section.title}, in full</summary>"
    yield body
    if folded:
        yield "</details>"
    yield from (f"_{omission}_" for omission in part.omissions)
    if part.section.id == "header":
        yield _NOTE
