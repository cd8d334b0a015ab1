"""From events and matches to verdicts: find incidents, weigh every cause against each, let them compete, tell why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from types import MappingProxyType

import polars as pl

from logcorr.diagnosis.advice import actions, checks
from logcorr.diagnosis.chain import build_chain, loop_sentence, loop_turns
from logcorr.diagnosis.citations import Citations, cite
from logcorr.diagnosis.compete import Outcome, compete
from logcorr.diagnosis.incidents import Incident, find_incidents
from logcorr.diagnosis.lanes import draw_lanes
from logcorr.diagnosis.missing_logs import not_given
from logcorr.diagnosis.questions import questions
from logcorr.diagnosis.rate_changes import what_changed
from logcorr.diagnosis.scene import Scene, set_scene
from logcorr.diagnosis.signs import Cited, Nearby, fill, look_around
from logcorr.diagnosis.templates import marked, template
from logcorr.diagnosis.weigh import Weighed, weigh
from logcorr.model import (
    Action,
    Argument,
    ChainStep,
    Change,
    Check,
    CoverageGap,
    Evidence,
    Finding,
    Hypothesis,
    Lane,
    Limit,
    LoopTurn,
    Question,
    Recurrence,
    Verdict,
    Window,
)
from logcorr.rulebook.models import Rulebook
from logcorr.schema import PatternResult, Timeline

_MOST_INCIDENTS = 100  # that are weighed and told; more than anybody reads, and each costs
_KEY_LINES = 5
_FEW_HOSTS = 4  # named in the summary
_FINDING_LINES = 6
_SIGN_LINES = 3
_IDLE = "No incident by itself: what was lost was back within seconds, or somebody stopped it on purpose."


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


@dataclass(frozen=True, slots=True)
class _Case:
    """One incident with its outcome and its story."""

    incident: Incident
    outcome: Outcome
    chain: list[tuple[ChainStep, tuple[int, ...]]]
    questions: tuple[tuple[Question, tuple[int, ...]], ...]
    key: tuple[int, ...]
    turns: list[tuple[LoopTurn, tuple[int, ...]]]


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
    cases = tuple(_case(*each, scene) for each in zip(told, look_around(told, scene), strict=True))
    says = {  # what the leading cause says of a line stands last, and stays
        row: cited.says
        for case in reversed(cases)
        for item in reversed(case.outcome.all)
        for cited in reversed(item.supports)
        for row in cited.rows
    }
    found = chain.from_iterable(result.records[:_FINDING_LINES] for result in results)
    citations = cite([_wanted(case) for case in cases], found, says, scene)
    judged = [(case.outcome, case.incident) for case in cases]
    answered = {question.question: (question, rows) for case in reversed(cases) for question, rows in case.questions}
    chained = {row: position for position, (_, rows) in enumerate(cases[0].chain if cases else ()) for row in rows}
    cited, left_out = len(citations.evidence), citations.left_out
    caps = (
        Limit(what="cited lines", limit=cited, seen=cited + left_out),
        Limit(what="incidents, the gravest", limit=len(cases), seen=len(incidents)),
    )
    return Diagnosis(
        incidents=tuple(_verdict(case, citations, scene) for case in cases) or (_no_incident(scene),),
        hypotheses=tuple(
            _hypothesis(number, item, citations) for number, case in enumerate(cases) for item in case.outcome.all
        ),
        findings=tuple(_finding(result, incidents, citations) for result in results),
        evidence=citations.evidence,
        actions=actions(judged, scene),
        checks=checks(judged, scene),
        questions=tuple(replace(question, evidence=citations.of(rows)) for question, rows in answered.values()),
        coverage=(*not_given(judged, scene), *timeline.gaps),
        changes=what_changed(cases[0].incident, timeline) if cases else (),
        lanes=draw_lanes(scene, tuple(case.incident for case in cases), citations, chained),
        limits=tuple(cap for cap in caps if cap.seen > cap.limit),
    )


def _reaches_into(window: Window, incident: Incident) -> bool:
    early = window.since is not None and incident.end < window.since
    late = window.until is not None and incident.start > window.until
    return not (early or late)


def _case(incident: Incident, nearby: Nearby, scene: Scene) -> _Case:
    if incident.openings == ("unknown",):
        return _unexplained(incident, scene)
    outcome = compete(tuple(weigh(cause, nearby) for cause in scene.rules.causes.values()))
    steps = build_chain(outcome, incident, scene)
    asked, turns = questions(outcome, nearby), loop_turns(outcome, incident, scene)
    return _Case(incident, outcome, steps, asked, _key_rows(outcome, steps), turns)


def _unexplained(incident: Incident, scene: Scene) -> _Case:
    """Of errors that no rule knows there is nothing to weigh: their lines are quoted."""
    said = scene.records(incident.symptoms["id"]).with_columns(template(pl.col("message")).alias("template"))
    makes = (
        said.group_by("program", "template")
        .agg(pl.len(), pl.col("id").first())
        .sort("len", "id", descending=[True, False])
    )
    shown = makes.head(_KEY_LINES).with_columns(marked(pl.col("template")))
    quoted = "; ".join(
        f"{program or 'a program'}: “{text}” ({count:,} times)"
        for program, text, count in shown.select("program", "template", "len").rows()
    )
    outcome = Outcome("undetermined", None, (), (), f"no rule knows these lines, and what they mean is open: {quoted}")
    return _Case(incident, outcome, [], (), tuple(shown["id"]), [])


def _key_rows(outcome: Outcome, steps: list[tuple[ChainStep, tuple[int, ...]]]) -> tuple[int, ...]:
    """The five lines of the first screen: the strongest signs of the root, of what contributed, then the chain's."""
    leading = [item for item in (outcome.root, *outcome.contributing) if item is not None]
    rows: list[int] = []
    for item in leading:
        signs = sorted(item.supports, key=lambda cited: -cited.weight)
        rows += [cited.rows[0] for cited in signs[: _SIGN_LINES if item is outcome.root else 2]]
    rows += [row for _, cited_rows in steps for row in cited_rows]
    return tuple(dict.fromkeys(rows))[:_KEY_LINES]


def _wanted(case: _Case) -> list[int]:
    """The rows that one incident cites, the most important first."""
    told = (case.key, *(rows for _, rows in (*case.chain, *case.turns)))
    judged = case.outcome.all
    leading = [item for item in judged if item.status != "weakened"]
    argued = [cited.rows[:_SIGN_LINES] for item in (*leading, *judged) for cited in (*item.supports, *item.against)]
    answered = [rows for _, rows in case.questions]
    return list(chain.from_iterable((*told, *argued, *answered)))


# --- into the report's values -------------------------------------------------------------------------------------


def _verdict(case: _Case, citations: Citations, scene: Scene) -> Verdict:
    outcome, incident = case.outcome, case.incident
    blind = not_given([(outcome, incident)], scene)
    begun = [step.time for step, _ in case.chain if step.observed]
    return Verdict(
        status=outcome.status,
        cause=outcome.root.cause.id if outcome.root else "undetermined",
        contributing=tuple(item.cause.id for item in outcome.contributing),
        title=_title(outcome, incident, scene),
        summary=_summary(case, scene),
        reason=outcome.reason,
        chain=tuple(replace(step, evidence=citations.of(rows)) for step, rows in case.chain),
        loop=loop_sentence(outcome, incident),
        turns=tuple(replace(turn, evidence=citations.of(rows)) for turn, rows in case.turns),
        started=min([incident.start, *begun]),
        ended=None if incident.ongoing else incident.end,
        ongoing=incident.ongoing,
        key_evidence=citations.of(case.key),
        warning=_warning(blind[0]) if blind else None,
        hosts=incident.hosts,
        opened_by=incident.openings,
        recurrence=incident.recurrence,
        site=incident.site,
    )


def _title(outcome: Outcome, incident: Incident, scene: Scene) -> str:
    if outcome.root and (extent := _extent(outcome.root, incident, scene)):
        return extent
    if outcome.root:
        return outcome.root.cause.title
    if incident.openings == ("unknown",):
        return "Errors that no rule knows"
    return "The logs do not show what broke first"


def _extent(root: Weighed, incident: Incident, scene: Scene) -> str | None:
    """How far it went, where a loss that dates the cause tells it: all members of a bond instead of one."""
    lost = incident.symptoms.join(root.triggers.select("id"), on="id", how="semi").drop_nulls("lost")
    for kind, thing in lost.select("lost", "object").unique(maintain_order=True).rows():
        state = scene.rules.states.get(kind)
        if state is not None and state.extent and thing:
            return state.extent.replace("{object}", str(thing))
    return None


def _warning(gap: CoverageGap) -> str:
    return (
        f"{gap.reason}; without it these cannot be ruled out: {', '.join(gap.hides)}."
        if gap.hides
        else f"{gap.reason}."
    )


def _summary(case: _Case, scene: Scene) -> str:
    outcome = case.outcome
    count, named = case.incident.symptoms.height, case.incident.hosts
    hosts = f"{len(named)} hosts" if len(named) > _FEW_HOSTS else ", ".join(named) or "one host"
    if outcome.root is not None:
        extent = _extent(outcome.root, case.incident, scene)
        first = f"{extent}." if extent else _sentence(outcome.root, scene)
    elif case.incident.openings == ("unknown",):
        first = (
            f"{count:,} lines on {hosts} look like errors, and no rule knows them. "
            "Nothing else in the logs tells of an incident of connectivity at that time."
        )
    else:
        first = (
            f"{count:,} connectivity errors and faults on {hosts}, and no cause is supported well enough to be named."
        )
    more = [_sentence(item, scene) for item in outcome.contributing]
    again = [_again(case.incident.recurrence)] if case.incident.recurrence else []
    again += [_doubt(case.incident.doubtful)] if case.incident.doubtful else []
    return " ".join([first, *again, *(f"It was made worse: {sentence[0].lower()}{sentence[1:]}" for sentence in more)])


def _doubt(hosts: tuple[str, ...]) -> str:
    """Machines that are told with it though no log says that they belong together."""
    named = ", ".join(hosts[:_FEW_HOSTS]) + (f" and {len(hosts) - _FEW_HOSTS:,} more" if hosts[_FEW_HOSTS:] else "")
    return (
        f"Whether {named} belongs to it is not certain: no log links the machines. --site tells which are at one site."
    )


def _again(told: Recurrence) -> str:
    """How often it came, and how."""
    lasted = (
        f", {_span(told.shortest_s)} to {_span(told.longest_s)} each"
        if told.shortest_s is not None and told.longest_s is not None
        else ""
    )
    down = f", {told.share_down:.1%} of the time" if told.share_down is not None else ""
    beat = f", at regular intervals of {_span(told.period_s)}" if told.period_s is not None else ""
    return f"It came again and again: {told.count:,} times{lasted}{down}{beat}."


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.3g} min" if seconds < 7_200 else f"{seconds / 3_600:.3g} h"


def _sentence(item: Weighed, scene: Scene) -> str:
    """The cause's sentence with the fields of the event that dates it."""
    dated = item.triggers.select("id", "event").head(1)
    first = scene.of(dated["id"]).join(dated, on=["id", "event"], how="semi").head(1)
    rows = scene.with_fields(first).rows(named=True)
    return fill(item.cause.sentence, rows[0] if rows else None, item.triggers.height)


def _no_incident(scene: Scene) -> Verdict:
    frame, inputs = scene.timeline.frame, scene.timeline.inputs
    hosts = tuple(host for host in frame["host"].unique().sort() if host)
    known = scene.brief["id"].n_unique()
    first, last = frame["time"].min(), frame["time"].max()
    return Verdict(
        status="no-incident",
        cause="no-incident",
        title="No connectivity incident found",
        hosts=hosts,
        summary=f"Examined: {_kinds_of_log(scene)}; {_named(hosts)}; {_stamp(first)} to {_stamp(last)}.",
        reason=(
            f"{_records(frame.height)} of {len(inputs):,} input{'s'[: len(inputs) != 1]} examined, {known:,} of them "
            f"known to a rule; none tells of an outage, and failures are no more frequent than they are all the time"
        ),
    )


def _kinds_of_log(scene: Scene) -> str:
    """The kinds of log that the run has, as their exports are called; else the formats."""
    kinds = sorted(scene.kinds.seen)
    titles = [scene.rules.sources[kind].title for kind in kinds if kind in scene.rules.sources]
    formats = dict.fromkeys(item.format for item in scene.timeline.inputs if item.records and item.format)
    return ", ".join(titles) or f"logs of the format {', '.join(formats) or 'unknown'}"


def _named(hosts: tuple[str, ...]) -> str:
    if not hosts:
        return "no host is named"
    many = f"{len(hosts)} hosts: " if len(hosts) > 1 else "host "
    more = f" and {len(hosts) - _FEW_HOSTS:,} more" if len(hosts) > _FEW_HOSTS else ""
    return f"{many}{', '.join(hosts[:_FEW_HOSTS])}{more}"


def _stamp(time: object) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S}Z"


def _records(count: int) -> str:
    return f"{count:,} record{'s'[: count != 1]}"


def _hypothesis(number: int, item: Weighed, citations: Citations) -> Hypothesis:
    onset = f", from {item.onset:%Y-%m-%d %H:%M:%S}Z on" if item.onset else ""
    return Hypothesis(
        incident=number,
        cause=item.cause.id,
        title=item.cause.title,
        layer=item.cause.layer,
        status=item.status,
        score=round(item.score, 2),
        reason=item.reason,
        supports=_arguments(item.supports, citations),
        against=_arguments(item.against, citations),
        expected_missing=item.missing,
        explains=f"{len(item.explained)} of {item.symptoms} symptoms{onset}",
    )


def _arguments(signs: tuple[Cited, ...], citations: Citations) -> tuple[Argument, ...]:
    return tuple(
        Argument(
            says=cited.says,
            strength=cited.strength,
            evidence=citations.of(cited.rows[:_SIGN_LINES]),
            trusted=cited.trusted,
        )
        for cited in signs
    )


def _finding(result: PatternResult, incidents: Sequence[Incident], citations: Citations) -> Finding:
    """A finding outside of every incident is none: what it tells was over at once, or belongs to a planned act."""
    part = any(each.start <= result.last and result.first <= each.end for each in incidents)
    idle = not part and result.severity != "low"
    return Finding(
        pattern=result.pattern,
        title=result.title,
        severity="low" if idle else result.severity,
        count=result.count,
        first=result.first,
        last=result.last,
        hosts=result.hosts,
        evidence=citations.of(result.records[:_FINDING_LINES]),
        inconclusive=result.inconclusive,
        pairing=result.pairing,
        expected_by_chance=result.expected_by_chance,
        p_value=result.p_value,
        chance=result.chance,
        caution=" ".join(filter(None, (result.caution, _IDLE))) if idle else result.caution,
        order_undetermined=result.order_undetermined,
    )
