"""``dmesg -e`` (and ``-H``): a date to the minute, then seconds since the line before (util-linux: sys-utils/dmesg.c).

The minute is printed when it changes; what follows counts from the line before, so the seconds within the first minute
stay open. The year is not printed.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.parsers.engine.base import LEFT, NO_ROWS, RECORD, LineMatches, Sample, Turn, records
from logcorr.parsers.engine.dialect import placed, text_cut
from logcorr.parsers.engine.head import Head, share
from logcorr.parsers.engine.lines import Lines, split
from logcorr.parsers.fields import stamps
from logcorr.parsers.fields.levels import level

_DECODED: Final = r"(?:[a-z0-9]+ *:(?P<level>[a-z]+) *: )?"
_HEADER: Final = (
    rf"{_DECODED}\[(?:(?P<month>[A-Z][a-z]{{2}}) ?(?P<day>[ 0-3]?[0-9]) (?P<clock>[0-2][0-9]:[0-5][0-9])"
    r"|[ <]*\+(?P<seconds>[0-9]{1,9})\.(?P<micros>[0-9]{6})>?)\] ?"
)
_DAY: Final = rf"{_DECODED}\[[A-Z][a-z]{{2}} ?[ 0-3]?[0-9] [0-2][0-9]:[0-5][0-9]\] "
_SECOND: Final = 1_000_000
_MINUTE: Final = 60 * _SECOND


@dataclass(frozen=True, slots=True)
class DmesgRelative:
    """The ``LineParser`` of lines whose time is the difference to the line before."""

    id: str
    title: str
    samples: tuple[Sample, ...]
    headers: tuple[str, ...] = (_HEADER,)
    turn: Turn = Turn.EXACT

    def sniff(self, head: Head) -> float:
        """The share of lines that carry the header, where one of them has a date."""
        dated = pl.Series(head.lines).str.contains(f"^{_DAY}").any()
        return 0.95 * share(self.headers, head) if dated else 0.0

    def take(self, lines: Lines) -> LineMatches:
        """The records from the first one with a date on."""
        role = np.full(len(lines), LEFT, np.uint8)
        dated = lines.text.str.contains(f"^{_DAY}")
        if not dated.any():
            return LineMatches(NO_ROWS, role)
        mine = lines.text.str.contains(f"^{_HEADER}") & (dated.cast(pl.UInt8).cum_max() == 1)
        at = np.flatnonzero(mine.to_numpy())
        text = lines.text.filter(mine)
        found = text.str.extract_groups(f"^{_HEADER}").struct.unnest()
        stamp = stamps.yearless(found.select(pl.format("{} {} {}:00", "month", pl.col("day").str.zfill(2), "clock"))
                                .to_series())  # fmt: skip
        late = stamps.epoch(found["seconds"], found["micros"]).cast(pl.Int64).fill_null(0)
        frame = found.with_columns(
            stamp=stamp, late=late, at=pl.Series(at), message=text.str.replace(f"^{_HEADER}", "")
        )
        since = pl.col("late").cum_sum().over(pl.col("stamp").is_not_null().cum_sum())
        frame = frame.with_columns(
            stamp=pl.col("stamp").forward_fill() + pl.duration(microseconds=since),
            stamp_kind=pl.lit("yearless"),
            resolution=pl.lit(_MINUTE, pl.Int64),
            program=pl.lit("kernel"),
            priority=level(pl.col("level")),
        ).filter(pl.col("stamp").is_not_null())
        role[frame["at"].to_numpy()] = RECORD
        return LineMatches(records(placed(frame, lines)), role)

    def cut(self, data: bytes) -> int:
        """Before the last line with a date; the lines after it count from it."""
        return _last_date(data) or text_cut(data)


def _last_date(data: bytes) -> int:
    lines = split(data)
    found = np.flatnonzero(lines.text.str.contains(f"^{_DAY}").to_numpy())
    return int(lines.start[found[-1]]) if len(found) else 0


DMESG_RELATIVE = DmesgRelative(
    "dmesg-relative", "dmesg -e",
    (
        Sample("[Nov 4 03:00] ena 0000:00:05.0 eth0: Found a Tx that wasn't completed on time, qid 2.\n"
               "[  +0.004871] ena 0000:00:05.0 eth0: Trigger reset is on\n"
               "[  +1.000000] ena 0000:00:05.0 eth0: Resetting\n[Nov 4 03:02] ena 0000:00:05.0 eth0: Reset done\n",
               {"stamp": ["1972-11-04T03:00:00", "1972-11-04T03:00:00.004871", "1972-11-04T03:00:01.004871",
                          "1972-11-04T03:02:00"], "stamp_kind": "yearless", "resolution": 60_000_000,
                "program": "kernel",
                "message": ["ena 0000:00:05.0 eth0: Found a Tx that wasn't completed on time, qid 2.",
                            "ena 0000:00:05.0 eth0: Trigger reset is on", "ena 0000:00:05.0 eth0: Resetting",
                            "ena 0000:00:05.0 eth0: Reset done"]}),
        Sample("kern  :err   : [Nov14 03:00] eth0: Link is Down\nkern  :info  : [  +0.250000] eth0: Link is Up\n",
               {"stamp": ["1972-11-14T03:00:00", "1972-11-14T03:00:00.25"], "priority": [3, 6],
                "message": ["eth0: Link is Down", "eth0: Link is Up"]}),
        Sample("[Nov14 03:00] eth0: Link is Down\n[  +0.000003]    indented text\n",
               {"message": ["eth0: Link is Down", "   indented text"]}),
    ),
)  # fmt: skip
