"""The verdict for the terminal."""

from __future__ import annotations

from logcorr.model import Report
from logcorr.report.assumed import assumed_zones
from logcorr.report.clean import clean
from logcorr.report.clock import clock, duration
from logcorr.report.first import first
from logcorr.report.words import RESOLVED, STATUS, word

_TEXT = 240  # characters of one string


def summary(report: Report) -> str:
    """Return the verdict in three lines (what and how sure, why, when and what was not seen), zones that
    are only assumed, and what to do first.
    """
    report = clean(report, _TEXT)
    verdict = report.verdict
    status = word(STATUS, verdict.status)
    causes = [] if verdict.cause == verdict.status else [verdict.cause]
    causes += [f"contributing: {', '.join(verdict.contributing)}"] if verdict.contributing else []
    named = f" ({'; '.join(causes)})" if causes else ""
    more = len(report.incidents) - 1
    others = f" And {more} other {'incident' if more == 1 else 'incidents'}, see the report." if more > 0 else ""
    return "\n".join(
        (
            f"{status.word}: {verdict.title.rstrip('.')}{named}.{others}",
            f"Because: {(verdict.reason or status.means).rstrip('.')}.",
            f"{_when(report)}{f' Not seen: {verdict.warning}' if verdict.warning else ''}",
            *_zones(report),
            *_first(report),
        )
    )


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
    started = clock(report.zone).stamp(verdict.started).full
    lasted = f", lasted {duration((verdict.ended - verdict.started).total_seconds())}" if verdict.ended else ""
    return f"When: {started}{lasted}; resolved: {RESOLVED[verdict.ongoing]}."
