"""One cause weighed against one incident: what speaks for it, what against, what should have been seen and was not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

import polars as pl

from logcorr.chance.tails import poisson_tail
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.judging.extent import Extent, extent, related_to
from logcorr.diagnosis.judging.linked import elsewhere, without_link
from logcorr.diagnosis.judging.signs import Cited, Nearby, look_for, missing_of
from logcorr.diagnosis.scene import Scene
from logcorr.model import HypothesisStatus, Missing
from logcorr.rulebook.models import Cause, Sign

#: Why a log that would show a cause does not tell.
UNGIVEN = "was not given for the time of the incident"
UNPLACED = "which of its lines belong to the incident is not certain, as a zone is only assumed"


@dataclass(frozen=True, slots=True, eq=False)
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
    triggers: pl.DataFrame  # ROW, and since: from when on each was at work; lasts: for how many seconds at most
    explains: tuple[str, ...]  # events (globs) that it may explain
    fits: bool  # some symptom is of a kind that it explains
    explained: frozenset[int]
    symptoms: int
    accounts_for_first: bool
    outlasted: bool  # most symptoms come after its repair
    reacted: bool  # something that it reacts to had failed before it set in
    habit: bool  # it does the same, as often, when nothing fails
    closes: bool  # it comes when the failing ends: what it brings about by itself is over in a moment
    unlinked: tuple[str, ...]  # machines of what it explains, if no log links any of them to where it sits
    in_use: bool  # some log that would settle it is of a program that may be there
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
    def proven(self) -> bool:
        """Whether a decisive line that can be believed dates it."""
        return any(cited.strength == "decisive" and cited.weight > 0 and cited.dated.height for cited in self.supports)

    @property
    def sources(self) -> int:
        """How many independent programs on how many machines speak for it."""
        voices = [cited.found.select("host", "program") for cited in self.believed]
        return pl.concat(voices).n_unique() if voices else 0


def weigh(cause: Cause, nearby: Nearby) -> Weighed:
    """Make the case for and against ``cause`` in an incident."""
    scene = nearby.scene
    found = look_for(cause.evidence, cause, nearby)
    against = look_for(cause.against, cause, nearby, passing=False)
    supports, opposed = (tuple(cited for _, cited in signs) for signs in (found, against))
    triggers = _triggers(found, cause, scene)
    hosts = _concerned(triggers, tuple(cited for cited in supports if cited.trusted is not False), nearby)
    missing = missing_of(cause.evidence, found, cause, hosts, nearby)
    score = weights.PRIOR + _weight_of(supports) - sum(cited.weight for cited in opposed)
    score -= sum(penalty for _, penalty in missing)
    kinds = nearby.classed.explained_by(cause, elsewhere(cause, triggers, nearby))
    reach = extent(cause, kinds, nearby.symptoms, triggers, scene) if triggers.height else Extent.none(len(kinds))
    unseen, adrift = ((), False) if triggers.height else _unseen(cause, hosts, nearby)
    status, reason = _status(score, supports, opposed, missing, unseen, dated=triggers.height > 0, adrift=adrift)
    return Weighed(
        cause=cause,
        status=status,
        score=score,
        reason=reason,
        supports=supports,
        against=opposed,
        missing=tuple(item for item, _ in missing),
        onset=triggers["since"].min() if triggers.height else None,  # type: ignore[arg-type]  # a datetime column
        triggers=triggers,
        explains=scene.explains[cause.id],
        fits=bool(kinds.any()),
        explained=frozenset(nearby.symptoms["id"].filter(pl.Series(reach.explained)) if reach.explained.any() else ()),
        symptoms=nearby.symptoms.height,
        accounts_for_first=reach.accounts_for_first,
        outlasted=reach.outlasted,
        reacted=_reacted(cause, triggers, nearby),
        habit=_habit(cause, triggers, nearby),
        closes=_closes(triggers, nearby),
        in_use=status != "untestable" or any(map(scene.in_use, cause.needs)),
        unlinked=without_link(cause, reach.explained, triggers, nearby),
        clock_doubt=0.0 if set(triggers["host"]) - {None} <= scene.set_clocks else weights.CLOCK_DOUBT,
    )


def _weight_of(supports: tuple[Cited, ...]) -> float:
    """What the signs weigh; the best of them more where several witnesses report it."""
    total = sum(cited.weight for cited in supports)
    grave = [cited for cited in supports if cited.weight >= weights.STRENGTH["strong"]]
    return total + (weights.WITNESS if any(cited.witnesses > 1 for cited in grave) else 0.0)


def _triggers(found: tuple[tuple[Sign, Cited], ...], cause: Cause, scene: Scene) -> pl.DataFrame:
    """When the cause set in: the rows that date it, since when each was at work, and for how many seconds at most."""
    signs = [(sign.lasts or cause.lasts, cited) for sign, cited in found if cited.trusted is not False]
    dating = [cited.dated.with_columns(lasts=pl.lit(lasts or inf)) for lasts, cited in signs if cited.dated.height]
    if not dating:
        return scene.no_rows
    rows = pl.concat(dating).sort("lasts", descending=True).unique("id", keep="first").sort("time", "id")
    dark = scene.darkness.drop_nulls("start").select(pl.col("rows").alias("id"), "start").explode("id")
    told = rows.join(dark, on="id", how="left", maintain_order="left")
    return told.with_columns(since=pl.min_horizontal("start", "time_lo")).drop("start")


def _concerned(triggers: pl.DataFrame, supports: tuple[Cited, ...], nearby: Nearby) -> tuple[str, ...]:
    """The machines whose logs have to show it: those that date it, else those that support it, else that noticed."""
    dating = set(triggers["host"]) & nearby.scene.machines
    voices = {host for cited in supports for host in cited.found["host"]} & nearby.scene.machines
    return tuple(sorted(dating or voices)) or nearby.hosts


def _status(
    score: float,
    supports: tuple[Cited, ...],
    against: tuple[Cited, ...],
    missing: tuple[tuple[Missing, float], ...],
    unseen: tuple[str, ...],
    *,
    dated: bool,
    adrift: bool,
) -> tuple[HypothesisStatus, str]:
    """What became of it. A sign that dates it makes it testable, whatever other logs were not given."""
    decisive = [cited for cited in against if cited.strength == "decisive" and cited.trusted is not False]
    if decisive:
        return "ruled-out", decisive[0].says
    grave = [cited for cited in against if cited.strength == "strong" and cited.trusted is not False]
    if grave and not dated and score <= weights.RULED_OUT:
        return "ruled-out", grave[0].says
    if unseen:
        names = " and ".join(unseen)
        return "untestable", f"{names} would show it, and {UNPLACED if adrift else UNGIVEN}"
    if score >= weights.SUPPORTED and dated:
        seen = sum(cited.trusted is not False for cited in supports)
        return "supported", f"{seen} of {seen + len(missing)} signs seen, {len(against)} against"
    if all(cited.trusted is False for cited in supports):
        looked = [item for item, _ in missing if item.observable]
        if looked:
            return "ruled-out", "no sign of it, and its logs cover the incident"
        return "weakened", "no sign of it"
    if score <= weights.RULED_OUT:
        return "ruled-out", "the evidence against it outweighs the evidence for it"
    if against:
        return "weakened", against[0].says
    return "weakened", "too little evidence"


def _unseen(cause: Cause, hosts: tuple[str, ...], nearby: Nearby) -> tuple[tuple[str, ...], bool]:
    """Titles of the kinds of source that the cause needs and that were not there when the incident began; and whether
    all of them were given, with times in a zone that is only assumed.
    """
    lead = timedelta(seconds=weights.STRAY)
    since, until = nearby.start - lead, nearby.start + lead
    scene = nearby.scene
    dated_by = nearby.dated_by
    unseen = [kind for kind in cause.needs if not scene.sees(kind, cause, hosts, since, until, dated_by)]
    adrift = all(scene.sees(kind, cause, hosts, since, until) for kind in unseen)
    return tuple(map(scene.title, unseen)), adrift


def _reacted(cause: Cause, triggers: pl.DataFrame, nearby: Nearby) -> bool:
    """Whether a symptom that sets this cause off came first. Then something else broke before it."""
    if triggers.is_empty() or not cause.reacts_to:
        return False
    onset: datetime = triggers["time"].min()  # type: ignore[assignment]  # a datetime column, not empty
    noticed = pl.Series(nearby.classed.named(cause.reacts_to))
    related = pl.Series(related_to(triggers, nearby.symptoms["host"], nearby.scene))
    doubt = pl.when(related).then(timedelta(0)).otherwise(timedelta(seconds=weights.CLOCK_DOUBT))
    return not nearby.symptoms.filter(noticed & (pl.col("time_hi") + doubt < onset)).is_empty()


def _closes(triggers: pl.DataFrame, nearby: Nearby) -> bool:
    """Whether it is the repair: most had failed before it set in, and nothing of that fails any more once it has."""
    if triggers.is_empty():
        return False
    onset: datetime = triggers["time"].min()  # type: ignore[assignment]  # a datetime column, not empty
    before = nearby.symptoms.filter(pl.col("time") < onset)
    after = nearby.symptoms.filter(pl.col("time") >= onset)
    again = after["event"].is_in(before["event"].unique().implode()).any()
    own = (after["time"] - onset <= timedelta(seconds=weights.ONE_ACT)).all()
    return own and not again and before.height > after.height


def _habit(cause: Cause, triggers: pl.DataFrame, nearby: Nearby) -> bool:
    """Whether a cause that should react to failures acts in the incident no more often than it does unprompted."""
    if triggers.is_empty() or not cause.reacts_to:
        return False
    scene = nearby.scene
    hosts, reach = triggers["host"].drop_nulls().unique().to_list(), timedelta(seconds=cause.look_back)
    acts = (
        scene.named(tuple(triggers["event"].unique())).filter(pl.col("host").is_in(hosts)).select("time").sort("time")
    )
    pause = timedelta(seconds=weights.ONE_ACT)
    acts = acts.filter((pl.col("time").diff() > pause).fill_null(value=True))
    failures = scene.named(cause.reacts_to).select("time", failed="time").sort("time")
    prompted = acts.join_asof(failures, on="time", strategy="backward", tolerance=reach)
    inside = pl.col("time").is_between(nearby.start - reach, nearby.end)
    unprompted = prompted.filter(~inside & pl.col("failed").is_null()).height
    lasted = nearby.end - nearby.start + reach
    times = scene.timeline.frame["time"]
    span: timedelta = times.max() - times.min()  # type: ignore[operator,assignment]  # a datetime column, not empty
    expected = unprompted * (lasted / max(span - lasted, lasted))
    return unprompted > 0 and poisson_tail(acts.filter(inside).height, expected) > weights.HABIT_P
