"""How far apart the clocks of two hosts are, from events that both of them log.

An event reaches the second host after the first, so the differences of their stamps are skew plus delay. Events that
run one way cannot tell the two apart. Events that run both ways can: the skew lies between what the two ways say. The
stated uncertainty is the whole stretch over which the events that gather lie, with the resolution of the stamps, so
that it holds for each record: a relay's delay, or a clock that drifts, shows in it.
(The idea is NTP's, RFC 5905 section 8; the robust location is the shorth, Andrews et al. 1972.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from typing import Final

import numpy as np
import polars as pl
from numpy.lib.stride_tricks import sliding_window_view

from logcorr.dataclass import dataclass
from logcorr.times.micros import HOUR, MINUTE, SECOND, Ints

REACH: Final = HOUR  # clocks that are farther apart are wrong in another way
_COLLAPSE: Final = 2 * MINUTE  # what a host says about one event within this time is one record of it
_OFTEN: Final = 20  # a key that occurs more often identifies nothing
MANY: Final = 8  # hosts: a flow or a lease is written down by its ends and by what lies between, not by a whole fleet
_FEWEST: Final = 5  # pairs each way
_PARTNERS: Final = 8  # a host is compared with those that it shares the most events with
_MOST: Final = 2_000  # comparisons of two hosts in one run; each takes milliseconds
_AGREE: Final = 0.6  # share of the pairs that must gather
_WIDEST: Final = 30 * SECOND  # an uncertainty beyond which an estimate is no use
_IN_A_ROW: Final = 3  # events that are off alike, one after the other
_VARIED: Final = 5 * SECOND  # delays that differ by more than this tell nothing about a clock


@dataclass(frozen=True, slots=True)
class Estimate:
    """Clock of ``host`` minus clock of ``other``, or why it cannot be known. µs."""

    host: str
    other: str
    skew: int | None
    uncertainty: int
    pairs: tuple[int, int]  # events used, by way
    words: str


@dataclass(frozen=True, slots=True)
class HostClock:
    """What one host's clock is ahead of true time (µs, to be subtracted), how sure that is, and why."""

    skew: int
    uncertainty: int
    words: str
    known: bool  # False: nothing is applied, and ``words`` say why


def make_pairs(sightings: pl.DataFrame) -> pl.DataFrame:
    """Pairs of records of one event on two hosts.

    ``sightings``: host (String), key, starter, other (of any type), time, resolution (Int64, µs). Result: host,
    other_host, key, starter, other, time, difference (time on host minus time on other_host), resolution (the sum).
    """
    first = (
        sightings.sort("host", "key", "time")
        .filter((pl.col("time").diff() > _COLLAPSE).fill_null(value=True).over("host", "key"))
        .filter(pl.len().over("host", "key") <= _OFTEN)
        .filter(pl.col("host").n_unique().over("key") <= MANY)
    )
    apart = (pl.col("time") - pl.col("time_2")).abs()
    both = first.join(first, on="key", suffix="_2").filter((pl.col("host") < pl.col("host_2")) & (apart <= REACH))
    both = both.filter(
        (apart == apart.min().over("host", "host_2", "key", "time"))
        & (apart == apart.min().over("host", "host_2", "key", "time_2"))
    )
    return both.select(
        "host",
        pl.col("host_2").alias("other_host"),
        "key",
        pl.coalesce(pl.when(pl.col("other").is_not_null()).then("starter"), "starter_2", "starter").alias("starter"),
        pl.coalesce("other", "other_2").alias("other"),
        "time",
        (pl.col("time") - pl.col("time_2")).alias("difference"),
        (pl.col("resolution") + pl.col("resolution_2")).alias("resolution"),
    ).sort("host", "other_host", "time", "key")


def estimate_all(pairs: pl.DataFrame) -> list[Estimate]:
    """One estimate for each two hosts that share events. The cost grows with the hosts, not with their pairs."""
    two = ["host", "other_host"]
    counts = pairs.group_by(two).len("events").sort("events", *two, descending=[True, False, False])
    rank = pl.min_horizontal(pl.int_range(pl.len()).over(name) for name in two)
    ranked = counts.filter(pl.col("events") >= _FEWEST).with_columns(rank=rank)
    wanted = ranked.filter(pl.col("rank") < _PARTNERS)
    compared = wanted.head(_MOST)
    found = [
        estimate(str(host), str(other), group)
        for (host, other), group in pairs.join(compared, on=two, how="semi", maintain_order="left").group_by(two)
    ]
    few = counts.filter(pl.col("events") < _FEWEST).select(*two, "events")
    found += [_too_few(*row) for row in few.rows()]
    found += [
        Estimate(
            host, other, None, 0, (events, 0), f"not estimated: {_MOST:,} pairs of hosts were compared, not this one"
        )
        for host, other, events in wanted.slice(_MOST).select(*two, "events").rows()
    ]
    return sorted(found, key=lambda one: (one.host, one.other))


def _too_few(host: str, other: str, count: int) -> Estimate:
    words = f"not estimated: only {count} event{'s' * (count > 1)} shared with {other}"
    return Estimate(host, other, None, 0, (count, 0), words)


def estimate(host: str, other: str, pairs: pl.DataFrame) -> Estimate:
    """The skew between two hosts from their pairs (as ``make_pairs`` gives them)."""
    directed = pairs.drop_nulls(["starter", "other"]).with_columns(
        pl.min_horizontal("starter", "other").alias("one_end"),
        pl.max_horizontal("starter", "other").alias("other_end"),
        (pl.col("starter") < pl.col("other")).alias("way"),
    )
    results = []
    for _, group in directed.group_by("one_end", "other_end", maintain_order=True):
        ways = [group.filter(pl.col("way") == way) for way in (True, False)]
        if min(len(way) for way in ways) >= _FEWEST:
            results.append(_both_ways(host, other, ways))
    known = [result for result in results if result.skew is not None]
    if known:
        return _agree(known)
    return results[0] if results else _one_way(host, other, pairs)


def _both_ways(host: str, other: str, ways: Sequence[pl.DataFrame]) -> Estimate:
    gathered = [_gather(way["difference"].to_numpy()) for way in ways]
    counts = (len(ways[0]), len(ways[1]))
    if gathered[0] is None or gathered[1] is None:
        words = f"not estimated: the times of {sum(counts)} events shared with {other} scatter too much"
        return Estimate(host, other, None, 0, counts, words)
    (low_1, middle_1, high_1, used_1), (low_2, middle_2, high_2, used_2) = gathered[0], gathered[1]
    skew = (middle_1 + middle_2) // 2
    reach = max(max(high_1, high_2) - skew, skew - min(low_1, low_2))
    resolution = int(pl.concat([way["resolution"] for way in ways]).median() or 0)  # type: ignore[arg-type]  # Int64
    uncertainty = reach * 5 // 4 + resolution // 2 + 1
    used = (used_1, used_2)
    changed = _change(pl.concat(ways), skew, reach + SECOND // 10)
    if changed is not None:
        words = (
            f"not estimated: a clock was set meanwhile, most events shared with {other} lie {skew / SECOND:+.1f} s "
            f"apart, but some in a row {changed / SECOND:+.1f} s"
        )
        return Estimate(host, other, None, 0, used, words)
    if uncertainty > _WIDEST:
        words = f"not estimated: {sum(used)} events shared with {other} leave it open by {uncertainty / SECOND:.0f} s"
        return Estimate(host, other, None, uncertainty, used, words)
    words = f"estimated from events shared with {other}, {used_1} one way and {used_2} the other"
    return Estimate(host, other, skew, uncertainty, used, words)


def _gather(difference: Ints) -> tuple[int, int, int, int] | None:
    """Where the differences of one way gather: (low, median, high, how many), or None if they do not."""
    centre, half = _shorth(difference)
    inliers = np.abs(difference - centre) <= max(4 * half, SECOND // 10)
    count = int(inliers.sum())
    if count < _FEWEST or count < _AGREE * len(difference) or half > _VARIED:
        return None
    values = difference[inliers]
    return int(values.min()), int(np.median(values)), int(values.max()), count


def _change(pairs: pl.DataFrame, skew: int, reach: int) -> int | None:
    """The difference that some events in a row show alike and that does not fit ``skew``: a clock was set."""
    row = sliding_window_view(pairs.sort("time")["difference"].to_numpy(), _IN_A_ROW)
    off = (np.abs(row - skew) > reach).all(axis=1) & (np.ptp(row, axis=1) <= 2 * reach)
    return int(np.median(row[off])) if off.any() else None


def _shorth(values: Ints) -> tuple[int, int]:
    """Centre and half-width of the shortest stretch that holds half of the values."""
    ordered = np.sort(values)
    size = len(ordered) // 2 + 1
    widths = ordered[size - 1 :] - ordered[: len(ordered) - size + 1]
    at = int(widths.argmin())
    half = int(widths[at]) // 2
    return int(ordered[at]) + half, half


def _agree(known: Sequence[Estimate]) -> Estimate:
    """The surest of several estimates, if the others do not contradict it."""
    best = min(known, key=lambda one: (one.uncertainty, one.words))
    for one in known:
        if abs((one.skew or 0) - (best.skew or 0)) > one.uncertainty + best.uncertainty:
            words = f"not estimated: events shared with {best.other} contradict one another"
            return Estimate(best.host, best.other, None, best.uncertainty, best.pairs, words)
    return best


def _one_way(host: str, other: str, pairs: pl.DataFrame) -> Estimate:
    count = len(pairs)
    if count < _FEWEST:
        return _too_few(host, other, count)
    gathered = _gather(pairs["difference"].to_numpy())
    if gathered is None:
        words = f"not estimated: the times of {count} events shared with {other} scatter too much"
    else:
        words = (
            f"not estimated: {count} events shared with {other} lie {gathered[1] / SECOND:+.3f} s apart, but do not "
            "run both ways, so a delay would look the same"
        )
    return Estimate(host, other, None, 0, (count, 0), words)


def settle_clocks(
    estimates: Sequence[Estimate], given: Mapping[str, float], weight: Mapping[str, tuple[int, ...]]
) -> dict[str, HostClock]:
    """Each host's clock against true time: given skews are true, and so is, in every group of hosts that share events,
    the clock of the host with the greatest ``weight``. Estimates are followed from there, the surest first.
    """
    clocks = {
        host: HostClock(round(skew * SECOND), 0, "given", known=True) for host, skew in given.items() if host in weight
    }
    edges: dict[str, list[tuple[int, str, int]]] = {}
    for one in estimates:
        if one.skew is not None:
            edges.setdefault(one.host, []).append((one.uncertainty, one.other, -one.skew))
            edges.setdefault(one.other, []).append((one.uncertainty, one.host, one.skew))
    why = {(one.host, one.other): one for one in estimates}
    _follow(list(clocks), clocks, edges, why)
    for start in sorted(weight, key=lambda host: ([-part for part in weight[host]], host)):
        if start in edges and start not in clocks:  # nothing leads to it from those known
            clocks[start] = HostClock(0, 0, "the clock that others are compared with", known=False)
            _follow([start], clocks, edges, why)
    for one in estimates:
        if one.skew is None:
            for host, other in ((one.host, one.other), (one.other, one.host)):
                clocks.setdefault(
                    host, HostClock(0, 0, one.words.replace(f"with {one.other}", f"with {other}"), known=False)
                )
    return clocks


def _follow(
    starts: Sequence[str],
    clocks: dict[str, HostClock],
    edges: Mapping[str, list[tuple[int, str, int]]],
    why: Mapping[tuple[str, str], Estimate],
) -> None:
    """Clocks of all hosts that estimates join to ``starts``, by the path with the least uncertainty."""
    options: list[tuple[int, str, str, int]] = []

    def beside(host: str) -> None:
        for doubt, other, difference in edges.get(host, ()):
            if other not in clocks:
                heappush(options, (clocks[host].uncertainty + doubt, other, host, difference))

    for start in starts:
        beside(start)
    while options:
        doubt, host, by, difference = heappop(options)
        if host in clocks:
            continue
        skew = clocks[by].skew + difference
        one = why.get((host, by)) or why[(by, host)]
        words = f"{one.words.replace(f'with {one.other}', f'with {by}')}, ±{doubt / SECOND:.3f} s"
        if abs(skew) <= doubt:
            words = f"agrees with {by} within ±{(abs(skew) + doubt) / SECOND:.3f} s ({sum(one.pairs)} shared events)"
        clocks[host] = HostClock(skew, doubt, words, known=abs(skew) > doubt)
        beside(host)
