"""The whole pipeline. Read this first: every stage is one folder, and this is the only place that joins them.

paths - intake - parsers - timeline - events - patterns - diagnosis - report
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from logcorr import __version__
from logcorr.diagnosis import diagnose
from logcorr.errors import InputError
from logcorr.events import classify
from logcorr.intake import Refusal, Stream, discover
from logcorr.intake.live import LiveQuery, live_journal
from logcorr.model import CoverageGap, Report, SourceFile, Tool, Window
from logcorr.parsers import read
from logcorr.patterns import match
from logcorr.rulebook import load_rules
from logcorr.schema import Source, Timeline
from logcorr.timeline import ClockSettings, build

#: How far before the window records are read as well, so that a cause that precedes it is not cut off.
LOOK_BACK = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyzeRequest:
    """What to analyse. ``inputs`` are paths, or ``-`` for standard input; none at all means the journal.

    ``boot``, ``units``, ``directory`` and ``namespace`` choose a part of the journal as journalctl(1) does.
    """

    inputs: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    zones: Mapping[str, str] = field(default_factory=dict)  # host or file glob -> IANA zone or offset
    skews: Mapping[str, float] = field(default_factory=dict)  # host -> seconds that its clock is ahead
    default_zone: str = "UTC"
    now: datetime | None = None  # anchor for missing years; default: the newest input
    rules: Sequence[Path] = ()
    shipped_rules: bool = True
    boot: str | None = None
    units: Sequence[str] = ()
    directory: Path | None = None
    namespace: str | None = None
    command: str = "logcorr.analyze(...)"
    progress: Callable[[str], None] = lambda _: None


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
        limits=(*found.limits, *matches.limits),
        lanes=found.lanes,
    )


def read_timeline(
    request: AnalyzeRequest, *, margin: timedelta = timedelta(0)
) -> tuple[Timeline, tuple[SourceFile, ...]]:
    """Read all inputs into one timeline; the second value are those that could not be used, each with its problem."""
    items = tuple(read_sources(request))
    sources = [item for item in items if isinstance(item, Source)]
    refused = [item for item in items if isinstance(item, SourceFile)]
    if not sources:
        raise nothing_usable(request, refused)
    request.progress("putting records in time order")
    return build(sources, clock_settings(request, margin)), tuple(refused)


def merged(request: AnalyzeRequest, *, events: bool = False) -> pl.DataFrame:
    """The timeline's frame, with the path of each record's source.

    With ``events`` also the names of the events that the rules know, several joined by a comma.
    """
    timeline, _ = read_timeline(request)
    frame = with_paths(timeline.frame, timeline.inputs)
    if not events:
        return frame
    request.progress("recognising events")
    rules = load_rules(request.rules, shipped=request.shipped_rules)
    names = classify(timeline, rules).group_by("id").agg(pl.col("event").unique(maintain_order=True).str.join(","))
    return frame.join(names, on="id", how="left", maintain_order="left")


def with_paths(frame: pl.DataFrame, inputs: Sequence[SourceFile]) -> pl.DataFrame:
    """The frame with the path of each record's source in place of its number."""
    paths = pl.Series("source", [item.path for item in inputs], dtype=pl.String)
    return frame.with_columns(source=pl.lit(paths).gather(pl.col("source")))


def read_sources(request: AnalyzeRequest) -> Iterator[Source | SourceFile]:
    """Each input as it was parsed, or, where it could not be used, as a SourceFile that says why."""
    live = None if request.inputs else live_journal(_journal(request))
    parsed: list[Source] = []
    for item in live.inputs if live else discover(request.inputs):
        request.progress(f"reading {item.name}")
        found = _refused(item) if isinstance(item, Refusal) else _parsed(item)
        if live and isinstance(found, Source):
            parsed.append(found)
        else:
            yield found
    yield from live.select(parsed) if live else ()


def _journal(request: AnalyzeRequest) -> LiveQuery:
    since = request.since - LOOK_BACK if request.since else None
    return LiveQuery(
        since=since,
        until=request.until,
        boot=request.boot,
        units=tuple(request.units),
        directory=request.directory,
        namespace=request.namespace,
    )


def _parsed(stream: Stream) -> Source | SourceFile:
    try:
        with stream.open() as file:
            source = read(stream.name, file, modified=stream.modified)
    except OSError as error:
        return SourceFile(path=stream.name, problem=f"cannot be read: {error.strerror or error}")
    if source.rows.is_empty():
        problem = "; ".join(source.facts.notes) or (
            "empty" if not source.bytes else "no known log format" if source.format == "unrecognised" else "no records"
        )
        return SourceFile(
            path=source.path,
            sha256=source.sha256,
            bytes=source.bytes,
            format=source.format,
            lines=source.lines,
            unparsed=source.unparsed.height,
            problem=problem,
        )
    return source


def _refused(item: Refusal) -> SourceFile:
    return SourceFile(path=item.name, problem=item.reason)


def clock_settings(request: AnalyzeRequest, margin: timedelta = timedelta(0)) -> ClockSettings:
    """What the request says about clocks and the window; ``margin`` is kept on both sides of it."""
    return ClockSettings(
        zones=dict(request.zones),
        skews=dict(request.skews),
        default_zone=request.default_zone,
        now=request.now or datetime.now(UTC),
        since=request.since,
        until=request.until,
        margin=margin,
    )


def _window(request: AnalyzeRequest, timeline: Timeline) -> Window:
    """The window asked for; where an end was left open, the end of the logs."""
    first, last = timeline.frame["time"].min(), timeline.frame["time"].max()
    return Window(since=request.since or first, until=request.until or last)  # type: ignore[arg-type]  # a datetime column


def _refusal_gaps(refused: Sequence[SourceFile]) -> tuple[CoverageGap, ...]:
    return tuple(
        CoverageGap(
            source=item.path,
            host=None,
            reason=item.problem or "",
            kind="unrecognised" if item.format == "unrecognised" else "unreadable",
        )
        for item in refused
    )


def nothing_usable(request: AnalyzeRequest, refused: Sequence[SourceFile]) -> InputError:
    """The error for inputs of which none could be read, with the reasons."""
    place = ", ".join(request.inputs) or "the journal"
    return InputError("nothing here could be read as a log", location=place, hint=_hint(refused))


def _hint(refused: Sequence[SourceFile]) -> str:
    if not refused:
        return "name log files or folders; `logcorr analyze --help` shows what is read"
    shown = "; ".join(f"{item.path}: {item.problem}" for item in refused[:5])
    return f"{shown}. `logcorr check` says more; export journals with `journalctl -o export > host.export`"
