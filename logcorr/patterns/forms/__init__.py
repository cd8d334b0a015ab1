"""The forms of the rule language, one module each.

A form is one function: ``find(pattern, context)`` gives the pattern's matches, and what chance would give of them where
that can be told. What may stand under the form's key is a model of ``logcorr.rulebook.models.forms``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from logcorr.patterns.engine.context import Context
from logcorr.patterns.engine.figures import Figure
from logcorr.patterns.engine.found import Found
from logcorr.patterns.forms import all_of, beat, burst, count, during, flap, measure, sequence, silence, step
from logcorr.rulebook.models import Pattern

Find = Callable[[Pattern, Context], tuple[Found, Figure | None]]

#: Each form by its key in a rule.
FORMS: Final[tuple[tuple[str, Find], ...]] = (
    ("sequence", sequence.find),
    ("all", all_of.find),
    ("count", count.find),
    ("flap", flap.find),
    ("beat", beat.find),
    ("during", during.find),
    ("silence", silence.find),
    ("burst", burst.find),
    ("step", step.find),
    ("measure", measure.find),
)
