"""The verdict for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from logcorr.model import Report
from logcorr.report.assumed import assumed_zones
from logcorr.report.extent import lasted, resolved, started
from logcorr.report.first import first
from logcorr.report.text.clean import clean
from logcorr.report.text.clock import clock
from logcorr.report.text.words import STATUS, usefulness, word
from logcorr.report.unseen import unseen

_TEXT: Final = 600  # characters of one string
_OTHERS: Final = 10  # incidents beside the first that are named


def summary(report: Report) -> str:
    """Return the verdict in three lines (what and how sure, why, when and what was not seen), zones that
    are only assumed, and what to do first.
    """
    report = clean(said(report), _TEXT)
    verdict = report.verdict
    status = word(STATUS, verdict.status)
    causes = [] if verdict.cause == verdict.status else [verdict.cause]
    titles = {each.cause: each.title for each in report.hypotheses}
    worse = [f"“{titles.get(cause, cause)}”" for cause in verdict.contributing]
    causes += [f"made worse by {' and '.join(worse)}"] if worse else []
    named = f" ({'; '.join(causes)})" if causes else ""
    return "\n".join(
        (
            f"{status.word}: {verdict.title.rstrip('.')}{named}.",
            f"Because: {(verdict.reason or status.means).rstrip('.')}.",
            f"{_when(report)}{f' Not seen: {missed}' if (missed := unseen(report, verdict)) else ''}",
            *_zones(report),
            *_first(report),
            *_others(report),
        )
    )


def said(report: Report) -> Report:
    """The report without the parts, most of it, of which a summary says nothing."""
    return replace(report, findings=(), evidence=(), questions=(), changes=(), limits=(), lanes=())


def _others(report: Report) -> Iterator[str]:
    """The other incidents in a line each, what is confirmed first; of very many, how many more of which status."""
    rest = sorted(report.incidents[1:], key=usefulness)
    for verdict in rest[:_OTHERS]:
        cause = "" if verdict.cause == verdict.status else f" ({verdict.cause})"
        since = f", {clock(report.zone).stamp(verdict.started).full}" if verdict.started else ""
        long = lasted(report, verdict)
        yield (
            f"Also: {word(STATUS, verdict.status).word}: {verdict.title.rstrip('.')}{cause}{since}"
            f"{f', lasted {long}' if long else ''}."
        )
    more = Counter(word(STATUS, verdict.status).word.lower() for verdict in rest[_OTHERS:])
    if more:
        yield f"Also: {', '.join(f'{count:,} more {name}' for name, count in more.items())}; see the report."


def _zones(report: Report) -> tuple[str, ...]:
    doubt = assumed_zones(report)
    return (f"Zones: {doubt}.",) if doubt else ()


def _first(report: Report) -> tuple[str, ...]:
    todo = first(report, report.verdict)
    if todo is None:
        return ()
    about = f"{f'on {todo.on}; ' if todo.on else ''}risk: {todo.risk}"
    return (f"Do first: {todo.do} ({about}){f': {todo.command}' if todo.command else '.'}",)


def _when(report: Report) -> str:
    verdict = report.verdict
    if not verdict.started:
        inputs, records = len(report.inputs), sum(each.records for each in report.inputs)
        return f"Looked at: {inputs:,} input{'s'[: inputs != 1]}, {records:,} record{'s'[: records != 1]}."
    long = lasted(report, verdict)
    about = f"{started(report, verdict)}{f', lasted {long}' if long else ''}"
    return f"When: {about}; resolved: {resolved(report, verdict)}."
