"""An incident's outcome as the verdict that the report prints: title, summary, warning."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from textwrap import shorten

import numpy as np
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.diagnosis.everyday import everyday_losses
from logcorr.diagnosis.incidents import Incident
from logcorr.diagnosis.judging.compete import Outcome
from logcorr.diagnosis.judging.signs import fill
from logcorr.diagnosis.judging.weigh import Weighed
from logcorr.diagnosis.scene import Scene
from logcorr.diagnosis.telling.chain import first_of_each, loop_sentence
from logcorr.diagnosis.telling.citations import Citations
from logcorr.diagnosis.telling.missing_logs import hidden, not_given
from logcorr.diagnosis.telling.variants import told_as
from logcorr.diagnosis.telling.words import describe_event
from logcorr.model import (
    ChainStep,
    CoverageGap,
    LoopTurn,
    Question,
    Recurrence,
    Verdict,
)
from logcorr.times.timespan import duration

_FEW_HOSTS = 4  # named in the summary
_KINDS = 3  # kinds of failure that the summary counts
_SYMPTOM = 90  # characters of a symptom in a title
_ARTICLES = frozenset({"the", "a", "an", "no", "connections", "names"})


IDLE = "No incident by itself: what was lost was back within seconds, or somebody stopped it on purpose."


@dataclass(frozen=True, slots=True)
class Case:
    """One incident with its outcome and its story."""

    incident: Incident
    outcome: Outcome
    chain: list[tuple[ChainStep, tuple[int, ...]]]
    questions: tuple[tuple[Question, tuple[int, ...]], ...]
    key: tuple[int, ...]
    turns: list[tuple[LoopTurn, tuple[int, ...]]]


def verdict(case: Case, citations: Citations, scene: Scene) -> Verdict:
    """What the report says of one incident."""
    outcome, incident = case.outcome, case.incident
    blind = not_given([(outcome, incident)], scene)
    back = [step.time for step, _ in case.chain if step.role == "recovery"]
    begun = [step.time for step, _ in case.chain if step.observed]
    return Verdict(
        status=outcome.status,
        cause=outcome.root.cause.id if outcome.root else "undetermined",
        contributing=tuple(item.cause.id for item in outcome.contributing),
        title=_title(case, scene),
        summary=_summary(case, scene),
        reason=outcome.reason,
        chain=tuple(replace(step, evidence=citations.of(rows)) for step, rows in case.chain),
        loop=loop_sentence(outcome, incident),
        turns=tuple(replace(turn, evidence=citations.of(rows)) for turn, rows in case.turns),
        started=min([incident.start, *begun]),
        ended=None if incident.ongoing else max([incident.end, *back]),
        ongoing=incident.ongoing,
        key_evidence=citations.of(case.key),
        warning=_warning(blind[0], scene) if blind else None,
        hosts=incident.hosts,
        opened_by=incident.openings,
        recurrence=incident.recurrence,
        site=incident.site,
    )


def _title(case: Case, scene: Scene) -> str:
    root, incident = case.outcome.root, case.incident
    if root and (extent := _extent(root, incident, scene)):
        return extent
    if root:
        return told_as(root, scene).title
    if incident.openings == ("unknown",):
        programs = incident.symptoms["program"].drop_nulls().value_counts(sort=True)["program"].to_list()
        named = ", ".join(programs[:_KINDS]) or "a program"
        return f"{named} log{'s'[: len(programs) < 2]} errors that no rule knows"
    failed = next((step.text for step, _ in case.chain if step.role == "symptom"), None)
    open_to = case.outcome.left_open
    return f"{_begun(failed)}; {open_to}" if failed else f"{open_to[0].upper()}{open_to[1:]}"


def _begun(text: str) -> str:
    """As the beginning of a sentence; what may be a name stays as it is."""
    text = shorten(text, _SYMPTOM, placeholder=" …")
    return text[0].upper() + text[1:] if text.split(" ", 1)[0] in _ARTICLES else text


def _extent(root: Weighed, incident: Incident, scene: Scene) -> str | None:
    """How far it went, where a loss that dates the cause tells it: all members of a bond instead of one."""
    told = incident.symptoms.filter(pl.col("lost").is_not_null())
    lost = told.filter(pl.Series(np.isin(told["id"].to_numpy(), root.triggers.id)))
    for kind, thing, other in lost.select("lost", "object", "beside").unique(maintain_order=True).rows():
        state = scene.rules.states.get(kind)
        said = "" if state is None else state.beside if other else state.extent
        if said and thing:
            return said.replace("{object}", str(thing)).replace("{other}", str(other))
    return None


def _warning(gap: CoverageGap, scene: Scene) -> str:
    if not gap.hides:
        return f"{gap.reason}."
    return f"{gap.reason}; without it {hidden(gap.hides, scene)} cannot be ruled out."


def _summary(case: Case, scene: Scene) -> str:
    outcome = case.outcome
    count, named = case.incident.symptoms.height, case.incident.hosts
    hosts = f"{len(named)} hosts" if len(named) > _FEW_HOSTS else ", ".join(named) or "one host"
    if outcome.root is not None:
        extent = _extent(outcome.root, case.incident, scene)
        first = f"{extent}." if extent else _sentence(outcome.root, scene)
    elif case.incident.openings == ("unknown",):
        first = (
            f"{count:,} such line{'s'[: count != 1]} on {hosts}; "
            "of that time no rule finds another sign of a connectivity incident in the logs."
        )
    else:
        first = f"{_failures(case.incident, hosts, scene)}. No cause is supported well enough to be named."
    more = [_sentence(item, scene) for item in outcome.contributing]
    again = [_again(case.incident.recurrence)] if case.incident.recurrence else []
    again += [_doubt(case.incident.doubtful)] if case.incident.doubtful else []
    return " ".join([first, *again, *(f"It was made worse: {sentence[0].lower()}{sentence[1:]}" for sentence in more)])


def _failures(incident: Incident, hosts: str, scene: Scene) -> str:
    """What failed on which hosts, and how often: the most frequent kinds."""
    kinds = incident.symptoms.group_by("event").len().sort(["len", "event"], descending=[True, False])
    shown = incident.symptoms.filter(pl.col("event").is_in(kinds["event"].head(_KINDS).to_list()))
    texts = {row["event"]: describe_event(row, scene.rules) for row in first_of_each(shown, scene, _KINDS)}
    count = incident.symptoms.height
    told: Counter[str] = Counter()  # two events may be the same in words
    for event, often in kinds.filter(pl.col("event").is_in(list(texts))).rows():
        told[shorten(texts[event], _SYMPTOM, placeholder=" …")] += often
    single = kinds.height == 1
    named = [text if single else f"{text} ({often:,})" for text, often in told.most_common()]
    left = kinds.height - len(texts)
    more = f", and {left:,} more kind{'s'[: left != 1]}" if left else ""
    return f"{count:,} connectivity error{'s'[: count != 1]} on {hosts}: {', '.join(named)}{more}"


def _doubt(hosts: tuple[str, ...]) -> str:
    """Machines that are told with it though no log says that they belong together."""
    named = ", ".join(hosts[:_FEW_HOSTS]) + (f" and {len(hosts) - _FEW_HOSTS:,} more" if hosts[_FEW_HOSTS:] else "")
    return (
        f"Whether {named} belongs to it is not certain: no log links the machines. "
        "If they are at one site, say so with --site and analyse again."
    )


def _again(told: Recurrence) -> str:
    """How often it happened, and how."""
    lasted = (
        f", {duration(told.shortest_s)} to {duration(told.longest_s)} each"
        if told.shortest_s is not None and told.longest_s is not None
        else ""
    )
    first, last = (told.outages[end].start for end in (0, -1)) if told.outages else (None, None)
    between = f" between {_stamp(first)} and {_stamp(last)}" if first and told.chance is None else ""
    beat = f", at regular intervals of {duration(told.period_s)}" if told.period_s is not None else ""
    return f"It happened {told.count:,} times{between}{lasted}{beat}."


def _sentence(item: Weighed, scene: Scene) -> str:
    """The cause's sentence with the fields of the event that dates it."""
    rows = scene.told(item.triggers.at[:1])
    return fill(told_as(item, scene).sentence, rows[0] if rows else None, len(item.triggers))


def no_incident(scene: Scene) -> Verdict:
    """That nothing went wrong, and what was looked at."""
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
            f"known to a rule; none reports an outage, and failures are no more frequent than usual{_ports(scene)}"
        ),
    )


def _ports(scene: Scene) -> str:
    """Which links were lost all the same: whether anybody missed one, its owner knows."""
    lost = everyday_losses(scene)
    if lost.is_empty():
        return ""
    thing, host, start, end = lost.select("object", "host", "start", "end").row(0)
    where = f" on {host}" if host else ""
    lasted = duration((end - start).total_seconds()) if end else "until the log ends"
    what = "a port lost its link" if lost.height == 1 else f"ports lost their link {lost.height:,} times"
    which = "" if lost.height == 1 else "first "
    return f"; {what}, as when the device there is switched off: {which}{thing}{where}, {lasted}"


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
