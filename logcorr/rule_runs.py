"""Rules at work outside an analysis: their cases, why one did not match, which never do, which are suggested.

Beside ``api`` the only place that joins stages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from logcorr.api import AnalyzeRequest, analyze
from logcorr.dataclass import dataclass
from logcorr.errors import UsageError
from logcorr.events import classify, classify_messages
from logcorr.inputs.sources import read_timeline
from logcorr.model import Report
from logcorr.parsers import read
from logcorr.patterns import match, near_misses
from logcorr.rulebook import load_rules
from logcorr.rulebook.checks.outsiders import outsiders_of
from logcorr.rulebook.load import shipped_rules
from logcorr.rulebook.models import Rulebook
from logcorr.rulebook.testing.cases import load_cases
from logcorr.rulebook.testing.trial import Result, Stages, run_cases, run_standard_cases
from logcorr.schema import Timeline
from logcorr.suggest import Suggested, suggest
from logcorr.timeline import ClockSettings, build

#: The day on which cases are run: years that they leave out are those of their dates before it.
CASE_DAY = datetime(2026, 1, 31, tzinfo=UTC)
#: Lines of an event that are shown.
_SEEN = 10


@dataclass(frozen=True, slots=True)
class RuleCounts:
    """How often each rule found something in given logs."""

    events: Mapping[str, int]
    patterns: Mapping[str, int]


def run_rule_cases(folders: Sequence[Path], *, shipped: bool = True) -> Iterator[Result]:
    """Run the cases beside the rules in ``folders`` (or the shipped ones), and those that every sequence must pass.

    Raises RuleError where rules or cases are wrong.
    """
    rules = load_rules(folders, shipped=shipped)
    files = load_cases(folders or [shipped_rules()], rules)
    stages = Stages(classify_messages, _read, classify, _match, lambda logs: _analyze(logs, folders, shipped=shipped))
    yield from run_cases(files, rules, stages)
    own = _own(rules, folders)
    yield from run_standard_cases(rules, stages, own)


def told_on(name: str, request: AnalyzeRequest) -> Iterator[str]:
    """What a rule did in the request's inputs: why a pattern matched as often as it did, how a cause was weighed, which
    lines an event was seen in. Raises UsageError for a name that is none of them.
    """
    rules = load_rules(request.rules, shipped=request.shipped_rules)
    if name in rules.causes:
        yield from _weighed(name, analyze(request))
        return
    timeline, _ = read_timeline(request, outsiders=outsiders_of(rules))
    events = classify(timeline, rules)
    if name in rules.patterns:
        found = near_misses(rules.patterns[name], events, rules, timeline)
        yield f"{found.matched} matched, {found.inconclusive} inconclusive"
        yield from found.lines
    elif any(name in file.events for file in rules.events) or any(name == query.event for query in rules.queries):
        yield from _seen(events.filter(pl.col("event") == name), timeline)
    else:
        raise UsageError(f"no rule is called {name!r}", hint="`logcorr rules list` names them")


def _weighed(cause: str, report: Report) -> Iterator[str]:
    """What spoke for and against a cause in each incident, and why it came out as it did."""
    found = [item for item in report.hypotheses if item.cause == cause]
    if not found:
        yield "not weighed here: no incident was found that it could explain"
    for item in found:
        verdict = report.incidents[item.incident]
        yield f"incident {item.incident + 1} of {len(report.incidents)}: {verdict.title}"
        yield f"  {item.status}, score {item.score:+.1f}{': ' if item.reason else ''}{item.reason}"
        yield from (f"  evidence for, {each.strength}: {each.says}" for each in item.supports)
        yield from (f"  evidence against, {each.strength}: {each.says}" for each in item.against)
        for each in item.expected_missing:
            yield f"  expected, {'not seen' if each.observable else 'and no log given could show it'}: {each.says}"


def _seen(events: pl.DataFrame, timeline: Timeline) -> Iterator[str]:
    """How often an event was seen, and its first lines."""
    yield f"{events.height:,} seen"
    lines = events.head(_SEEN).join(timeline.frame.select("id", "message"), on="id", maintain_order="left")
    for time, host, message in lines.select("time", "host", "message").rows():
        yield f"  {time:%Y-%m-%d %H:%M:%S}Z {host or '-'}: {message}"
    if events.height > _SEEN:
        yield f"  and {events.height - _SEEN:,} more"


def rule_coverage(request: AnalyzeRequest) -> RuleCounts:
    """How often each event and pattern occurs in the request's inputs; 0 for those that never do."""
    rules = load_rules(request.rules, shipped=request.shipped_rules)
    timeline, _ = read_timeline(request, outsiders=outsiders_of(rules))
    events = classify(timeline, rules)
    seen = Counter(dict(events.group_by("event").len().rows()))
    matched = Counter({result.pattern: result.count for result in match(events, rules, timeline).findings})
    names = {name for file in rules.events for name in file.events}
    return RuleCounts(
        {name: seen[name] for name in sorted(names)}, {name: matched[name] for name in sorted(rules.patterns)}
    )


def suggest_rules(request: AnalyzeRequest, *, most: int = 10) -> Suggested:
    """Rules that the inputs suggest and that the request's rules do not know yet."""
    rules = load_rules(request.rules, shipped=request.shipped_rules)
    timeline, _ = read_timeline(request, outsiders=outsiders_of(rules))
    request.progress("recognising events")
    events = classify(timeline, rules)
    request.progress("looking for what goes together")
    return suggest(timeline, rules, events=events, most=most)


def _own(rules: Rulebook, folders: Sequence[Path]) -> list[str] | None:
    """The patterns written in ``folders``, by the names of the files; None, for all, where no folder is given."""
    if not folders:
        return None
    names = {path.stem for folder in folders for path in ([folder] if folder.is_file() else folder.rglob("*.y*ml"))}
    return [name for name in rules.patterns if name in names]


def _read(logs: Mapping[str, str]) -> Timeline:
    sources = [read(name, BytesIO(text.encode())) for name, text in logs.items()]
    return build(sources, ClockSettings(now=CASE_DAY))


def _match(events: pl.DataFrame, rules: Rulebook, timeline: Timeline) -> pl.DataFrame:
    return match(events, rules, timeline).frame


def _analyze(logs: Mapping[str, str], folders: Sequence[Path], *, shipped: bool) -> Report:
    with TemporaryDirectory() as folder:
        for name, text in logs.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        request = AnalyzeRequest(inputs=[folder], rules=folders, shipped_rules=shipped, now=CASE_DAY)
        return analyze(replace(request, command="logcorr rules test"))
