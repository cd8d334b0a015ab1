"""One cause weighed against one incident: what speaks for it, what against, what should have been seen and was not."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import inf

import numpy as np
import polars as pl

from logcorr.chance.tails import poisson_tail
from logcorr.dataclass import dataclass
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.judging.classes import Mask
from logcorr.diagnosis.judging.extent import Extent, extent, related_to
from logcorr.diagnosis.judging.linked import elsewhere, without_link
from logcorr.diagnosis.judging.nearby import Nearby
from logcorr.diagnosis.judging.signs import Cited, look_for, missing_of
from logcorr.diagnosis.lines import Lines
from logcorr.model import HypothesisStatus, Missing
from logcorr.rulebook.models import Cause, Sign
from logcorr.times.micros import NEVER, SECOND, Ints, to_datetime, to_micros

#: Why a log that would show a cause does not tell.
UNGIVEN = "none known as such was given for the time of the incident"
UNTOLD = "no program known to report it writes in that of"
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
    triggers: Lines  # with since when each was at work, and how many seconds it lasts at most; by time
    explains: tuple[str, ...]  # events (globs) that it may explain
    fits: bool  # some symptom is of a kind that it explains
    explained: frozenset[int]
    symptoms: int
    accounts_for_first: bool
    outlasted: bool  # most symptoms come after its repair
    reacted: bool  # something that it reacts to had failed before it set in
    habit: bool  # it does the same, as often, when nothing fails
    closes: bool  # it comes when the failing ends: what it brings about by itself is over in a moment
    spared: bool  # another of its kind carries on, and nobody else's lines tell that it is missed
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
        return any(cited.strength == "decisive" and cited.weight > 0 and cited.dated for cited in self.supports)

    @property
    def sources(self) -> int:
        """How many independent programs on how many machines speak for it."""
        return len(frozenset().union(*(cited.voices for cited in self.believed)))


def weigh(cause: Cause, nearby: Nearby) -> Weighed:
    """Make the case for and against ``cause`` in an incident."""
    scene = nearby.scene
    found = look_for(cause.evidence, cause, nearby)
    against = look_for(cause.against, cause, nearby, passing=False)
    supports, opposed = (tuple(cited for _, cited in signs) for signs in (found, against))
    triggers = _triggers(found, cause, nearby)
    hosts = _concerned(triggers, tuple(cited for cited in supports if cited.trusted is not False), nearby)
    missing = missing_of(cause.evidence, found, cause, hosts, nearby)
    score = weights.PRIOR + _weight_of(supports) - sum(cited.weight for cited in opposed)
    score -= sum(penalty for _, penalty in missing)
    kinds = nearby.classed.explained_by(cause, elsewhere(cause, triggers, nearby))
    reach = extent(cause, kinds, triggers, nearby) if triggers else Extent.none(len(kinds))
    unseen = None if triggers else _unseen(cause, hosts, nearby)
    status, reason = _status(score, supports, opposed, missing, unseen, dated=bool(triggers))
    return Weighed(
        cause=cause,
        status=status,
        score=score,
        reason=reason,
        supports=supports,
        against=opposed,
        missing=tuple(item for item, _ in missing),
        onset=to_datetime(triggers.more["since"].min()) if triggers else None,
        triggers=triggers,
        explains=scene.explains[cause.id],
        fits=bool(kinds.any()),
        explained=frozenset(nearby.told.id[reach.explained].tolist()),
        symptoms=len(kinds),
        accounts_for_first=reach.accounts_for_first,
        outlasted=reach.outlasted,
        reacted=_reacted(cause, triggers, nearby),
        habit=_habit(cause, triggers, nearby),
        closes=_closes(triggers, nearby),
        in_use=status != "untestable" or any(map(scene.in_use, cause.needs)),
        spared=_spared(triggers, reach.explained, nearby),
        unlinked=without_link(cause, reach.explained, triggers, nearby),
        clock_doubt=0.0 if scene.set_clocks.issuperset(triggers.hosts) else weights.CLOCK_DOUBT,
    )


def _weight_of(supports: tuple[Cited, ...]) -> float:
    """What the signs weigh; the best of them more where several witnesses report it."""
    total = sum(cited.weight for cited in supports)
    grave = [cited for cited in supports if cited.weight >= weights.STRENGTH["strong"]]
    return total + (weights.WITNESS if any(cited.witnesses > 1 for cited in grave) else 0.0)


def _triggers(found: tuple[tuple[Sign, Cited], ...], cause: Cause, nearby: Nearby) -> Lines:
    """When the cause set in: the rows that date it, each once and as lasting as any sign says, by time."""
    signs = [(sign.lasts or cause.lasts or inf, cited.dated) for sign, cited in found if cited.trusted is not False]
    dating = [(lasts, rows) for lasts, rows in signs if rows]
    if not dating:
        return nearby.ledger.events(())
    at = np.concatenate([rows.at for _, rows in dating])
    lasts = np.repeat([lasts for lasts, _ in dating], [len(rows) for _, rows in dating])
    longest = np.argsort(lasts, kind="stable")[::-1]  # of one record that several signs cite, the least of them tells
    told = Lines(nearby.scene.columns, at[longest], {"lasts": lasts[longest]}).once()
    told = told.take(np.lexsort((told.id, told.time)))
    return Lines(told.columns, told.at, {**told.more, "since": _since(told, nearby)})


def _since(told: Lines, nearby: Nearby) -> Ints:
    """Since when each was at work: at the earliest that its time allows, or with the darkness whose end it tells."""
    records, begun = nearby.ledger.dark
    since = told.columns.low[told.at]
    place = np.searchsorted(records, told.id)
    known = np.append(records, -1)[place] == told.id
    return np.where(known, np.minimum(since, np.append(begun, 0)[place]), since)


def _concerned(triggers: Lines, supports: tuple[Cited, ...], nearby: Nearby) -> tuple[str, ...]:
    """The machines whose logs have to show it: those that date it, else those that support it, else that noticed."""
    machines = nearby.scene.machines
    for told in ((triggers,), (cited.found for cited in supports)):
        mine = {host for lines in told for host in lines.hosts} & machines
        if mine:
            return tuple(sorted(mine))
    return nearby.hosts


def _status(
    score: float,
    supports: tuple[Cited, ...],
    against: tuple[Cited, ...],
    missing: tuple[tuple[Missing, float], ...],
    unseen: str | None,
    *,
    dated: bool,
) -> tuple[HypothesisStatus, str]:
    """What became of it. A sign that dates it makes it testable, whatever other logs were not given."""
    decisive = [cited for cited in against if cited.strength == "decisive" and cited.trusted is not False]
    if decisive:
        return "ruled-out", decisive[0].says
    grave = [cited for cited in against if cited.strength == "strong" and cited.trusted is not False]
    if grave and not dated and score <= weights.RULED_OUT:
        return "ruled-out", grave[0].says
    if unseen:
        return "untestable", unseen
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


def _unseen(cause: Cause, hosts: tuple[str, ...], nearby: Nearby) -> str | None:
    """The kinds of source that the cause needs and that were not there when the incident began, and why they do not
    tell; None where all were there.
    """
    lead = timedelta(seconds=weights.STRAY)
    since, until = nearby.start - lead, nearby.start + lead
    scene = nearby.scene
    dated_by = nearby.dated_by
    unseen = [kind for kind in cause.needs if not scene.sees(kind, cause, hosts, since, until, dated_by)]
    if not unseen:
        return None
    why = UNPLACED if all(scene.sees(kind, cause, hosts, since, until) for kind in unseen) else UNGIVEN
    if workers := [host for kind in unseen for host in scene.kinds.workers.get(kind, ())]:
        why = f"{UNTOLD} {' and '.join(workers)}"
    return f"{' and '.join(map(scene.title, unseen))} would show it, and {why}"


def _reacted(cause: Cause, triggers: Lines, nearby: Nearby) -> bool:
    """Whether a symptom that sets this cause off came first. Then something else broke before it."""
    if not triggers or not cause.reacts_to:
        return False
    told = nearby.told
    doubt = np.where(related_to(triggers, told.host, nearby.scene), 0, int(weights.CLOCK_DOUBT * SECOND))
    early = told.high + doubt < triggers.time.min()
    return bool((nearby.classed.named(cause.reacts_to) & early).any())


def _closes(triggers: Lines, nearby: Nearby) -> bool:
    """Whether it is the repair: most had failed before it set in, and nothing of that fails any more once it has."""
    if not triggers:
        return False
    told, onset = nearby.told, triggers.time.min()
    late = told.time >= onset
    again = np.isin(told.event[late], told.event[~late]).any()
    own = (told.time[late] - onset <= weights.ONE_ACT * SECOND).all()
    return bool(own and not again and 2 * late.sum() < len(late))


def _spared(triggers: Lines, explained: Mask, nearby: Nearby) -> bool:
    """Whether all that dates it tells of what another stood in for, and no symptom of another program than those that
    tell it is explained.
    """
    lost = nearby.symptoms.filter(pl.col("lost").is_not_null() & pl.col("beside").is_not_null())["id"].to_numpy()
    reports = triggers.id[triggers.of_role("cause")] if lost.size else lost
    if not reports.size or not np.isin(reports, lost).all():
        return False
    columns, others = nearby.scene.columns, nearby.scene.at(nearby.told.id[explained])
    voices = (
        columns.host.numbers[each].astype(np.int64) << 32 | columns.program.numbers[each]
        for each in (triggers.at, others)
    )
    return bool(np.isin(*reversed(tuple(voices))).all())


def _habit(cause: Cause, triggers: Lines, nearby: Nearby) -> bool:
    """Whether a cause that should react to failures acts in the incident no more often than it does unprompted."""
    if not triggers or not cause.reacts_to:
        return False
    scene, reach = nearby.scene, round(cause.look_back * SECOND)
    start, end = to_micros(nearby.start) - reach, to_micros(nearby.end)
    all_acts = Lines(scene.columns, scene.rows_of(tuple(triggers.events), scene.believed))
    acts = np.sort(all_acts.time[scene.columns.host.among(frozenset(triggers.hosts))[all_acts.host]])
    acts = acts[np.diff(acts, prepend=-NEVER) > weights.ONE_ACT * SECOND]
    failures = np.sort(scene.columns.time[scene.rows_of(cause.reacts_to, scene.believed)])
    last = np.insert(failures, 0, -NEVER)[np.searchsorted(failures, acts, "right")]
    inside = (acts >= start) & (acts <= end)
    unprompted = int((~inside & (acts - last > reach)).sum())
    lasted, whole = end - start, scene.kinds.end - scene.kinds.start
    expected = unprompted * (lasted / max(whole - lasted, lasted))
    return unprompted > 0 and poisson_tail(int(inside.sum()), expected) > weights.HABIT_P
