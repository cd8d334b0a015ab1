"""The whole pipeline. Read this first: every stage is one folder, and this is the only place that joins them.

paths - intake - parsers - timeline - events - patterns - diagnosis - report
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from logcorr import __version__
from logcorr.diagnosis import diagnose
from logcorr.events import classify
from logcorr.model import RULES_USED, CoverageGap, Limit, Report, SourceFile, Tool, Window
from logcorr.patterns import match
from logcorr.request import LOOK_BACK, AnalyzeRequest
from logcorr.rulebook import load_rules
from logcorr.rulebook.models import Rulebook
from logcorr.schema import Timeline
from logcorr.sources import read_timeline
from logcorr.timeline import with_paths

__all__ = ["AnalyzeRequest", "analyze", "merged", "read_timeline"]


def analyze(request: AnalyzeRequest) -> Report:
    """Read the inputs, correlate them, and return everything a report says.

    Raises RuleError for wrong rule files, InputError where nothing could be used.
    """
    rules = load_rules(request.rules, shipped=request.shipped_rules)
    timeline, refused = read_timeline(request, margin=LOOK_BACK)
    request.progress("recognising events")
    events = classify(timeline, rules)
    matches = match(events, rules, timeline)
    request.progress("weighing causes")
    window = _window(request, timeline)
    found = diagnose(timeline, events, matches.frame, matches.findings, rules, window)
    return Report(
        tool=Tool(name="logcorr", version=__version__, rules_sha256=rules.sha256, command=request.command),
        window=window,
        verdict=found.incidents[0],
        incidents=found.incidents,
        hypotheses=found.hypotheses,
        findings=found.findings,
        evidence=found.evidence,
        actions=found.actions,
        checks=found.checks,
        questions=found.questions,
        coverage=(*found.coverage, *_refusal_gaps(refused)),
        changes=found.changes,
        inputs=(*timeline.inputs, *refused),
        limits=(*found.limits, *matches.limits, *_rules_refused(rules)),
        lanes=found.lanes,
    )


def merged(request: AnalyzeRequest, *, events: bool = False) -> tuple[pl.DataFrame, tuple[SourceFile, ...]]:
    """The timeline's frame, with the path of each record's source, and all inputs, those that were not used too.

    With ``events`` also the names of the events that the rules know, several joined by a comma.
    """
    timeline, refused = read_timeline(request)
    frame, inputs = with_paths(timeline.frame, timeline.inputs), (*timeline.inputs, *refused)
    if not events:
        return frame, inputs
    request.progress("recognising events")
    rules = load_rules(request.rules, shipped=request.shipped_rules)
    names = classify(timeline, rules).group_by("id").agg(pl.col("event").unique(maintain_order=True).str.join(","))
    return frame.join(names, on="id", how="left", maintain_order="left"), inputs


def _window(request: AnalyzeRequest, timeline: Timeline) -> Window:
    """The window asked for; where an end was left open, the end of the logs."""
    first, last = timeline.frame["time"].min(), timeline.frame["time"].max()
    return Window(since=request.since or first, until=request.until or last)  # type: ignore[arg-type]  # a datetime column


def _rules_refused(rules: Rulebook) -> tuple[Limit, ...]:
    """Rules in another language that these logs or this matcher cannot answer, the first of them named."""
    if not rules.refused:
        return ()
    used = sum(name.startswith("sigma-") for name in rules.patterns)
    return (Limit(what=f"{RULES_USED} ({rules.refused[0]})", limit=used, seen=used + len(rules.refused)),)


def _refusal_gaps(refused: Sequence[SourceFile]) -> tuple[CoverageGap, ...]:
    return tuple(
        CoverageGap(
            source=item.path,
            host=None,
            reason=item.problem or "",
            kind=item.problem_kind or ("unrecognised" if item.format == "unrecognised" else "unreadable"),
        )
        for item in refused
    )
