"""What to do, what to run next, and what the logs answer: taken from the rules of the causes that matter."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Literal

from logcorr.diagnosis import weights
from logcorr.diagnosis.compete import Outcome
from logcorr.diagnosis.incidents import Incident
from logcorr.diagnosis.scene import Scene
from logcorr.diagnosis.signs import Cited
from logcorr.diagnosis.weigh import Weighed
from logcorr.model import Action, Check, CoverageGap, Question
from logcorr.rulebook.models import QuestionRule

_CHECKS = 8
_ANSWERING = 6
_EITHER_SIDE = timedelta(minutes=30)
#: A question with one of these words is answered whichever way; only the others can be answered with "no".
_OPEN_WORDS = ("What", "Why", "Who", "Which", "When", "Where", "How")

Span = tuple[datetime, datetime]
Judged = tuple[Outcome, Incident]


def missing_kinds(judged: Iterable[Judged], scene: Scene) -> tuple[str, ...]:
    """Kinds of source whose absence keeps a cause untestable for which something speaks; the best supported first.

    Where no root is named and nothing speaks for any such cause, those that would explain most of what failed; and the
    log of the other machine, where connections to a peer fail and only one machine's own log was given.
    """
    wanted: dict[str, None] = {}
    seen = set(scene.kinds["kind"])
    for outcome, incident in judged:
        untested = [item for item in outcome.all if item.status == "untestable"]
        asking = [item for item in untested if item.supports]
        if outcome.root is None and not asking:
            names = incident.symptoms["event"].to_list()
            if len(scene.machines) == 1 and any(name.startswith("peer.") for name in names):
                wanted["peer"] = None
            asking = [item for item in untested if _could_explain(item, names) >= weights.MOSTLY]
        wanted.update(dict.fromkeys(kind for item in asking for kind in item.cause.needs if kind not in seen))
    return tuple(wanted)


def _could_explain(item: Weighed, symptoms: list[str]) -> float:
    """The share of these symptoms that the cause would account for, were it at work."""
    told = {name: any(fnmatchcase(name, glob) for glob in item.cause.explains) for name in set(symptoms)}
    return sum(told[name] for name in symptoms) / max(1, len(symptoms))


def span_of(incidents: Iterable[Incident]) -> Span | None:
    """The time that a log must cover to say something about these incidents, in whole minutes; None without any."""
    around = [(item.start - _EITHER_SIDE, item.end + _EITHER_SIDE) for item in incidents]
    if not around:
        return None
    since, until = min(start for start, _ in around), max(end for _, end in around)
    return since.replace(second=0, microsecond=0), until.replace(second=0, microsecond=0) + timedelta(minutes=1)


def actions(judged: Iterable[Judged], scene: Scene) -> tuple[Action, ...]:
    """Getting the log that is missing, where the verdict waits for it; then the remedies of the causes found."""
    found: dict[tuple[str, str | None], Action] = {}
    judged = tuple(judged)
    if any(outcome.root is None for outcome, _ in judged):
        for action in _exports(judged, scene):
            found.setdefault((action.do, action.command), action)
    for outcome, _ in judged:
        for item in (outcome.root, *outcome.contributing):
            for rule in item.cause.actions if item else ():
                action = Action(
                    do=rule.do,
                    command=rule.command,
                    risk=rule.risk,
                    undo=rule.undo,
                    why=rule.why,
                    cause=item.cause.id if item else "",
                )
                found.setdefault((action.do, action.command), action)
    return tuple(found.values())


def _exports(judged: tuple[Judged, ...], scene: Scene) -> Iterable[Action]:
    span = span_of(incident for _, incident in judged)
    for kind in missing_kinds(judged, scene):
        source = scene.rules.sources.get(kind)
        if source is None:
            continue
        blind = _blind(kind, judged)
        yield Action(
            do=f"Export {source.title} for the same time and analyse again",
            command=_dated(source.command, span) if source.command else None,
            risk="none: it only reads",
            undo=None,
            cause="undetermined",
            why=f"without it these causes cannot be tested: {', '.join(blind)}"
            if blind
            else "the connections that fail end there, and only its own log may say why",
            how=_lines(source.how),
            on=source.on,
        )


def _lines(text: str | None) -> tuple[str, ...]:
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip())


def _dated(export: str, span: Span | None) -> str:
    """The export command with START and END put in (systemd.time(7)); the host's name is left to the reader."""
    if span is None:
        return export
    since, until = (f"{time:%Y-%m-%d %H:%M:%S} UTC" for time in span)
    return export.replace('"START"', f'"{since}"').replace('"END"', f'"{until}"')


def _blind(kind: str, judged: Iterable[Judged]) -> tuple[str, ...]:
    """The causes that cannot be tested without this kind of source."""
    untested = (item.cause for outcome, _ in judged for item in outcome.all if item.status == "untestable")
    return tuple(dict.fromkeys(cause.id for cause in untested if kind in cause.needs))


def checks(outcomes: Iterable[Outcome]) -> tuple[Check, ...]:
    """Commands that would decide, from the root, what cannot be tested, what contributed, and the runners-up."""
    found: dict[str, Check] = {}
    for outcome in outcomes:
        ranked = [
            item
            for item in outcome.all
            if item.status != "ruled-out" and (item.supports or item.status == "untestable")
        ]
        root = [item for item in ranked if item is outcome.root]
        rest = sorted((item for item in ranked if item is not outcome.root), key=lambda item: -len(item.supports))
        for item in (*root, *rest):
            for rule in item.cause.checks:
                found.setdefault(
                    rule.command, Check(command=rule.command, on=rule.on, settles=rule.settles, why=rule.why)
                )
    return tuple(found.values())[:_CHECKS]


def questions(outcome: Outcome, incident: Incident, scene: Scene) -> tuple[tuple[Question, tuple[int, ...]], ...]:
    """The questions that a reader of this incident will ask, with the timeline ids that answer them."""
    asked: dict[str, tuple[Question, tuple[int, ...]]] = {}
    for item in outcome.all:
        for rule in item.cause.questions:
            ask = rule if isinstance(rule, QuestionRule) else QuestionRule(question=rule)
            answer = _answer(item, ask, incident, scene)
            if answer is None:
                continue
            known = asked.get(answer[0].question)
            if known is None or known[0].status == "open":
                asked[answer[0].question] = answer
    order = {"answered": 0, "refuted": 1, "open": 2}
    return tuple(sorted(asked.values(), key=lambda pair: order[pair[0].status]))


def _answer(
    item: Weighed, rule: QuestionRule, incident: Incident, scene: Scene
) -> tuple[Question, tuple[int, ...]] | None:
    """What this cause's fate says to the question; None where it says nothing."""
    if item.status == "supported":
        if not rule.supported:
            return _open(rule, item.reason)
        return Question(question=rule.question, answer=rule.supported, status="answered"), _cited(item.supports)
    if item.status == "ruled-out" and rule.ruled_out and not item.onset:
        grave = [cited for cited in item.refuted_by if cited.strength in ("decisive", "strong")]
        proven = any(cited.strength == "decisive" for cited in grave)
        answer = rule.ruled_out if proven else f"{rule.ruled_out} {_searched(item, incident, scene)}".rstrip()
        status: Literal["answered", "refuted"] = "answered" if rule.question.startswith(_OPEN_WORDS) else "refuted"
        return Question(question=rule.question, answer=answer, status=status), _cited(grave)
    if item.status == "untestable" and item.supports:
        return _open(rule, item.reason)
    untold = _untold(item, scene) if item.status == "weakened" and item.believed and not item.onset else ()
    if untold:
        return _open(rule, f"{item.reason}; {' or '.join(untold)} would tell more, and was not given")
    return None


def _open(rule: QuestionRule, reason: str) -> tuple[Question, tuple[int, ...]]:
    return Question(question=rule.question, answer=f"Open: {reason}.", status="open"), ()


def _untold(item: Weighed, scene: Scene) -> tuple[str, ...]:
    """Titles of the sources in which signs of this cause would stand, and which nobody gave."""
    seen = set(scene.kinds["kind"])
    kinds = dict.fromkeys(kind for sign in item.cause.evidence for kind in sign.sources if kind not in seen)
    return tuple(_title(kind, scene) for kind in kinds)


def _searched(item: Weighed, incident: Incident, scene: Scene) -> str:
    """Where a sign of this cause would stand: what an absence rests on, as no line can be cited for it."""
    places = []
    for kind in item.cause.needs:
        hosts = sorted(host for host in scene.seen_on(kind, incident.start, incident.end) if host is not None)
        if hosts:
            places.append(f"{_title(kind, scene)} of {', '.join(hosts)}")
    return f"Searched: {'; '.join(places)}." if places else ""


def _title(kind: str, scene: Scene) -> str:
    source = scene.rules.sources.get(kind)
    return source.title if source else kind


def _cited(signs: Iterable[Cited]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(row for cited in signs for row in cited.rows[:2]))[:_ANSWERING]


def not_given(judged: Iterable[Judged], scene: Scene) -> tuple[CoverageGap, ...]:
    """A coverage gap for each kind of log that a cause needs and nobody gave."""
    judged = tuple(judged)
    span = span_of(incident for _, incident in judged)
    gaps = []
    for kind in missing_kinds(judged, scene):
        source = scene.rules.sources.get(kind)
        gaps.append(
            CoverageGap(
                source=None,
                host=None,
                kind="not-given",
                reason=f"{_title(kind, scene)} was not given",
                hides=_blind(kind, judged),
                command=_dated(source.command, span) if source and source.command else None,
                how=_lines(source.how) if source else (),
                on=source.on if source else None,
            )
        )
    return tuple(gaps)
