"""The report's sections, each a module and a template of its own; ``SECTIONS`` is their order and the only registry."""

from __future__ import annotations

from typing import Any, Final

from logcorr.report.material import Section
from logcorr.report.sections import (
    answer,
    changes,
    coverage,
    do_now,
    evidence,
    header,
    hypotheses,
    others,
    provenance,
    questions,
    timeline,
)

SECTIONS: Final[tuple[Section[Any], ...]] = (
    header.SECTION,
    answer.SECTION,
    do_now.SECTION,
    timeline.SECTION,
    others.SECTION,
    hypotheses.SECTION,
    coverage.SECTION,
    questions.SECTION,
    changes.SECTION,
    evidence.SECTION,
    provenance.SECTION,
)
