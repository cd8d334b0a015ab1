"""One cause weighed against one incident: what speaks for it, what against, what should have been seen and was not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from logcorr.chance.tails import poisson_tail
from logcorr.diagnosis import weights
from logcorr.diagnosis.incidents import Incident
from logcorr.diagnosis.scene import SHARED_LAYERS, Scene
from logcorr.diagnosis.signs import ROW, Cited, Nearby, look_for
from logcorr.model import HypothesisStatus, Missing
from logcorr.rulebook.models import Cause

_FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A cause with its case made. Times are those of the log lines; ``explained`` are symptom record ids."""

    cause: Cause
    status: HypothesisStatus
    score: float
    reason: str
    supports: tuple[Cited, ...]
    against: tuple[Cited, ...]
    missing: tuple[Missing, ...]
    onset: datetime | None
    triggers: pl.DataFrame
    explains: tuple[str, ...]  # events (globs) that it may explain
    fits: bool  # some symptom is of a kind that it explains
    explained: frozenset[int]
    symptoms: int
    accounts_for_first: bool
    reacted: bool  # something that it reacts to had failed before it set in
    habit: bool  # it does the same, as often, when nothing fails
    clock_doubt: float  # seconds that the clocks that date it may be off those of other machines

    @property
    def share(self) -> float:
        """The share of the incident's symptoms that it explains."""
        return len(self.explained) / self.symptoms if self.symptoms else 1.0

    @property
    def believed(self) -> tuple[Cited, ...]:
        """What speaks for it and can be believed."""
        return tuple(cited for cited in self.supports if cited.trusted is not False)

    @property
    def refuted_by(self) -> tuple[Cited, ...]:
        """What speaks against it and can be believed."""
        return tuple(cited for cited in self.against if cited.trusted is not False)

    @property
    def sources(self) -> int:
        """How many independent programs on how many sources speak for it."""
        voices = [cited.found.select("source", "program") for cited in self.believed]
        return pl.concat(voices).unique().height if voices else 0


def weigh(cause: Cause, incident: Incident, nearby: Nearby) -> Weighed:
    """Make the case for and against ``cause`` in ``incident``."""
    scene = nearby.scene
    supports, missing = look_for(cause.evidence, cause, nearby)
    against, _ = look_for(cause.against, cause, nearby)
    triggers = _triggers(supports, scene)
    voices = {host for cited in supports for host in cited.found["host"] if host in scene.machines}
    hosts = tuple(sorted(voices)) or nearby.hosts
    unseen = tuple(kind for kind in cause.needs if not _seen(kind, cause, hosts, incident, scene))
    score = (
        weights.PRIOR
        + sum(cited.weight for cited in supports)
        - sum(cited.weight for cited in against)
        - sum(penalty for _, penalty in missing)
    )
    status, reason = _status(score, supports, against, missing, unseen, scene)
    symptoms = nearby.symptoms
    kinds = nearby.classed.explained_by(cause)
    explained = _explained(cause, symptoms.filter(pl.Series(kinds)), triggers, scene) | _own_triggers(
        symptoms, triggers
    )
    return Weighed(
        cause=cause,
        status=status,
        score=score,
        reason=reason,
        supports=supports,
        against=against,
        missing=tuple(item for item, _ in missing),
        onset=triggers["time"].min() if triggers.height else None,  # type: ignore[arg-type]  # a datetime column
        triggers=triggers,
        explains=scene.rules.explained_events(cause),
        fits=bool(kinds.any()),
        explained=explained,
        symptoms=symptoms.height,
        reacted=_reacted(cause, symptoms, triggers, scene),
        habit=_habit(cause, triggers, incident, scene),
        clock_doubt=0.0 if set(triggers["host"]) - {None} <= scene.set_clocks else weights.CLOCK_DOUBT,
        accounts_for_first=_accounts_for_first(symptoms, explained, triggers, cause, scene),
    )


def _seen(kind: str, cause: Cause, hosts: tuple[str, ...], incident: Incident, scene: Scene) -> bool:
    """Whether a source of this kind was there when the incident began."""
    lead = timedelta(seconds=weights.STRAY)
    return scene.sees(kind, cause, hosts, incident.start - lead, incident.start + lead)


def _status(
    score: float,
    supports: tuple[Cited, ...],
    against: tuple[Cited, ...],
    missing: tuple[tuple[Missing, float], ...],
    unseen: tuple[str, ...],
    scene: Scene,
) -> tuple[HypothesisStatus, str]:
    decisive = [cited for cited in against if cited.strength == "decisive" and cited.trusted is not False]
    if decisive:
        return "ruled-out", decisive[0].says
    if unseen:
        names = " and ".join(
            scene.rules.sources[kind].title if kind in scene.rules.sources else kind for kind in unseen
        )
        return "untestable", f"{names} would show it, and was not given for the time of the incident"
    if score >= weights.SUPPORTED and any(cited.dated.height and cited.trusted is not False for cited in supports):
        seen = sum(cited.trusted is not False for cited in supports)
        return "supported", f"{seen} of {seen + len(missing)} signs seen, {len(against)} against"
    if not supports:
        looked = [item for item, _ in missing if item.observable]
        if looked:
            return "ruled-out", "no sign of it, and its logs cover the incident"
        return "weakened", "no sign of it"
    if score <= weights.RULED_OUT:
        return "ruled-out", "what speaks against it outweighs what speaks for it"
    if against:
        return "weakened", against[0].says
    return "weakened", "too little speaks for it"


# --- what it would explain ----------------------------------------------------------------------------------------


def _triggers(supports: tuple[Cited, ...], scene: Scene) -> pl.DataFrame:
    """When the cause set in: the rows that date it."""
    dating = [cited.dated for cited in supports if cited.trusted is not False]
    if not dating:
        return scene.brief[list(ROW)].clear()
    return pl.concat(dating).unique("id", keep="first").sort("time", "id")


def _own_triggers(symptoms: pl.DataFrame, triggers: pl.DataFrame) -> frozenset[int]:
    """The symptoms that are the cause's own lines."""
    return frozenset(symptoms.join(triggers, on="id", how="semi")["id"])


def _explained(cause: Cause, fitting: pl.DataFrame, triggers: pl.DataFrame, scene: Scene) -> frozenset[int]:
    """The symptoms, of those of a kind that it explains, that come while the cause is at work."""
    if triggers.is_empty() or fitting.is_empty():
        return frozenset()
    doubt = _doubt(triggers, scene)
    reported = fitting.with_columns(latest=pl.col("time_hi") + doubt, earliest=pl.col("time_lo") - doubt)
    at_work = _at_work(cause, triggers, scene)
    joined = reported.sort("latest").join_asof(at_work, left_on="latest", right_on="begin", strategy="backward")
    return frozenset(joined.filter(pl.col("earliest") <= pl.col("over"))["id"])


def _at_work(cause: Cause, triggers: pl.DataFrame, scene: Scene) -> pl.DataFrame:
    """From when (begin) to when (over) the cause is at work: from each trigger until its repair, or for ``lasts``."""
    slack = timedelta(seconds=cause.noticed_within + weights.REORDERING)
    begun = triggers.select("host", "time", begin=pl.col("time_lo") - slack).sort("time")
    if not cause.ends_with:
        lasts = _FOREVER if cause.lasts is None else pl.col("time") + timedelta(seconds=cause.lasts)
        begun = begun.with_columns(over=lasts if isinstance(lasts, pl.Expr) else pl.lit(lasts))
    else:
        ends = scene.named(cause.ends_with).select("host", ended="time").sort("ended")
        same = None if cause.layer in SHARED_LAYERS else "host"
        begun = begun.join_asof(
            ends, left_on="time", right_on="ended", strategy="forward", by=same, check_sortedness=False
        ).with_columns(over=pl.col("ended") + timedelta(seconds=cause.look_back))
    return (
        begun.select("begin", pl.col("over").fill_null(_FOREVER)).sort("begin").with_columns(pl.col("over").cum_max())
    )


def _doubt(triggers: pl.DataFrame, scene: Scene) -> pl.Expr:
    """How far a symptom's clock may be off the clocks that date the cause: nothing on the same machine, nor between
    clocks that could be related.
    """
    dating = triggers["host"].drop_nulls().unique()
    related = sorted(scene.set_clocks) if set(dating) <= scene.set_clocks else []
    same = pl.col("host").is_in(dating.implode()).fill_null(value=False)
    known = pl.col("host").is_in(related).fill_null(value=False)
    far = timedelta(seconds=weights.CLOCK_DOUBT)
    return pl.when(same | known).then(timedelta(0)).otherwise(far)


def _accounts_for_first(
    symptoms: pl.DataFrame, explained: frozenset[int], triggers: pl.DataFrame, cause: Cause, scene: Scene
) -> bool:
    """Whether the cause was at work when the incident began: hardly a symptom before it is left unexplained."""
    if triggers.is_empty():
        return False
    slack = timedelta(seconds=cause.noticed_within + weights.REORDERING)
    onset: datetime = triggers["time_lo"].min()  # type: ignore[assignment]  # a datetime column, not empty
    early = symptoms.filter(pl.col("time_hi") + _doubt(triggers, scene) < onset - slack).filter(
        ~pl.col("id").is_in(list(explained))
    )
    return early.height <= max(1, symptoms.height // 10)


def _reacted(cause: Cause, symptoms: pl.DataFrame, triggers: pl.DataFrame, scene: Scene) -> bool:
    """Whether a symptom that sets this cause off came first. Then something else broke before it."""
    if triggers.is_empty() or not cause.reacts_to:
        return False
    onset: datetime = triggers["time"].min()  # type: ignore[assignment]  # a datetime column, not empty
    noticed = scene.named(cause.reacts_to).select("id").join(symptoms, on="id", how="semi")
    before = symptoms.join(noticed, on="id", how="semi").filter(pl.col("time_hi") + _doubt(triggers, scene) < onset)
    return before.height > 0


def _habit(cause: Cause, triggers: pl.DataFrame, incident: Incident, scene: Scene) -> bool:
    """Whether a cause that should react to failures acts in the incident no more often than it does unprompted."""
    if triggers.is_empty() or not cause.reacts_to:
        return False
    hosts, reach = triggers["host"].drop_nulls().unique().to_list(), timedelta(seconds=cause.look_back)
    acts = (
        scene.named(tuple(triggers["event"].unique())).filter(pl.col("host").is_in(hosts)).select("time").sort("time")
    )
    pause = timedelta(seconds=weights.ONE_ACT)
    acts = acts.filter((pl.col("time").diff() > pause).fill_null(value=True))
    failures = scene.named(cause.reacts_to).select("time", failed="time").sort("time")
    prompted = acts.join_asof(failures, on="time", strategy="backward", tolerance=reach)
    inside = pl.col("time").is_between(incident.start - reach, incident.end)
    unprompted = prompted.filter(~inside & pl.col("failed").is_null()).height
    lasted = incident.end - incident.start + reach
    times = scene.timeline.frame["time"]
    span: timedelta = times.max() - times.min()  # type: ignore[operator,assignment]  # a datetime column, not empty
    rest = max(span - lasted, lasted)
    expected = unprompted * (lasted / rest)
    return unprompted > 0 and poisson_tail(acts.filter(inside).height, expected) > weights.HABIT_P
