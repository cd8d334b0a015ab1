"""The standard of proof as a Markdown document: what each sign of each cause comes to by the table of weights."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp
from typing import Final, get_args

from logcorr.diagnosis.judging import weights
from logcorr.rulebook.docs.catalogue import plain
from logcorr.rulebook.models import Cause, Layer, Rulebook, Sign

_NOTHING: Final = "not enough"
_RANK: Final = (_NOTHING, "possible", "likely", "confirmed")


def standard_of_proof(rules: Rulebook) -> str:
    """What makes each cause possible, likely or confirmed where nothing speaks against it and nothing is missing."""
    parts = [*_strengths()]
    for layer in get_args(Layer):
        found = sorted((cause for cause in rules.causes.values() if cause.layer == layer), key=lambda each: each.id)
        parts += (
            [f"## {layer.capitalize()}\n", *(line for cause in found for line in _cause(cause, rules))] if found else []
        )
    return "\n".join(parts).rstrip("\n") + "\n"


def proof(*signs: float, witnessed: bool = False, sources: int = 1) -> str:
    """What signs of these weights come to, of which one at least dates the cause: "not enough", or a status.

    ``witnessed``: another program or machine reports the best of them as well. ``sources``: independent programs.
    """
    witness = weights.WITNESS if witnessed and max(signs) >= weights.STRENGTH["strong"] else 0.0
    score, voices = weights.PRIOR + sum(signs) + witness, sources + witnessed
    if score >= weights.CONFIRMED and voices >= weights.CONFIRMING_SOURCES:
        return "confirmed"
    return "likely" if score >= weights.LIKELY else "possible" if score >= weights.SUPPORTED else _NOTHING


def _strengths() -> Iterator[str]:
    supported, likely, confirmed = map(_ratio, (weights.SUPPORTED, weights.LIKELY, weights.CONFIRMED))
    yield (
        f"Before any evidence a cause has odds of 1:{exp(-weights.PRIOR):.0f}. A sign multiplies them by its ratio:\n"
        "how many times likelier it is when the cause is at work than when it is not. Odds of\n"
        f"{supported} make a cause possible, {likely} likely, {confirmed} confirmed; that also needs\n"
        f"{weights.CONFIRMING_SOURCES} independent programs or machines. Some sign must date the cause. A strong or\n"
        "decisive sign that a second program or machine reports as well counts, once, "
        f"{exp(weights.WITNESS):.0f} times more.\n\n"
        "The tables hold where nothing speaks against the cause, nothing is missing that a given log would show,\n"
        f"{weights.MOSTLY:.0%} of the symptoms are explained, and no other cause fits nearly as well; else the status\n"
        "is lower. An absence counts only where a log that would show the sign covers the time without a gap.\n"
    )
    yield "| a sign that dates the cause | ratio | alone | seen by two | two such signs, of two programs |"
    yield "|---|---|---|---|---|"
    for grade in reversed(weights.GRADES):
        weight = weights.STRENGTH[grade]
        both = proof(weight, weight, sources=2)
        yield f"| {grade} | {_ratio(weight)} | {proof(weight)} | {proof(weight, witnessed=True)} | {both} |"
    yield ""


def _cause(cause: Cause, rules: Rulebook) -> Iterator[str]:
    yield f"### {cause.id}\n\n**{plain(cause.title)}**. {_needs(cause, rules)}\n"
    if cause.only_possible:
        yield "Logs alone cannot settle it: it stays possible, whatever is seen.\n"
    yield "| sign | strength | alone | seen by two | confirmed with | its absence |"
    yield "|---|---|---|---|---|---|"
    for sign in sorted(cause.evidence, key=lambda each: -weights.STRENGTH[each.strength]):
        yield _row(sign, cause)
    yield ""


def _needs(cause: Cause, rules: Rulebook) -> str:
    titles = [rules.sources[kind].title if kind in rules.sources else kind for kind in cause.needs]
    further = dict.fromkeys(kind for sign in cause.evidence for kind in sign.sources if kind not in cause.needs)
    others = [rules.sources[kind].title if kind in rules.sources else kind for kind in further]
    needed = f"Where no sign dates it, it cannot be tested without {plain(' and '.join(titles))}."
    told = [needed if titles else "No log in particular is needed."]
    told += [f"Signs of it also stand in {plain(', '.join(others))}."] if others else []
    return " ".join(told)


def _row(sign: Sign, cause: Cause) -> str:
    names = (sign.event,) if isinstance(sign.event, str) else (sign.event or ())
    name = ", ".join(f"`{each}`" for each in (names or (sign.pattern,)))
    weight = weights.STRENGTH[sign.strength]
    alone, twice, more = (
        (_capped(proof(weight), cause), _capped(proof(weight, witnessed=True), cause), _confirmed_with(sign, cause))
        if sign.trigger is not False
        else ("only supports: dates nothing",) * 2 + ("",)
    )
    missing = weights.MISSING[sign.expect]
    absence = f"{_ratio(missing)} against" if missing else "says nothing"
    return f"| {plain(sign.says)} ({name}) | {sign.strength} | {alone} | {twice} | {more} | {absence} |"


def _confirmed_with(sign: Sign, cause: Cause) -> str:
    """The weakest grade of another sign of the cause, of another program, that makes it confirmed."""
    others = {other.strength for other in cause.evidence if other is not sign}
    for grade in weights.GRADES:
        reached = proof(weights.STRENGTH[sign.strength], weights.STRENGTH[grade], sources=2)
        stronger = others & set(weights.GRADES[weights.GRADES.index(grade) :])
        if _capped(reached, cause) == "confirmed" and stronger:
            return f"a {grade} sign{'' if grade == weights.GRADES[-1] else ' or better'}"
    return "no single other sign"


def _capped(reached: str, cause: Cause) -> str:
    return min(reached, "possible", key=_RANK.index) if cause.only_possible else reached


def _ratio(weight: float) -> str:
    return f"{exp(weight):.0f}:1"
