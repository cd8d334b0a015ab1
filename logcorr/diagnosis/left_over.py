"""What carries on while something of its kind is gone: the uplink that a router still has."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeAlias

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.losses import told_of

if TYPE_CHECKING:
    from logcorr.diagnosis.scene import Scene
    from logcorr.rulebook.models import StateKind

#: One line to the provider has an interface of its own for version 6: wan6, wan_6, WAN_DHCP6.
_SIX: Final = re.compile(r"[_-]?6$")
#: Program and event: whose word it is, and of which layer (a port, a session, what is reached through it).
_Voice: TypeAlias = tuple[str | None, str]


@dataclass(frozen=True, slots=True, eq=False)
class _Thing:
    """What is told of one thing, in order of time."""

    times: list[datetime]
    ups: list[bool]
    voices: set[_Voice]

    def is_up(self, start: datetime, until: datetime) -> bool:
        """Whether it was told to be up before, and not to be down until then."""
        last = bisect_right(self.times, start)
        return last > 0 and all(self.ups[last - 1 : bisect_right(self.times, until)])


def stayed_up(losses: pl.DataFrame, scene: Scene) -> pl.Series:
    """Of each loss another thing of the kind on that machine that was up all the time (its name), if there is one.

    Both have to be told by one program in one event, for what two layers of one line tell, its port and the session
    over it, are no two lines.

    Args:
        losses: ``kind``, ``host``, ``object``, ``start``, ``until`` (of a loss that goes on the end of the log).
        scene: of the run.
    """
    kinds = {kind.id: kind for kind in scene.rules.states.values() if kind.instead}
    mine = losses.with_row_index("row").filter(pl.col("kind").is_in(list(kinds)) & pl.col("object").is_not_null())
    things = {name: _things(kinds[name], scene) for name in mine["kind"].unique()}
    names: list[str | None] = [None] * losses.height
    for row, kind, host, lost, start, until in mine.select("row", "kind", "host", "object", "start", "until").rows():
        known = things[kind][host]
        others = [name for name in known if _line(name) != _line(lost)][: weights.NEIGHBOURS]
        spoken = known[lost].voices
        left = (name for name in others if known[name].voices & spoken and known[name].is_up(start, until))
        names[row] = next(left, None)
    return pl.Series(names, dtype=pl.String)


def _line(name: str) -> str:
    return _SIX.sub("", name).lower()


def _things(kind: StateKind, scene: Scene) -> dict[str | None, dict[str, _Thing]]:
    """What is told of the things of a kind, by machine and name."""
    down, up = told_of(kind.lost, kind.where, kind, scene), told_of(kind.back, kind.back_where, kind, scene)
    told = pl.concat([down.with_columns(up=pl.lit(value=False)), up.with_columns(up=pl.lit(value=True))])
    named = told.drop_nulls("object").sort("time", "id", "up")
    events = (*kind.lost, *kind.back)
    voices = named.select("id").unique().join(scene.named(events).select("id", "program", "event"), on="id")
    by_record: dict[int, set[_Voice]] = defaultdict(set)
    for record, program, event in voices.rows():
        by_record[record].add((program, event))
    found: dict[str | None, dict[str, _Thing]] = defaultdict(dict)
    for record, host, thing, time, is_up in named.select("id", "host", "object", "time", "up").rows():
        known = found[host].setdefault(thing, _Thing([], [], set()))
        known.times.append(time)
        known.ups.append(is_up)
        known.voices.update(by_record[record])
    return found
