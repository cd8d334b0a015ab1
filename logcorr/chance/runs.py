"""How likely the highest of some values stand side by side by chance."""

from __future__ import annotations

from math import exp, lgamma

__all__ = ["side_by_side"]


def side_by_side(values: int, high: int, together: int) -> float:
    """At most the chance that, of ``values`` in a random order, ``together`` of the ``high`` largest are neighbours.

    The places of a run are all among the high ones with C(values - together, high - together) / C(values, high), and
    there are values - together + 1 of them; their sum is the expected number of such runs. It assumes nothing of how
    the values are spread. One value alone is always a run, so of it this says nothing.
    """
    if together < 1 or high < together or values < high:
        return 1.0
    inside = _log_choose(values - together, high - together) - _log_choose(values, high)
    return min(1.0, (values - together + 1) * exp(inside))


def _log_choose(of: int, some: int) -> float:
    return lgamma(of + 1) - lgamma(some + 1) - lgamma(of - some + 1)
