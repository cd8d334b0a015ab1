"""From events and matches to verdicts: find incidents, weigh every cause against each, let them compete, tell why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from types import MappingProxyType

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.diagnosis.incidents import Incident, find_incidents
from logcorr.diagnosis.judging.compete import Outcome, compete
from logcorr.diagnosis.judging.nearby import Nearby, look_around
from logcorr.diagnosis.judging.weigh import weigh
from logcorr.diagnosis.order import in_order
from logcorr.diagnosis.rate_changes import what_changed
from logcorr.diagnosis.scene import Scene, set_scene
from logcorr.diagnosis.telling.advice import actions, checks
from logcorr.diagnosis.telling.again import told_once
from logcorr.diagnosis.telling.chain import build_chain, loop_turns
from logcorr.diagnosis.telling.citations import Citations, cite
from logcorr.diagnosis.telling.hypotheses import FINDING_LINES, SIGN_LINES, finding, hypothesis
from logcorr.diagnosis.telling.lanes import draw_lanes
from logcorr.diagnosis.telling.missing_logs import not_given, unseen_ends
from logcorr.diagnosis.telling.questions import questions
from logcorr.diagnosis.telling.templates import marked, template
from logcorr.diagnosis.telling.verdicts import Case, no_incident, verdict
from logcorr.model import (
    Action,
    ChainStep,
    Change,
    Check,
    CoverageGap,
    Evidence,
    Finding,
    Hypothesis,
    Lane,
    Limit,
    Question,
    Verdict,
    Window,
)
from logcorr.rulebook.models import Rulebook
from logcorr.schema import PatternResult, Timeline

_MOST_INCIDENTS = 100  # that are weighed and told; more than anybody reads, and each costs
_KEY_LINES = 5


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the report says beside its provenance."""

    incidents: tuple[Verdict, ...]
    hypotheses: tuple[Hypothesis, ...]
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]
    actions: tuple[Action, ...]
    checks: tuple[Check, ...]
    questions: tuple[Question, ...]
    coverage: tuple[CoverageGap, ...]
    changes: tuple[Change, ...]
    lanes: tuple[Lane, ...]
    limits: tuple[Limit, ...]


def diagnose(
    timeline: Timeline,
    events: pl.DataFrame,
    matches: pl.DataFrame,
    results: Sequence[PatternResult],
    rules: Rulebook,
    window: Window,
    sites: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Diagnosis:
    """Weigh every cause of the rulebook against every incident that reaches into ``window``.

    The timeline may hold more: what came before is looked back on. ``sites``: which hosts are at one site, as far as
    the user says it; what is told of them overrules what the logs show.
    """
    scene = set_scene(timeline, events, matches, rules)
    incidents = [incident for incident in find_incidents(scene, sites) if _reaches_into(window, incident)]
    told = incidents[:_MOST_INCIDENTS]
    around = look_around(told, scene)
    single = [_case(*each, scene) for each in zip(told, around, strict=True)]
    cases = in_order(single, around)
    if len(told) == len(incidents):  # else how often is not known
        cases = told_once(cases, scene)
    found = chain.from_iterable(result.records[:FINDING_LINES] for result in results)
    citations = cite([_wanted(case) for case in cases], found, _says(cases), scene)
    judged = [(case.outcome, case.incident) for case in cases]
    return Diagnosis(
        incidents=tuple(verdict(case, citations, scene) for case in cases) or (no_incident(scene),),
        hypotheses=tuple(
            hypothesis(number, item, citations, scene) for number, case in enumerate(cases) for item in case.outcome.all
        ),
        findings=tuple(finding(result, incidents, citations) for result in results),
        evidence=citations.evidence,
        actions=actions(judged, scene),
        checks=checks(judged, scene),
        questions=_questions(cases, citations),
        coverage=(*not_given(judged, scene), *unseen_ends(judged, scene), *timeline.gaps),
        changes=what_changed(cases[0].incident, timeline) if cases else (),
        lanes=_lanes(cases, citations, scene),
        limits=_limits(len(told), len(incidents), citations),
    )


def _questions(cases: tuple[Case, ...], citations: Citations) -> tuple[Question, ...]:
    """Each question once, as the gravest incident answers it."""
    answered = {question.question: (question, rows) for case in reversed(cases) for question, rows in case.questions}
    return tuple(replace(question, evidence=citations.of(rows)) for question, rows in answered.values())


def _lanes(cases: tuple[Case, ...], citations: Citations, scene: Scene) -> tuple[Lane, ...]:
    """The picture of all incidents, with the chain of the gravest numbered."""
    chained = {row: position for position, (_, rows) in enumerate(cases[0].chain if cases else ()) for row in rows}
    return draw_lanes(scene, tuple(case.incident for case in cases), citations, chained)


def _says(cases: tuple[Case, ...]) -> dict[int, str]:
    """What the causes say of the lines they cite: what the leading cause of the gravest incident says stands."""
    return {
        row: cited.says
        for case in reversed(cases)
        for item in reversed(case.outcome.all)
        for cited in reversed(item.supports)
        for row in cited.rows
    }


def _limits(told: int, incidents: int, citations: Citations) -> tuple[Limit, ...]:
    cited, left_out = len(citations.evidence), citations.left_out
    caps = (
        Limit(what="cited lines", limit=cited, seen=cited + left_out),
        Limit(what="incidents, the gravest", limit=told, seen=incidents),
    )
    return tuple(cap for cap in caps if cap.seen > cap.limit)


def _reaches_into(window: Window, incident: Incident) -> bool:
    early = window.since is not None and incident.end < window.since
    late = window.until is not None and incident.start > window.until
    return not (early or late)


def _case(incident: Incident, nearby: Nearby, scene: Scene) -> Case:
    if incident.openings == ("unknown",):
        return _unexplained(incident, scene)
    outcome = compete(tuple(weigh(cause, nearby) for cause in scene.rules.causes.values()))
    steps = build_chain(outcome, incident, scene)
    asked, turns = questions(outcome, nearby), loop_turns(outcome, incident, scene)
    return Case(incident, outcome, steps, asked, _key_rows(outcome, steps), turns)


def _unexplained(incident: Incident, scene: Scene) -> Case:
    """Of errors that no rule knows there is nothing to weigh: their lines are quoted."""
    said = scene.records(incident.symptoms["id"], ("id", "program", "message")).with_columns(
        template(pl.col("message")).alias("template")
    )
    makes = (
        said.group_by("program", "template")
        .agg(pl.len(), pl.col("id").first())
        .sort("len", "id", descending=[True, False])
    )
    shown = makes.head(_KEY_LINES).with_columns(marked(pl.col("template")))
    quoted = "; ".join(
        f"{program or 'a program'}: “{text}”{f' ({count:,} times)' if count > 1 else ''}"
        for program, text, count in shown.select("program", "template", "len").rows()
    )
    outcome = Outcome("undetermined", None, (), (), f"what they mean is open: {quoted}")
    return Case(incident, outcome, [], (), tuple(shown["id"]), [])


def _key_rows(outcome: Outcome, steps: list[tuple[ChainStep, tuple[int, ...]]]) -> tuple[int, ...]:
    """The five lines of the first screen: the strongest signs of the root, of what contributed, then the chain's."""
    leading = [item for item in (outcome.root, *outcome.contributing) if item is not None]
    rows: list[int] = []
    for item in leading:
        signs = sorted(item.supports, key=lambda cited: -cited.weight)
        rows += [cited.rows[0] for cited in signs[: SIGN_LINES if item is outcome.root else 2]]
    rows += [row for _, cited_rows in steps for row in cited_rows]
    return tuple(dict.fromkeys(rows))[:_KEY_LINES]


def _wanted(case: Case) -> list[int]:
    """The rows that one incident cites, the most important first."""
    told = (case.key, *(rows for _, rows in (*case.chain, *case.turns)))
    judged = case.outcome.all
    leading = [item for item in judged if item.status != "weakened"]
    argued = [cited.rows[:SIGN_LINES] for item in (*leading, *judged) for cited in (*item.supports, *item.against)]
    answered = [rows for _, rows in case.questions]
    return list(chain.from_iterable((*told, *argued, *answered)))
