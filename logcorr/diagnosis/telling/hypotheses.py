"""Weighed causes and matches of patterns as the report lists them, each with the lines that it cites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from logcorr.diagnosis.incidents import Incident
from logcorr.diagnosis.judging.signs import Cited
from logcorr.diagnosis.judging.weigh import Weighed
from logcorr.diagnosis.scene import Scene
from logcorr.diagnosis.telling.citations import Citations
from logcorr.diagnosis.telling.variants import told_as
from logcorr.diagnosis.telling.verdicts import IDLE
from logcorr.model import (
    Argument,
    Finding,
    Hypothesis,
)
from logcorr.schema import PatternResult

#: How many lines are cited of a match of a pattern, and of a sign.
FINDING_LINES: Final = 6
SIGN_LINES: Final = 3


def hypothesis(number: int, item: Weighed, citations: Citations, scene: Scene) -> Hypothesis:
    """A weighed cause of the incident of that number."""
    onset = f", from {item.onset:%Y-%m-%d %H:%M:%S}Z on" if item.onset else ""
    return Hypothesis(
        incident=number,
        cause=item.cause.id,
        title=told_as(item, scene).title,
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
            evidence=citations.of(cited.rows[:SIGN_LINES]),
            trusted=cited.trusted,
        )
        for cited in signs
    )


def finding(result: PatternResult, incidents: Sequence[Incident], citations: Citations) -> Finding:
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
        evidence=citations.of(result.records[:FINDING_LINES]),
        inconclusive=result.inconclusive,
        pairing=result.pairing,
        expected_by_chance=result.expected_by_chance,
        p_value=result.p_value,
        chance=result.chance,
        caution=" ".join(filter(None, (result.caution, IDLE))) if idle else result.caution,
        order_undetermined=result.order_undetermined,
    )
