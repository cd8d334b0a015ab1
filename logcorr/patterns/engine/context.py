"""What a form looks at."""

from __future__ import annotations

from dataclasses import dataclass

from logcorr.coverage.survey import Survey
from logcorr.patterns.engine.observed import Coverage
from logcorr.patterns.engine.stream import Stream


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """The events of a run, where each could have been seen, and the time zone of each source (as its input says)."""

    stream: Stream
    coverage: Coverage
    zones: tuple[str | None, ...] = ()


def context_of(stream: Stream, survey: Survey) -> Context:
    """The context of a run's events."""
    return Context(stream, Coverage(survey, stream), tuple(file.timezone for file in survey.timeline.inputs))
