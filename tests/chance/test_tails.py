"""Tails against exact fractions, and at sizes where plain products underflow or overflow."""

from __future__ import annotations

from fractions import Fraction
from math import comb, exp, isfinite

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logcorr.chance.tails import binomial_tail, poisson_tail, range_tail


def exact_binomial(trials: int, hits: int, share: Fraction) -> Fraction:
    chances = (comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(max(hits, 0), trials + 1))
    return sum(chances, Fraction(0))


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(-2, 62), st.integers(0, 64))
def test_binomial_as_exact_fractions_have_it(trials: int, hits: int, share: int) -> None:
    true = float(exact_binomial(trials, hits, Fraction(share, 64)))
    assert binomial_tail(trials, hits, share / 64) == pytest.approx(true, rel=1e-9, abs=1e-300)


def exact_poisson(count: int, expected: float) -> float:
    """Terms as fractions, times e^-expected once; the tail as the sum of its own terms, not as a difference."""
    term, total = Fraction(1), Fraction(0)
    mean = Fraction(expected)
    for k in range(1, count + 1):
        term = term * mean / k
    for k in range(count, count + 200):
        total += term
        term = term * mean / (k + 1)
    return float(total) * exp(-expected)


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(0, 30 * 16))
def test_poisson_as_its_series_has_it(count: int, sixteenths: int) -> None:
    expected = sixteenths / 16
    assert poisson_tail(count, expected) == pytest.approx(exact_poisson(count, expected), rel=1e-9, abs=1e-300)


@pytest.mark.parametrize(("count", "expected"), [(4320, 700.0), (4320, 800.0), (100_000, 90_000.0), (10**7, 10.0)])
def test_far_more_than_expected_is_unlikely_at_any_size(count: int, expected: float) -> None:
    assert poisson_tail(count, expected) < 1e-100


@pytest.mark.parametrize("size", [10, 746, 10_000, 3_000_000])
def test_as_many_as_expected_is_even_odds(size: int) -> None:
    """P(X >= mean) is a half and half a term of 1/sqrt(2 pi variance), but for what the skewness takes away."""
    assert poisson_tail(size, float(size)) == pytest.approx(0.5 + 0.5 / (6.2832 * size) ** 0.5, abs=0.1 / size**0.5)
    assert binomial_tail(2 * size, size, 0.5) == pytest.approx(0.5 + 0.5 / (3.1416 * size) ** 0.5, abs=0.1 / size**0.5)


@given(st.integers(0, 5000), st.floats(0, 5000), st.floats(0, 1))
def test_tails_are_probabilities_that_fall(count: int, expected: float, share: float) -> None:
    poisson = [poisson_tail(k, expected) for k in (count, count + 1)]
    binomial = [binomial_tail(5000, k, share) for k in (count, count + 1)]
    for now, more in (poisson, binomial):
        assert isfinite(now)
        assert 0 <= more <= now + 1e-9
        assert now <= 1


@pytest.mark.parametrize(("count", "share"), [(2, 0.3), (5, 0.5), (10, 0.8), (17, 0.85)])
def test_the_range_of_times_at_random(count: int, share: float) -> None:
    drawn = np.random.default_rng(7).random((200_000, count))
    seen = float((np.ptp(drawn, axis=1) <= share).mean())
    assert range_tail(count, share) == pytest.approx(seen, abs=4 * (0.25 / len(drawn)) ** 0.5)
    assert range_tail(count, 1.0) == pytest.approx(1.0)
    assert range_tail(1, share) == 1.0
