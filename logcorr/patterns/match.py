"""``match``: every pattern of the rulebook over the events of a run."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from logcorr.coverage.survey import survey
from logcorr.errors import RuleError
from logcorr.model import Limit
from logcorr.patterns.engine import stream as streams
from logcorr.patterns.engine.candidates import MOST_TRIED
from logcorr.patterns.engine.combinations import MOST_CHAINS
from logcorr.patterns.engine.figures import Figure
from logcorr.patterns.engine.found import Found, nothing, to_frame
from logcorr.patterns.engine.observed import Coverage
from logcorr.patterns.engine.results import Summary, summarise
from logcorr.patterns.engine.stream import Stream
from logcorr.patterns.forms import all_of, beat, counts, during, measure, rates, sequence, step
from logcorr.rulebook.models import Pattern, Rulebook
from logcorr.schema import MATCHES, PatternResult, Timeline


@dataclass(frozen=True, slots=True)
class Matches:
    """What goes together in a run."""

    frame: pl.DataFrame  # schema.MATCHES: by pattern in the rulebook's order, then by time
    findings: tuple[PatternResult, ...]  # one for each pattern that matched
    limits: tuple[Limit, ...] = ()  # searches that hit a cap


def match(events: pl.DataFrame, rules: Rulebook, timeline: Timeline) -> Matches:
    """Match all patterns. ``events`` is schema.EVENTS (in any order), with or without the struct ``fields``. Those that
    are not trusted take no part: they would only come between those that are.

    Raises RuleError, naming every fault, where patterns cannot be matched (an unknown step in ``by``, an open-ended
    absence ...).
    """
    wanted = tuple(dict.fromkeys(name for pattern in rules.patterns.values() for name in event_names(pattern)))
    believed = events.filter(pl.col("trusted").fill_null(value=True))
    stream = streams.build(believed, wanted)
    coverage = Coverage(survey(timeline, believed, rules), stream)
    zones = tuple(file.timezone for file in timeline.inputs)
    frames: list[pl.DataFrame] = [pl.DataFrame(schema=MATCHES)]
    summaries: list[Summary] = []
    limits: list[Limit] = []
    faults: list[RuleError] = []
    unmatched = 0  # tested for chance without a match
    for pattern in rules.patterns.values():
        try:
            found, figure = find(pattern, stream, coverage, zones)
        except RuleError as error:
            place = rules.places.get(f"pattern {pattern.id}", f"pattern {pattern.id}")
            faults.append(RuleError(error.message, location=place, hint=error.hint))
            continue
        limits += _limits(pattern, found)
        if found.count:
            frames.append(to_frame(found, pattern, stream))
        if found.matched.any():
            rows = found.rows[found.matched[found.owner]]
            summaries.append(Summary(pattern, frames[-1], figure, tuple(sorted(stream.hosts(rows)))))
        elif figure is not None and figure.p_value is not None:
            unmatched += 1
    if faults:
        raise RuleError(faults[0].message, faults=faults)
    return Matches(pl.concat(frames), summarise(summaries, unmatched), tuple(limits))


def _limits(pattern: Pattern, found: Found) -> list[Limit]:
    if not found.gave_up:
        return []
    what, most = ("chains", MOST_CHAINS) if pattern.pair == "all" else ("rows tried for one cause", MOST_TRIED)
    return [Limit(what=f"{what} of {pattern.id} (seen: causes cut short)", limit=most, seen=found.gave_up)]


def event_names(pattern: Pattern) -> tuple[str, ...]:
    """The event names and globs that a pattern looks at."""
    form = getattr(pattern, pattern.form())
    parts = form if isinstance(form, tuple) else (form,)
    names: list[str] = []
    for part in parts:
        for attribute in ("event", "between", "start", "end", "other"):
            value = getattr(part, attribute, None)
            names += [] if value is None else [value] if isinstance(value, str) else value
    return tuple(names)


def find(
    pattern: Pattern, stream: Stream, coverage: Coverage, zones: tuple[str | None, ...]
) -> tuple[Found, Figure | None]:
    """The matches of one pattern, and what chance would give."""
    if not any(stream.names(name) for name in event_names(pattern)):
        return nothing(), None
    if pattern.sequence is not None:
        return sequence.find(pattern, stream, coverage)
    if pattern.beat is not None:
        return beat.find(pattern, pattern.beat, stream, zones)
    if pattern.burst is not None:
        return rates.find_burst(pattern, pattern.burst, stream, coverage)
    return _plain(pattern, stream, coverage), None


def _plain(pattern: Pattern, stream: Stream, coverage: Coverage) -> Found:
    """The forms of which no chance figure is given."""
    if pattern.all is not None:
        return all_of.find(pattern, stream, coverage)
    if pattern.count is not None:
        return counts.find_count(pattern, pattern.count, stream, coverage)
    if pattern.flap is not None:
        return counts.find_flap(pattern, pattern.flap, stream, coverage)
    if pattern.during is not None:
        return during.find(pattern, pattern.during, stream, coverage)
    if pattern.silence is not None:
        return rates.find_silence(pattern, pattern.silence, stream, coverage)
    if pattern.measure is not None:
        return measure.find(pattern, pattern.measure, stream, coverage)
    return step.find(pattern, pattern.step, stream) if pattern.step is not None else nothing()
