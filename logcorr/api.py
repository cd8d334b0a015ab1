"""The whole pipeline. Read this first: every stage is one folder, and this is the only place that joins them.

paths - intake - parsers - timeline - events - patterns - diagnosis - report
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from logcorr import __version__
from logcorr.diagnosis import REORDERING, diagnose
from logcorr.events import classify, disbelieved
from logcorr.inputs.request import LOOK_BACK, AnalyzeRequest
from logcorr.inputs.sources import read_timeline
from logcorr.model import RULES_USED, CoverageGap, Lane, Limit, Report, SourceFile, Tool, Verdict, Window
from logcorr.patterns import match
from logcorr.rulebook import load_rules
from logcorr.rulebook.checks.outsiders import outsiders_of
from logcorr.rulebook.models import Rulebook
from logcorr.schema import Timeline
from logcorr.timeline import estimated_shifts, rates, unshifted, with_paths
from logcorr.timeline.dating.zones import find_zone
from logcorr.work.workers import open_workers

__all__ = ["AnalyzeRequest", "analyze", "build_frame", "read", "read_timeline", "shipped_names"]

_SLICES = 120  # of the picture of rates: a bar of some eight pixels on a page


def read(request: AnalyzeRequest) -> Timeline:
    """The request's logs as one timeline, with the inputs that could not be used. Raises InputError for none at all."""
    outsiders = outsiders_of(load_rules(request.rules, shipped=request.shipped_rules))
    timeline, refused = read_timeline(request, outsiders=outsiders)
    return replace(timeline, inputs=(*timeline.inputs, *refused))


def analyze(request: AnalyzeRequest) -> Report:
    """Read the request's logs, correlate them, and return everything a report says.

    Raises:
        InputError: nothing could be used.
        RuleError: a rule file is wrong.
    """
    rules = load_rules(request.rules, shipped=request.shipped_rules)
    with open_workers(request, rules) as workers:
        outsiders = outsiders_of(rules)
        timeline, refused = read_timeline(request, margin=LOOK_BACK, outsiders=outsiders, workers=workers, packs=True)
    request.progress("recognising events")
    events, told = disbelieved(timeline, classify(timeline, rules), rules, request.routers)
    matches = match(events, rules, timeline)
    request.progress("weighing causes")
    window = _window(request, timeline)
    found = diagnose(timeline, events, matches.frame, matches.findings, rules, window, request.sites)
    told += _moved_by_clocks(timeline, events, rules, window, found.incidents[0])
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
        coverage=(*told, *found.coverage, *_refusal_gaps(refused)),
        changes=found.changes,
        inputs=(*timeline.inputs, *refused),
        limits=(*found.limits, *matches.limits, *_rules_refused(rules)),
        lanes=_rated(found.lanes, timeline),
        zone=_shown_zone(request),
    )


def _shown_zone(request: AnalyzeRequest) -> str:
    """The zone to print times in: the one that the user gave for logs; UTC alone where none or several were given."""
    given = {zone for zone in (request.zone, *request.zones.values()) if zone}
    zone = find_zone(given.pop()) if len(given) == 1 else UTC
    if isinstance(zone, timezone):
        return str(zone).removeprefix("UTC") or "UTC"
    name = zone.key if isinstance(zone, ZoneInfo) else ""
    return name if name and "," not in name else "UTC"  # rules of POSIX are no name


def build_frame(request: AnalyzeRequest, *, events: bool = False) -> tuple[pl.DataFrame, tuple[SourceFile, ...]]:
    """The timeline's frame, with the path of each record's source, and all inputs, those that were not used too.

    With ``events`` also the names of the events that the rules know, several joined by a comma.
    """
    rules = load_rules(request.rules, shipped=request.shipped_rules)
    timeline, refused = read_timeline(request, outsiders=outsiders_of(rules))
    frame, inputs = with_paths(timeline.frame, timeline.inputs), (*timeline.inputs, *refused)
    if not events:
        return frame, inputs
    request.progress("recognising events")
    names = classify(timeline, rules).group_by("id").agg(pl.col("event").unique(maintain_order=True).str.join(","))
    return frame.join(names, on="id", how="left", maintain_order="left"), inputs


def recognised(timeline: Timeline, rules: Sequence[Path], *, shipped: bool) -> pl.DataFrame:
    """``EVENTS``: what the rules recognise in a timeline. Raises RuleError for wrong rule files."""
    return classify(timeline, load_rules(rules, shipped=shipped))


def _rated(lanes: Sequence[Lane], timeline: Timeline) -> tuple[Lane, ...]:
    """The lanes with how busy their sources were."""
    busy = rates(timeline, _SLICES)
    return tuple(replace(lane, rates=busy.get(lane.label)) for lane in lanes)


def shipped_names() -> frozenset[str]:
    """The names of the patterns, causes and events of the rules that come with logcorr."""
    rules = load_rules()
    events = (name for file in rules.events for name in file.events)
    return frozenset((*rules.patterns, *rules.causes, *events))


def _moved_by_clocks(
    timeline: Timeline, events: pl.DataFrame, rules: Rulebook, window: Window, verdict: Verdict
) -> tuple[CoverageGap, ...]:
    """What to tell where the verdict would be another if no clock had been corrected from events shared with others.

    Such a correction rests on what other machines wrote; nothing else in a report does so without a line that is cited.
    """
    shifts = estimated_shifts(timeline, REORDERING)
    if not shifts:
        return ()
    plain, moved = unshifted(timeline, events, shifts)
    matches = match(moved, rules, plain)
    other = diagnose(plain, moved, matches.frame, matches.findings, rules, window).incidents[0]
    if (other.cause, other.status, other.contributing) == (verdict.cause, verdict.status, verdict.contributing):
        return ()
    clocks = ", ".join(f"{host} by {-seconds:+.1f} s" for host, seconds in sorted(shifts.items()))
    reason = (
        f"clocks were corrected from events that several hosts logged: {clocks}. With the times as they were written "
        f"the verdict would be {other.status}: {other.cause}. Check the clocks, and give what they are off with --skew"
    )
    return (CoverageGap(source=None, host=None, kind="clock-shift", reason=reason),)


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
