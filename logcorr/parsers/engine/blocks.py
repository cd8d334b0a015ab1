"""One block of lines offered to parsers in turn, and what is left told apart: continuation, markers, unparsed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.parsers.engine.base import (
    CONTINUATION,
    LEFT,
    MARKER,
    NO_ROWS,
    RECORD,
    TRACE,
    Batch,
    LineMatches,
    LineParser,
    records,
)
from logcorr.parsers.engine.lines import Lines
from logcorr.parsers.fields import stamps
from logcorr.schema import Facts, merge_facts

#: Lines of journalctl that are no entries: boots, cursor, header, catalogue texts. Directives of W3C's extended format.
_MARKER: Final = (
    r"^(?:-- |--$|░░|#(?:Software|Version|Date|Fields|Remark|Start-Date|End-Date|GMT-Offset|System|Separator): )"
)
_BOOT: Final = r"^-- Boot ([0-9a-f]{32}) --"
#: Every format says early in a line when it was, or is JSON.
_MAY_BEGIN: Final = r"^(?:[^0-9]{0,200}[0-9]|\{)"
#: The first lines of entries that go on: export, json-pretty, verbose, kmsg, snapshots.
_MANY_LINES: Final = (
    r"^(?:_[A-Z_]*REALTIME_TIMESTAMP=|\{$|[A-Z][a-z]{2} [0-9-]{10} [0-9:.]{8,15} \S+ \[s=|[0-9]+,[0-9]+,[0-9]+,|"
    r"NIC statistics:|Settings for |Ethernet Channel Bonding |IDX LINK |Report:\s*$|Global\s*$|[0-9]+: \S+: <|PING |"
    r"### |Start: |HOST: |# hostname;|Start-Date: )"
)
_BLANK: Final = 0x20
_TAB: Final = 0x09
_REBOOT: Final = "-- Reboot --"
_BEGIN: Final = re.compile(
    r"^-- (?:Logs begin|Journal begins) at \w{3} (\d{4})-\d\d-\d\d \d\d:\d\d:\d\d (\S+?)"
    r"(?:, ends? at \w{3} (\d{4})-\d\d-\d\d \d\d:\d\d:\d\d \S+?)?\.? --"
)
_BACKWARD: Final = 2  # steps back in time that two neighbours out of order cannot make
_REPEATED: Final = r"^(?:-+ )?last message repeated (?P<n>[0-9]{1,9}) times?(?: -+)?$"
_REPEATED_TEXT: Final = r"^ ?message repeated (?P<n>[0-9]{1,9}) times: \[ ?(?P<text>.*)\]$"


def batch(lines: Lines, parsers: Sequence[LineParser]) -> Batch:
    """Offer ``lines`` to each parser in turn."""
    if not len(lines):
        return Batch(NO_ROWS, _unparsed(lines, np.zeros(0, np.bool_)))
    role, taken = _offer(lines, parsers)
    blank, indented = _blank(lines), _indented(lines)
    role[(role == LEFT) & blank] = MARKER
    marks, marked = _markers(lines, role == LEFT)
    role[marks] = MARKER
    facts = [part.facts for _, part in taken]
    rows = pl.concat([part.rows for _, part in taken]) if taken else NO_ROWS
    rows = rows.sort("line", maintain_order=True) if len(taken) > 1 else rows
    name: str | None = None
    if len(marks):
        facts.append(_header_facts(marked))
        rows, name = _boots(rows, lines, marks, marked)
    rows = _repeats(_continue(rows, lines, role, blank, indented))
    facts.append(Facts(newest_first=newest_first(rows)))
    extra = rows.height - int((role == RECORD).sum())
    return Batch(
        rows,
        _unparsed(lines, role == LEFT),
        lines=len(lines) + extra,
        continuation=int((role == CONTINUATION).sum()),
        markers=int((role == MARKER).sum()),
        facts=merge_facts(facts),
        formats=tuple(id_ for id_, part in sorted(taken, key=lambda pair: -pair[1].rows.height) if part.rows.height),
        boot=name,
    )


def _offer(lines: Lines, parsers: Sequence[LineParser]) -> tuple[NDArray[np.uint8], list[tuple[str, LineMatches]]]:
    role = np.full(len(lines), LEFT, np.uint8)
    taken: list[tuple[str, LineMatches]] = []
    hopeful: NDArray[np.bool_] | None = None
    offered, some = role == LEFT, lines
    for parser in parsers:
        part = parser.take(some)
        if part.rows.height or part.role.any():
            role[offered] = part.role
            taken.append((parser.id, part))
        elif hopeful is not None:
            continue
        # what cannot begin a record need not be tried on every format in turn
        hopeful = _may_begin(lines, role) if hopeful is None else hopeful
        offered = (role == LEFT) & hopeful
        if not offered.any():
            break
        some = lines.pick(offered)
    return role, taken


def _may_begin(lines: Lines, role: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which lines left may begin a record of some format; where one begins a format of many lines, all may belong."""
    left: NDArray[np.bool_] = role == LEFT
    text = lines.pick(left).text if left.any() else lines.head(0).text
    if text.str.contains(_MANY_LINES).any():
        return left
    hopeful = np.zeros(len(lines), np.bool_)
    hopeful[left] = text.str.contains(_MAY_BEGIN).to_numpy()
    return hopeful


def _blank(lines: Lines) -> NDArray[np.bool_]:
    return np.equal(lines.end, lines.start)


def _indented(lines: Lines) -> NDArray[np.bool_]:
    # an empty last line starts where the data ends
    first = np.frombuffer(lines.data, np.uint8)[np.minimum(lines.start, len(lines.data) - 1)]
    return np.isin(first, (_BLANK, _TAB)) & (lines.end > lines.start)


def _continue(
    rows: pl.DataFrame, lines: Lines, role: NDArray[np.uint8], blank: NDArray[np.bool_], indented: NDArray[np.bool_]
) -> pl.DataFrame:
    """Fold indented lines and traces that follow a record (blank lines between do not count) into its message; mark
    their role.
    """
    left = role == LEFT
    if not left.any() or not rows.height:
        return rows
    loose = left & indented
    loose[left & ~indented] = lines.pick(left & ~indented).text.str.contains(TRACE).to_numpy()
    if not loose.any():
        return rows
    position = np.arange(len(lines))
    anchor = np.maximum.accumulate(np.where(loose | blank, -1, position))
    follows = loose & (anchor >= 0)
    follows[follows] = np.isin(role[anchor[follows]], (RECORD, CONTINUATION))
    if not follows.any():
        return rows
    role[follows] = CONTINUATION
    # the anchor may itself be a folded line of a multi-line format; its record is the last row at or before it
    owner = np.searchsorted(rows["line"].to_numpy(), lines.number[anchor[follows]], side="right") - 1
    return _fold(rows, owner, lines, lines.pick(follows).text)


def _fold(rows: pl.DataFrame, owner: NDArray[np.int64], lines: Lines, text: pl.Series) -> pl.DataFrame:
    """Each text joins the message of its row, less the indentation up to the column where that message began."""
    head = lines.text.gather(np.searchsorted(lines.number, rows["line"].gather(owner).to_numpy()))
    column = head.str.len_chars().cast(pl.Int64) - rows["message"].gather(owner).str.len_chars().fill_null(0)
    depth = text.str.len_chars().cast(pl.Int64) - text.str.strip_chars_start(" \t").str.len_chars()
    # less deep than the message's column is the text's own indentation
    cut = pl.when((pl.col("depth") >= pl.col("column")) & (pl.col("column") > 0)).then("column").otherwise(0)
    parts = pl.DataFrame({"owner": owner, "text": text, "depth": depth, "column": column})
    joined = (
        parts.with_columns(pl.col("text").str.slice(cut))
        .group_by("owner", maintain_order=True)
        .agg(pl.col("text").str.join("\n"))
    )
    more = pl.repeat(None, rows.height, dtype=pl.String, eager=True).scatter(joined["owner"], joined["text"])
    return rows.with_columns(
        message=pl.when(more.is_null())
        .then(pl.col("message"))
        .otherwise(pl.concat_str(pl.col("message").fill_null(""), pl.lit("\n"), more))
    )


def _header_facts(marked: pl.Series) -> Facts:
    """Year and zone from ``-- Logs begin at …, end at … --`` (journalctl before v246, sosreports)."""
    for line in marked.filter(marked.str.contains(r"^-- (?:Logs begin|Journal begins) at ")).head(1):
        found = _BEGIN.match(line)
        if found:
            year, zone = int(found[3] or found[1]), stamps.ZONES.get(found[2])
            return Facts(
                zone=zone,
                zone_from="header of journalctl" if zone else None,
                year=year,
                year_from="header of journalctl",
            )
    return Facts()


def _markers(lines: Lines, left: NDArray[np.bool_]) -> tuple[NDArray[np.int64], pl.Series]:
    """Which of the lines that are ``left`` are markers, and their text."""
    at = np.flatnonzero(left)
    if not len(at):
        return at, pl.Series(dtype=pl.String)
    text = lines.pick(left).text
    is_marker = text.str.contains(_MARKER)
    return at[is_marker.to_numpy()], text.filter(is_marker)


def _boots(
    rows: pl.DataFrame, lines: Lines, marks: NDArray[np.int64], marked: pl.Series
) -> tuple[pl.DataFrame, str | None]:
    """Rows without a boot id get that of the last ``-- Boot <id> --`` before them, and which one holds at the end.

    ``-- Reboot --`` (journalctl before v246) has no id; its place in the file makes one.
    """
    nameless = pl.when(marked.str.starts_with(_REBOOT)).then(pl.format("reboot-{}", "offset"))
    table = pl.DataFrame(
        {"line": pl.Series(lines.number[marks]).cast(pl.UInt32), "offset": pl.Series(lines.base + lines.start[marks])}
    )
    table = table.select("line", mark=pl.coalesce(marked.str.extract(_BOOT), nameless)).drop_nulls().sort("line")
    if not table.height:
        return rows, None
    joined = rows.join_asof(table, on="line", strategy="backward")
    return joined.with_columns(boot=pl.coalesce("boot", "mark")).drop("mark"), table["mark"][-1]


def _repeats(rows: pl.DataFrame) -> pl.DataFrame:
    """``last message repeated N times`` stands for N more of the line before it from the same host."""
    if not rows["message"].str.contains("message repeated", literal=True).any():
        return rows
    plain = pl.col("message").str.extract(_REPEATED).cast(pl.UInt32, strict=False)
    quoted = pl.col("message").str.extract_groups(_REPEATED_TEXT)
    rows = rows.with_columns(
        _plain=plain, _n=quoted.struct.field("n").cast(pl.UInt32, strict=False), _text=quoted.struct.field("text")
    )
    rows = rows.with_columns(_own=pl.when(pl.col("_plain").is_null()).then(pl.int_range(pl.len())))
    same_host = pl.col("_own").forward_fill().over("host")
    rows = rows.with_columns(
        _before=pl.coalesce(pl.when(pl.col("host").is_not_null()).then(same_host), pl.col("_own").forward_fill())
    )
    again = pl.col("_plain").is_not_null() & pl.col("_before").is_not_null()
    before = {
        name: pl.col(name).gather(pl.col("_before").fill_null(0)) for name in ("message", "program", "pid", "priority")
    }
    text = pl.coalesce("_text", "message")
    rows = rows.with_columns(
        message=pl.when(again).then(before.pop("message")).otherwise(text),
        repeat=pl.coalesce("_plain", "_n", "repeat"),
        **{name: pl.when(again).then(column).otherwise(pl.col(name)) for name, column in before.items()},
    )
    return records(rows)


def newest_first(rows: pl.DataFrame) -> bool:
    """Whether the file runs backwards (journalctl -r, Fritz!Box, exports of web pages): most steps in time do."""
    steps = rows["stamp"].diff().drop_nulls()
    back, forth = int((steps < timedelta(0)).sum()), int((steps > timedelta(0)).sum())
    return back >= _BACKWARD and back > forth


def _unparsed(lines: Lines, left: NDArray[np.bool_]) -> pl.DataFrame:
    some = lines.pick(left) if left.any() else lines.head(0)
    return pl.DataFrame({"line": pl.Series(some.number).cast(pl.UInt32), "text": some.text})
