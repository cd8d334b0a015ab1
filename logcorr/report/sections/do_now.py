"""What to do now: the action, its command, what it risks, how to undo it, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from logcorr.dataclass import dataclass
from logcorr.model import Action, Report
from logcorr.report.first import first
from logcorr.report.material import Material, Section
from logcorr.report.text.inert import fence, inline

_OVER: Final = "The trouble is over when the logs end: this is against its return."


@dataclass(frozen=True, slots=True)
class DoNow:
    """The actions, in the order in which to take them."""

    actions: tuple[Action, ...]  # with the title of the cause that each is for; empty where that is the verdict's
    none: str  # what to say where there are none
    over: str  # what they are for where no incident goes on; empty where one does, or none is known to be over


def build(material: Material) -> DoNow | None:
    """Take the actions as they are; nothing where there is no incident."""
    if not material.report.actions and material.report.verdict.status == "no-incident":
        return None
    none = (
        "Nothing is to be changed before the cause is known. "
        "What to read and to check first stands above and in the checks below."
    )
    leading = {material.report.verdict.cause, "undetermined"}
    actions = tuple(
        replace(each, cause="" if each.cause in leading else material.titled([each.cause])[0])
        for each in (*_read_first(material.report), *material.report.actions)
    )
    told = [each.ongoing for each in material.report.incidents]
    over = bool(told) and not any(each is None or each for each in told)
    return DoNow(actions=actions, none=none, over=_OVER if over else "")


def _read_first(report: Report) -> tuple[Action, ...]:
    """What is to be read beside the verdict where no action is for it: this list begins with what is said there."""
    todo = first(report, report.verdict)
    if todo is None or todo.section == "do-now" or not report.actions:
        return ()
    cause = report.verdict.cause
    return (Action(do=todo.do, command=todo.whole, risk=todo.risk, undo=None, why=todo.why, on=todo.on, cause=cause),)


def markdown(view: DoNow) -> str:
    """Write the actions as a numbered list, commands in blocks of their own."""
    if not view.actions:
        return view.none
    told = (_action(number, action) for number, action in enumerate(view.actions, start=1))
    return "\n\n".join(filter(None, (view.over, *told)))


def _action(number: int, action: Action) -> str:
    facts = [f"**{number}. {inline(action.do)}**", ""]
    if action.command:
        facts += [fence(action.command.splitlines(), "sh"), ""]
    facts += [f"- {inline(line)}" for line in action.how]
    facts += [f"- Where: {inline(action.on)}"] if action.on else []
    facts += [
        f"- Risk: {inline(action.risk)}",
        f"- Undo: {inline(action.undo or 'nothing to undo')}",
        f"- Why: {inline(action.why)}{f' (for “{inline(action.cause)}”)' if action.cause else ''}",
    ]
    return "\n".join(facts)


SECTION = Section(id="do-now", title="Do now", template="do_now.html.j2", build=build, markdown=markdown)
