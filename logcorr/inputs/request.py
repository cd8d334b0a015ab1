"""What a user asks for, and what follows from it for the clocks. Imports no stage but the timeline's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from logcorr import errors
from logcorr.errors import InputError
from logcorr.model import SourceFile
from logcorr.origin import NOBODY, Outsiders
from logcorr.timeline import ClockSettings
from logcorr.timeline.dating.zone_finding import AGAINST_GIVEN
from logcorr.timeline.dating.zones import find_zone
from logcorr.times.micros import to_datetime, to_micros

__all__ = [
    "AGAINST_GIVEN",
    "LOOK_BACK",
    "AnalyzeRequest",
    "clock_settings",
    "empty_window",
    "nothing_usable",
    "require_zone",
]

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
    zone: str | None = None  # IANA zone or offset of the logs that show none
    default_zone: str = "UTC"  # the same where none is given: assumed, and said so
    sites: Mapping[str, Sequence[str]] = field(default_factory=dict)  # name of a site -> its hosts; others are apart
    now: datetime | None = None  # anchor for missing years; default: the newest input
    rules: Sequence[Path] = ()
    shipped_rules: bool = True
    boot: str | None = None
    units: Sequence[str] = ()
    directory: Path | None = None
    namespace: str | None = None
    collectors: Sequence[str] = ()  # globs on containers (or their files) that print other machines' logs
    routers: Sequence[str] = ()  # the hosts whose word counts as a router's; none: of every device
    jobs: int = 1  # processes that parse files
    cluster: str | None = None  # the address of a Dask scheduler whose workers do so instead
    work: str | None = None  # a folder or URL where what they made is kept, for this run and the next ones
    command: str = "logcorr.analyze(...)"
    progress: Callable[[str], None] = lambda _: None

    def __post_init__(self) -> None:
        """Hold the window within the times that records may have."""
        for name in ("since", "until"):
            end = getattr(self, name)
            if end is not None:
                object.__setattr__(self, name, to_datetime(to_micros(end)))


def clock_settings(
    request: AnalyzeRequest, margin: timedelta = timedelta(0), outsiders: Outsiders = NOBODY
) -> ClockSettings:
    """What the request says about clocks and the window; ``margin`` is kept on both sides of it."""
    return ClockSettings(
        zones=dict(request.zones),
        skews=dict(request.skews),
        general_zone=request.zone,
        default_zone=request.default_zone,
        now=request.now or datetime.now(UTC),
        since=request.since,
        until=request.until,
        margin=margin,
        outsiders=outsiders,
    )


def require_zone(text: str) -> None:
    """Raise UsageError where ``text`` is neither an IANA zone nor an offset from UTC."""
    find_zone(text)


def nothing_usable(request: AnalyzeRequest, refused: Sequence[SourceFile]) -> InputError:
    """The error for inputs of which none could be read."""
    return errors.nothing_usable(request.inputs, [(item.path, item.problem or "") for item in refused])


def empty_window(request: AnalyzeRequest, inputs: Sequence[SourceFile]) -> InputError:
    """The error for a window that no record lies in: that nothing was seen there is not that nothing happened."""
    ends = [time for item in inputs for time in (item.first, item.last) if time]
    since, until = _written(request.since), _written(request.until)
    reach = f"the logs reach from {_written(min(ends))} to {_written(max(ends))}" if ends else "the logs hold no record"
    return InputError(
        f"no record lies in the window from {since or 'their start'} to {until or 'their end'}",
        location=", ".join(request.inputs) or "the journal",
        hint=f"{reach}; {_inside(request, min(ends), max(ends)) if ends else 'choose other logs'}",
    )


def _inside(request: AnalyzeRequest, first: datetime, last: datetime) -> str:
    """What to give instead: the same time of the day on the last day of the logs that has it, where there is one."""
    for option, end in (("--since", request.since), ("--until", request.until)):
        for back in range(2):
            day = last.astimezone(UTC).date() - timedelta(days=back)
            meant = datetime.combine(day, end.astimezone(UTC).timetz()) if end else None
            if end and meant and meant != end and first <= meant <= last:
                return f'with the day, that is {option} "{meant:%Y-%m-%d %H:%M:%S} UTC"'
    return "choose --since and --until inside that"


def _written(time: datetime | None) -> str | None:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}" if time else None
