"""What ended an incident: the repair of its cause, or the return of what was lost. What tells of another thing ended
nothing: that some port has a link again, a client joined, or a service was started meanwhile.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from logcorr.diagnosis.incidents import Incident
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.judging.compete import Outcome
from logcorr.diagnosis.lines import CONTRADICTED, Lines
from logcorr.diagnosis.losses import told_of
from logcorr.diagnosis.scene import Scene
from logcorr.rulebook.globs import glob_matches
from logcorr.times.micros import SECOND, Bools, Ints, to_micros


def recovered(outcome: Outcome, incident: Incident, scene: Scene) -> Ints:
    """The row of Scene.brief that tells the recovery; none where it goes on, or no line is known to tell it."""
    columns = scene.columns
    if incident.ongoing:
        return columns.time[:0]
    end, near = to_micros(incident.end), int(weights.STRAY * SECOND)
    low, high = np.searchsorted(columns.time, (end - int(weights.REORDERING * SECOND), end + 3 * near + 1), "left")
    late = Lines(columns, np.arange(low, high))
    back = late.of_role("recovery") & (late.trusted != CONTRADICTED)
    late = late.take(back & np.isin(late.id, _returns(incident, scene)))
    if late and late.time[0] <= end + weights.REORDERING * SECOND:
        return late.at[:1]
    ends = outcome.root.cause.ends_with if outcome.root else ()
    over = Lines(columns, scene.rows_of(ends, scene.believed)).between(end - near, end + near)
    over = over.take(~_of_another_thing(over, incident, scene))
    if over:
        after = over.at[over.time >= end]
        return after[:1] if len(after) else over.at[-1:]
    return late.at[:1]


def _returns(incident: Incident, scene: Scene) -> Ints:
    """The records that tell the return of a thing that the incident lost, by its name where its kind has names."""
    lost = incident.symptoms.filter(pl.col("lost").is_not_null()).select("host", "lost", "object").unique()
    found = []
    for (name,), mine in lost.group_by("lost"):
        kind = scene.rules.states.get(str(name))
        if kind is None:
            continue
        told = told_of(kind.back, kind.back_where, kind, scene)
        met = told.join(mine.drop("lost"), on=["host", "object"], nulls_equal=not kind.of)
        found.append(met["id"].to_numpy())
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _of_another_thing(lines: Lines, incident: Incident, scene: Scene) -> Bools:
    """Which of the lines tell the return of a thing by name, on a machine of which the incident names other things."""
    lost = incident.symptoms.drop_nulls("object").select("host", "object").unique()
    found = np.zeros(len(lines), dtype=bool)
    for kind in scene.rules.states.values() if len(lines) and lost.height else ():
        if any(glob_matches(name, kind.back) for name in lines.events):
            told = told_of(kind.back, kind.back_where, kind, scene).drop_nulls("object")
            told = told.join(lost.select("host").unique(), on="host").join(lost, on=["host", "object"], how="anti")
            found |= np.isin(lines.id, told["id"].to_numpy())
    return found
