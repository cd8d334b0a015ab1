"""What chance gives: upper tails of distributions, and p-values held against one another.

Poisson and binomial at any size: terms are summed by their logarithms. A term's neighbour is the term times a simple
ratio, so one logarithm of a gamma function and a running sum of logarithms give them all. Beyond ``_reach`` terms from
the largest, the rest is less than e^-40 of it: less than a float can tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import erfc, exp, expm1, inf, lgamma, log, log1p, sqrt
from typing import Final

import numpy as np

from logcorr.times.micros import Floats

_FAR = 40.0

#: Beyond this many trials of unequal shares the exact convolution gives way to the normal approximation.
MOST_EXACT: Final = 5_000


def poisson_tail(count: int, expected: float) -> float:
    """P(X >= count) for X ~ Poisson(expected)."""
    if count <= 0:
        return 1.0
    if expected <= 0:
        return 0.0
    if count > expected:
        more = np.arange(count + 1, count + _reach(count))
        return min(1.0, exp(_log_poisson(count, expected) + _log_series(log(expected) - np.log(more))))
    fewer = np.arange(count - 1, max(count - _reach(count), 0), -1)
    return -expm1(min(0.0, _log_poisson(count - 1, expected) + _log_series(np.log(fewer) - log(expected))))


def binomial_tail(trials: int, hits: int, share: float) -> float:
    """P(X >= hits) for X ~ Binomial(trials, share)."""
    if hits <= 0 or share >= 1:
        return float(hits <= trials)
    if share <= 0 or hits > trials:
        return 0.0
    odds = log(share) - log1p(-share)
    if hits > trials * share:
        first = _log_binomial(trials, hits, share)
        k = np.arange(hits, trials)
        return min(1.0, exp(first + _log_series(np.log((trials - k) / (k + 1)) + odds)))
    first = _log_binomial(trials, hits - 1, share)
    k = np.arange(hits - 1, 0, -1)
    return -expm1(min(0.0, first + _log_series(np.log(k / (trials - k + 1)) - odds)))


def _reach(count: int) -> int:
    """Terms that matter on one side of ``count``: their logarithm falls by m²/2(count + m) within m of them."""
    return 2 + int(_FAR + sqrt(_FAR * _FAR + 2 * _FAR * count))


def _log_series(ratios: Floats) -> float:
    """The logarithm of 1 + r1 + r1 r2 + ..., where no product exceeds 1, given those of the ratios."""
    return float(np.log1p(np.exp(np.cumsum(ratios)).sum()))


def _log_poisson(count: int, expected: float) -> float:
    return count * log(expected) - expected - lgamma(count + 1)


def _log_binomial(trials: int, hits: int, share: float) -> float:
    ways = lgamma(trials + 1) - lgamma(hits + 1) - lgamma(trials - hits + 1)
    return ways + hits * log(share) + (trials - hits) * log1p(-share)


# --- trials of unequal shares -----------------------------------------------------------------------------------------


def upper_tail(shares: Floats, at_least: int) -> float:
    """P(X >= at_least), where X counts the successes of independent trials with these probabilities."""
    if at_least <= 0:
        return 1.0
    if len(shares) > MOST_EXACT:
        spread = sqrt(max(float((shares * (1 - shares)).sum()), 1e-12))
        return 0.5 * erfc((at_least - 0.5 - float(shares.sum())) / (spread * sqrt(2)))
    parts = [np.array([1 - share, share]) for share in shares]
    while len(parts) > 1:
        halves = [np.convolve(one, other) for one, other in zip(parts[::2], parts[1::2], strict=False)]
        parts = halves + parts[len(halves) * 2 :]
    return float(min(1.0, parts[0][at_least:].sum())) if parts else 0.0


def log_tail_bound(shares: Floats, at_least: int) -> float:
    """Natural logarithm of an upper bound of ``upper_tail``: Hoeffding 1963, theorem 1."""
    count, mean = len(shares), float(shares.mean()) if len(shares) else 1.0
    rate = at_least / count if count else 0.0
    if rate <= mean or mean <= 0:
        return 0.0 if rate <= mean else -inf
    hit = rate * log(rate / mean)
    miss = (1 - rate) * log((1 - rate) / (1 - mean)) if rate < 1 else 0.0
    return -count * (hit + miss)


# --- many tests -------------------------------------------------------------------------------------------------------


def adjust(p_values: Sequence[float] | Floats, tried: int | None = None) -> list[float]:
    """Benjamini-Hochberg: the false-discovery rate at which each p-value would still be accepted.

    ``tried``: the number of tests; those that are not listed count as p = 1.
    """
    order = np.argsort(p_values, kind="stable")
    tests = len(p_values) if tried is None else tried
    scaled = np.asarray(p_values, dtype=float)[order] * tests / np.arange(1, len(p_values) + 1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted.tolist()


def range_tail(count: int, share: float) -> float:
    """The probability that ``count`` times, each anywhere in a log with equal chance, lie within a ``share`` of it.

    The distribution of the range of uniform variables: n s^(n-1) - (n-1) s^n (Wilks, Mathematical Statistics, 1962).
    """
    return count * share ** (count - 1) - (count - 1) * share**count if count > 1 else 1.0
