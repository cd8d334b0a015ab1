"""Ordered pairs: kinds of line that follow another kind far more often than chance would have it.

Every ordered pair is screened by how soon the effect follows up to ``MOST_CAUSES`` of the causes, which costs one
binary search each; the ``MOST_TESTED`` that stand out are tested with each window of ``WINDOWS``. The best window's
p-value is multiplied by their number for having been chosen, and the false-discovery rate is controlled over all pairs,
those that did not stand out included. What is left must also have an order: the effect comes after the cause, not as
often before.
"""

from __future__ import annotations

from dataclasses import replace
from math import exp
from typing import Final

import numpy as np

from logcorr.chance.tails import MOST_EXACT, adjust, binomial_tail, log_tail_bound, upper_tail
from logcorr.chance.trials import FEWEST, Trials, close, covering, episodes, trials
from logcorr.coverage.intervals import TimeSet
from logcorr.dataclass import dataclass
from logcorr.model import Limit
from logcorr.suggest.series import MOST_HOSTS, KindSeries, Occurrences
from logcorr.times.micros import SECOND, Bools, Floats, Ints

WINDOWS: Final = tuple(seconds * SECOND for seconds in (1, 2, 5, 10, 20, 30, 60, 120, 300, 600))
MOST_CAUSES: Final = 150
MOST_TESTED: Final = 400

#: A pair stands out if more causes are followed than a normal approximation gives, by so many standard deviations.
STANDS_OUT: Final = 3.0
#: At least this share of the episodes must be followed: a rule that hardly ever holds helps nobody.
LEAST_FOLLOWED: Final = 0.2
#: Chance must give less often than once in so many that the effect comes after the cause rather than before it; and
#: how much of the evidence for this order (log P) there may be for the reverse.
ORDER: Final = 20
REVERSE: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """One pair that was tested: places of its series, figures, and the rows of each cause that was followed."""

    cause: int
    effect: int
    same_host: bool
    within: int  # µs
    episodes: int
    followed: int
    expected: float
    p_value: float  # times the number of windows
    log_bound: float
    lag: float  # median, µs
    causes: Ints  # timeline rows of the hits
    effects: Ints
    adjusted: float = 1.0


def find_pairs(found: Occurrences, false_discoveries: float) -> tuple[list[Pair], list[Limit]]:
    """The pairs whose order in time is far from chance, the clearest first, and the caps that were hit."""
    tried = len(found.series) * (len(found.series) - 1)
    tested, limits = _tested(found, found.series, same_host=True)
    if 1 < len(found.hosts) <= MOST_HOSTS:
        more = _tested(found, tuple(found.elsewhere(one) for one in found.series), same_host=False)
        tested, limits = tested + more[0], limits + more[1]
        tried *= 2
    elif len(found.hosts) > MOST_HOSTS:
        what = "hosts between which pairs are looked for; with more, on each host alone"
        limits.append(Limit(what=what, limit=MOST_HOSTS, seen=len(found.hosts)))
    rates = adjust([pair.p_value for pair in tested], tried)
    clear = [
        replace(pair, adjusted=rate) for pair, rate in zip(tested, rates, strict=True) if rate <= false_discoveries
    ]
    return sorted(clear, key=lambda pair: (pair.log_bound, pair.cause, pair.effect, not pair.same_host)), limits


def _tested(found: Occurrences, effects: tuple[KindSeries, ...], *, same_host: bool) -> tuple[list[Pair], list[Limit]]:
    """The pairs that stand out, tested; ``effects`` are the series where they are looked for."""
    standing_out, count = _screened(found.series, effects)
    where = "on one host" if same_host else "from host to host"
    what = f"pairs of lines tested {where}; those that stand out most"
    limits = [Limit(what=what, limit=MOST_TESTED, seen=count)] if count > MOST_TESTED else []
    tested: list[Pair] = []
    for effect in sorted({effect for _, effect in standing_out}):
        late = effects[effect]
        covered = [covering(late.at, within, late.observed, at_once=False) for within in WINDOWS]
        for cause in sorted(cause for cause, other in standing_out if other == effect):
            pair = _test(found, (cause, effect), late, covered, same_host=same_host)
            if pair is not None:
                tested.append(pair)
    return tested, limits


def _screened(causes: tuple[KindSeries, ...], effects: tuple[KindSeries, ...]) -> tuple[list[tuple[int, int]], int]:
    """(cause, effect) of the pairs that stand out, at most ``MOST_TESTED`` of them, and how many do."""
    samples = [_sample(one) for one in causes]
    owner = np.repeat(np.arange(len(samples)), [len(part) for part in samples])
    asked = np.concatenate([*samples, np.zeros(0, dtype=np.int64)])
    scores = np.zeros((len(causes), len(effects)))
    for effect, late in enumerate(effects):
        if len(late) >= FEWEST:
            scores[:, effect] = _standing_out(asked, owner, len(causes), late)
    np.fill_diagonal(scores, 0.0)
    best = np.argsort(-scores, axis=None, kind="stable")[:MOST_TESTED]
    chosen = zip(*(part.tolist() for part in np.unravel_index(best, scores.shape)), strict=True)
    found = [(cause, effect) for cause, effect in chosen if scores[cause, effect] > STANDS_OUT]
    return found, int((scores > STANDS_OUT).sum())


def _sample(one: KindSeries) -> Ints:
    first = episodes(one.at, 2 * WINDOWS[0])
    return first[np.linspace(0, len(first) - 1, MOST_CAUSES).astype(np.int64)] if len(first) > MOST_CAUSES else first


def _standing_out(asked: Ints, owner: Ints, causes: int, late: KindSeries) -> Floats:
    """For each cause by how many standard deviations more of it is followed than this effect's coverage gives."""
    place = np.searchsorted(late.at, asked, side="right")
    lag = np.where(place < len(late), late.at[np.minimum(place, len(late) - 1)] - asked, np.iinfo(np.int64).max)
    count = np.bincount(owner, minlength=causes)
    observed = max(late.observed.length(), 1)
    gaps = np.diff(late.at)
    best = np.zeros(causes)
    for within in WINDOWS:
        share = min((int(np.minimum(gaps, within).sum()) + within) / observed, 1.0)
        hits = np.bincount(owner, weights=lag <= within, minlength=causes)
        spread = np.sqrt(np.maximum(count * share * (1 - share), 1e-9))
        score = np.where(hits >= FEWEST, (hits - count * share) / spread, 0.0)
        best = np.maximum(best, score)
    return best


def _test(
    found: Occurrences, places: tuple[int, int], late: KindSeries, covered: list[TimeSet], *, same_host: bool
) -> Pair | None:
    """The pair with the window that chance explains least, or None where it is no pair with an order."""
    cause, effect = places
    early = found.series[cause]
    if len(np.intersect1d(early.rows, found.series[effect].rows)):
        return None  # two events of one record
    best: tuple[float, int, Trials] | None = None
    for number, within in enumerate(WINDOWS):
        made = trials(early.at, covered[number], within, late.observed, close(within))
        count = int(made.followed.sum())
        if count >= max(FEWEST, LEAST_FOLLOWED * len(made.start)):
            bound = log_tail_bound(made.highest, count)
            if best is None or bound < best[0]:
                best = bound, number, made
    if best is None:
        return None
    bound, number, made = best
    if not _after_rather_than_before(made, late, WINDOWS[number]) or _as_clear_reversed(early, late, best):
        return None
    return _pair(found, places, late, best, same_host=same_host)


def _pair(
    found: Occurrences, places: tuple[int, int], late: KindSeries, best: tuple[float, int, Trials], *, same_host: bool
) -> Pair | None:
    bound, number, made = best
    early = found.series[places[0]]
    hits = made.start[made.followed]
    causes = early.rows[np.searchsorted(early.at, hits)]
    first = np.searchsorted(late.at, hits, side="right")
    effects = late.rows[first]
    known = found.order_known(causes, effects)
    if known.sum() < max(FEWEST, len(hits) / 2):
        return None
    exact = len(made.highest) <= MOST_EXACT  # far out in the tail the normal approximation says nothing; the bound does
    p_value = upper_tail(made.highest, len(hits)) if exact else exp(bound)
    return Pair(
        cause=places[0],
        effect=places[1],
        same_host=same_host,
        within=WINDOWS[number],
        episodes=len(made.start),
        followed=len(hits),
        expected=float(made.highest.sum()),
        p_value=min(p_value * len(WINDOWS), 1.0),
        log_bound=bound,
        lag=float(np.median(late.at[first] - hits)),
        causes=causes[known],
        effects=effects[known],
    )


def _after_rather_than_before(made: Trials, late: KindSeries, within: int) -> bool:
    """A sign test over the episodes that have the effect on one side only."""
    before = _any_between(late.at, made.start - within, made.start)
    after_only, before_only = int((made.followed & ~before).sum()), int((before & ~made.followed).sum())
    return binomial_tail(after_only + before_only, after_only, 0.5) * ORDER <= 1


def _any_between(times: Ints, start: Ints, end: Ints) -> Bools:
    """Whether any of ``times`` lies in [start, end)."""
    return np.asarray(np.searchsorted(times, start) < np.searchsorted(times, end))


def _as_clear_reversed(early: KindSeries, late: KindSeries, best: tuple[float, int, Trials]) -> bool:
    """Whether the cause follows the effect hardly less clearly: the two go together, but in no order."""
    bound, number, _ = best
    within = WINDOWS[number]
    covered = covering(early.at, within, early.observed, at_once=False)
    made = trials(late.at, covered, within, early.observed, close(within))
    reverse = log_tail_bound(made.highest, int(made.followed.sum()))
    return reverse < REVERSE * bound
