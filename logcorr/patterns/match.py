"""``match``: every pattern of the rulebook over the events of a run."""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.coverage.survey import survey
from logcorr.dataclass import dataclass
from logcorr.errors import RuleError
from logcorr.model import Limit
from logcorr.patterns.engine import stream as streams
from logcorr.patterns.engine.context import Context, context_of
from logcorr.patterns.engine.figures import Figure
from logcorr.patterns.engine.found import Found, nothing, to_frame
from logcorr.patterns.engine.results import Summary, summarise
from logcorr.patterns.forms import FORMS
from logcorr.patterns.search.candidates import MOST_TRIED
from logcorr.patterns.search.combinations import MOST_CHAINS
from logcorr.rulebook.models import Pattern, Rulebook
from logcorr.schema import MATCHES, PatternResult, Timeline

_FIND: Final = dict(FORMS)


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
    wanted = tuple(dict.fromkeys(name for pattern in rules.patterns.values() for name in pattern.events()))
    believed = events.filter(pl.col("trusted").fill_null(value=True))
    stream = streams.build(believed, wanted)
    context = context_of(stream, survey(timeline, believed, rules))
    frames: list[pl.DataFrame] = [pl.DataFrame(schema=MATCHES)]
    summaries: list[Summary] = []
    limits: list[Limit] = []
    faults: list[RuleError] = []
    unmatched = 0  # tested for chance without a match
    for pattern in rules.patterns.values():
        try:
            found, figure = find(pattern, context)
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


def find(pattern: Pattern, context: Context) -> tuple[Found, Figure | None]:
    """The matches of one pattern, and what chance would give."""
    if not any(context.stream.names(name) for name in pattern.events()):
        return nothing(), None
    return _FIND[pattern.form()](pattern, context)
