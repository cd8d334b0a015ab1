"""HPE and Aruba switches with AOS-S (ProCurve): the event log as ``show logging`` prints it.

Management and Configuration Guide, "Using the event log": severity, date (month first), time, number, module, message.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.parsers.engine.base import Sample
from logcorr.parsers.engine.dialect import Dialect
from logcorr.parsers.fields import stamps

_HEADER: Final = (
    r"(?P<level>[IWMD]) (?P<date>[01][0-9]/[0-3][0-9]/[0-9]{2} [0-2][0-9]:[0-5][0-9]:[0-5][0-9]) "
    r"(?P<lead>[0-9]{5} (?:ST[0-9]+-[A-Z]+: )?[A-Za-z][\w-]*: )"
)
#: Information, warning, major and debug, as levels of syslog.
_LEVELS: Final = {"I": 6, "W": 4, "M": 3, "D": 7}


def _columns(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        stamp=stamps.wall(frame["date"], ("%m/%d/%y %H:%M:%S",)),
        stamp_kind=pl.lit("local"),
        program=pl.lit("procurve"),
        priority=pl.col("level").replace_strict(_LEVELS, return_dtype=pl.UInt8),
        message=pl.col("lead") + pl.col("message"),
    )


PROCURVE = Dialect(
    "procurve", "HPE and Aruba switches (AOS-S, ProCurve)", (_HEADER,), _columns,
    weight=0.97, narrow=True, origin="device",
    samples=(
        Sample("I 03/04/26 09:00:00 00077 ports: port 14 is now off-line\n"
               "I 03/04/26 09:00:30 00076 ports: port 14 is now on-line\n",
               {"stamp": ["2026-03-04T09:00:00", "2026-03-04T09:00:30"], "stamp_kind": "local", "program": "procurve",
                "priority": 6,
                "message": ["00077 ports: port 14 is now off-line", "00076 ports: port 14 is now on-line"]}),
        Sample("W 11/12/25 23:59:59 00329 FFI: port 24-Excessive CRC/alignment errors\n",
               {"stamp": "2025-11-12T23:59:59", "stamp_kind": "local", "program": "procurve", "priority": 4,
                "message": "00329 FFI: port 24-Excessive CRC/alignment errors"}),
        Sample("M 01/01/90 00:00:07 00062 ST1-CMDR: system: System went down without saving crash information\n",
               {"stamp": "1990-01-01T00:00:07", "stamp_kind": "local", "program": "procurve", "priority": 3,
                "message": "00062 ST1-CMDR: system: System went down without saving crash information"}),
    ),
)  # fmt: skip
