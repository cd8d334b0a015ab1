"""What a form looks at."""

from __future__ import annotations

from logcorr.coverage.survey import Survey
from logcorr.dataclass import dataclass
from logcorr.patterns.engine.observed import StreamCoverage
from logcorr.patterns.engine.stream import EventStream


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """The events of a run, where each could have been seen, and the time zone of each source (as its input says)."""

    stream: EventStream
    coverage: StreamCoverage
    zones: tuple[str | None, ...] = ()


def context_of(stream: EventStream, survey: Survey) -> Context:
    """The context of a run's events."""
    return Context(stream, StreamCoverage(survey, stream), tuple(file.timezone for file in survey.timeline.inputs))
