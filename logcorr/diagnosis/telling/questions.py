"""The questions that a reader of an incident will ask, with what the logs answer.

A question is asked where its premise was seen. An answer is given where all that it rests on was seen: lines near the
incident, or a log that covers it without a gap. What is only absent is refuted by such a log alone, else it is open.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from logcorr.dataclass import dataclass
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.judging.compete import Outcome
from logcorr.diagnosis.judging.nearby import Nearby
from logcorr.diagnosis.judging.signs import by_steps, fill
from logcorr.diagnosis.judging.weigh import Weighed
from logcorr.diagnosis.lines import Lines
from logcorr.model import Question
from logcorr.rulebook.checks.placeholders import OPEN_WORDS
from logcorr.rulebook.models import Answer, QuestionRule

_CITED = 2
_MOST_CITED = 6
_STEPS = 8  # rows in which the fields of a text are looked for
_ORDER = {"answered": 0, "refuted": 1, "open": 2}

Asked = tuple[Question, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class _Ground:
    """What an answer stands on: rows of each event or pattern, and the kinds of source that were searched."""

    rows: tuple[Lines, ...]
    searched: tuple[str, ...]
    unexamined: tuple[str, ...]  # kinds of source that do not cover the incident


def questions(outcome: Outcome, nearby: Nearby) -> tuple[Asked, ...]:
    """The questions about one incident, each with the timeline ids that answer it."""
    asked: dict[str, Asked] = {}
    for item in outcome.all:
        for rule in item.cause.questions:
            given = _ask(item, rule, nearby)
            if given is None:
                continue
            known = asked.get(given[0].question)
            if known is None or _ORDER[given[0].status] < _ORDER[known[0].status]:
                asked[given[0].question] = given
    return tuple(sorted(asked.values(), key=lambda pair: _ORDER[pair[0].status]))


def _ask(item: Weighed, rule: QuestionRule, nearby: Nearby) -> Asked | None:
    """What this cause's fate says to the question; None where nobody would ask it, or where it says nothing."""
    premise = _premise(item, rule, nearby)
    if premise is None:
        return None
    text = fill(rule.question, _first(premise, nearby), len(premise))
    consequence = item.status == "weakened" and item.onset is not None and item.score >= weights.SUPPORTED
    if item.status == "supported" or consequence:
        for answer in rule.answers_where("supported"):
            ground = _ground(answer, item, nearby)
            if ground is not None and not ground.unexamined:
                told = fill(answer.says, _told(ground, nearby), _count(ground))
                return Question(question=text, answer=told, status="answered"), _cited(ground)
        return _open(text, item.reason) if item.status == "supported" else None
    if item.status == "ruled-out":
        return _denied(item, rule, text, nearby)
    if item.status == "untestable" and item.believed:
        return _open(text, item.reason)
    untold = _untold(item, nearby) if item.status == "weakened" and item.believed else ()
    if not untold:
        return None
    return _open(text, f"{item.reason}; {' or '.join(untold)} would tell more, and none known as such was given")


def _denied(item: Weighed, rule: QuestionRule, text: str, nearby: Nearby) -> Asked | None:
    """The answer where the cause is ruled out: by lines against it, or as the logs that would show it do not."""
    blind: tuple[str, ...] = ()
    for answer in rule.answers_where("ruled-out"):
        ground = _ground(answer, item, nearby)
        if ground is None or (ground.searched and item.onset):
            continue
        if ground.unexamined:
            blind = blind or ground.unexamined
            continue
        searched = _places(ground.searched, nearby)
        told = fill(answer.says, _told(ground, nearby), _count(ground))
        told = f"{told} Searched: {searched}." if searched else told
        grave = [cited.rows[:_CITED] for cited in item.refuted_by if cited.strength in ("decisive", "strong")]
        rows = (*_cited(ground), *(row for rows in grave for row in rows))
        status = "answered" if rule.question.startswith(OPEN_WORDS) else "refuted"
        return (
            Question(question=text, answer=told, status=status),  # type: ignore[arg-type]  # one of two literals
            tuple(dict.fromkeys(rows))[:_MOST_CITED],
        )
    if not blind:
        return None
    titles = " and ".join(nearby.scene.title(kind) for kind in blind)
    return _open(text, f"no sign of it; not examined for the whole time of the incident: {titles}")


def _premise(item: Weighed, rule: QuestionRule, nearby: Nearby) -> Lines | None:
    """Rows that make somebody ask; None where there are none."""
    for name in rule.premise:
        rows = nearby.believed(name, item.cause)
        if rows:
            return rows
    if rule.premise or not item.fits:
        return None
    return nearby.ledger.events(())


def _ground(answer: Answer, item: Weighed, nearby: Nearby) -> _Ground | None:
    """What the answer rests on, where all events and patterns of it were seen."""
    rows: list[Lines] = []
    searched: list[str] = []
    unexamined: list[str] = []
    for part in answer.rests_on:
        names = (part,) if isinstance(part, str) else part
        found = [seen for name in names if (seen := nearby.believed(name, item.cause))]
        kinds = [name for name in names if name in nearby.scene.rules.sources]
        covering = [kind for kind in kinds if _covers(kind, item, nearby)]
        if found:
            rows += found
        elif covering:
            searched += covering[:1]
        elif kinds:
            searched += kinds[:1]
            unexamined += kinds[:1]
        else:
            return None
    return _Ground(tuple(rows), tuple(searched), tuple(unexamined))


def _covers(kind: str, item: Weighed, nearby: Nearby) -> bool:
    lead = timedelta(seconds=item.cause.noticed_within + weights.REORDERING)
    return nearby.scene.sees(kind, item.cause, nearby.hosts, nearby.start - lead, nearby.end, nearby.dated_by)


def _open(text: str, reason: str) -> Asked:
    return Question(question=text, answer=f"Open: {reason}.", status="open"), ()


def _untold(item: Weighed, nearby: Nearby) -> tuple[str, ...]:
    """Titles of the sources in which signs of this cause would stand, and which nobody gave."""
    seen = nearby.scene.kinds.given.union(nearby.scene.kinds.workers)
    kinds = dict.fromkeys(kind for sign in item.cause.evidence for kind in sign.sources if kind not in seen)
    return tuple(nearby.scene.title(kind) for kind in kinds)


def _places(kinds: Iterable[str], nearby: Nearby) -> str:
    """Where a sign of this cause would stand: what an absence rests on, as no line can be cited for it."""
    places = []
    for kind in dict.fromkeys(kinds):
        there = nearby.scene.kinds.seen_on(kind, nearby.start, nearby.end, nearby.dated_by)
        hosts = sorted(host for host in there if host is not None)
        if hosts:
            places.append(f"{nearby.scene.title(kind)} of {', '.join(hosts)}")
    return "; ".join(places)


def _told(ground: _Ground, nearby: Nearby) -> dict[str, Any] | None:
    """The fields of the first row of each part; those of the first part come first."""
    merged: dict[str, Any] = {}
    for rows in reversed(ground.rows):
        row = _first(rows, nearby) or {}
        merged = {**merged, **row, "fields": {**merged.get("fields", {}), **(row.get("fields") or {})}}
    return merged or None


def _first(rows: Lines, nearby: Nearby) -> dict[str, Any] | None:
    """The first row; a field that it does not have is the first of the next rows', as a pattern has several steps."""
    told = nearby.scene.told(rows.at[:_STEPS])
    fields: dict[str, Any] = {}
    for row in told:
        known = {name: value for name, value in (row.get("fields") or {}).items() if value is not None}
        fields = {**known, **fields}
    return by_steps({**told[0], "fields": fields}, rows, nearby) if told else None


def _count(ground: _Ground) -> int:
    return len(ground.rows[0]) if ground.rows else 0


def _cited(ground: _Ground) -> tuple[int, ...]:
    rows = [row for part in ground.rows for row in part.once().id[:_CITED].tolist()]
    return tuple(dict.fromkeys(rows))[:_MOST_CITED]
