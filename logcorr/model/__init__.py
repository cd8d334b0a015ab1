"""What the stages hand to one another once the log lines are behind them: plain frozen values.

The names are those of the JSON report (``logcorr.report/1``); see the README's table. Times are aware UTC datetimes,
durations and offsets are seconds, and what is not known is ``None``.
"""

from logcorr.model.judged import (
    Action,
    Argument,
    ChainStep,
    Change,
    Check,
    Finding,
    Hypothesis,
    LoopTurn,
    Missing,
    Outage,
    Question,
    Recurrence,
    Verdict,
)
from logcorr.model.kinds import RULES_USED, ChainRole, GapKind, HypothesisStatus, Profile, Severity, Status, Strength
from logcorr.model.observed import CoverageGap, Evidence, Lane, Limit, Mark, Rates, Redaction, SourceFile, Tool, Window
from logcorr.model.report import Report

__all__ = [
    "RULES_USED",
    "Action",
    "Argument",
    "ChainRole",
    "ChainStep",
    "Change",
    "Check",
    "CoverageGap",
    "Evidence",
    "Finding",
    "GapKind",
    "Hypothesis",
    "HypothesisStatus",
    "Lane",
    "Limit",
    "LoopTurn",
    "Mark",
    "Missing",
    "Outage",
    "Profile",
    "Question",
    "Rates",
    "Recurrence",
    "Redaction",
    "Report",
    "Severity",
    "SourceFile",
    "Status",
    "Strength",
    "Tool",
    "Verdict",
    "Window",
]
