"""What a rule may say: the typed shape of the three kinds of rule file. Unknown keys are errors.

Durations are written as systemd.time(7) spans ("30s", "5min", "2h") and become seconds here. Positions in the files are
kept by ``load``, beside the models, so that two equal rules in different places compare equal.
"""

from __future__ import annotations

from logcorr.rulebook.models.base import (
    LONGEST,
    MOST_TIMES,
    Compare,
    Duration,
    EventName,
    Id,
    Layer,
    Pairing,
    Role,
    Rule,
    RuleStatus,
    Scalar,
    Where,
)
from logcorr.rulebook.models.causes import (
    ActionRule,
    Answer,
    Cause,
    CheckRule,
    Member,
    QuestionRule,
    Sign,
    SourceKind,
    SymptomClass,
    Variant,
)
from logcorr.rulebook.models.events import Event, EventFile, Origin, Wording
from logcorr.rulebook.models.forms import Beat, Burst, Count, During, Flap, Form, Jump, Measure, Silence, Single, Step
from logcorr.rulebook.models.patterns import FORMS, Pattern
from logcorr.rulebook.models.rulebook import Query, Rulebook
from logcorr.rulebook.models.states import StateKind

__all__ = [
    "FORMS",
    "LONGEST",
    "MOST_TIMES",
    "ActionRule",
    "Answer",
    "Beat",
    "Burst",
    "Cause",
    "CheckRule",
    "Compare",
    "Count",
    "Duration",
    "During",
    "Event",
    "EventFile",
    "EventName",
    "Flap",
    "Form",
    "Id",
    "Jump",
    "Layer",
    "Measure",
    "Member",
    "Origin",
    "Pairing",
    "Pattern",
    "Query",
    "QuestionRule",
    "Role",
    "Rule",
    "RuleStatus",
    "Rulebook",
    "Scalar",
    "Sign",
    "Silence",
    "Single",
    "SourceKind",
    "StateKind",
    "Step",
    "SymptomClass",
    "Variant",
    "Where",
    "Wording",
]
