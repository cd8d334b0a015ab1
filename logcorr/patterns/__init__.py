"""What goes together in time: the forms of the rule language over the events of a run.

``match(events, rules, timeline)`` finds every pattern's matches (schema.MATCHES) and sums them up;
``near_misses(pattern, ...)`` says why one did not match.

Time is an interval: the true time of a record lies in [lo, hi], and inside one lane (one clock as one source shows it)
the order of the records is known. ``b`` follows ``a`` within N if some true times allow ``0 <= b - a <= N``, so windows
widen by what the clocks leave open, a gap of exactly N is inside, and a tie is allowed; where the order is not certain,
the match says so (``order_known``). A record is never two steps of one sequence, and an event that lacks a field of the
rule's key takes no part.

Each match is ``matched`` or ``inconclusive``: a window that runs past the end of what was observed, or into a gap,
neither confirms an absence nor refutes an effect. ``coverage`` says what was observed.

Pairing policies, and whose they are (held by tests/oracles and tests/patterns/test_worked_examples.py)::

    A@0 A@5 B@10 B@12   policy    same as                                             gap = N   tie A, B / B, A
    (A0,B10) (A5,B10)   each      DuckDB ASOF join; MATCH_RECOGNIZE SKIP TO NEXT ROW  inside    yes / no *
    (A5,B10)            nearest   EQL sequence; MATCH_RECOGNIZE A NA*? B              inside    yes / no
    (A0,B10)            first     SEC Pair; MATCH_RECOGNIZE SKIP PAST LAST ROW **     inside    yes / no
    (A0,B10) (A5,B12)   fifo      preq                                                inside    yes / no
    all four            all       SQL join                                            inside    yes / no *

    *   Joins compare times alone and accept a tie in both orders. Here the order inside a lane decides; between lanes
        both orders are accepted and flagged, as joins, Hayabusa and preq do.
    **  Flink's WITHIN excludes a gap of N, and after a cause without effect it starts again at the next cause, which
        SEC has swallowed while the window was open. Here, as in SEC, it stays swallowed.

    absence (``not`` last)   SEC PairWithWindow under ``first``; every cause by itself under ``each``
    ``count``                SEC SingleWithThreshold fires when an episode has come to N; here the episode is one match
    ``all``                  Sigma temporal, SEC EventGroup; here the tightest sets, from the left, sharing no record

A sequence of several steps takes, for its first row, the lexically earliest chain (found right to left, so that no step
is taken that leads nowhere). ``nearest`` keeps the newest of the chains that end alike, ``first`` those whose cause is
not swallowed, ``fifo`` folds the steps from the left. No policy is super-linear: ``all`` holds at most a million
chains, and comparisons between steps try at most a thousand rows for one cause; what was cut is in ``Matches.limits``.
"""

from __future__ import annotations

from logcorr.patterns.explain import NearMisses, near_misses
from logcorr.patterns.match import Matches, match

__all__ = ["Matches", "NearMisses", "match", "near_misses"]
