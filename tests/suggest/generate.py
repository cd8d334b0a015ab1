"""Logs made up of independent kinds of line, with or without something planted among them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO

import numpy as np
import numpy.typing as npt

from logcorr.parsers import read
from logcorr.schema import Timeline
from logcorr.timeline import ClockSettings, build

Ints = npt.NDArray[np.int64]

SECOND = 1_000_000
DAY = 86_400 * SECOND
BEGIN = int(datetime(2025, 11, 4, tzinfo=UTC).timestamp()) * SECOND
#: Lines that differ in two of these are of two templates.
WORDS = (
    "alder", "ash", "aspen", "beech", "birch", "box", "cedar", "cherry", "chestnut", "cypress", "elder", "elm",
    "fir", "hazel", "hemlock", "hickory", "holly", "hornbeam", "juniper", "larch", "laurel", "lime", "linden",
    "maple", "medlar", "mulberry", "oak", "olive", "pear", "pine", "plane", "plum", "poplar", "quince", "rowan",
    "spruce", "sycamore", "walnut", "willow", "yew",
)  # fmt: skip


def poisson(rng: np.random.Generator, count: float) -> Ints:
    return rng.integers(0, DAY, rng.poisson(count))


def bursty(rng: np.random.Generator, count: float) -> Ints:
    centres = poisson(rng, count / 6)
    parts = [at + rng.integers(0, 120 * SECOND, rng.poisson(6)) for at in centres]
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])


def busy_hours(rng: np.random.Generator, count: float) -> Ints:
    return rng.integers(DAY // 3, 2 * DAY // 3, rng.poisson(count))


def independent(rng: np.random.Generator, count: float = 60.0) -> dict[str, Ints]:
    """40 kinds of line that have nothing to do with one another."""
    makers = (poisson, bursty, busy_hours)
    pairs = zip(WORDS, reversed(WORDS), strict=True)
    return {f"{word} and {other} fell": makers[number % 3](rng, count) for number, (word, other) in enumerate(pairs)}


def planted(rng: np.random.Generator) -> dict[str, Ints]:
    """A cause, and an effect that follows 60 % of it 2 to 8 s later and also happens by itself."""
    causes = rng.integers(0, DAY - 60 * SECOND, 60)
    caused = causes[rng.random(60) < 0.6]
    effects = np.concatenate([caused + rng.integers(2 * SECOND, 8 * SECOND, len(caused)), poisson(rng, 20)])
    return {"pump 7 lost pressure at 3.5 bar": causes, "valve 7 opened by pressure guard": effects}


def in_whole_seconds(kinds: Mapping[str, Ints]) -> Timeline:
    """Each kind of line in a log of its own, with a clock that prints no fractions."""
    sources = []
    for number, (message, times) in enumerate(kinds.items()):
        stamps = [datetime.fromtimestamp((BEGIN + at) // SECOND, UTC) for at in sorted(times.tolist())]
        lines = [f"{stamp:%b} {stamp.day:2} {stamp:%H:%M:%S} host1 app{number}: {message}" for stamp in stamps]
        sources.append(read(f"{number}.log", BytesIO(("\n".join(lines) + "\n").encode())))
    return build(sources, ClockSettings(now=datetime(2026, 1, 31, tzinfo=UTC)))


def timeline_of(kinds: Mapping[str, Ints], hosts: Mapping[str, str] | None = None) -> Timeline:
    """A timeline of lines in syslog's ISO form; each kind of line is of host1, or of the host named."""
    lines = []
    for message, times in kinds.items():
        host = (hosts or {}).get(message, "host1")
        stamps = (np.asarray(times) + BEGIN).astype("datetime64[us]")
        lines += [f"{stamp}+00:00 {host} app[7]: {message}" for stamp in stamps.astype(str)]
    text = "\n".join(sorted(lines)) + "\n"
    return build([read("all.log", BytesIO(text.encode()))], ClockSettings(now=datetime(2026, 1, 31, tzinfo=UTC)))
