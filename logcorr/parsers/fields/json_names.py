"""Which name of a JSON object holds what, for loggers, log stores and shippers alike.

A value may be an object itself: ``"host": {"name": ...}`` (Elastic Common Schema), ``"fields": {"message": ...}``
(Rust's tracing), ``"error": {"message": ...}``. Such are given as name and path.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from logcorr.parsers.fields.levels import level
from logcorr.parsers.fields.moments import moment

Path = str | tuple[str, str]  # a name, or a name and a JSON path within its object

TIMES: Final = (
    "time", "timestamp", "@timestamp", "ts", "datetime", "date", "t", "eventTime", "asctime", "Timestamp", "Time", "@t",
    "_time", "TimeGenerated", "eventTimestamp", "time_iso8601", "time_local", "start_time", "log_time", "EventTime",
    "requestReceivedTimestamp", "lastTimestamp", "receiveTimestamp", "timeUnixNano", "observedTimeUnixNano", "msec",
    "created_at", "createdAt", "logged_at", "UtcTime", "EdgeStartTimestamp",
    "EdgeEndTimestamp", "Datetime", "eventtime", "event_time",
)  # fmt: skip
_MESSAGES: Final[tuple[Path, ...]] = (
    "message", "msg", "log", "MESSAGE", "Message", "event", "description", "text", "short_message", "_msg", "line",
    "body", "textPayload", "@message", "@m", "_raw", "SyslogMessage", "RenderedDescription", "note", "full_message",
    "RawData",
    ("fields", "$.message"), ("jsonPayload", "$.message"), ("jsonPayload", "$.msg"), ("jsonPayload", "$.MESSAGE"),
    ("data", "$.message"), ("record", "$.message"), ("properties", "$.message"), ("properties", "$.log"), "@mt",
)  # fmt: skip
#: What went wrong, beside a message that may say nothing.
_ERRORS: Final[tuple[Path, ...]] = (
    "error", "err", "exception", "error.message", "exc_info", "Exception", "@x", "errorMessage", "error_message",
    "stack_trace", "cause", ("fields", "$.error"), ("fields", "$.err"), ("jsonPayload", "$.error"), ("attr", "$.error"),
    ("attributes", "$['exception.message']"),
)  # fmt: skip
LEVELS: Final[tuple[Path, ...]] = (
    "level", "severity", "lvl", "levelname", "log.level", "priority", "Level", "@l", "s", "@level", "severity_text",
    "severityText", "SeverityLevel", "loglevel", "PRIORITY", ("log", "$.level"),
)  # fmt: skip
_PROGRAMS: Final[tuple[Path, ...]] = (
    "program", "app", "service", "SYSLOG_IDENTIFIER", "syslog_identifier", "logger", "name", "component",
    "process.name", "service.name", "application_name", "_application_name", "appname", "ProcessName", "SourceSystem",
    ("process", "$.name"), ("service", "$.name"),
    ("winlog", "$.provider_name"), ("syslog", "$.appname"), ("log", "$.syslog.appname"),
    ("jsonPayload", "$.SYSLOG_IDENTIFIER"), ("systemd", "$.unit"), "target", "@module",
    ("labels", "$.syslog_identifier"), ("labels", "$.app"), ("labels", "$.service_name"),
)  # fmt: skip
_HOSTS: Final[tuple[Path, ...]] = (
    "hostname", "host", "_HOSTNAME", "host.name", "Controller", "node", "nodename", "node_name", "Computer", "HostName",
    ("host", "$.name"), ("host", "$.hostname"),
    ("winlog", "$.computer_name"), "logsource", ("jsonPayload", "$._HOSTNAME"),
    ("kubernetes", "$.pod_name"), ("kubernetes", "$.pod.name"), ("agent", "$.hostname"), ("agent", "$.name"),
    ("beat", "$.hostname"), ("labels", "$.host"), ("labels", "$.hostname"), ("labels", "$.nodename"),
    ("labels", "$.node_name"), ("labels", "$.instance"), ("labels", "$.pod"), ("labels", "$['k8s-pod/app']"),
    ("labels", "$['compute.googleapis.com/resource_name']"), ("resource", "$.labels.node_name"),
    ("resource", "$.labels.pod_name"), ("resource", "$.labels.instance_id"),
)  # fmt: skip
_PIDS: Final[tuple[Path, ...]] = (
    "pid", "process_id", "_PID", "process.pid", "ProcessID", ("process", "$.pid"), ("process", "$.id"),
)  # fmt: skip
_UNITS: Final[tuple[Path, ...]] = (
    "unit", "_SYSTEMD_UNIT", "systemd_unit", ("systemd", "$.unit"), ("labels", "$.unit"), ("labels", "$.systemd_unit"),
    ("labels", "$._SYSTEMD_UNIT"),
)  # fmt: skip
#: Who printed the line, where a container's log was shipped, and by which of its streams.
_CONTAINERS: Final[tuple[Path, ...]] = (
    "container_name", "container", "CONTAINER_NAME", "kubernetes.container_name", "container.name", "_container_name",
    ("container", "$.name"), ("kubernetes", "$.container_name"), ("kubernetes", "$.container.name"),
    ("labels", "$.container"), ("resource", "$.labels.container_name"),
)  # fmt: skip
_STREAM: Final = "stream"
#: Times that lie deeper: MongoDB's, Kubernetes'.
_DEEP_TIMES: Final[tuple[Path, ...]] = (
    ("t", "$['$date']"),
    ("metadata", "$.creationTimestamp"),
    ("event", "$.created"),
    ("instant", "$.epochSecond"),
)
_SOURCE: Final = "source"
_GROUPS: Final = (
    TIMES,
    _DEEP_TIMES,
    (_SOURCE, _STREAM),
    _CONTAINERS,
    _MESSAGES,
    _ERRORS,
    LEVELS,
    _PROGRAMS,
    _HOSTS,
    _PIDS,
    _UNITS,
)
#: Every name that is asked for.
KEYS: Final = tuple(dict.fromkeys(path if isinstance(path, str) else path[0] for group in _GROUPS for path in group))

#: bunyan and pino count upwards in tens; OpenTelemetry in fours; syslog's own numbers are those of GELF and journald.
_NUMBERS: Final = {"10": 7, "20": 7, "30": 6, "40": 4, "50": 3, "60": 2}
_LETTERS: Final = {"D1": 7, "D2": 7, "D": 7, "I": 6, "W": 4, "E": 3, "F": 2}  # MongoDB
_SYSLOG: Final = {str(number): number for number in range(8)}
#: Within an object that holds an error: its text, and what tells its kind.
_WITHIN: Final = (
    "$.message",
    "$.msg",
    "$.reason",
    "$.error",
    "$.errmsg",
    "$.description",
    "$.detail",
    "$.cause.message",
)
_KINDS: Final = ("$.code", "$.type", "$.kind", "$.name", "$.class")
_EMPTY: Final = ("", "null", "nil", "<nil>", "None", "{}", "[]")
_UNIT_SUFFIX: Final = r"(?:@[^/]*)?\.(?:service|scope|socket|mount|timer|slice|target|device)$"
#: What is called a source or a service, and is where a line came through.
_CHANNELS: Final = (
    r"(?i)^(?:stdout|stderr|file|syslog|journald?|docker|kubernetes|console|https?:.*|.*/.*|.*\.\w{1,4}:[0-9]+)$"
)
#: How machines are called: with a number, or as a domain name or address.
_MACHINE: Final = r"^[A-Za-z0-9][A-Za-z0-9_.:-]*[0-9.][A-Za-z0-9_.:-]*$"


def time(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns ``stamp``, ``stamp_kind`` and ``resolution`` from the first of the times that can be read."""
    found = moment(pl.repeat(None, frame.height, dtype=pl.String, eager=True))
    for path in (*TIMES, *_DEEP_TIMES):
        name = path if isinstance(path, str) else path[0]
        left = found["stamp"].is_null()
        if name not in frame.columns or not left.any():
            continue
        text = frame[name] if isinstance(path, str) else frame.select(_value(frame, path)).to_series()
        if left.all():
            found = moment(text)
        elif text.is_not_null().any():
            at = (left & text.is_not_null()).arg_true()
            other = moment(text.gather(at))
            found = found.with_columns(found[each].scatter(at, other[each]) for each in found.columns)
    return found


def named(frame: pl.DataFrame) -> dict[str, pl.Expr]:
    """Columns host, program, unit, pid, priority and message, from those columns ``KEYS`` (String) that there are."""
    units = first(frame, _UNITS)
    stem = units.str.replace(_UNIT_SUFFIX, "")
    container = first(frame, _CONTAINERS)
    program, host = pl.coalesce(first(frame, _PROGRAMS), container), first(frame, _HOSTS)
    if _SOURCE in frame.columns:
        # Graylog calls so the machine that a line is from, others the program that wrote it
        source = pl.when(~pl.col(_SOURCE).str.contains(_CHANNELS)).then(_filled(pl.col(_SOURCE)))
        machine = source.str.contains(_MACHINE) & program.is_null()
        host = pl.coalesce(host, pl.when(machine).then(source))
        program = pl.coalesce(program, pl.when(~machine).then(source))
    return {
        "host": host,
        "program": pl.coalesce(pl.when(~program.str.contains(_CHANNELS)).then(program), stem),
        "unit": pl.when(units.str.contains(_UNIT_SUFFIX)).then(units),
        "pid": first(frame, _PIDS).cast(pl.Int64, strict=False),
        "priority": _priority(frame),
        "message": message(frame),
    } | _origin(frame, container)


def _origin(frame: pl.DataFrame, container: pl.Expr) -> dict[str, pl.Expr]:
    """Column ``origin``, where a container printed some of the records."""
    printed = container.is_not_null()
    if _STREAM in frame.columns:
        printed |= pl.col(_STREAM).is_in(["stdout", "stderr"])
    if not frame.select(printed.any()).item():
        return {}
    return {"origin": pl.when(printed.fill_null(value=False)).then(pl.lit("container")).otherwise(pl.lit("text"))}


def first(frame: pl.DataFrame, paths: Sequence[Path]) -> pl.Expr:
    """The first of some values that is there; an object is none."""
    values = [_value(frame, path) for path in paths if (path if isinstance(path, str) else path[0]) in frame.columns]
    return pl.coalesce(*values, pl.lit(None, pl.String))


def _value(frame: pl.DataFrame, path: Path) -> pl.Expr:
    if isinstance(path, tuple):
        within = pl.col(path[0])
        return _filled(pl.when(within.str.starts_with("{")).then(within).str.json_path_match(path[1]))
    return _filled(pl.col(path)) if _objects(frame, path) else pl.col(path)


def _objects(frame: pl.DataFrame, name: str) -> bool:
    return bool(frame[name].str.starts_with("{").any())


def _filled(value: pl.Expr) -> pl.Expr:
    """A value that is neither empty nor an object."""
    return pl.when(~value.str.starts_with("{") & ~value.is_in(_EMPTY)).then(value)


def _priority(frame: pl.DataFrame) -> pl.Expr:
    word = first(frame, LEVELS)
    tables = [_NUMBERS, _LETTERS] + (
        [_SYSLOG] if {"short_message", "PRIORITY", "syslog_identifier"} & set(frame.columns) else []
    )
    numbers = [
        word.replace_strict(list(table), list(table.values()), default=None, return_dtype=pl.UInt8) for table in tables
    ]
    return pl.coalesce(level(word), *numbers)


def message(frame: pl.DataFrame) -> pl.Expr:
    """The text, and what the object says of an error, unless the text says that already; empty where there is none.

    A text of several lines keeps them; of an error's stack the first line is enough.
    """
    text = first(frame, _MESSAGES).str.strip_chars_end("\r\n")
    text = pl.when(text != "").then(text)
    known = [path for path in _ERRORS if (path if isinstance(path, str) else path[0]) in frame.columns]
    if not known:
        return text.fill_null("")
    error = _error(frame, known)
    known_already = text.str.contains(error, literal=True)
    both = pl.when(error.is_null() | known_already).then(text).otherwise(pl.concat_str(text, pl.lit(": "), error))
    return pl.coalesce(both, error, pl.lit(""))


def _error(frame: pl.DataFrame, known: Sequence[Path]) -> pl.Expr:
    values = []
    for path in known:
        values.append(_value(frame, path).str.extract(r"^([^\r\n]+)"))
        if isinstance(path, str) and _objects(frame, path):
            inside = pl.when(pl.col(path).str.starts_with("{")).then(pl.col(path))
            text = pl.coalesce(*(_filled(inside.str.json_path_match(part)) for part in _WITHIN))
            kind = pl.coalesce(*(_filled(inside.str.json_path_match(part)) for part in _KINDS))
            told = pl.when(kind.is_null() | text.str.contains(kind, literal=True)).then(text)
            values.append(pl.coalesce(told, pl.concat_str(kind, pl.lit(": "), text), text, kind, inside))
    return pl.coalesce(*values)


def rest(line: pl.Series) -> pl.Series:
    """What is left of objects whose message has no name: their pairs as ``key=value``, less the time."""
    pairs = line.str.strip_chars(" \t\r\n").str.strip_prefix("{").str.strip_suffix("}")
    pairs = pairs.str.replace_all(_TIME_PAIR, "")
    return (
        pairs.str.replace_all(r'"([^"\\]{1,80})"\s*:\s*"((?:[^"\\\s=]|\\.)*)"', "$1=$2")
        .str.replace_all(r'"([^"\\]{1,80})"\s*:\s*', "$1=")
        .str.replace_all(r"(=(?:[^\s,{}\[\]\"]*|\"(?:[^\"\\]|\\.)*\"|[}\]]+))\s*,\s*", "$1 ")
        .str.strip_chars(" ,")
    )


_TIME_PAIR: Final = (
    r'"(?:' + "|".join(name.replace("@", "[@]") for name in TIMES if name not in ("t", "start_time"))
    + r')"\s*:\s*(?:"[^"]*"|[0-9.eE+]+)\s*,?\s*'
)  # fmt: skip
