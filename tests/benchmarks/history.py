"""One record a run of the benchmarks in ``reports/bench``, what became slower since the last one, and a plot of all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from itertools import pairwise
from pathlib import Path

REGRESSION = 1.1
#: Records of machines that agree in these are compared.
ALIKE = ("processor", "cores", "memory_gb", "python")
WIDTH, HEIGHT, LEFT, ROW = 760, 320, 60, 18  # of the plot, in its own units
COLOURS = ("#2a78c2", "#d7730f", "#2a9d5c", "#a13d9b", "#c23a3a", "#6b6b1f", "#1f8a8a", "#7a4a2a", "#555", "#b58900")


@dataclass(frozen=True)
class Figure:
    """One result: ``value`` should be at most ``goal``. ``cpu`` and ``wall`` in seconds, ``memory`` in bytes."""

    name: str
    value: float
    goal: float
    unit: str
    cpu: float
    wall: float
    memory: int


@dataclass(frozen=True)
class Record:
    """One run: ``date`` as 2026-01-31T12:00:00Z, the commit, the machine, and what was measured."""

    date: str
    commit: str
    machine: Mapping[str, object]
    figures: tuple[Figure, ...]


def save(record: Record, folder: Path) -> Path:
    """Keep the record under its date and commit."""
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f"{record.date.replace(':', '')}-{record.commit}.json"
    place.write_text(json.dumps(asdict(record), indent=2) + "\n", encoding="utf-8")
    return place


def load(folder: Path) -> list[Record]:
    """All records, the oldest first."""
    found = [json.loads(place.read_text("utf-8")) for place in folder.glob("*.json")]
    records = [Record(**{**one, "figures": tuple(Figure(**each) for each in one["figures"])}) for one in found]
    return sorted(records, key=lambda record: record.date)


def last_alike(records: Sequence[Record], machine: Mapping[str, object]) -> Record | None:
    """The newest record of a machine like this one."""
    alike = [one for one in records if all(one.machine.get(name) == machine.get(name) for name in ALIKE)]
    return alike[-1] if alike else None


def regressions(figures: Sequence[Figure], before: Record | None) -> list[str]:
    """What became more than a tenth worse, in words."""
    known = {one.name: one.value for one in before.figures} if before else {}
    return [
        f"{one.name}: {one.value / known[one.name] - 1:.0%} more than on {before.date[:10]} at {before.commit} "
        f"({known[one.name]:.3g} {one.unit})"
        for one in figures
        if before and known.get(one.name) and one.value > REGRESSION * known[one.name]
    ]


def plot(records: Sequence[Record]) -> str:
    """Each figure as a share of its goal, record after record, as lines in SVG; the goal is a line of its own."""
    shares = _shares(records)
    most = max([1.2, *(share for points in shares.values() for _, share in points)])
    step = (WIDTH - 2 * LEFT) / max(len(records) - 1, 1)
    goal = _high(1, most)
    box = f"0 0 {WIDTH} {HEIGHT + ROW * len(shares) + 8}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" font-size="12">',
        f'<line x1="{LEFT}" x2="{WIDTH - LEFT}" y1="{goal}" y2="{goal}" stroke="#888" stroke-dasharray="4"/>',
        f'<text x="{LEFT - 6}" y="{goal + 4}" text-anchor="end" fill="#888">goal</text>',
    ]
    for at in sorted({0, len(records) - 1} if records else ()):
        x = LEFT + at * step
        parts.append(
            f'<text x="{x:g}" y="{HEIGHT - 10}" text-anchor="middle" fill="#888">{records[at].date[:10]}</text>'
        )
    for number, (name, points) in enumerate(shares.items()):
        colour = COLOURS[number % len(COLOURS)]
        parts += _line([(round(LEFT + at * step, 1), _high(share, most)) for at, share in points], colour)
        parts.append(f'<text x="{LEFT}" y="{HEIGHT + ROW * number + 8}" fill="{colour}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _shares(records: Sequence[Record]) -> dict[str, list[tuple[int, float]]]:
    """Of each figure the number of the record and the value as a share of the goal."""
    shares: dict[str, list[tuple[int, float]]] = {}
    for at, record in enumerate(records):
        for one in record.figures:
            shares.setdefault(one.name, []).append((at, one.value / one.goal))
    return shares


def _high(share: float, most: float) -> float:
    return round(HEIGHT - 30 - share / most * (HEIGHT - 50), 1)


def _line(points: Sequence[tuple[float, float]], colour: str) -> list[str]:
    dots = [f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in points]
    return dots + [
        f'<line x1="{a}" y1="{b}" x2="{c}" y2="{d}" stroke="{colour}"/>' for (a, b), (c, d) in pairwise(points)
    ]
