r"""What people and tools put around a line when they show or quote it: colours, quote marks, line and file names.

A line is stripped only where a time follows the marks, so what merely looks like one stays. Whose line it is (a
service of ``docker compose logs``, a pod of ``kubectl logs --prefix`` or stern) is kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.origin import printed
from logcorr.parsers.engine.base import Batch
from logcorr.parsers.engine.head import found_in
from logcorr.parsers.engine.lines import Lines, split
from logcorr.parsers.fields.levels import is_level
from logcorr.parsers.fields.months import MONTH

_CLOCK: Final = r"[0-9]{2}:[0-9]{2}:[0-9]{2}"
#: How a line begins that says when it was written. A bare time of day would fit too much.
DATED: Final = (
    rf"(?:(?:[A-Z][a-z]{{2}},? )?{MONTH} [ 0-3]?[0-9] {_CLOCK}"
    rf"|\[?(?:[A-Z][a-z]{{2}} )?[0-9]{{4}}[/.-][0-9]{{2}}[/.-][0-9]{{2}}[T ]{_CLOCK}"
    rf"|[0-9]{{2}}\.[0-9]{{2}}\.(?:[0-9]{{2}}){{1,2}} {_CLOCK})"
)
UPTIME: Final = r"\[ *[0-9]{1,9}\.[0-9]{6}\] "
BEGINS: Final = rf"(?:(?:<[0-9]{{1,3}}>(?:1 )?)?(?:{DATED}|{UPTIME}))"
_COLOURS: Final = re.compile(rb"\x1b\[[0-9;:]*[mK]")
#: Exact framings, whose text is counted in bytes or escaped already.
_FRAMED: Final = r"^(?:_[A-Z_]+=|\{)"
_FILE: Final = (
    r"(?:[^\s:]{0,120}[a-z._-][^\s:]{0,120}/[^\s:]{0,120}|[^\s:]{0,120}/[^\s:]{0,120}[a-z._-][^\s:]{0,120}|"
    r"[^\s:]{0,80}[A-Za-z_][^\s:]{0,80}\.[^\s:]{0,80}|syslog|messages)[:-]"
    r"(?:[0-9]{1,9}[:-])?"
)
_NUMBER: Final = r"[ \t]{0,8}[0-9]{1,7}(?:[:)|] ?|\t)"
_QUOTE: Final = r"(?:(?:>|&gt;) ?|[│┃║] ?|`{1,3}(?:[a-z]{1,12} )?|[*•+-] )"
_COMPOSE: Final = r"(?P<service>[0-9A-Za-z][0-9A-Za-z_.-]{0,127}) +\| "
#: ``docker compose logs -t`` is a format of its own, unless its lines say once more when they were written.
_OWN_TIME: Final = r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9:]{5}) )"
_POD: Final = r"\[pod/(?P<pod>[0-9a-z.-]{1,253})/(?P<container>[0-9a-z.-]{1,253})\] "
_STERN: Final = r"(?P<stern>[0-9a-z]{1,63}-[0-9a-z.-]{1,190}) (?:› )?(?P<beside>[a-z][0-9a-z.-]{0,62}) "
#: A script that passes on what a program says: ``boot: 2025/11/04 03:00:45 ...``.
_SAID: Final = (
    rf"^(?P<all>(?P<says>[a-z][0-9a-z_-]{{0,30}}): )\[?[0-9]{{4}}[/-][0-9]{{2}}[/-][0-9]{{2}}[T ]{_CLOCK}[^ ]* \S"
)
_MARKS: Final = rf"(?:{_FILE})?(?:{_NUMBER})?(?:{_QUOTE}){{0,3}}"
_PREFIX: Final = rf"^(?P<all>{_MARKS}(?:{_COMPOSE}|{_POD}|{_STERN})?)(?:{BEGINS}|\{{\")"
_TIMED: Final = rf"^{_COMPOSE}{_OWN_TIME}"
_INDENTED: Final = rf"^(?P<all>[ \t]+){BEGINS}"
_UNINDENTED: Final = rf"^{BEGINS}"
_SUFFIX: Final = r"(?P<all>\s*[│┃║]\s*|\s*<br ?/?>\s*|`{1,3}\s*)$"
_ENDS: Final = ("│", "┃", "║", ">", "`")
#: Marks that stand before every line alike.
_FIXED: Final = re.compile(r"(?:[>│┃║ \t]|&gt;)+")
_LOOK: Final = 200


@dataclass(frozen=True, slots=True)
class Unmarked:
    """Lines without their marks; ``original`` are the same lines as they stood."""

    lines: Lines
    original: Lines
    names: pl.DataFrame | None  # line: UInt32, _pod: String, _service: String; None where nobody is named

    def restore(self, part: Batch) -> Batch:
        """The rows with the place of each line as it stood, the pod as host, and the service as program of others."""
        rows = part.rows
        at = np.searchsorted(self.original.number, rows["line"].to_numpy())
        place = pl.Series(self.original.base + self.original.start[at]).cast(rows.schema["offset"])
        rows = rows.with_columns(offset=place)
        return replace(part, rows=rows if self.names is None else _named(rows, self.names))


def strip(lines: Lines, known: str) -> Unmarked | None:  # noqa: ARG001  no format comes with such marks
    """The lines less what stands around them; nothing where the first lines have no marks. A ``Strip``."""
    first = lines.head(_LOOK).text.to_list()
    if not first or found_in(_FRAMED, first):
        return None
    plain = _without_colours(lines)
    shown = first if plain is lines else plain.head(_LOOK).text.to_list()
    suffixed = any(line.rstrip().endswith(_ENDS) for line in shown) and _any_has((_SUFFIX,), shown)
    others = [line for line in shown if not found_in(_UNINDENTED, (line,))]
    indented = len(others) == len(shown) and found_in(_INDENTED, shown)
    prefixed = bool(others) and _any_has((_PREFIX, _SAID), others)  # most often none, and these are costly to compile
    if plain is lines and not (suffixed or indented or prefixed):
        return None
    start, end, names = plain.start, plain.end, None
    if suffixed:
        end = end - _width(plain.text.str.extract_groups(_SUFFIX).struct.field("all"))
    if prefixed:
        found = plain.text.str.extract_groups(_PREFIX).struct.unnest()
        said = plain.text.str.extract_groups(_SAID).struct.unnest()
        found = found.with_columns(said["says"], all=pl.coalesce("all", said["all"]))
        width = np.where(plain.text.str.contains(_TIMED).to_numpy(), 0, _width(found["all"]))
        names = _names(found.filter(pl.Series(width > 0)), lines.number[width > 0])
        start = start + _with_neighbours(plain, width, found["all"])
    elif indented:
        marks = plain.text.str.extract_groups(_INDENTED).struct.field("all")
        start = start + _with_neighbours(plain, _width(marks), marks)
    bare = Lines(plain.data, start, np.maximum(end, start), lines.number, lines.base, plain.stop)
    return Unmarked(bare, lines, names)


def _any_has(expressions: Sequence[str], lines: Sequence[str]) -> bool:
    """Whether an expression fits any line; of hostile ones too, in linear time."""
    text = pl.Series(lines, dtype=pl.String)
    return any(text.str.contains(expression).any() for expression in expressions)


def _without_colours(lines: Lines) -> Lines:
    """The same lines; colours hold no line end, so their number stays."""
    if b"\x1b[" not in lines.data[: lines.stop]:
        return lines
    data = _COLOURS.sub(b"", lines.data[: lines.stop])
    return split(data, first_line=int(lines.number[0]), first_offset=lines.base)


def _width(text: pl.Series) -> NDArray[np.int64]:
    return text.str.len_bytes().fill_null(0).to_numpy().astype(np.int64)


def _with_neighbours(lines: Lines, width: NDArray[np.int64], marks: pl.Series) -> NDArray[np.int64]:
    """``width``, and that of the same mark on lines without a time: markers, and what goes on from the line before."""
    lead = next(iter(marks.filter(pl.Series(width > 0)).head(1)), "")
    if not _FIXED.fullmatch(lead):
        return width
    same = np.zeros(len(lines), np.int64)
    same[lines.having(lead.encode())] = len(lead.encode())
    return np.where(width > 0, width, same)


def _names(found: pl.DataFrame, line: NDArray[np.int64]) -> pl.DataFrame | None:
    names = found.select(
        pl.Series("line", line).cast(pl.UInt32),
        _pod=pl.coalesce("pod", "stern"),
        _service=pl.coalesce("service", "container", "beside", pl.when(~is_level(pl.col("says"))).then("says")),
    ).filter(pl.col("_service").is_not_null())
    return names if names.height else None


def _named(rows: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    rows = rows.join(names, on="line", how="left", maintain_order="left")
    whose = pl.when(pl.col("_service").is_not_null()).then(printed(pl.col("program"), pl.col("_service")))
    rows = rows.with_columns(
        host=pl.when(pl.col("_service").is_null()).then("host").otherwise("_pod"),
        program=pl.coalesce("program", "_service"),
        origin=whose.otherwise("origin"),
    )
    return rows.drop("_pod", "_service")
