"""The last resort: lines whose time stands somewhere in the middle, behind what is theirs alone.

Such a format is asked only where no other fits the head of an input, as a date in a text may be that of anything.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.parsers.engine.base import LAST_FIT, Sample
from logcorr.parsers.engine.dialect import Dialect
from logcorr.parsers.fields import date_parts, stamps
from logcorr.parsers.fields.date_parts import CLOCK, NUMBERS
from logcorr.parsers.fields.months import MONTH
from logcorr.parsers.formats.generic import ZONE, finish

_LEAD: Final = r"(?P<before>[^\n]{1,160}?[\s\[(<>=|\"',:;-])"
_ISO: Final = rf"{_LEAD}(?P<year>[12][0-9]{{3}})[-/.](?P<mon>[01][0-9])[-/.](?P<day>[0-3][0-9])[T _-]{CLOCK}{ZONE}"
_COMMON: Final = rf"{_LEAD}(?P<day>[0-3]?[0-9])/(?P<month>{MONTH})/(?P<year>[12][0-9]{{3}})[: ]{CLOCK} ?{ZONE}"
_CTIME: Final = (
    rf"{_LEAD}[A-Z][a-z]{{2}} (?P<month>[A-Z][a-z]{{2}}) (?P<day>[ 0-3]?[0-9]) {CLOCK} (?P<year>[12][0-9]{{3}})"
)
_RFC2822: Final = (
    rf"{_LEAD}(?:[A-Z][a-z]{{2}}, )?(?P<day>[0-3]?[0-9]) (?P<month>[A-Z][a-z]{{2}}) (?P<year>[12][0-9]{{3}}) "
    rf"{CLOCK}{ZONE}"
)
#: Seconds since the epoch with their date behind them, as supercomputers' logs have them.
_EPOCH: Final = (
    r"(?P<before>[^\n]{1,40}? )(?P<seconds>1[0-9]{9})(?P<fraction>[.][0-9]{1,9})? "
    r"[12][0-9]{3}\.[01][0-9]\.[0-3][0-9] "
)
_NUMERIC: Final = rf"{_LEAD}{NUMBERS}(?: |, | - ){CLOCK}{ZONE}"
_END: Final = r"[\])>]?[ \t|:;,-]*"


def _columns(frame: pl.DataFrame) -> pl.DataFrame:
    """The message is the line without its time."""
    frame = frame.with_columns(message=pl.col("before").str.strip_chars_end() + " " + pl.col("message"))
    if "seconds" in frame.columns:
        return finish(frame, stamps.epoch(frame["seconds"], frame["fraction"].str.strip_prefix(".")), kind="utc")
    if "a" in frame.columns:
        wall, either = date_parts.numeric(frame)
        return finish(frame, wall).with_columns(either=either)
    if "mon" in frame.columns:
        names = pl.Series(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"])
        number = frame["mon"].cast(pl.Int64) - 1
        frame = frame.with_columns(
            month=names.gather(pl.select(pl.when(number.is_between(0, 11)).then(number)).to_series())
        )
    day = pl.col("day").str.strip_chars()
    zone = [] if "zone" in frame.columns else [pl.lit(None, pl.String).alias("zone")]
    frame = frame.with_columns(day, *zone)
    return finish(frame, date_parts.named(frame))


EMBEDDED = Dialect(
    "time-embedded", "lines with a date and time in the middle",
    tuple(f"{header}{_END}" for header in (_ISO, _COMMON, _CTIME, _RFC2822, _NUMERIC, _EPOCH)), _columns,
    weight=LAST_FIT, alone=True, indented=True,
    samples=(
        Sample("78017 00cff -- none -- - 2025-11-04T03:00:45+00:00 WARN (4): no answer\n",
               {"stamp": "2025-11-04T03:00:45", "stamp_kind": "utc",
                "message": "78017 00cff -- none -- - WARN (4): no answer"}),
        Sample('<co ts="2025-11-04T03:00:45.94" pi="72a9" mi="Bad password"/>\n',
               {"stamp": "2025-11-04T03:00:45.94", "stamp_kind": "local", "resolution": 10_000}),
        Sample("[pid: 31|app: 0] 192.0.2.1 () [Tue Nov  4 03:00:45 2025] GET /health\n",
               {"stamp": "2025-11-04T03:00:45", "message": "[pid: 31|app: 0] 192.0.2.1 () [ GET /health"}),
        Sample(" [BACKEND][2025-11-04 03:00:45] 192.0.2.1 GET /health\n", {"stamp": "2025-11-04T03:00:45"}),
        Sample("Auth: [SMB2,(null)] user [x] at [Tue, 04 Nov 2025 03:00:45.250000 UTC] with [NTLMv2]\n",
               {"stamp": "2025-11-04T03:00:45.25", "stamp_kind": "utc"}),
        Sample("- 1762225245 2025.11.04 R02-M1 Nov 4 03:00:45 R02-M1/R02-M1 crond[7]: session closed\n",
               {"stamp": "2025-11-04T03:00:45", "stamp_kind": "utc",
                "message": "- R02-M1 Nov 4 03:00:45 R02-M1/R02-M1 crond[7]: session closed"}),
        Sample("L 11/04/2025 - 03:00:45: no answer\nL 11/14/2025 - 03:00:45: no answer\n",
               {"stamp": ["2025-11-04T03:00:45", "2025-11-14T03:00:45"], "message": "L no answer"}),
    ),
)  # fmt: skip
