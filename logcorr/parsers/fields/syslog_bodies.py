"""What stands behind a syslog header where a tag is missing or is none: routers and firewalls have their own ways."""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.parsers.fields.levels import level
from logcorr.parsers.fields.syslog_parts import kernel_uptime

_FACILITY: Final = (
    r"^(?:kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|security|console|local[0-7])"
    r"\.(?P<severity>emerg|alert|crit|err|error|warn|warning|notice|info|debug) "
)
_TAGGED: Final = r"^(?P<program>[^\s:\[\]]+)(?:\[(?P<pid>[0-9]{1,10})\])?:(?: (?P<message>(?s:.*))|$)"
_TOPICS: Final = r"^[a-z0-9-]+(?:,[!a-z0-9-]+)+ "
_TOPIC_LIST: Final = r"^([a-z0-9-]+(?:,[!a-z0-9-]+)+) "
_CEF: Final = r"^(?:CEF: ?)?[0-9]\|[^|]*\|[^|]*\|"
_UNIFI: Final = r"^(?:CEF: ?)?[0-9]\|Ubiquiti\|"
#: A UniFi device names itself by model, MAC and firmware; the firmware changes.
_UNIFI_DEVICE: Final = r"^(?:\(\")?(?P<name>[\w.-]+,[0-9a-f]{12}),v[0-9][\w.+-]*(?:\"\))?$"
#: Later ones print a name for a host, and MAC, model and firmware for a tag.
_UNIFI_TAG: Final = r"^[0-9a-f]{12},[\w.+-]+$"
#: PAN-OS prints its fields, and no tag.
_PAN_OS: Final = r"^1,[12][0-9]{3}/[01][0-9]/[0-3][0-9] [0-9:]{8},[0-9A-F]{8,20},[A-Z]+,"
#: The kernel's network console names no program, only the time since boot.
_UPTIME: Final = r"^\[ *[0-9]{1,9}\.[0-9]{6}\] "
_NETFILTER: Final = r"\bIN=\S* OUT=\S* .*\bSRC=\S+ DST=\S+ "
_CEF_TIME: Final = r"\bUNIFIutcTime=(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?)Z"


def bodies(frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` with program, pid, priority and message of rows whose header named no program.

    Host, program, pid, priority and message are there already; ``stamp`` becomes a CEF message's own.
    """
    names = {"host": pl.String(), "program": pl.String(), "pid": pl.Int64(), "priority": pl.UInt8()}
    frame = frame.with_columns(
        [pl.lit(None, kind).alias(name) for name, kind in names.items() if name not in frame.columns]
    )
    # a device without host name: "Jan  1 00:00:04 syslogd started: BusyBox v1.26.2"
    booted = (pl.col("program") == "started") & pl.col("host").is_in(["syslogd", "klogd"])
    frame = _unifi_devices(frame)
    odd = frame.select((booted | pl.col("program").is_null()).fill_null(value=True)).to_series()
    if not odd.any():
        return frame
    rows = frame.filter(odd).with_columns(
        host=pl.when(~booted).then("host"),
        program=pl.when(booted).then("host"),
        message=pl.when(booted).then(pl.lit("started: ") + pl.col("message")).otherwise("message"),
    )
    rows = _recognise(_retag(_without_facility(_without_host(rows))))
    return (
        rows
        if rows.height == frame.height
        else pl.concat([frame.filter(~odd), rows], how="diagonal_relaxed").sort("at")
    )


def _unifi_devices(frame: pl.DataFrame) -> pl.DataFrame:
    """``U7PG2,00005e005301,v6.5.28: hostapd: ...`` has its tag behind its name; a CEF message has none."""
    device = pl.any_horizontal(pl.col("program", "host").str.contains(",v", literal=True).fill_null(value=False))
    device |= pl.col("program").str.contains(_UNIFI_TAG).fill_null(value=False)
    cef = (pl.col("program") == "CEF").fill_null(value=False)
    if not frame.select((device | cef).any()).item():
        return frame
    tag, host = (pl.col(name).str.extract(_UNIFI_DEVICE) for name in ("program", "host"))
    return frame.with_columns(
        host=pl.coalesce(tag, host, "host"),
        program=pl.when(tag.is_null() & ~cef & ~pl.col("program").str.contains(_UNIFI_TAG)).then("program"),
        message=pl.when(cef).then(pl.lit("CEF:") + pl.col("message")).otherwise("message"),
    )


def topic_severity(topics: pl.Expr) -> pl.Expr:
    """The gravest of MikroTik's topics, which a comma separates."""
    words = topics.str.split(",").list
    gravest = pl.min_horizontal(
        pl.when(words.contains(word)).then(number)
        for word, number in (("critical", 2), ("error", 3), ("warning", 4), ("info", 6), ("debug", 7))
    )
    return gravest.cast(pl.UInt8)


def _without_host(frame: pl.DataFrame) -> pl.DataFrame:
    """UniFi prints its name twice."""
    twice = pl.col("message").str.starts_with(pl.col("host") + " ")
    rest = pl.col("message").str.slice(pl.col("host").str.len_chars() + 1)
    return frame.with_columns(message=pl.when(twice.fill_null(value=False)).then(rest).otherwise("message"))


def _without_facility(frame: pl.DataFrame) -> pl.DataFrame:
    """BusyBox and EdgeOS put ``facility.severity`` in front of the tag."""
    severity = pl.col("message").str.extract(_FACILITY)
    if not frame.select(severity.is_not_null().any()).item():
        return frame
    return frame.with_columns(
        priority=pl.coalesce("priority", level(severity)), message=pl.col("message").str.replace(_FACILITY, "")
    )


def _retag(frame: pl.DataFrame) -> pl.DataFrame:
    found = pl.when(pl.col("program").is_null()).then(pl.col("message")).str.extract_groups(_TAGGED)
    frame = frame.with_columns(_found=found)
    tag = pl.col("_found").struct.field("program")
    return frame.with_columns(
        program=pl.coalesce("program", tag),
        pid=pl.coalesce(pl.col("_found").struct.field("pid").cast(pl.Int64, strict=False), "pid"),
        message=pl.when(tag.is_not_null())
        .then(pl.col("_found").struct.field("message").fill_null(""))
        .otherwise("message"),
    ).drop("_found")


def _recognise(frame: pl.DataFrame) -> pl.DataFrame:
    text = pl.col("message")
    kind = (
        pl.when(text.str.contains(_UNIFI)).then(pl.lit("unifi"))
        .when(text.str.contains(_CEF)).then(pl.lit("cef"))
        .when(text.str.contains(_PAN_OS)).then(pl.lit("pan-os"))
        .when(text.str.contains(_TOPICS)).then(pl.lit("mikrotik"))
        .when(text.str.contains(_NETFILTER) | text.str.starts_with("kernel ")).then(pl.lit("kernel"))
        .when(text.str.contains(_UPTIME)).then(pl.lit("kernel"))
    )  # fmt: skip
    topics = pl.when(kind == "mikrotik").then(text.str.extract(_TOPIC_LIST))
    named = frame.with_columns(
        program=pl.coalesce("program", kind), priority=pl.coalesce("priority", topic_severity(topics))
    )
    return cef_time(kernel_uptime(named))


def cef_time(frame: pl.DataFrame) -> pl.DataFrame:
    """UniFi's CEF messages carry UTC to the millisecond; the syslog header's local second gives way to it."""
    date = frame["message"].str.extract(_CEF_TIME)
    if date.null_count() == len(date):
        return frame
    stamp = date.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False)
    known = stamp.is_not_null()
    return frame.with_columns(
        stamp=pl.coalesce(stamp, "stamp"),
        stamp_kind=pl.when(known).then(pl.lit("utc")).otherwise("stamp_kind"),
        resolution=pl.when(known).then(pl.lit(1_000, pl.Int64)).otherwise("resolution"),
    )
