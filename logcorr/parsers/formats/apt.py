"""apt's history.log: what was installed and upgraded, and when (apt: apt-pkg/deb/dpkgpm.cc, ``WriteHistory``).

An entry goes from ``Start-Date`` to ``End-Date``, both in local time; the lines between say what was done.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.parsers.engine.base import CONTINUATION, LEFT, NO_ROWS, RECORD, LineMatches, Sample, Turn, records
from logcorr.parsers.engine.dialect import placed
from logcorr.parsers.engine.head import Head, share
from logcorr.parsers.engine.lines import Lines
from logcorr.parsers.fields import stamps

_DATE: Final = (
    r"(?P<side>Start|End)-Date: (?P<date>[12][0-9]{3}-[01][0-9]-[0-3][0-9]) {1,2}"
    r"(?P<clock>[0-2][0-9]:[0-5][0-9]:[0-6][0-9])\s*$"
)
_SAYS: Final = r"^(?:Commandline|Requested-By|Comment|Install|Upgrade|Downgrade|Reinstall|Remove|Purge|Error): "
_START: Final = b"Start-Date: "


@dataclass(frozen=True, slots=True)
class AptHistory:
    """The ``LineParser`` of apt's history."""

    id: str
    title: str
    samples: tuple[Sample, ...]
    headers: tuple[str, ...] = (_DATE,)
    turn: Turn = Turn.EXACT

    def sniff(self, head: Head) -> float:
        """Beyond doubt where entries begin."""
        return 0.95 if share(self.headers, head) else 0.0

    def take(self, lines: Lines) -> LineMatches:
        """The begin of an entry with what it did, and its end."""
        role = np.full(len(lines), LEFT, np.uint8)
        dated = lines.text.str.contains(f"^{_DATE}")
        if not dated.any():
            return LineMatches(NO_ROWS, role)
        said = lines.text.str.contains(_SAYS)
        frame = pl.DataFrame({"at": np.arange(len(lines)), "text": lines.text, "dated": dated, "said": said})
        frame = frame.with_columns(entry=pl.col("dated").cum_sum()).filter(pl.col("dated") | pl.col("said"))
        frame = frame.filter(pl.col("entry") > 0)
        told = frame.filter("said").group_by("entry", maintain_order=True).agg(pl.col("text").str.join("; "))
        heads = frame.filter("dated").drop("said", "dated")
        found = heads["text"].str.extract_groups(f"^{_DATE}").struct.unnest()
        rows = pl.concat([heads.drop("text"), found], how="horizontal").join(
            told, on="entry", how="left", maintain_order="left"
        )
        wall = stamps.wall(rows.select(pl.format("{} {}", "date", "clock")).to_series(), ("%Y-%m-%d %H:%M:%S",))
        word = pl.when(pl.col("side") == "Start").then(pl.lit("begins")).otherwise(pl.lit("ends"))
        rows = rows.with_columns(
            stamp=wall,
            stamp_kind=pl.lit("local"),
            resolution=pl.lit(1_000_000),
            program=pl.lit("apt"),
            message=pl.concat_str(word, pl.col("text"), separator=": ", ignore_nulls=True),
        ).filter(pl.col("stamp").is_not_null())
        role[frame.filter("said")["at"].to_numpy()] = CONTINUATION
        role[rows["at"].to_numpy()] = RECORD
        return LineMatches(records(placed(rows, lines)), role)

    def cut(self, data: bytes) -> int:
        """Before the last entry."""
        return data.rfind(b"\n" + _START) + 1


_ONE: Final = "Start-Date: 2026-03-14  06:15:29\n"
APT_HISTORY: Final = AptHistory(
    "apt-history", "apt's history.log",
    (
        Sample(_ONE + "Commandline: /usr/bin/unattended-upgrade\nUpgrade: systemd:amd64 (252.30-1, 252.31-1)\n"
               "End-Date: 2026-03-14  06:15:59\n\n",
               {"stamp": ["2026-03-14T06:15:29", "2026-03-14T06:15:59"], "stamp_kind": "local", "program": "apt",
                "line": [1, 4], "message": [
                    "begins: Commandline: /usr/bin/unattended-upgrade; Upgrade: systemd:amd64 (252.30-1, 252.31-1)",
                    "ends"]}),
        Sample(_ONE + "Remove: ifupdown:amd64 (0.8.41)\nError: Sub-process dpkg returned an error code (1)\n"
               "End-Date: 2026-03-14  06:15:30\n",
               {"message": [
                   "begins: Remove: ifupdown:amd64 (0.8.41); Error: Sub-process dpkg returned an error code (1)",
                   "ends"]}),
        Sample("Start-Date: 2026-03-14 06:15:29\nInstall: frr:amd64 (8.4.4-1)\n",
               {"stamp": "2026-03-14T06:15:29", "message": "begins: Install: frr:amd64 (8.4.4-1)"}),
    ),
)  # fmt: skip
