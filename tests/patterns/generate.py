"""Random events and rules. ``r`` is a source of randomness, which hypothesis may be."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from tests.patterns.material import Ev

NAMES = ("a", "b", "c")
EXACT = (0.0,)
BLURRED = (0.0, 1.0, 4.0)
SPANS = (
    ((-1000.0, 5000.0),),
    ((-1000.0, 5000.0),),
    ((-1000.0, 20.0),),
    ((-1000.0, 10.0), (14.0, 30.0)),
    ((8.0, 5000.0),),
)

Parts = dict[str, Any]


def events(r: Random, blurs: tuple[float, ...], most: int = 11, until: int | None = None) -> list[Ev]:
    """Events of two hosts and two sources; some share a line with another."""
    found = []
    until = until or r.choice((12, 40))
    for number in range(r.randint(0, most)):
        ev = Ev(
            name=r.choice(NAMES),
            at=float(r.randint(0, until)),
            host=r.choice(("h1", "h2")),
            blur=r.choice(blurs),
            source=r.randint(0, 1),
            fields={"x": r.choice((1, 2, None)), "y": r.choice(("1", "2", None))},
            repeat=r.choice((1, 1, 1, 3)),
            record=f"r{number}",
        )
        found.append(ev)
        if r.randint(0, 6) == 0:
            found.append(Ev(r.choice(NAMES), ev.at, ev.host, ev.blur, ev.source, {"x": 1, "y": "1"}, record=ev.record))
    return found


def name(r: Random) -> str | tuple[str, ...]:
    return r.choice((*NAMES, *NAMES, ("a", "b"), "*"))


def by(r: Random) -> str | tuple[str, ...] | None:
    return r.choice((None, "host", ("host", "x")))


def sequence(r: Random) -> Parts:
    """One to three required steps, with whatever else fits beside them."""
    steps: list[Parts] = []
    for number in range(r.choice((1, 2, 2, 2, 3, 3))):
        step: Parts = {f"s{number}": name(r)}
        if number:
            step |= {"within": r.choice((None, 3, 10)), "where": _where(r, number)}
        if r.randint(0, 4) == 0:
            step |= {"at_least": 2, "within": r.choice((None, 10))}
        if number and r.randint(0, 3) == 0:
            steps.append({"not": name(r), "within": r.choice((None, 4))})
        if r.randint(0, 6) == 0:
            steps.append({f"o{number}": name(r), "optional": True, "within": r.choice((None, 5))})
        steps.append(step)
    if r.randint(0, 4) == 0:
        steps.insert(0, {"not": name(r), "within": 5})
    if r.randint(0, 3) == 0:
        steps.append({"not": name(r), "within": 6})
    key: Any = by(r)
    if next(iter(steps[0])) == "s0" and len(steps) == 2 and "s1" in steps[1] and r.randint(0, 2) == 0:
        key = {"s0.x": "s1.y"}
    return {
        "sequence": [{k: v for k, v in step.items() if v is not None} for step in steps],
        "by": key,
        "span": r.choice((None, None, 12)),
        "pair": r.choice(("each", "nearest", "first", "fifo", "all")),
    }


def _where(r: Random, number: int) -> Parts:
    kind = r.randint(0, 6)
    if kind == 0:
        return {"x": 1}
    if kind > 2:
        return {}
    return {"x": {r.choice(("eq", "ne", "lt", "ge")): f"$s{r.randint(0, number - 1)}.{r.choice('xy')}"}}


def count(r: Random) -> Parts:
    form = {
        "event": name(r),
        "at_least": r.randint(2, 4),
        "within": r.choice((3, 10)),
        "distinct": r.choice((None, None, "x", "y", "host")),
        "where": r.choice(({}, {"x": 1})),
    }
    return {"count": form, "by": by(r)}


def flap(r: Random) -> Parts:
    form = {"between": r.sample(NAMES, 2), "at_least": r.randint(2, 3), "within": r.choice((5, 12))}
    return {"flap": form, "by": by(r)}


def sets(r: Random) -> Parts:
    steps: list[Parts] = []
    for number in range(r.choice((1, 2, 2, 3))):
        step: Parts = {f"s{number}": name(r)}
        if number and r.randint(0, 2) == 0:
            step["where"] = {"x": {r.choice(("eq", "ne", "lt")): f"$s{r.randint(0, number - 1)}.{r.choice('xy')}"}}
        if r.randint(0, 4) == 0:
            step["at_least"] = 2
        steps.append(step)
    if r.randint(0, 3) == 0:
        steps.append({"not": name(r)})
    if r.randint(0, 4) == 0:
        steps.append({"o": name(r), "optional": True})
    return {"all": steps, "span": r.choice((None, 5, 12)), "by": by(r)}


def during(r: Random) -> Parts:
    start, end, inner = r.sample(NAMES, 3)
    form = {"event": r.choice((inner, "*")), "start": start, "end": end, "at_least": r.randint(1, 2)}
    return {"during": {**form, "where": r.choice(({}, {"x": 1}))}, "by": by(r)}


def relation(r: Random) -> Parts:
    start, end, third = r.sample(NAMES, 3)
    other = r.choice(((third, start), (third, end), (end, third), (start, third), (end, start), (start, end)))
    allen = r.choice((None, "before", "meets", "overlaps", "starts", "during", "finishes", "equals"))
    return {"during": {"start": start, "end": end, "other": other, "relation": allen}, "by": by(r)}


def silence(r: Random) -> Parts:
    return {"silence": {"event": name(r), "longer_than": r.choice((3, 8)), "at_least": r.randint(2, 3)}, "by": by(r)}


def burst(r: Random) -> Parts:
    form = {"event": name(r), "within": r.choice((3, 6)), "times": r.choice((2, 4)), "at_least": 2}
    return {"burst": form, "by": by(r)}


def jump(r: Random) -> Parts:
    form = {"event": name(r), "field": r.choice("xy"), "by_at_least": r.choice((0.5, 1, 2))}
    return {"step": form, "by": by(r)}


def beat(r: Random) -> Parts:
    form = {"event": name(r), "tolerance": r.choice((20, 60)), "at_least": 3}
    timing = {"every": r.choice((300, 240))} if r.randint(0, 1) else {"on_minutes": r.choice(("*/5", "*/15"))}
    return {"beat": {**form, **timing}, "by": r.choice((None, "host"))}


def beating_events(r: Random) -> list[Ev]:
    """Events near a grid of five minutes."""
    times = [300 * r.randint(0, 8) + r.choice((0, 0, 0, 5, 30, 100)) for _ in range(r.randint(0, 14))]
    return [Ev(r.choice("ab"), float(at), r.choice(("h1", "h1", "h2"))) for at in times]


FORMS: dict[str, Callable[[Random], Parts]] = {
    "count": count,
    "flap": flap,
    "all": sets,
    "during": during,
    "relation": relation,
    "silence": silence,
    "burst": burst,
    "step": jump,
    "beat": beat,
}
