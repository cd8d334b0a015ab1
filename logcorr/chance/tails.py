"""Upper tails of the Poisson and the binomial distribution, at any size: terms are summed by their logarithms.

A term's neighbour is the term times a simple ratio, so one logarithm of a gamma function and a running sum of
logarithms give them all. Beyond ``_reach`` terms from the largest, the rest is less than e^-40 of it: less than a float
can tell.
"""

from __future__ import annotations

from math import exp, expm1, lgamma, log, log1p, sqrt

import numpy as np
import numpy.typing as npt

_FAR = 40.0


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


def _log_series(ratios: npt.NDArray[np.float64]) -> float:
    """The logarithm of 1 + r1 + r1 r2 + ..., where no product exceeds 1, given those of the ratios."""
    return float(np.log1p(np.exp(np.cumsum(ratios)).sum()))


def _log_poisson(count: int, expected: float) -> float:
    return count * log(expected) - expected - lgamma(count + 1)


def _log_binomial(trials: int, hits: int, share: float) -> float:
    ways = lgamma(trials + 1) - lgamma(hits + 1) - lgamma(trials - hits + 1)
    return ways + hits * log(share) + (trials - hits) * log1p(-share)
