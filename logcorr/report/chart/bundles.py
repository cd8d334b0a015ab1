"""The signs of the timeline picture: marks of one kind that would lie on one another drawn as one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from logcorr.dataclass import dataclass
from logcorr.model import ChainStep, Lane, Mark, Verdict
from logcorr.report.chart.axis import Axis
from logcorr.report.text.words import MARK, Word, word

_ROWS: Final = 3  # rows of signs in a lane beyond which neighbours are bundled
_MANY: Final = 400  # marks of a lane that no picture draws one by one
_BINS: Final = (0, 12, 16, 20, 28, 40, 56, 80, 112, 160, 240, 480, 1000)  # widths, in the picture's units


@dataclass(frozen=True, slots=True)
class DrawnMark:
    """One mark as drawn, or several of one kind in one place."""

    kind: Word
    marks: tuple[Mark, ...]
    x: float
    until: float | None = None
    number: int | None = None  # the step of the chain that it is, from 1
    edge: str = ""  # "earlier" or "later": outside the stretch drawn
    row: int = 0

    @property
    def count(self) -> int:
        """How many log lines it stands for."""
        return sum(mark.count for mark in self.marks)

    @property
    def first(self) -> datetime:
        """When the first of them was."""
        return self.marks[0].time

    @property
    def last(self) -> datetime:
        """When the last of them was, or ended."""
        return max(mark.until or mark.time for mark in self.marks)

    @property
    def width(self) -> float:
        """The room it takes in its row."""
        return 24.0 if self.count == 1 or self.number else 26.0 + 7.5 * len(f"×{self.count}")


@dataclass(frozen=True, slots=True)
class _Heap:
    """Marks of one kind in one place, before signs are made of them."""

    kind: str
    edge: str
    x: float
    marks: list[Mark]


def bundle(
    lanes: Sequence[Lane], verdict: Verdict, axis: Axis, limit: int, *, leading: bool = True
) -> tuple[tuple[DrawnMark, ...], ...]:
    """Return the signs of each lane, at most ``limit`` in all, bundled no more than keeps the lanes low.

    ``leading``: the verdict is the report's first, whose chain the marks' own numbers mean.
    """
    steps = _steps(lanes, verdict.chain, leading=leading)
    chains = [list(_chain_signs(lane, steps[number], axis)) for number, lane in enumerate(lanes)]
    heaps = [_heaps(lane, steps[number], axis) for number, lane in enumerate(lanes)]
    signs: tuple[tuple[DrawnMark, ...], ...] = ()
    for least in range(len(_BINS)):
        signs = tuple(_layout(chain, heap, axis, _BINS[least:]) for chain, heap in zip(chains, heaps, strict=True))
        if sum(map(len, signs)) <= limit:
            break
    return signs


def _layout(chain: list[DrawnMark], heaps: list[_Heap], axis: Axis, widths: Sequence[int]) -> tuple[DrawnMark, ...]:
    signs: tuple[DrawnMark, ...] = ()
    for width in widths:
        signs = _in_rows([*chain, *_signs(heaps, axis, width)])
        if max((sign.row for sign in signs), default=0) < _ROWS:
            break
    return signs


def _steps(lanes: Sequence[Lane], chain: Sequence[ChainStep], *, leading: bool) -> dict[int, dict[int, int]]:
    """Find the marks that are steps of the chain, each step once: lane -> mark -> step, from 1.

    The line that a step cites first decides; a mark's own word counts where it has no line.
    """
    marks = [(lane, place, mark) for lane, each in enumerate(lanes) for place, mark in enumerate(each.marks)]
    cited = {
        line: (rank, number)
        for number, step in reversed([*enumerate(chain)])
        for rank, line in enumerate(step.evidence)
    }
    claims = [(*cited[mark.evidence], lane, place) for lane, place, mark in marks if mark.evidence in cited]
    claims += [
        (0, mark.chain, lane, place)
        for lane, place, mark in marks
        if leading and not mark.evidence and mark.chain is not None
    ]
    taken: set[int] = set()
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for _, step, lane, place in sorted(claims):
        if 0 <= step < len(chain) and step not in taken and place not in found[lane]:
            taken.add(step)
            found[lane][place] = step + 1
    return found


def _chain_signs(lane: Lane, steps: dict[int, int], axis: Axis) -> Iterator[DrawnMark]:
    for number, step in steps.items():
        mark = lane.marks[number]
        yield DrawnMark(word(MARK, mark.kind), (mark,), axis.x(mark.time), _until(axis, mark), number=step)


def _heaps(lane: Lane, steps: dict[int, int], axis: Axis) -> list[_Heap]:
    """Put the marks that are no steps into heaps, one each unless there are too many ever to be drawn apart."""
    width = 0 if len(lane.marks) <= _MANY else _BINS[1] // 3
    heaps: dict[tuple[str, str, float], list[Mark]] = defaultdict(list)
    for number, mark in enumerate(lane.marks):
        if number not in steps:
            edge = "" if axis.shows(mark.time) else "earlier" if mark.time < axis.start else "later"
            place = 0.0 if edge else axis.x(mark.time) // width if width else float(number)
            heaps["" if edge else mark.kind, edge, place].append(mark)
    return [
        _Heap(kind, edge, axis.x(min(mark.time for mark in marks)), marks) for (kind, edge, _), marks in heaps.items()
    ]


def _signs(heaps: list[_Heap], axis: Axis, width: int) -> Iterator[DrawnMark]:
    """Join the heaps of one kind that lie within ``width`` of one another."""
    joined: dict[tuple[str, str, float], list[Mark]] = defaultdict(list)
    for number, heap in enumerate(heaps):
        joined[heap.kind, heap.edge, heap.x // width if width else number] += heap.marks
    for (kind, edge, _), marks in joined.items():
        marks.sort(key=lambda mark: mark.time)
        middle = axis.x(marks[0].time + (marks[-1].time - marks[0].time) / 2)
        until = _until(axis, marks[0]) if len(marks) == 1 and not edge else None
        yield DrawnMark(word(MARK, kind or "context"), tuple(marks), middle, until, edge=edge)


def _until(axis: Axis, mark: Mark) -> float | None:
    end = axis.x(mark.until) if mark.until and mark.count == 1 else None  # several lines are no state that lasts
    return end if end and end - axis.x(mark.time) > 2 else None


def _in_rows(signs: list[DrawnMark]) -> tuple[DrawnMark, ...]:
    """Give each sign the first row with room for it, in order of time."""
    ends: list[float] = []
    placed: list[DrawnMark] = []
    for sign in sorted(signs, key=lambda sign: (sign.first, sign.number or 0)):
        if sign.edge:  # they stand beside the axis, where nothing else is
            placed.append(sign)
            continue
        left, right = sign.x - 12, max(sign.x - 12 + sign.width, sign.until or 0)
        row = next((number for number, end in enumerate(ends) if end <= left), len(ends))
        ends[row : row + 1] = [right]
        placed.append(replace(sign, row=row))
    return tuple(placed)
