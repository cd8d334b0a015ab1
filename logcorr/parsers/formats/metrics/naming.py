"""What a file's path adds to metrics that do not say what they are of: collectd's and netdata's tables, and others.

collectd keeps a file for each type below ``HOST/PLUGIN-INSTANCE/TYPE-INSTANCE-DATE`` (collectd csv.c,
``value_list_to_filename``); netdata's are downloaded chart by chart and called as the chart is (``net_errors.eth0``).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

import polars as pl

from logcorr.parsers.engine.base import Batch
from logcorr.parsers.formats.metrics.points import NAMELESS, TRANSPORT, word

_ENDING: Final = re.compile(r"(?:\.(?:csv|tsv|txt|log|gz|xz|zst|bz2))+$|-[12][0-9]{3}-[01][0-9]-[0-3][0-9]$")
_COLLECTD: Final = re.compile(
    r"^(?P<plugin>interface|df|disk|ping|conntrack|memory|cpu|load|swap|tcpconns|netlink|users|processes|uptime|vmem|"
    r"protocols|wireless|iptables|entropy|contextswitch|irq|thermal|ethstat|snmp|dns|ntpd|chrony)(?:-(?P<of>.+))?$"
)
_CHART: Final = re.compile(r"^(?P<chart>[a-z][a-z0-9]*(?:_[a-z0-9]+)*)\.(?P<of>[\w:-]+)$")


def named(part: Batch, name: str) -> Batch:
    """``part`` with its metrics named as well as the file's path can."""
    mine = part.rows["transport"].eq_missing(TRANSPORT)
    if not mine.any():
        return part
    mine &= part.rows["message"].str.starts_with(f"{NAMELESS}: ")
    if not mine.any():
        return part
    host, thing, prefix = _of(re.split(r"[/\\!]", name))
    text = pl.col("message").str.strip_prefix(f"{NAMELESS}: ")
    if prefix:
        text = pl.lit(f"{prefix}.") + text.str.replace_all(", ", f", {prefix}.", literal=True)
    rows = part.rows.with_columns(
        message=pl.when(mine).then(pl.lit(f"{thing}: ") + text).otherwise("message"),
        about=pl.when(mine).then(pl.lit(thing)).otherwise("about"),
        host=pl.when(mine).then(pl.coalesce("host", pl.lit(host, pl.String))).otherwise("host"),
    )
    return replace(part, rows=rows)


def _of(parts: list[str]) -> tuple[str | None, str, str]:
    """Host, thing, and what the columns are of."""
    stem = _ENDING.sub("", _ENDING.sub("", parts[-1]))
    plugin = _COLLECTD.match(parts[-2]) if len(parts) > 1 else None
    if plugin:
        host = parts[-3] if len(parts) > 2 else None
        return host, (plugin["of"] or plugin["plugin"]).replace(":", " "), word(stem)
    chart = _CHART.match(stem)
    return (None, chart["of"], chart["chart"]) if chart else (None, word(stem), "")
