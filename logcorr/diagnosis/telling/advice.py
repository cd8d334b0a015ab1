"""What to do, and what to run next: taken from the rules of the causes that matter, with what was found filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from logcorr.diagnosis.incidents import Incident
from logcorr.diagnosis.judging.compete import Outcome
from logcorr.diagnosis.judging.weigh import Weighed
from logcorr.diagnosis.scene import Scene
from logcorr.diagnosis.telling.missing_logs import dated, exports, span_of
from logcorr.diagnosis.telling.variants import told_as
from logcorr.model import Action, Check
from logcorr.rulebook.checks.placeholders import HOLE, PLACEHOLDERS

_CHECKS = 8
_ROWS = 20

Judged = tuple[Outcome, Incident]


def actions(judged: Iterable[Judged], scene: Scene) -> tuple[Action, ...]:
    """Of each incident in turn: getting the logs that are missing, where its verdict waits for them, or the remedies
    of the causes found.
    """
    found: dict[tuple[str, str | None], Action] = {}
    judged = tuple(judged)
    for outcome, incident in judged:
        for action in exports(judged, scene) if outcome.root is None else ():
            found.setdefault((action.do, action.command), action)
        for item in (outcome.root, *outcome.contributing):
            known = _known(item, incident, scene) if item and item.cause.actions else {}
            for rule in told_as(item, scene).actions if item else ():
                action = Action(
                    do=filled(rule.do, known),
                    command=filled(rule.command, known) if rule.command else None,
                    risk=rule.risk,
                    undo=filled(rule.undo, known) if rule.undo else None,
                    why=rule.why,
                    cause=item.cause.id if item else "",
                )
                found.setdefault((action.do, action.command), action)
    return tuple(found.values())


def checks(judged: Iterable[Judged], scene: Scene) -> tuple[Check, ...]:
    """Commands that would decide, from the root, what cannot be tested, what contributed, and the runners-up."""
    found: dict[str, Check] = {}
    for outcome, incident in judged:
        ranked = [
            item
            for item in outcome.all
            if item.status != "ruled-out" and (item.supports or item.status == "untestable") and item.in_use
        ]
        root = [item for item in ranked if item is outcome.root]
        rest = sorted((item for item in ranked if item is not outcome.root), key=lambda item: -len(item.supports))
        for item in (*root, *rest):
            if len(found) >= _CHECKS:
                break
            known = _known(item, incident, scene) if item.cause.checks else {}
            for rule in (each for each in told_as(item, scene).checks if all(map(scene.in_use, each.uses))):
                check = Check(
                    command=filled(rule.command, known), on=filled(rule.on, known), settles=rule.settles, why=rule.why
                )
                found.setdefault(check.command, check)
    return tuple(found.values())[:_CHECKS]


def filled(text: str, known: dict[str, str]) -> str:
    """The text with the placeholders replaced that are known; the others stay for the reader to see."""
    return HOLE.sub(lambda hole: known.get(hole[1], hole[0]), text)


def _known(item: Weighed, incident: Incident, scene: Scene) -> dict[str, str]:
    """What stands for the placeholders in this incident: from the lines that date the cause, then from its others."""
    signs = [item.triggers, *(cited.found for cited in item.believed)]
    rows = [row for part in signs for row in scene.told(np.unique(part.at[:_ROWS]))]
    known = {
        name: value
        for name, each in PLACEHOLDERS.items()
        for value in [_value(each.fields, each.form, rows)]
        if value is not None
    }
    return known | {name: dated(f'"{name}"', span_of([incident])).strip('"') for name in ("START", "END")}


def _value(fields: Iterable[str], form: str, rows: Iterable[dict[str, Any]]) -> str | None:
    """The first value that has the form it must have: log text enters a command in no other way."""
    rows = tuple(rows)
    for field in fields:
        for row in rows:
            value = (row.get("fields") or {}).get(field) or (row.get(field) if field == "host" else None)
            if value is not None and re.fullmatch(form, str(value)):
                return str(value)
    return None
