"""From all pairs that stand out to those worth a rule: each thing told once, and nothing that is known already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Final

from logcorr.chance.rhythm import Rhythm
from logcorr.rulebook.globs import glob_matches
from logcorr.rulebook.models import Rulebook
from logcorr.suggest.beats import Recurring, in_step, locked
from logcorr.suggest.pairs import Pair
from logcorr.suggest.series import Occurrences, SeriesKind
from logcorr.times.micros import SECOND

#: Lines of one program that come together within this time, this often, tell one thing in several lines.
AT_ONCE: Final = SECOND
ALMOST_ALWAYS: Final = 0.8
#: How far two lags in a row may be from the lag of the whole, as a share of it, and at least in µs.
ADDS_UP: Final = 0.25


def worth_a_rule(pairs: Sequence[Pair], beats: Sequence[Recurring], found: Occurrences, rules: Rulebook) -> list[Pair]:
    """The pairs without those that say nothing new, in their order."""
    leader = _leaders(pairs, found)
    known = _known_pairs(rules)
    rhythm = {beat.series: beat.rhythm for beat in beats}
    kept: list[Pair] = []
    told: set[tuple[int, int]] = set()
    for pair in pairs:
        ends = leader[pair.cause], leader[pair.effect]
        if ends[0] == ends[1] or ends in told or _on_one_beat(pair, rhythm):
            continue
        told.add(ends)
        if not _is_known(found.series[pair.cause].kind, found.series[pair.effect].kind, known):
            kept.append(pair)
    return [pair for pair in kept if not _by_way_of_another(pair, kept)]


def distinct_beats(beats: Sequence[Recurring], found: Occurrences, rules: Rulebook) -> list[Recurring]:
    """The beats without those that run in step with a clearer one, or that a rule knows."""
    known = [name for rule in rules.patterns.values() if rule.beat for name in _names(rule.beat.event)]
    kept: list[Recurring] = []
    for beat in sorted(beats, key=lambda each: not each.strict()):
        if not any(locked(beat, leader, found) for leader in kept):
            kept.append(beat)
    return [beat for beat in kept if beat.strict() and not _matches(found.series[beat.series].kind, known)]


def _leaders(pairs: Sequence[Pair], found: Occurrences) -> list[int]:
    """For each series the one that stands for all lines that come at once with it."""
    leader = list(range(len(found.series)))
    for pair in pairs:
        together = pair.same_host and pair.lag <= AT_ONCE and pair.followed >= ALMOST_ALWAYS * pair.episodes
        if together and found.series[pair.cause].program == found.series[pair.effect].program:
            one, other = sorted((leader[pair.cause], leader[pair.effect]))
            leader = [one if each == other else each for each in leader]
    return leader


def _on_one_beat(pair: Pair, rhythm: dict[int, Rhythm]) -> bool:
    cause, effect = rhythm.get(pair.cause), rhythm.get(pair.effect)
    return cause is not None and effect is not None and in_step(cause, effect)


def _by_way_of_another(pair: Pair, pairs: Sequence[Pair]) -> bool:
    """Whether the pair is the sum of two others: the effect follows something that follows the cause."""
    slack = max(ADDS_UP * pair.lag, AT_ONCE)
    starts = [each for each in pairs if each.cause == pair.cause and each.effect != pair.effect]
    ends = {each.cause: each for each in pairs if each.effect == pair.effect and each.cause != pair.cause}
    return any(start.effect in ends and abs(start.lag + ends[start.effect].lag - pair.lag) <= slack for start in starts)


def _known_pairs(rules: Rulebook) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """What comes before what in the patterns of the rulebook."""
    found = []
    for rule in rules.patterns.values():
        steps = [_names(step.event) for step in rule.steps() if not step.negated]
        found += list(combinations(steps, 2))
        if rule.all:
            found += list(combinations(steps[::-1], 2))
    return found


def _is_known(cause: SeriesKind, effect: SeriesKind, known: Sequence[tuple[tuple[str, ...], tuple[str, ...]]]) -> bool:
    return any(_matches(cause, before) and _matches(effect, after) for before, after in known)


def _matches(kind: SeriesKind, globs: Iterable[str]) -> bool:
    return kind.event is not None and glob_matches(kind.event, globs)


def _names(event: str | tuple[str, ...]) -> tuple[str, ...]:
    return (event,) if isinstance(event, str) else event
