"""What to do, what to run next, and what the logs answer: taken from the rules of the causes that matter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from logcorr.diagnosis.compete import Outcome
from logcorr.diagnosis.scene import Scene
from logcorr.diagnosis.signs import Cited
from logcorr.diagnosis.weigh import Weighed
from logcorr.model import Action, Check, CoverageGap, Question
from logcorr.rulebook.models import QuestionRule

_CHECKS = 8
_ANSWERING = 6


def missing_kinds(outcomes: Iterable[Outcome], scene: Scene) -> tuple[str, ...]:
    """Kinds of source whose absence keeps a cause untestable for which something speaks; the best supported first."""
    wanted: dict[str, None] = {}
    for outcome in outcomes:
        for item in outcome.all:
            if item.status == "untestable" and item.supports:
                seen = set(scene.kinds["kind"])
                wanted.update(dict.fromkeys(kind for kind in item.cause.needs if kind not in seen))
    return tuple(wanted)


def actions(outcomes: Iterable[Outcome], scene: Scene) -> tuple[Action, ...]:
    """Getting the log that is missing, where the verdict waits for it; then the remedies of the causes found."""
    found: dict[tuple[str, str | None], Action] = {}
    outcomes = tuple(outcomes)
    if any(outcome.root is None for outcome in outcomes):
        for action in _exports(outcomes, scene):
            found.setdefault((action.do, action.command), action)
    for outcome in outcomes:
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


def _exports(outcomes: tuple[Outcome, ...], scene: Scene) -> Iterable[Action]:
    for kind in missing_kinds(outcomes, scene):
        source = scene.rules.sources.get(kind)
        if source is None:
            continue
        blind = [
            item.cause.id
            for outcome in outcomes
            for item in outcome.all
            if item.status == "untestable" and kind in item.cause.needs
        ]
        yield Action(
            do=f"Export {source.title} for the same time and analyse again",
            command=source.command,
            risk="none: it only reads",
            undo=None,
            cause="undetermined",
            why=f"without it these causes cannot be tested: {', '.join(dict.fromkeys(blind))}; how to export it stands "
            "under what was not seen",
        )


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


def questions(outcome: Outcome) -> tuple[tuple[Question, tuple[int, ...]], ...]:
    """The questions that a reader of this incident will ask, with the timeline ids that answer them."""
    asked: dict[str, tuple[Question, tuple[int, ...]]] = {}
    for item in outcome.all:
        for rule in item.cause.questions:
            answer = _answer(item, rule if isinstance(rule, QuestionRule) else QuestionRule(question=rule))
            if answer is None:
                continue
            known = asked.get(answer[0].question)
            if known is None or known[0].status == "open":
                asked[answer[0].question] = answer
    order = {"answered": 0, "refuted": 1, "open": 2}
    return tuple(sorted(asked.values(), key=lambda pair: order[pair[0].status]))


def _answer(item: Weighed, rule: QuestionRule) -> tuple[Question, tuple[int, ...]] | None:
    """What this cause's fate says to the question; None where it says nothing."""
    if item.status == "supported":
        status: Literal["answered", "open"] = "answered" if rule.supported else "open"
        return Question(question=rule.question, answer=rule.supported, status=status), _cited(item.supports)
    if item.status == "ruled-out" and rule.ruled_out and not item.onset:
        decisive = tuple(cited for cited in item.against if cited.strength == "decisive")
        return Question(question=rule.question, answer=rule.ruled_out, status="refuted"), _cited(decisive)
    if item.status == "untestable" and item.supports:
        return Question(question=rule.question, answer=f"Open: {item.reason}.", status="open"), ()
    return None


def _cited(signs: Iterable[Cited]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(row for cited in signs for row in cited.rows[:2]))[:_ANSWERING]


def not_given(outcomes: Iterable[Outcome], scene: Scene) -> tuple[CoverageGap, ...]:
    """A coverage gap for each kind of log that a cause needs and nobody gave."""
    outcomes = tuple(outcomes)
    gaps = []
    for kind in missing_kinds(outcomes, scene):
        source = scene.rules.sources.get(kind)
        title = source.title if source else kind
        hides = [
            item.cause.id
            for outcome in outcomes
            for item in outcome.all
            if item.status == "untestable" and kind in item.cause.needs
        ]
        how = f"; to export it: {source.export}" if source else ""
        gaps.append(
            CoverageGap(
                source=None,
                host=None,
                kind="not-given",
                reason=f"{title} was not given{how}",
                hides=tuple(dict.fromkeys(hides)),
            )
        )
    return tuple(gaps)
