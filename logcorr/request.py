"""What a user asks for, and what follows from it for the clocks. Imports no stage but the timeline's settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from logcorr.errors import InputError
from logcorr.model import SourceFile
from logcorr.timeline import ClockSettings

#: How far before the window records are read as well, so that a cause that precedes it is not cut off.
LOOK_BACK: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyzeRequest:
    """What to analyse. ``inputs`` are paths, or ``-`` for standard input; none at all means the journal.

    ``boot``, ``units``, ``directory`` and ``namespace`` choose a part of the journal as journalctl(1) does.
    """

    inputs: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    zones: Mapping[str, str] = field(default_factory=dict)  # host or file glob -> IANA zone or offset
    skews: Mapping[str, float] = field(default_factory=dict)  # host -> seconds that its clock is ahead
    default_zone: str = "UTC"
    now: datetime | None = None  # anchor for missing years; default: the newest input
    rules: Sequence[Path] = ()
    shipped_rules: bool = True
    boot: str | None = None
    units: Sequence[str] = ()
    directory: Path | None = None
    namespace: str | None = None
    command: str = "logcorr.analyze(...)"
    progress: Callable[[str], None] = lambda _: None


def clock_settings(request: AnalyzeRequest, margin: timedelta = timedelta(0)) -> ClockSettings:
    """What the request says about clocks and the window; ``margin`` is kept on both sides of it."""
    return ClockSettings(
        zones=dict(request.zones),
        skews=dict(request.skews),
        default_zone=request.default_zone,
        now=request.now or datetime.now(UTC),
        since=request.since,
        until=request.until,
        margin=margin,
    )


def nothing_usable(request: AnalyzeRequest, refused: Sequence[SourceFile]) -> InputError:
    """The error for inputs of which none could be read, with the reasons."""
    place = ", ".join(request.inputs) or "the journal"
    return InputError("nothing here could be read as a log", location=place, hint=_hint(refused))


def _hint(refused: Sequence[SourceFile]) -> str:
    if not refused:
        return "name log files or folders; `logcorr analyze --help` shows what is read"
    shown = "; ".join(f"{item.path}: {item.problem}" for item in refused[:5])
    return f"{shown}. `logcorr check` says more; export journals with `journalctl -o export > host.export`"
