"""What logging libraries print to a terminal: time, level, and a place in the source, in columns of their own.

Their level stands where a syslog line has its host. Sources: zerolog (console.go), zap (console encoder), logrus
(text_formatter.go), Rust's tracing-subscriber and env_logger, hclog, Serilog (output templates), Ruby's logger.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.parsers.engine.base import Sample
from logcorr.parsers.engine.dialect import Dialect
from logcorr.parsers.fields import date_parts, stamps
from logcorr.parsers.fields.levels import level
from logcorr.parsers.fields.syslog_parts import CLOCK, FRACTION, iso_time, kernel_uptime

_ISO: Final = (
    rf"(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[T ]{CLOCK}{FRACTION}) ?(?P<zone>Z|UTC|[+-][0-9]{{2}}:?[0-9]{{2}})?"
)
_SHORT: Final = r"(?P<level>TRC|DBG|INF|WRN|ERR|FTL|PNC|VRB)"
_WORD: Final = r"(?P<level>(?i:trace|debug|info|warn|warning|error|dpanic|panic|fatal))"
_LOGRUS: Final = rf"(?P<level>TRAC|DEBU|INFO|WARN|ERRO|FATA|PANI)[A-Z]*\[{_ISO}\] +"
_ZEROLOG: Final = rf"{_ISO} \[?{_SHORT}\]?(?: |$)"
_KITCHEN: Final = rf"(?P<clock>[0-9]{{1,2}}:[0-9]{{2}})(?P<half>[AP]M) {_SHORT} "
_SERILOG: Final = rf"\[(?P<clock>{CLOCK}) {_SHORT}\] "
_ZAP: Final = rf"{_ISO}\t{_WORD}\t"
_ZAP_EPOCH: Final = rf"(?P<seconds>1[0-9]{{9}})\.(?P<fraction>[0-9]{{1,9}})\t{_WORD}\t"
#: Rust's paths, and Go's and Java's names, with a colon behind them: who logs.
_TARGET: Final = r"(?:(?P<program>[A-Za-z_][A-Za-z0-9_]*(?:(?:::|\.)[A-Za-z0-9_-]+)*): )"
_TRACING: Final = rf"{_ISO} +(?P<level>TRACE|DEBUG|INFO|WARN|ERROR) {_TARGET}"
_ENV_LOGGER: Final = rf"\[{_ISO} +(?P<level>TRACE|DEBUG|INFO|WARN|ERROR) +(?P<program>[a-z_][\w:]*)\] "
_HCLOG: Final = rf"{_ISO} \[(?P<level>TRACE|DEBUG|INFO|WARN|ERROR)\] +{_TARGET}"
_RUBY: Final = rf"[DIWEFA], \[{_ISO} ?#(?P<pid>[0-9]+)\] +(?P<level>[A-Z]+) -- (?:(?P<program>[^: ][^:]*))?: "


def _columns(frame: pl.DataFrame) -> pl.DataFrame:
    """Tabs between the columns that are left become blanks, as the columns have no width of their own."""
    pid = [pl.col("pid").cast(pl.Int64, strict=False)] if "pid" in frame.columns else []
    text = pl.col("message").str.replace_all("\t", " ", literal=True)
    return kernel_uptime(_timed(frame).with_columns(*pid, priority=level(pl.col("level")), message=text))


def _timed(frame: pl.DataFrame) -> pl.DataFrame:
    if "date" in frame.columns:
        return iso_time(frame.with_columns(pl.col("date").str.replace("T", " ", literal=True)), stamps.ISO[1:])
    if "seconds" in frame.columns:
        return frame.with_columns(
            stamp=stamps.epoch(frame["seconds"], frame["fraction"]),
            stamp_kind=pl.lit("utc"),
            resolution=stamps.resolution(frame["fraction"]),
        )
    step = 1_000_000
    if "half" in frame.columns:
        frame, step = frame.with_columns(pl.col("clock") + ":00"), 60_000_000
    return frame.with_columns(
        stamp=date_parts.of_day(frame), stamp_kind=pl.lit("timeofday"), resolution=pl.lit(step, pl.Int64)
    )


CONSOLE = Dialect(
    "console", "a logging library's console output",
    (_ZAP, _ZEROLOG, _LOGRUS, _TRACING, _HCLOG, _ENV_LOGGER, _RUBY, _SERILOG, _KITCHEN, _ZAP_EPOCH), _columns,
    weight=0.93, narrow=True,
    samples=(
        Sample("2025-11-04T03:00:45.856Z\terror\tinternal/queue_sender.go:128\tExporting failed.\tno route\n"
               '2025-11-04T04:00:46.856+0100\tinfo\tMetrics\t{"a": "debug"}\n',
               {"stamp": ["2025-11-04T03:00:45.856", "2025-11-04T03:00:46.856"], "stamp_kind": "utc", "host": None,
                "priority": [3, 6], "program": None,
                "message": ["internal/queue_sender.go:128 Exporting failed. no route", 'Metrics {"a": "debug"}']}),
        Sample("2025-11-04T03:00:45Z INF GOOS: linux, GOVersion: go1.24.6\n2025-11-04T03:00:46Z ERR No answer ip=x\n",
               {"stamp": ["2025-11-04T03:00:45", "2025-11-04T03:00:46"], "stamp_kind": "utc", "priority": [6, 3],
                "host": None, "program": None,
                "message": ["GOOS: linux, GOVersion: go1.24.6", "No answer ip=x"]}),
        Sample("INFO[2025-11-04T04:00:45.384342038+01:00] Starting agent\n"
               "ERRO[2025-11-04T03:00:46Z] dial: i/o timeout\n",
               {"stamp": ["2025-11-04T03:00:45.384342", "2025-11-04T03:00:46"], "stamp_kind": "utc",
                "priority": [6, 3], "message": ["Starting agent", "dial: i/o timeout"]}),
        Sample("2025-11-04T03:00:45.467123Z  WARN edge::net: link is down\n"
               "2025-11-04T03:00:46.467Z [WARN]  agent.server.raft: heartbeat timeout reached\n"
               "[2025-11-04T03:00:47Z ERROR edge::net] link is down\n"
               "E, [2025-11-04T03:00:48.467123 #123] ERROR -- sidekiq: no route\n",
               {"program": ["edge::net", "agent.server.raft", "edge::net", "sidekiq"], "priority": [4, 4, 3, 3],
                "message": ["link is down", "heartbeat timeout reached", "link is down", "no route"],
                "pid": [None, None, None, 123]}),
        Sample("9:15PM INF up\n[21:15:29 ERR] down\n1762225245.25\terror\tno route\n",
               {"stamp": ["1972-01-01T21:15:00", "1972-01-01T21:15:29", "2025-11-04T03:00:45.25"],
                "stamp_kind": ["timeofday", "timeofday", "utc"], "priority": [6, 3, 3],
                "message": ["up", "down", "no route"]}),
    ),
)  # fmt: skip
