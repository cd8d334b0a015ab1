"""Competition between the hypotheses of one incident: which is the root, which made it worse, and how sure we are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from math import log
from typing import Final, get_args

from logcorr.dataclass import dataclass
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.judging.weigh import Weighed
from logcorr.diagnosis.lines import Lines
from logcorr.model import Status
from logcorr.rulebook.globs import glob_matches
from logcorr.rulebook.models import Layer

#: Bottom up: a lower layer that starts earlier explains a higher one.
LAYERS: Final[tuple[str, ...]] = get_args(Layer)
_FEW_HOSTS: Final = 3
_TOO_FEW: Final = "that would take more signs, or weightier ones, than were seen"
_STEPS_DOWN: Final[dict[Status, Status]] = {"confirmed": "likely", "likely": "possible"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Who won. ``root`` is None where nothing is supported well enough; ``all`` is every hypothesis, best first."""

    status: Status
    root: Weighed | None
    contributing: tuple[Weighed, ...]
    all: tuple[Weighed, ...]
    reason: str

    @property
    def left_open(self) -> str:
        """Where no root is named, what may be said of the cause. That no log shows it would be more than is known: a
        line may not have been recognised, and another incident may be what brought this one about.
        """
        named = any(item.status == "supported" for item in self.all)
        return "its cause is not established" if named else "no cause of it was recognised"


def compete(weighed: tuple[Weighed, ...]) -> Outcome:
    """Let the causes of one incident compete."""
    supported = tuple(item for item in weighed if item.status == "supported")
    able = sorted((item for item in supported if _may_be_root(item)), key=_rank)
    consequences = {item.cause.id: by for item in supported if (by := _brought_about_by(item, able)) is not None}
    candidates = [item for item in able if item.cause.id not in consequences] or able[:1]
    root = candidates[0] if candidates else None
    runner_up = candidates[1] if len(candidates) > 1 else None
    if root is not None:
        status, reason = _how_sure(root, runner_up, weighed)
        root = root if status != "undetermined" else None
    else:
        status, reason = "undetermined", _why_none(supported, weighed)
    contributing = tuple(item for item in supported if item is not root and _contributes(item, root))
    judged = tuple(_as_consequence(item, consequences.get(item.cause.id), contributing, root) for item in weighed)
    return Outcome(status, root, contributing, tuple(sorted(judged, key=_order_of_mention)), reason)


def _rank(item: Weighed) -> tuple[float, int, str]:
    worth = item.score + log(max(item.share, 0.01)) - (weights.OUTLASTED if item.outlasted else 0.0)
    return (-worth, LAYERS.index(item.cause.layer), item.cause.id)


def _order_of_mention(item: Weighed) -> tuple[int, float, str]:
    order = {"supported": 0, "untestable": 1, "weakened": 2, "ruled-out": 3}
    return (order[item.status], -item.score, item.cause.id)


def _may_be_root(item: Weighed) -> bool:
    """A root was there first, is no reaction to an earlier failure, and explains enough."""
    return not item.reacted and item.accounts_for_first and item.share >= weights.EXPLAINED


def _brought_about_by(item: Weighed, able: list[Weighed]) -> Weighed | None:
    """The cause that set ``item`` off. What cannot be the root itself takes no other's place."""
    for other in able:
        if other is not item and brings_about(other, item) and not brings_about(item, other):
            return other
    return None


def brings_about(cause: Weighed, effect: Weighed) -> bool:
    """Whether ``cause`` was there first and explains what ``effect`` begins with or reacts to.

    What is proven by a decisive line is a consequence only of a cause that names it, unless the line tells no more than
    that another machine is silent. Causes that rest on the same lines are rivals.
    """
    if cause.onset is None or effect.onset is None:
        return False
    slack = cause.cause.noticed_within + weights.REORDERING
    if set(cause.triggers.host.tolist()).isdisjoint(effect.triggers.host.tolist()):
        slack += cause.clock_doubt
    if cause.onset > effect.onset + timedelta(seconds=slack):
        return False
    if effect.cause.id in cause.cause.brings_about:
        return not (effect.proven and cause.outlasted)  # what was repaired before most of it is not what lasts
    if not set(cause.triggers.id.tolist()).isdisjoint(effect.triggers.id.tolist()):
        return False
    if effect.proven and (cause.outlasted or not effect.cause.other_end):
        return False
    begins_with = set(effect.triggers.events) | set(effect.cause.reacts_to)
    return any(glob_matches(name, cause.explains) for name in begins_with)


def _how_sure(root: Weighed, runner_up: Weighed | None, weighed: tuple[Weighed, ...]) -> tuple[Status, str]:
    status: Status = "possible"
    if root.score >= weights.LIKELY:
        status = "likely"
    if root.score >= weights.CONFIRMED and _confirmable(root):
        status = "confirmed"
    caps = _caps(root, weighed)
    if caps:
        status = "possible"
    notes = [_signs(root), *caps]
    if runner_up is not None:
        margin = _rank(runner_up)[0] - _rank(root)[0]
        if margin < weights.CLOSE:
            return "undetermined", f"{_titled(root)} and {_titled(runner_up)} fit equally well"
        if margin < weights.MARGIN:
            status = _STEPS_DOWN.get(status, status)
            notes.append(f"{_titled(runner_up)} fits almost as well")
    if status == "likely" and len(notes) == 1:
        notes.append(f"not confirmed: {_short_of_confirmed(root)}")
    if status == "possible" and len(notes) == 1:
        notes.append(f"not likely: {_TOO_FEW}")
    return status, "; ".join(notes)


def _caps(root: Weighed, weighed: tuple[Weighed, ...]) -> list[str]:
    """What keeps the verdict at "possible"."""
    caps = []
    if root.cause.only_possible:
        caps.append("logs alone cannot settle this cause")
    if root.share < weights.MOSTLY:
        caps.append(f"{root.symptoms - len(root.explained)} of {root.symptoms} symptoms remain unexplained")
    if root.spared:
        caps.append("another carried on, and nothing shows that anybody missed what was lost")
    if root.unlinked:
        caps.append(_no_link(root))
    if root.outlasted:
        caps.append("most symptoms come after the log shows it repaired")
    hidden = _hidden_rival(root, weighed)
    if hidden is not None:
        caps.append(f"{_titled(hidden)} would look the same, and {hidden.reason}")
    return caps


def _no_link(root: Weighed) -> str:
    return f"no log links what failed on {_listed(root.unlinked)} to {_listed(root.triggers.hosts)}"


def _listed(hosts: Sequence[str]) -> str:
    more = f" and {len(hosts) - _FEW_HOSTS:,} more" if len(hosts) > _FEW_HOSTS else ""
    return f"{', '.join(hosts[:_FEW_HOSTS])}{more}"


def _titled(item: Weighed) -> str:
    """The title inside a sentence."""
    return f"“{item.cause.title}”"


def _confirmable(root: Weighed) -> bool:
    return (
        root.sources >= weights.CONFIRMING_SOURCES
        and not root.refuted_by
        and not any(item.observable for item in root.missing)
    )


def _signs(root: Weighed) -> str:
    seen = len(root.believed)
    expected = seen + len(root.missing)
    voices = f"{root.sources} independent source{'s' if root.sources != 1 else ''}"
    count = len(root.refuted_by)
    against = f"{count} sign{'s' if count != 1 else ''} against" if count else "nothing against"
    lacking = "".join(
        f"; not seen: {item.says}{'' if item.observable else ', which no log given could show'}"
        for item in root.missing
    )
    return f"{seen} of {expected} expected signs seen in the logs, from {voices}; {against}{lacking}"


def _short_of_confirmed(root: Weighed) -> str:
    """What a likely cause lacks."""
    if root.score < weights.CONFIRMED:
        return _TOO_FEW
    if root.sources < weights.CONFIRMING_SOURCES:
        return "one source alone says so"
    if root.refuted_by:
        return "a sign speaks against it"
    return "a sign that the logs could have shown is not there"


def _hidden_rival(root: Weighed, weighed: tuple[Weighed, ...]) -> Weighed | None:
    """An untestable cause that would look the same: one of a lower layer that brings about all that dates the root, or
    one that brings about the root and rests on what dates it. A line that reports a cause itself, rather than a
    symptom, is no other cause's likeness.
    """
    begins_with = root.triggers.take(root.triggers.of_role("symptom")).events
    if root.triggers.of_role("cause").any():
        return None
    for item in weighed:
        lower = LAYERS.index(item.cause.layer) < LAYERS.index(root.cause.layer) or item.cause.layer == "path"
        alike = lower and any(glob_matches(name, item.explains) for name in begins_with)
        alike |= root.cause.id in item.cause.brings_about and _rests_on(item, root.triggers)
        if item is not root and item.status == "untestable" and alike and not item.refuted_by:
            return item
    return None


def _rests_on(item: Weighed, lines: Lines) -> bool:
    dates = set(lines.id.tolist())
    return any(not dates.isdisjoint(cited.found.id.tolist()) for cited in item.believed)


def _why_none(supported: tuple[Weighed, ...], weighed: tuple[Weighed, ...]) -> str:
    parts = [_unfit(item) for item in supported]
    blind = [item for item in weighed if item.status == "untestable" and item.supports and item.in_use]
    if blind:
        parts.append(f"{_titled(blind[0])} cannot be tested: {blind[0].reason}")
    return "; ".join(parts) or "no cause that logcorr knows is supported well enough to explain it"


def _unfit(item: Weighed) -> str:
    """Why a supported cause is not the root."""
    if item.reacted:
        return f"{_titled(item)} is a reaction to failures before it"
    if not item.accounts_for_first:
        return f"{_titled(item)} came after the first symptoms"
    return f"{_titled(item)} leaves {item.symptoms - len(item.explained)} of {item.symptoms} symptoms unexplained"


def _contributes(item: Weighed, root: Weighed | None) -> bool:
    """An amplifier: it reacts to the failure, and makes symptoms of its own, beside the lines that date it. A repair
    made nothing worse.
    """
    if item.closes:
        return False
    if item.cause.usually == "contributing":
        return not item.habit
    made = item.explained.difference(item.triggers.id.tolist())
    return root is not None and not brings_about(root, item) and bool(made - root.explained)


def _as_consequence(
    item: Weighed, by: Weighed | None, contributing: tuple[Weighed, ...], root: Weighed | None
) -> Weighed:
    if by is None or item is root or item in contributing:
        return item
    return replace(item, status="weakened", reason=f"a consequence of {_titled(by)}, which was there first")
