"""``key=value`` lines (logfmt): Go's slog and logrus, and whatever else names its time."""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.parsers.engine.base import Sample
from logcorr.parsers.engine.dialect import Dialect
from logcorr.parsers.fields.levels import level
from logcorr.parsers.fields.moments import moment

_TIME: Final = (
    r"(?P<lead>(?:time|ts|timestamp|t|@timestamp)=(?:\"(?P<quoted>[^\"]{10,40})\"|(?P<bare>[0-9][^ \"]{9,40})))(?: |$)"
)
#: Pairs before the time: slog and others that sort them, or that begin with the logger.
_BEFORE: Final = r"(?P<before>(?:[A-Za-z_][A-Za-z0-9_.]*=(?:\"[^\"]*\"|[^\" ]*) ){1,8})"


def _value(name: str) -> pl.Expr:
    quoted = pl.col("message").str.extract(rf'(?:^| ){name}="((?:[^"\\]|\\.)*)"')
    bare = pl.col("message").str.extract(rf'(?:^| ){name}=([^" ][^ ]*)')
    return pl.coalesce(quoted.str.replace_all(r"\"", '"', literal=True), bare)


def _columns(frame: pl.DataFrame) -> pl.DataFrame:
    """The message stays whole, as its other pairs are often what matters."""
    if "before" in frame.columns:
        frame = frame.with_columns(message=pl.col("before") + pl.col("message"))
    time = frame.select(pl.coalesce("quoted", "bare")).to_series()
    return frame.with_columns(moment(time).get_columns()).with_columns(
        priority=level(pl.coalesce(_value("level"), _value("lvl"))),
        program=pl.coalesce(_value("app"), _value("service"), _value("component")),
        host=pl.coalesce(_value("host"), _value("hostname")),
        pid=_value("pid").cast(pl.Int64, strict=False),
    )


KEY_VALUE = Dialect(
    "key-value", "key=value lines", (_TIME, f"{_BEFORE}{_TIME}"), _columns, weight=0.9,
    samples=(
        Sample('time="2025-11-04T04:00:45.123+01:00" level=warning msg="probe failed" app=monitor pid=7\n'
               "ts=1762225245.5 level=info msg=ok\n",
               {"stamp": ["2025-11-04T03:00:45.123", "2025-11-04T03:00:45.5"], "stamp_kind": "utc", "priority": [4, 6],
                "program": ["monitor", None], "pid": [7, None],
                "message": ['level=warning msg="probe failed" app=monitor pid=7', "level=info msg=ok"]}),
        Sample('logger=context userId=0 uname= t=2025-11-04T04:00:45.366875297+01:00 level=error msg="no answer"\n',
               {"stamp": "2025-11-04T03:00:45.366875", "stamp_kind": "utc", "priority": 3,
                "message": 'logger=context userId=0 uname= level=error msg="no answer"'}),
        Sample('timestamp="2025-11-04 03:00:45" host=gw1 msg="uplink lost"\n',
               {"stamp": "2025-11-04T03:00:45", "stamp_kind": "local", "host": "gw1"}),
    ),
)  # fmt: skip
