"""The whole of an analysis."""

from __future__ import annotations

from dataclasses import field

from logcorr.dataclass import dataclass
from logcorr.model.judged import Action, Change, Check, Finding, Hypothesis, Question, Verdict
from logcorr.model.observed import CoverageGap, Evidence, Lane, Limit, Redaction, SourceFile, Tool, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything a report says; HTML, Markdown and JSON are three renderings of it."""

    tool: Tool
    window: Window
    zone: str = "UTC"  # zone in which the page prints its times beside UTC
    verdict: Verdict
    incidents: tuple[Verdict, ...] = ()
    hypotheses: tuple[Hypothesis, ...] = ()
    findings: tuple[Finding, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    actions: tuple[Action, ...] = ()
    checks: tuple[Check, ...] = ()
    questions: tuple[Question, ...] = ()
    coverage: tuple[CoverageGap, ...] = ()
    changes: tuple[Change, ...] = ()
    inputs: tuple[SourceFile, ...] = ()
    limits: tuple[Limit, ...] = ()
    lanes: tuple[Lane, ...] = ()
    redaction: Redaction = field(default_factory=lambda: Redaction(profile="none"))
