"""Rules that a log suggests: what follows what far more often than chance has it, and what recurs on a period."""

from __future__ import annotations

from itertools import chain, islice, zip_longest
from typing import Final

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.model import Limit
from logcorr.rulebook.checks.outsiders import outsiders_of
from logcorr.rulebook.models import Rulebook
from logcorr.schema import Timeline
from logcorr.suggest.beats import find_beats
from logcorr.suggest.pairs import find_pairs
from logcorr.suggest.reduce import distinct_beats, worth_a_rule
from logcorr.suggest.rules import Suggestion, beat_rule, sequence_rule
from logcorr.suggest.series import MOST_KINDS, Occurrences, SeriesKind, occurrences
from logcorr.suggest.templates import mine
from logcorr.suggest.wording import Named, name

__all__ = ["Suggested", "Suggestion", "suggest"]

#: The share of suggestions that may be due to chance.
FALSE_DISCOVERIES: Final = 0.05


@dataclass(frozen=True, slots=True)
class Suggested:
    """What a log suggests."""

    rules: tuple[Suggestion, ...]
    limits: tuple[Limit, ...] = ()  # caps that were hit: what lay beyond was not looked at
    more: bool = False  # whether there are more than were asked for


def suggest(timeline: Timeline, rules: Rulebook, *, events: pl.DataFrame | None = None, most: int = 10) -> Suggested:
    """Rules for what the log shows and ``rules`` do not know yet, the clearest first; sequences and beats take turns.

    Args:
        timeline: what was logged.
        rules: the rulebook: its events are used where lines carry them, its sequences and beats are not repeated.
        events: the timeline's events as ``logcorr.events.classify`` finds them; without, lines are told by their
            templates alone.
        most: how many suggestions at most.
    """
    found = occurrences(timeline, events)
    beats = find_beats(found, FALSE_DISCOVERIES)
    clear, limits = find_pairs(found, FALSE_DISCOVERIES)
    pairs = worth_a_rule(clear, beats, found, rules)
    namer = _Namer(timeline, rules, found)
    taken = {*rules.patterns, *rules.causes}
    sequences = (
        sequence_rule(pair, names, timeline, taken)
        for pair in pairs
        if (names := namer.both(pair.cause, pair.effect)) is not None
    )
    recurring = (
        beat_rule(beat, named, timeline, taken)
        for beat in distinct_beats(beats, found, rules)
        if (named := namer.name(beat.series)) is not None
    )
    in_turn = (each for each in chain.from_iterable(zip_longest(sequences, recurring)) if each is not None)
    if found.kinds > MOST_KINDS:
        limits.insert(0, Limit(what="kinds of line looked at; the most frequent", limit=MOST_KINDS, seen=found.kinds))
    made = tuple(islice(in_turn, most + 1))
    return Suggested(made[:most], tuple(limits), more=len(made) > most)


class _Namer:
    """Names for kinds of line, the same one whenever a kind is asked for."""

    def __init__(self, timeline: Timeline, rules: Rulebook, found: Occurrences) -> None:
        self._messages = mine(timeline.frame)
        hidden = outsiders_of(rules).hidden(timeline.frame) != timeline.frame["message"]
        self._chosen_outside = hidden.fill_null(value=False).to_numpy()
        self._found = found
        self._taken = {event for file in rules.events for event in file.events}
        self._names: dict[SeriesKind, Named | None] = {}

    def name(self, place: int) -> Named | None:
        """What rules call the kind of the series at this place; None: no wording says just that."""
        one = self._found.series[place]
        if one.kind not in self._names:
            # no wording may read what outsiders chose, so none is made of such lines
            outside = one.kind.event is None and bool(self._chosen_outside[one.rows].any())
            named = None if outside else name(one, self._messages, self._taken)
            self._names[one.kind] = named
            if named is not None:
                self._taken.add(named.event)
        return self._names[one.kind]

    def both(self, cause: int, effect: int) -> tuple[Named, Named] | None:
        """The names of both, where both have one."""
        first, then = self.name(cause), self.name(effect)
        return None if first is None or then is None else (first, then)
