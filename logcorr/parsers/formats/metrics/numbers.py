"""Tables whose columns are a time and numbers: metrics, of any tool that exports CSV.

netdata (``time,inbound,outbound``), collectd (``epoch,rx,tx``), Grafana (``Time`` and a column a series, or ``Series``,
``Time``, ``Value``), Zabbix, spreadsheets; and mtr's ``--csv``. A table with any other text in it is a log.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

import polars as pl

from logcorr.parsers.formats.metrics.points import EMPTY, NAMELESS, NUMBER, TRANSPORT, format_points

_HOSTS: Final = re.compile(r"(?i)^(?:host|hostname|host_?name|node|nodename|instance|server|machine)$")
_NAMES: Final = re.compile(
    r"(?i)^(?:iface|interface|device|dev|disk|mount(?:point)?|filesystem|target|cpu|core|series|sensor|label|labels|id|"
    r"_measurement|service|group|item|object|ip|addr(?:ess)?)$"
)
_METRICS: Final = re.compile(r"(?i)^(?:metric|name|key|_field|field|measure|counter|dimension|chart)$")
_VALUE: Final = re.compile(r"(?i)^_?(?:value|val|avg|average|mean)$")
#: Of a Grafana column's ``name{label="value"}``.
_SELECTOR: Final = re.compile(r"^(?P<name>[\w:.%/ -]*)\{(?P<labels>.*)\}$")
_DEVICE: Final = re.compile(r'\b(?:device|interface|mountpoint|target|instance)="([^"]+)"')
_MTR: Final = ("Mtr_Version", "Hop", "Loss%")
_SHORT: Final = 80  # characters that a name has at most


def metrics(
    heading: Sequence[str], columns: Sequence[pl.Series], taken: Collection[int], stamped: pl.DataFrame
) -> pl.DataFrame | None:
    """Columns host, about, message and transport, and ``stamped``'s, where all else is numbers; else nothing.

    A column whose name has labels of its own makes rows of its own; ``row`` is the position in the table, from 0.
    """
    if set(_MTR) <= set(heading):
        return _mtr(heading, columns, stamped)
    rest = [at for at in range(len(columns)) if at not in taken and heading[at] and columns[at].count()]
    numbers = [at for at in rest if _is_number(columns[at])]
    texts = [at for at in rest if at not in numbers]
    if not numbers or not all(_is_name(heading[at], columns[at]) for at in texts):
        return None
    # an address with a port, and no measurement, is a connection; a log's columns may be numbers alone
    hosts, metric = _first(heading, texts, _HOSTS), _first(heading, texts, _METRICS)
    things = [at for at in texts if at not in (hosts, metric)]
    thing = pl.concat_str([pl.lit(columns[at]) for at in things], separator=" ", ignore_nulls=True) if things else None
    base = stamped.select("stamp", "stamp_kind", "resolution").with_row_index("row")
    host = columns[hosts] if hosts is not None else pl.repeat(None, base.height, dtype=pl.String, eager=True)
    frames = []
    for name, group in _groups(heading, numbers).items():
        names = [_plain(heading[at]) for at in group]
        values = [pl.lit(columns[at]) for at in group]
        text = format_points(names, values)
        if metric is not None and len(group) == 1 and _VALUE.match(heading[group[0]]):
            text = pl.when(text.is_not_null()).then(pl.lit(columns[metric]) + " " + values[0])
        about = thing if thing is not None else pl.lit(name)
        frames.append(base.with_columns(host=host, about=about, told=text))
    return _records(pl.concat(frames))


def _records(points: pl.DataFrame) -> pl.DataFrame:
    """One record for each thing that was measured at a time, where ``told`` says of it anything."""
    frame = points.filter(pl.col("told").is_not_null())
    clean = pl.col("about").str.replace_all(r"[,:\s]+", " ")
    return frame.with_columns(
        message=pl.format("{}: {}", clean, "told"),
        about=pl.when(clean != NAMELESS).then(clean),
        transport=pl.lit(TRANSPORT),
        program=pl.lit("metrics"),
    ).sort("row", maintain_order=True).drop("told")  # fmt: skip


def _is_number(column: pl.Series) -> bool:
    filled = column.filter(column.is_not_null() & ~column.is_in(EMPTY))
    return bool(len(filled) and filled.str.contains(NUMBER).all())


def _is_name(heading: str, column: pl.Series) -> bool:
    known = any(form.match(heading) for form in (_HOSTS, _NAMES, _METRICS))
    return known and bool((column.drop_nulls().str.len_chars() <= _SHORT).all())


def _first(heading: Sequence[str], texts: Sequence[int], form: re.Pattern[str]) -> int | None:
    return next((at for at in texts if form.match(heading[at])), None)


def _groups(heading: Sequence[str], numbers: Sequence[int]) -> dict[str, list[int]]:
    """Columns by what their headings' labels say they are of."""
    found: dict[str, list[int]] = {}
    for at in numbers:
        labels = _SELECTOR.match(heading[at])
        device = _DEVICE.search(labels["labels"]) if labels else None
        found.setdefault(device[1] if device else NAMELESS, []).append(at)
    return found


def _plain(heading: str) -> str:
    labels = _SELECTOR.match(heading)
    return (labels["name"] or "value") if labels else heading


def _mtr(heading: Sequence[str], columns: Sequence[pl.Series], stamped: pl.DataFrame) -> pl.DataFrame:
    """Each hop, in the words of mtr's report."""
    of = {name: pl.lit(columns[heading.index(name)]) for name in heading if name}
    ip = next((of[name] for name in ("Ip", "IP", "Host") if name in of), pl.lit("???"))
    text = pl.format(
        "hop {} {}: sent {}, lost-percent {}",
        of["Hop"],
        ip,
        of.get("Snt", pl.lit("0")),
        of["Loss%"].str.strip_chars("%"),
    )
    more = [pl.lit(f", {name.lower()} ") + of[name] for name in ("Last", "Avg", "Best", "Wrst", "StDev") if name in of]
    return stamped.select("stamp", "stamp_kind", "resolution").with_row_index("row").with_columns(
        host=pl.lit(None, pl.String), about=ip, message=pl.concat_str(text, *more, ignore_nulls=True),
        transport=pl.lit("snapshot"), program=pl.lit("mtr"),
    )  # fmt: skip
