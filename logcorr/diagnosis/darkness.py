"""When a machine wrote nothing because it was off, asleep or held: between its last record before and its return.

A boot and a jump of the clock tell the end of a darkness. It begins with that machine's last record before the gap, and
where nothing of the machine is recorded before its boot, there is none: a machine that comes up for the first time was
not restarted.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC as ZULU
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from logcorr.diagnosis.judging import weights
from logcorr.schema import UTC

if TYPE_CHECKING:
    from logcorr.diagnosis.scene import Scene

#: One row a darkness; of a first boot ``start`` is null. ``due``: when the machine missed its next record, by how often
#: it writes: it was dark then at the latest. ``rows``: the lines that tell its end. ``up``: when it had come up.
DARKNESS: Final[dict[str, Any]] = {
    "host": pl.String,
    "start": UTC,
    "due": UTC,
    "end": UTC,
    "up": UTC,
    "rows": pl.List(pl.UInt32),
    "what": pl.String,  # "boot" | "router" (its boot) | "jump" | "sleep"
    "planned": pl.Boolean,  # a shutdown, a restart or a sleep was asked for, not forced by hot hardware
}

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=ZULU)
BOOTED, ROUTER_BOOTED, JUMPED, SLEPT = "host.booted", "router.booted", "time.jumped", "sleep.ended"
PAUSED, RESUMED = "guest.paused", "guest.resumed"
_ENDS: Final = {BOOTED: "boot", ROUTER_BOOTED: "router", JUMPED: "jump", SLEPT: "sleep"}


def find_darkness(scene: Scene) -> pl.DataFrame:
    """Every darkness of every machine as ``DARKNESS``, by its end."""
    told = scene.named(tuple(_ENDS)).filter(pl.col("trusted").fill_null(value=True)).drop_nulls("host")
    if told.is_empty():
        return pl.DataFrame(schema=DARKNESS)
    ends = told.with_columns(what=pl.col("event").replace_strict(_ENDS)).sort("host", "time", "id")
    again = (
        (pl.col("time").diff() < weights.ONE_BOOT)
        & (pl.col("host") == pl.col("host").shift())
        & (pl.col("what") == pl.col("what").shift())
    )
    ends = ends.filter(~again.fill_null(value=False))
    times = _times(ends["host"].unique().to_list(), scene)
    beats = _beats(scene)
    asked, failing = _at(("host.shutdown", "sleep.started"), scene), _at(("host.stalled", "host.panicked"), scene)
    forced = _at(("host.protected",), scene)
    found = [
        _darkness(host, end, row, what, times[host], asked, failing, forced, is_regular=host in beats)
        for host, end, row, what in ends.select("host", "time", "id", "what").rows()
    ]
    known = _held(pl.DataFrame([each for each in found if each], schema=DARKNESS, orient="row"), scene)
    one = known.group_by("host", "start", "end", maintain_order=True)
    whole = one.agg(pl.exclude("rows", "planned").first(), pl.col("rows").list.explode(), pl.col("planned").any())
    return whole.select(list(DARKNESS)).sort("end", "host")


def _held(known: pl.DataFrame, scene: Scene) -> pl.DataFrame:
    """A machine whose clock jumps when a hypervisor resumes a guest was dark since the hypervisor paused it."""
    told = scene.named((PAUSED, RESUMED)).filter(pl.col("trusted").fill_null(value=True)).sort("time", "id")
    begun = pl.when(pl.col("event") == PAUSED).then("time").forward_fill().over("host")
    held = told.with_columns(paused=begun).filter(pl.col("event") == RESUMED).select("paused", end="time")
    if held.is_empty() or known.is_empty():
        return known
    by_end = known.with_row_index("at").sort("end").with_columns(pl.col("end").cast(held.schema["end"]))
    near = by_end.join_asof(held.sort("end"), on="end", strategy="nearest", tolerance=weights.ONE_BOOT).sort("at")
    mine = (pl.col("what") == "jump") & pl.col("paused").is_between("start", "end")
    due = pl.when(mine).then("paused").otherwise("due")
    return near.with_columns(due=due).select(pl.col(name).cast(kind) for name, kind in DARKNESS.items())


def _times(hosts: list[str], scene: Scene) -> dict[str, npt.NDArray[np.int64]]:
    """The times of all records of some machines, in µs, in order."""
    said = scene.timeline.frame.lazy().select("host", "time").filter(pl.col("host").is_in(hosts)).collect()
    return {str(host): np.sort(part["time"].dt.timestamp("us").to_numpy()) for (host,), part in said.group_by("host")}


def _beats(scene: Scene) -> set[str]:
    """The machines of which more is recorded than what the kernel says: it may be silent for days while all is well."""
    said = scene.timeline.frame.lazy().filter(pl.col("program").ne_missing("kernel")).select("host")
    return {host for host in said.unique().collect()["host"] if host}


def _at(names: tuple[str, ...], scene: Scene) -> dict[str, list[datetime]]:
    """When each machine told one of these events: that it goes down or to sleep; that it stands still or crashes."""
    rows = scene.named(names).filter(pl.col("trusted").fill_null(value=True))
    return {str(host): part["time"].to_list() for (host,), part in rows.drop_nulls("host").group_by("host")}


def _darkness(
    host: str,
    told: datetime,
    row: int,
    what: str,
    times: npt.NDArray[np.int64],
    asked: dict[str, list[datetime]],
    failing: dict[str, list[datetime]],
    forced: dict[str, list[datetime]],
    *,
    is_regular: bool,
) -> tuple[Any, ...] | None:
    """The longest gap among the records before the line that tells the end; None where that line ends no gap."""
    at = int(told.timestamp() * 1_000_000)
    window = at - (weights.SETTLING if what in ("boot", "router") else weights.ONE_BOOT) // timedelta(microseconds=1)
    last = int(np.searchsorted(times, at, "left"))
    first = int(np.searchsorted(times, window, "left"))
    near = np.unique(np.append(times[max(first - 1, 0) : last], at))
    up = told + weights.SETTLING
    if first == 0:  # nothing of the machine is recorded before
        return (host, None, None, _time(int(near[0])), up, [row], what, True) if what == "boot" else None
    near = near[np.searchsorted(near, _went_down(asked.get(host, ()), near), "right") - 1 :]
    gap = int(np.argmax(np.diff(near))) if len(near) > 1 else 0
    start, end = _time(int(near[gap])), _time(int(near[min(gap + 1, len(near) - 1)]))
    meant = any(start - weights.GOING_DOWN <= each <= end for each in asked.get(host, ()))
    meant &= not any(start - weights.GOING_DOWN <= each <= end for each in forced.get(host, ()))
    pause = _usual_pause(times[: int(np.searchsorted(times, near[gap], "right"))])
    due = min(start + pause, end) if is_regular else end
    if any(start - weights.GOING_DOWN <= each <= start for each in failing.get(host, ())):
        due = start  # its last words tell that it stands still
    return host, start, due, end, up, [row], what, meant or what == "sleep"


def _went_down(asked: Iterable[datetime], near: npt.NDArray[np.int64]) -> int:
    """When, of these records' times, the machine last told that it goes down: it was up until then."""
    told = [int(each.timestamp() * 1_000_000) for each in asked]
    return max([int(near[0]), *(each for each in told if near[0] <= each < near[-1])])


def _usual_pause(times: npt.NDArray[np.int64]) -> timedelta:
    """The pause between two records that nine of ten do not exceed, of the last ones before a darkness."""
    pauses = np.diff(times[-weights.LAST_RECORDS :])
    return timedelta(microseconds=int(np.quantile(pauses, weights.USUAL_PAUSE, method="higher")) if len(pauses) else 0)


def _time(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
