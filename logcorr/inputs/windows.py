"""What to read of the inputs where only a window of time is wanted.

Native journals are bisected, and files outside the window are not opened again; of other inputs, blocks that lie
outside are looked at in a few places. What is small is read whole: that is quick, and leaves nothing to be told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from logcorr.dataclass import dataclass
from logcorr.inputs import sizes
from logcorr.inputs.request import AnalyzeRequest
from logcorr.intake import STDIN, Input, Refusal
from logcorr.model import SourceFile
from logcorr.parsers.engine.window import Window
from logcorr.parsers.formats import journal_file
from logcorr.parsers.formats.journal_file.files import is_journal
from logcorr.parsers.formats.journal_file.window import JournalPart, within
from logcorr.schema import Source, Timeline
from logcorr.times.micros import to_datetime, to_micros

#: Inputs that hold less than this together are read whole.
SMALL: Final = 32 << 20
#: How long after it was written a line may be received: journals are in the order of receipt.
LATE: Final = timedelta(minutes=2)
#: How far around the window the clocks of several sources are compared.
COMPARED: Final = timedelta(hours=24)

_EVER: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Reach:
    """What to read: of one source alone, and of sources whose clocks are compared with one another."""

    alone: Window
    compared: Window
    text: Window  # one of the two, as it holds for inputs other than journals


def reach_of(request: AnalyzeRequest, margin: timedelta) -> Reach | None:
    """What to read for the request's window and a margin on both sides; None: everything."""
    if (request.since is None and request.until is None) or request.boot is not None:
        return None  # which boot is meant, only all of a journal tells
    if request.inputs and sizes.are_below(request.inputs, SMALL):
        return None
    off = timedelta(seconds=max(map(abs, request.skews.values()), default=0.0))
    alone, compared = (_window(request, margin + LATE + off + more) for more in (timedelta(0), COMPARED))
    return Reach(alone, compared, compared if sizes.are_several(request.inputs) else alone)


def _window(request: AnalyzeRequest, margin: timedelta) -> Window:
    low = to_micros(request.since - margin) if request.since else -_EVER
    return Window(low, to_micros(request.until + margin) if request.until else _EVER)


def tells_too_little(request: AnalyzeRequest, timeline: Timeline) -> bool:
    """Whether what was read left a zone to be assumed that other parts of the inputs might tell."""
    several = len({one.host for one in timeline.inputs}) > 1
    passed_over = any(one.passed_over for one in timeline.inputs)
    assumed = any((one.timezone_from or "").startswith("assumed") for one in timeline.inputs)
    return several and passed_over and assumed and STDIN not in request.inputs


def windowed(
    request: AnalyzeRequest, items: Iterable[Input | Refusal], reach: Reach | None
) -> Iterator[Input | Refusal | Source | SourceFile]:
    """The inputs; of journal files, what the window holds."""
    journals: dict[Path, Input] = {}
    others = 0
    for item in items:
        if reach is not None and isinstance(item, Input) and _is_journal(item):
            journals[item.path or Path()] = item
            continue
        request.progress(f"reading {item.name}")
        others += isinstance(item, Input)
        yield item
    if reach is None or not journals:
        return
    request.progress("looking for the window in the journal")
    parts = within(list(journals), reach.alone.low, reach.alone.high)
    if others or len({part.machine for part in parts.values()}) > 1:
        parts = within(list(journals), reach.compared.low, reach.compared.high)
    for path, item in journals.items():
        part = parts.get(path)
        if part is not None and not part.parts:
            yield _passed_over(item, part)
            continue
        request.progress(f"reading {item.name}")
        yield (part.read(item.name, item.modified) if part else None) or item


def _is_journal(item: Input) -> bool:
    try:
        return item.path is not None and is_journal(item.path)
    except OSError:  # told by whoever reads it
        return False


def _passed_over(item: Input, part: JournalPart) -> SourceFile:
    return SourceFile(
        path=item.name,
        bytes=part.size,
        format=journal_file.ID,
        timezone="UTC",
        timezone_from="in the log",
        records=part.whole.records,
        outside=part.whole.records,
        lines=part.whole.records,
        first=to_datetime(part.whole.first),
        last=to_datetime(part.whole.last),
        notes=part.notes,
    )
