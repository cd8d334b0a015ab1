"""What fits into a page: lists cut to a budget, the most cited first, and every omission said out loud.

The JSON report is never cut; the page and the Markdown are rendered with the first budget whose result is small enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from itertools import islice
from typing import Any, Final

from logcorr import model
from logcorr.dataclass import dataclass
from logcorr.model import Evidence, Finding, Hypothesis, Report


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of a report to show."""

    text: int = 2048  # characters of one string
    context: int = 3  # lines before, and lines after, a cited line
    evidence: int = 400  # cited lines
    rows: int = 400  # entries of any other list
    nested: int = 40  # entries of a list inside an entry
    lanes: int = 24  # lanes of the timeline picture
    marks: int = 200  # signs on it
    slices: int = 240  # bars of a source's rate


#: Context goes first, then what is cited least. The last budget of each keeps any report at all within its limit.
PAGE: Final = (
    Budget(),
    Budget(context=0),
    Budget(context=0, evidence=150, rows=150, nested=20, text=1024),
    Budget(context=0, evidence=100, rows=60, nested=12, text=512),
    Budget(context=0, evidence=40, rows=24, nested=8, text=256, marks=120, lanes=16),
    Budget(context=0, evidence=16, rows=10, nested=5, text=120, marks=80, lanes=10),
)

MARKDOWN: Final = (
    Budget(context=0, evidence=120, rows=60, nested=20),
    Budget(context=0, evidence=60, rows=30, nested=12),
    Budget(context=0, evidence=30, rows=16, nested=8, text=512),
    Budget(context=0, evidence=12, rows=6, nested=5, text=100),
    Budget(context=0, evidence=6, rows=2, nested=5, text=48),
)

#: For every list of the model: the part of the budget that bounds it, the section that shows it, and its name there.
_BOUNDS: Final[dict[tuple[type, str], tuple[str, str, str]]] = {
    (model.Report, "incidents"): ("rows", "answer", "incidents"),
    (model.Report, "hypotheses"): ("rows", "hypotheses", "hypotheses"),
    (model.Report, "findings"): ("rows", "hypotheses", "patterns"),
    (model.Report, "evidence"): ("evidence", "evidence", "cited lines"),
    (model.Report, "actions"): ("rows", "do-now", "actions"),
    (model.Report, "checks"): ("rows", "questions", "checks"),
    (model.Report, "questions"): ("rows", "questions", "questions"),
    (model.Report, "coverage"): ("rows", "coverage", "gaps"),
    (model.Report, "changes"): ("rows", "changes", "message templates"),
    (model.Report, "inputs"): ("rows", "provenance", "inputs"),
    (model.Report, "limits"): ("rows", "provenance", "limits"),
    (model.Report, "lanes"): ("lanes", "timeline", "sources"),
    (model.Verdict, "contributing"): ("nested", "answer", "contributing causes"),
    (model.Verdict, "chain"): ("nested", "answer", "steps of the chain"),
    (model.Verdict, "turns"): ("nested", "answer", "turns of the loop"),
    (model.Verdict, "opened_by"): ("nested", "answer", "openings"),
    (model.Recurrence, "outages"): ("nested", "answer", "episodes"),
    (model.LoopTurn, "evidence"): ("nested", "answer", "lines cited by the loop"),
    (model.Verdict, "key_evidence"): ("nested", "answer", "key lines"),
    (model.Verdict, "hosts"): ("nested", "answer", "hosts"),
    (model.ChainStep, "evidence"): ("nested", "answer", "lines cited by the chain"),
    (model.Hypothesis, "supports"): ("nested", "hypotheses", "arguments for"),
    (model.Hypothesis, "against"): ("nested", "hypotheses", "arguments against"),
    (model.Hypothesis, "expected_missing"): ("nested", "hypotheses", "missing signs"),
    (model.Argument, "evidence"): ("nested", "hypotheses", "lines cited by arguments"),
    (model.Finding, "hosts"): ("nested", "hypotheses", "hosts of patterns"),
    (model.Finding, "evidence"): ("nested", "hypotheses", "lines cited by patterns"),
    (model.CoverageGap, "hides"): ("nested", "coverage", "blinded rules"),
    (model.CoverageGap, "how"): ("nested", "coverage", "ways to export a log"),
    (model.Action, "how"): ("nested", "do-now", "ways to do it"),
    (model.Question, "evidence"): ("nested", "questions", "lines cited by questions"),
    (model.Check, "settles"): ("nested", "questions", "causes settled by checks"),
    (model.Evidence, "fields"): ("nested", "evidence", "extracted fields"),
    (model.Evidence, "before"): ("context", "evidence", "context lines"),
    (model.Evidence, "after"): ("context", "evidence", "context lines"),
    (model.SourceFile, "programs"): ("nested", "provenance", "programs"),
    (model.SourceFile, "templates"): ("nested", "provenance", "shapes of unparsed lines"),
    (model.SourceFile, "notes"): ("nested", "provenance", "notes on inputs"),
    (model.Rates, "records"): ("slices", "timeline", "rates"),
    (model.Lane, "spans"): ("rows", "timeline", "covered spans"),
    (model.Lane, "gaps"): ("rows", "timeline", "gaps"),
    (model.Redaction, "classes"): ("nested", "provenance", "classes of redacted values"),
}


@dataclass(frozen=True, slots=True)
class Omission:
    """Something that a section does not show."""

    section: str
    what: str
    shown: int
    seen: int

    @property
    def says(self) -> str:
        """The omission as a sentence."""
        return f"{self.shown:,} of {self.seen:,} {self.what} shown; the JSON report has them all."


def fit(report: Report, budget: Budget) -> tuple[Report, tuple[Omission, ...]]:
    """Cut ``report`` to ``budget`` and return it with what was left out; entries that matter more come first."""
    cutter = _Cutter(budget)
    fitted: Report = cutter.cut(
        replace(
            report,
            hypotheses=tuple(sorted(report.hypotheses, key=_rank_hypothesis)),
            findings=tuple(sorted(report.findings, key=_rank_finding)),
            evidence=_cited_first(report),
        )
    )
    place = {line.id: number for number, line in enumerate(report.evidence)}
    in_order = tuple(sorted(fitted.evidence, key=lambda line: place[line.id]))
    return replace(fitted, evidence=in_order), cutter.omissions()


class _Cutter:
    """Walks a value, cuts its lists, and counts what falls off."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._counts: dict[tuple[str, str], tuple[int, int]] = {}

    def cut(self, value: Any) -> Any:  # noqa: ANN401 - it walks values of every type
        if not is_dataclass(value) or isinstance(value, type):
            return value
        return replace(
            value,
            **{
                field.name: self._field(type(value), field.name, getattr(value, field.name))
                for field in fields(value)
                if isinstance(getattr(value, field.name), (tuple, dict)) or is_dataclass(getattr(value, field.name))
            },
        )

    def omissions(self) -> tuple[Omission, ...]:
        return tuple(Omission(*place, *counts) for place, counts in self._counts.items() if counts[0] < counts[1])

    def _field(self, owner: type, name: str, value: Any) -> Any:  # noqa: ANN401 - see cut
        if (owner, name) == (model.Report, "verdict"):  # the first of the incidents, which are counted
            return _Cutter(self._budget).cut(value)
        bound = _BOUNDS.get((owner, name))
        if bound is None:  # a single value, or marks, which the picture bundles instead of cutting them
            return self.cut(value)
        part, section, what = bound
        limit = getattr(self._budget, part)
        shown, seen = self._counts.get((section, what), (0, 0))
        self._counts[section, what] = shown + min(limit, len(value)), seen + len(value)
        if isinstance(value, dict):
            return dict(islice(value.items(), limit))
        kept = value[max(len(value) - limit, 0) :] if name == "before" else value[:limit]
        return tuple(map(self.cut, kept))


def _rank_hypothesis(hypothesis: Hypothesis) -> tuple[int, int, float]:
    order = {"supported": 0, "weakened": 1, "ruled-out": 2, "untestable": 3}
    return hypothesis.incident, order.get(hypothesis.status, len(order)), -hypothesis.score


def _rank_finding(finding: Finding) -> tuple[bool, int]:
    order = {"high": 0, "medium": 1, "low": 2}
    return finding.caution is None, order.get(finding.severity, len(order))


def _cited_first(report: Report) -> tuple[Evidence, ...]:
    rank: dict[str, int] = {}
    for number, cited in enumerate(_citations(report)):
        rank.setdefault(cited, number)
    return tuple(sorted(report.evidence, key=lambda line: rank.get(line.id, len(rank))))


def _citations(report: Report) -> Iterator[str]:
    """Yield every citation, from the top of the page."""
    for verdict in (report.verdict, *report.incidents):
        yield from verdict.key_evidence
        for step in verdict.chain:
            yield from step.evidence
    for hypothesis in sorted(report.hypotheses, key=_rank_hypothesis):
        for argument in (*hypothesis.supports, *hypothesis.against):
            yield from argument.evidence
    for question in report.questions:
        yield from question.evidence
    for finding in report.findings:
        yield from finding.evidence
