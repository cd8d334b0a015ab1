"""What the logs leave open: those that nobody gave and would tell, and how to export them; when a machine went down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import polars as pl

from logcorr.diagnosis.incidents import Incident
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.judging.compete import Outcome
from logcorr.diagnosis.judging.weigh import Weighed
from logcorr.diagnosis.scene import Scene
from logcorr.model import Action, CoverageGap
from logcorr.rulebook.globs import glob_matches

_EITHER_SIDE = timedelta(minutes=30)
_NAMED = 3  # causes that are named beside a missing log; the coverage has them all

Span = tuple[datetime, datetime]
Judged = tuple[Outcome, Incident]


def missing_kinds(judged: Iterable[Judged], scene: Scene) -> tuple[str, ...]:
    """Kinds of source whose absence keeps a cause untestable for which something speaks; the best supported first.

    Where no root is named and nothing speaks for any such cause, those that would explain most of what failed; and the
    log of the other machine, where connections to a peer fail and only one machine's own log was given. The log of a
    program that no line mentions is not asked for.
    """
    wanted: dict[str, None] = {}
    seen = scene.kinds.given.union(scene.kinds.workers)
    for outcome, incident in judged:
        untested = [item for item in outcome.all if item.status == "untestable"]
        asking = [item for item in untested if item.supports]
        if outcome.root is None and not asking:
            names = incident.symptoms["event"].to_list()
            if len(scene.machines) == 1 and any(name.startswith("peer.") for name in names):
                wanted["peer"] = None
            asking = [item for item in untested if _could_explain(item, names) >= weights.MOSTLY]
        kinds = dict.fromkeys(kind for item in asking for kind in item.cause.needs if kind not in seen)
        wanted.update(dict.fromkeys(kind for kind in kinds if scene.in_use(kind)))
    return tuple(wanted)


def _could_explain(item: Weighed, symptoms: list[str]) -> float:
    """The share of these symptoms that the cause would account for, were it at work."""
    told = {name: glob_matches(name, item.explains) for name in set(symptoms)}
    return sum(told[name] for name in symptoms) / max(1, len(symptoms))


def span_of(incidents: Iterable[Incident]) -> Span | None:
    """The time that a log must cover to say something about these incidents, in whole minutes; None without any."""
    known = tuple(incidents)
    if not known:
        return None
    since = min(item.start for item in known) - _EITHER_SIDE
    until = max(item.end for item in known) + _EITHER_SIDE
    return since.replace(second=0, microsecond=0), until.replace(second=0, microsecond=0) + timedelta(minutes=1)


def dated(command: str, span: Span | None) -> str:
    """The command with START and END put in (systemd.time(7)); the host's name is left to the reader."""
    if span is None:
        return command
    since, until = (f"{time:%Y-%m-%d %H:%M:%S} UTC" for time in span)
    return command.replace('"START"', f'"{since}"').replace('"END"', f'"{until}"')


def exports(judged: tuple[Judged, ...], scene: Scene) -> Iterable[Action]:
    """Getting each of these logs, as an action."""
    span = span_of(incident for _, incident in judged)
    for kind in missing_kinds(judged, scene):
        source = scene.rules.sources.get(kind)
        if source is None:
            continue
        blind = _blind(kind, judged)
        yield Action(
            do=f"Export {source.title} for the same time and analyse again",
            command=dated(source.command, span) if source.command else None,
            risk="none, it only reads",
            undo=None,
            cause="undetermined",
            why=f"without it {hidden(blind, scene)} cannot be tested"
            if blind
            else "the connections that fail end there, and only its own log may say why",
            how=_lines(source.how),
            on=source.on,
        )


def hidden(causes: tuple[str, ...], scene: Scene) -> str:
    """Some causes by their titles, and how many more there are."""
    told = [f"“{scene.rules.causes[cause].title}”" if cause in scene.rules.causes else cause for cause in causes]
    more = len(told) - _NAMED
    if more > 1:
        return f"{', '.join(told[:_NAMED])} and {more} more causes"
    return " and ".join(filter(None, (", ".join(told[:-1]), told[-1])))


def _lines(text: str | None) -> tuple[str, ...]:
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip())


def _blind(kind: str, judged: Iterable[Judged]) -> tuple[str, ...]:
    """The causes that cannot be tested without this kind of source."""
    untested = (item.cause for outcome, _ in judged for item in outcome.all if item.status == "untestable")
    return tuple(dict.fromkeys(cause.id for cause in untested if kind in cause.needs))


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
                reason=f"no log known as {scene.title(kind)} was given",
                hides=_blind(kind, judged),
                command=dated(source.command, span) if source and source.command else None,
                how=_lines(source.how) if source else (),
                on=source.on if source else None,
            )
        )
    return tuple(gaps)


def unseen_ends(judged: Iterable[Judged], scene: Scene) -> Iterator[CoverageGap]:
    """A gap for each machine that booted in an incident and writes too seldom to tell when it went down."""
    spans = [(incident.start, incident.end) for _, incident in judged]
    dark = scene.darkness.filter((pl.col("what") == "boot") & ~pl.col("planned") & (pl.col("due") == pl.col("end")))
    for host, start, end in dark.select("host", "start", "end").rows():
        if any(first <= end <= last for first, last in spans):
            reason = f"{host} writes so seldom that its last record before it booted does not tell when it went down"
            yield CoverageGap(source=None, host=host, kind="silence", start=start, end=end, reason=reason)
