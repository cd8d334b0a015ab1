"""``journalctl -o verbose``: a header with the cursor, then every field on an indented line.

The header's time is local and ignored: the cursor's ``t`` and ``m`` are the same instant in hexadecimal µs.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.parsers.engine.base import CONTINUATION, LEFT, NO_ROWS, RECORD, LineMatches, Sample, Turn
from logcorr.parsers.engine.dialect import placed
from logcorr.parsers.engine.head import Head
from logcorr.parsers.engine.lines import Lines, split
from logcorr.parsers.formats.journal import entry_fields

_HEADER: Final = (
    r"[A-Z][a-z]{2} [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]{8,15} [A-Za-z0-9+:-]+ "
    r"\[(?P<cursor>s=[0-9a-f]+;i=[0-9a-f]+;b=[0-9a-f]+;m=[0-9a-f]+;t=[0-9a-f]+;x=[0-9a-f]+)\]"
)
_INDENT: Final = 4
_FIELD: Final = r"^ {4}[A-Z_][A-Z0-9_]*="


@dataclass(frozen=True, slots=True)
class Verbose:
    """The ``LineParser`` of the verbose format."""

    id: str
    title: str
    samples: tuple[Sample, ...]
    headers: tuple[str, ...] = (_HEADER,)
    turn: Turn = Turn.EXACT

    def sniff(self, head: Head) -> float:
        """Certain where a header with a cursor is found."""
        if b" [s=" not in head.data:
            return 0.0
        return 0.99 if split(head.data).text.str.contains(f"^{_HEADER}").any() else 0.0

    def take(self, lines: Lines) -> LineMatches:
        """The entries: a header and the indented lines up to the next line that is not."""
        role = np.full(len(lines), LEFT, np.uint8)
        text = lines.text
        header = text.str.contains(f"^{_HEADER}")
        heads = header.arg_true().to_numpy()
        if not len(heads):
            return LineMatches(NO_ROWS, role)
        entry = _entry(heads, header.to_numpy() | text.str.starts_with("    ").to_numpy(), len(lines))
        field = text.str.contains(_FIELD).to_numpy() & (entry >= 0)
        own = lines.pick(field)
        bare = Lines(own.data, own.start + _INDENT, own.end, own.number, own.base, own.stop)
        fields, _ = entry_fields.columns(bare, entry[field], len(heads))
        fields = _more_message(fields, lines, entry, field)
        fields = fields.with_columns(
            text.gather(heads).str.extract(f"^{_HEADER}").alias("__CURSOR"), at=pl.Series(heads)
        )
        role[entry >= 0] = CONTINUATION
        role[heads] = RECORD
        return LineMatches(entry_fields.rows(placed(fields, lines)), role)

    def cut(self, data: bytes) -> int:
        """Before the last line that begins with no white space, which is a header."""
        end = len(data)
        while (end := data.rfind(b"\n", 0, end)) >= 0:
            if data[end + 1 : end + 2].strip():
                return end + 1
        return 0


def _entry(heads: NDArray[np.int64], part: NDArray[np.bool_], count: int) -> NDArray[np.int64]:
    """For each line the entry it belongs to: the last header before it with nothing foreign between; -1 for none."""
    position = np.arange(count)
    entry = np.searchsorted(heads, position, side="right") - 1
    foreign = np.maximum.accumulate(np.where(part, -1, position))
    return np.where((entry >= 0) & part & (foreign < heads[np.maximum(entry, 0)]), entry, -1)


def _more_message(
    fields: pl.DataFrame, lines: Lines, entry: NDArray[np.int64], field: NDArray[np.bool_]
) -> pl.DataFrame:
    """Further lines of a message stand indented to its column, 4 + len("MESSAGE=")."""
    more = (entry >= 0) & ~field & ~lines.text.str.contains(f"^{_HEADER}").to_numpy()
    if not more.any():
        return fields
    position = np.arange(len(lines))
    last = np.maximum.accumulate(np.where(field, position, -1))
    message = np.zeros(len(lines) + 1, np.bool_)
    column = _INDENT + len("MESSAGE=")
    message[np.flatnonzero(lines.text.str.starts_with("    MESSAGE=").to_numpy())] = True
    more &= message[last] & (last >= 0)
    if not more.any():
        return fields
    text = lines.pick(more).text.str.slice(column)
    rest = entry_fields.spread("rest", entry[more], text, fields.height)
    joined = pl.concat_str(pl.col("MESSAGE"), rest, separator="\n")
    return fields.with_columns(pl.when(rest.is_null()).then(pl.col("MESSAGE")).otherwise(joined).alias("MESSAGE"))


VERBOSE = Verbose(
    "journal-verbose", "journalctl -o verbose",
    (
        Sample(
            "Tue 2025-11-04 04:00:45.991099 CET [s=0123456789abcdef0123456789abcdef;i=8a8;"
            "b=fedcba9876543210fedcba9876543210;m=833c76c;t=642bc09cd30bb;x=22be000000000000]\n"
            "    _TRANSPORT=journal\n    _HOSTNAME=opg-srv\n    SYSLOG_IDENTIFIER=app\n    _COMM=app\n"
            "    _PID=42\n    _UID=0\n"
            "    MESSAGE=line one\n            line two\n    PRIORITY=6\n    BLOB=[8B blob data]\n",
            {"stamp": "2025-11-04T03:00:45.991099", "stamp_kind": "utc", "seqnum": 0x8A8, "host": "opg-srv",
             "seqnum_id": "0123456789abcdef0123456789abcdef", "boot": "fedcba9876543210fedcba9876543210",
             "monotonic": 0x833C76C, "program": "app", "pid": 42, "message": "line one\nline two", "trusted": True},
        ),
    ),
)  # fmt: skip
