"""Records that a local-time source shares with sources that know UTC: how far apart are their clocks?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
import polars as pl

from logcorr.timeline.arrays import Codes, Rows, RowSet, as_rows
from logcorr.timeline.dating.file_hosts import Workings, name_number, offset_by_workings
from logcorr.timeline.dating.hosts import stem
from logcorr.timeline.tracks.track import UTC_KIND, Track
from logcorr.times.micros import HOUR, NULL, Bools, Ints

#: Lines (positions among those asked for), local minus UTC time at each (µs), which of them two machines may both have
#: written on the same beat, and in words what was compared.
Shared: TypeAlias = tuple[Rows, Ints, Bools, str]

_REACH: Final = 15 * HOUR  # no zone is farther from UTC


class Reference:
    """What the sources in UTC say that nothing else says, and when. Made on first use: most runs do not need it."""

    def __init__(self, tracks: Sequence[Track], named: Sequence[bool]) -> None:
        """``named`` says which tracks name their host themselves."""
        self._tracks = tracks
        self._named = {id(track) for track, names in zip(tracks, named, strict=True) if names}
        self._texts: pl.DataFrame | None = None
        self._anchors: pl.DataFrame | None = None
        self._workings: Workings | None = None

    def differences(self, track: Track, wall: Ints, lines: RowSet) -> Shared | None:
        """Local minus UTC time at the lines that the sources in UTC know too; None: there are none.

        What two machines both say in the same words is not one event: both run the same software, each by its own
        timers. A text counts only where it may be one machine's.
        """
        if self._texts is None or self._anchors is None:
            self._texts, self._anchors = self._make()
        if self._texts.is_empty() and self._anchors.is_empty():
            return None
        rows = as_rows(lines)
        position = pl.Series("at", np.arange(len(rows)))
        local = pl.DataFrame(
            {"at": position, "digest": track.digest[rows], "wall": wall[rows], "host": self._hosts(track, rows)}
        )
        by_text = (
            _once(local, "digest")
            .join(self._texts, on="digest", suffix="_utc")
            .filter((pl.col("host") == pl.col("host_utc")) | (pl.min_horizontal("host", "host_utc") < 0))
            .select("at", "wall", "time", beat=pl.min_horizontal("host", "host_utc") < 0)
        )
        anchored = pl.DataFrame({"row": rows, "at": position, "wall": wall[rows]}).join(track.anchors, on="row")
        # an address may stand in what a job says, but no two flows start from one port
        by_anchor = (
            _once(anchored, "key")
            .join(self._anchors, on="key")
            .select("at", "wall", "time", beat=pl.col("starter").is_null())
        )
        found = (
            pl.concat([by_text, by_anchor])
            .filter((pl.col("wall") - pl.col("time")).abs() <= _REACH)
            .sort("at", "beat", maintain_order=True)
            .unique("at", keep="first", maintain_order=True)
        )
        if found.is_empty():
            return None
        return (
            found["at"].to_numpy(),
            (found["wall"] - found["time"]).to_numpy(),
            found["beat"].to_numpy(),
            "records that sources with known zone have too",
        )

    def workings(self, track: Track, wall: Ints, lines: RowSet) -> Shared | None:
        """The same at lines that fall together with what a journal says of the unit that the file is named after."""
        name = stem(track.path)
        if self._workings is None:
            self._workings = Workings.of(self._tracks)
        seen = self._workings.time[self._workings.named(name_number(name))]
        seen = np.sort(seen[seen != NULL])
        found = offset_by_workings(wall[lines], seen, int(track.resolution.max(initial=1)))
        if found is None:
            return None
        at, difference = found
        beat = np.ones(len(at), dtype=np.bool_)
        return at, difference, beat, f"lines that fall together with what a journal says of {name}"

    def _hosts(self, track: Track, rows: Rows) -> Codes:
        """Whose the lines are, by their own words; -1 where they do not say."""
        return track.host[rows] if id(track) in self._named else np.full(len(rows), -1, dtype=np.int32)

    def _make(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        texts, anchors = [], []
        for track in self._tracks:
            utc = np.flatnonzero((track.kind == UTC_KIND) & (track.stamp != NULL))
            if utc.size:
                columns = {"digest": track.digest[utc], "time": track.stamp[utc], "host": self._hosts(track, utc)}
                texts.append(pl.DataFrame(columns))
                frame = pl.DataFrame({"row": utc, "time": track.stamp[utc]})
                anchors.append(track.anchors.join(frame, on="row").select("key", "time"))
        if not texts:
            return pl.DataFrame(), pl.DataFrame()
        return _once(pl.concat(texts), "digest"), _once(pl.concat(anchors), "key")


def _once(frame: pl.DataFrame, key: str) -> pl.DataFrame:
    """The rows whose key no other row has."""
    return frame.filter(pl.col(key).is_unique())
