"""The worked examples of other engines, each under the policy that corresponds to it.

``A``, ``B`` ... are written in lower case with the second they occur at: ``a0 a5 b10``. E: python-eql 1.0.1, S: SEC
2.9.1, M: MATCH_RECOGNIZE on Flink 2.3 (whose WITHIN excludes a gap of N; here it is inside, as for the other two).
``test_worked_examples`` holds logcorr to them, and tests/oracles the engines themselves.
"""

from __future__ import annotations

import re

from tests.patterns.material import Ev, frame_of

AB = ({"s0": "a"}, {"s1": "b", "within": 30})


def parse(text: str) -> list[Ev]:
    """``a0`` is event a at second 0 on host h1; ``b5/h2`` on host h2; ``b5~`` from a source of its own."""
    found = []
    for word in text.split():
        parts = re.fullmatch(r"([a-z])([\d.]+)(/h2)?(~)?", word)
        assert parts is not None, word
        host = "h2" if parts[3] else "h1"
        found.append(Ev(parts[1], float(parts[2]), host, source=1 if parts[4] else 0))
    return found


def labels(events: list[Ev]) -> list[str]:
    """a1, a2, b1 ... in timeline order."""
    seen: dict[str, int] = {}
    found = []
    for name in frame_of(events)["event"]:
        seen[name] = seen.get(name, 0) + 1
        found.append(f"{name}{seen[name]}")
    return found


ABC = ({"s0": "a"}, {"s1": "b"}, {"s2": "c"})
CASES = [
    # python-eql: the newest cause, and both are used up
    ("E1", "a0 b10", AB, "nearest", ["a1-b1"]),
    ("E2 newest wins", "a0 a5 b10", AB, "nearest", ["a2-b1"]),
    ("E3 used up", "a0 b10 b12", AB, "nearest", ["a1-b1"]),
    ("E4 gap of N", "a0 b30", AB, "nearest", ["a1-b1"]),
    ("E4 just over", "a0 b30.001", AB, "nearest", []),
    ("E5 other host", "a0 b10/h2", AB, "nearest", []),
    ("E6 sorted, whatever the arrival", "b10 a0", AB, "nearest", ["a1-b1"]),
    ("E6 no negative gap", "a10 b5", AB, "nearest", []),
    ("E7 tie in order", "a5 b5", AB, "nearest", ["a1-b1"]),
    ("E7 tie in reverse", "b5 a5", AB, "nearest", []),
    ("E8 kept once paired", "a0 b1 a2 c3", ABC, "nearest", ["a1-b1-c1"]),
    ("E8 newest chain", "a0 b1 a2 b3 c4", ABC, "nearest", ["a2-b2-c1"]),
    ("E10 A then A", "a0 a5 a9", ({"s0": "a"}, {"s1": "a", "within": 30}), "nearest", ["a1-a2", "a2-a3"]),
    ("E11 three times", "a0 a5 a9 a10", ({"s": "a", "at_least": 3, "within": 30},), "each", ["a1-a2-a3", "a2-a3-a4"]),
    ("E13 nothing between", "a0 b5", ({"s0": "a"}, {"not": "m"}, {"s1": "b"}), "nearest", ["a1-b1"]),
    ("E13 something else between", "a0 x1 b5", ({"s0": "a"}, {"not": "m"}, {"s1": "b"}), "nearest", ["a1-b1"]),
    ("E13 M between", "a0 m3 b5", ({"s0": "a"}, {"not": "m"}, {"s1": "b"}), "nearest", []),
    ("E13 X and M between", "a0 x1 m3 b5", ({"s0": "a"}, {"not": "m"}, {"s1": "b"}), "nearest", []),
    # SEC Pair: the oldest cause, which swallows later ones
    ("S1", "a0 b10", AB, "first", ["a1-b1"]),
    ("S2 oldest wins", "a0 a5 b10", AB, "first", ["a1-b1"]),
    ("S3", "a0 b10 b12", AB, "first", ["a1-b1"]),
    ("S4 gap of N", "a0 b30", AB, "first", ["a1-b1"]),
    ("S4 over", "a0 b31", AB, "first", []),
    ("S5 swallowed", "a0 a20 b35", AB, "first", []),
    ("S6 hosts", "a0 b5/h2 a6/h2 b7 b8/h2", AB, "first", ["a1-b1".replace("b1", "b2"), "a2-b3"]),
    ("S7 reversed", "b0 a1", AB, "first", []),
    ("S8 absent", "a0", ({"s0": "a"}, {"not": "b", "within": 30}), "first", ["a1"]),
    ("S8 absent, later cause swallowed", "a0 a20 b35", ({"s0": "a"}, {"not": "b", "within": 30}), "first", ["a1"]),
    # MATCH_RECOGNIZE: PAST LAST ROW, TO NEXT ROW, and "no newer A between"
    ("M past last row", "a0 a5 b10", AB, "first", ["a1-b1"]),
    ("M to next row", "a0 a5 b10 b12", AB, "each", ["a1-b1", "a2-b1"]),
    ("M no A between", "a0 a5 b10", AB, "nearest", ["a2-b1"]),
    ("M strict, in between", "a0 x3 b10", ({"s0": "a"}, {"not": "x"}, {"s1": "b"}), "each", []),
    ("M excludes M", "a0 m3 b10", ({"s0": "a"}, {"not": "m"}, {"s1": "b"}), "each", []),
    ("M within, less", "a0 b29", AB, "each", ["a1-b1"]),
    ("M within, equal", "a0 b30", AB, "each", ["a1-b1"]),
    ("M within, more", "a0 b31", AB, "each", []),
    # preq: queues; a plain join: everything
    ("preq", "a0 a5 b10 b12", AB, "fifo", ["a1-b1", "a2-b2"]),
    ("join", "a0 a5 b10 b12", AB, "all", ["a1-b1", "a1-b2", "a2-b1", "a2-b2"]),
    # Hayabusa and a join accept a tie in both orders where two logs leave it open
    ("tie of two sources", "b5 a5~", AB, "each", ["a1-b1"]),
]
