"""What ``logcorr check`` prints: every input, what could not be seen, and time per source as a picture."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from textwrap import wrap
from typing import TextIO

from rich.console import Console
from rich.text import Text

from logcorr.cli.terminal import bars
from logcorr.inputs.sources import occupancy
from logcorr.model import CoverageGap, SourceFile
from logcorr.schema import Timeline
from logcorr.textsafe import visible

_FILE_WIDTH = 120
_LABEL = 12  # columns before what is said of an input
_ALIKE = 5  # gaps of one kind in one source that are written out
_REFUSED = 20  # inputs with one problem that are written out


def console(file: TextIO | None = None) -> Console:
    """A file, or standard output: colour only on a terminal that wants it, width of the terminal, else wide."""
    if file:
        return Console(file=file, no_color=True, highlight=False, markup=False, emoji=False, width=_FILE_WIDTH)
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    given = os.environ.get("COLUMNS", "")
    width = None if sys.stdout.isatty() else max(int(given), 20) if given.isdecimal() else _FILE_WIDTH
    return Console(no_color=plain, highlight=False, markup=False, emoji=False, width=width, soft_wrap=False)


def show_coverage(out: Console, timeline: Timeline, refused: Sequence[SourceFile]) -> None:
    """Print each input, what could not be seen, the picture, and one line that sums up."""
    for number, item in enumerate(timeline.inputs, start=1):
        _show_input(out, number, item)
    _show_refused(out, refused)
    names = _numbered([item.path for item in timeline.inputs])
    _show_gaps(out, timeline.gaps, {item.path: name for item, name in zip(timeline.inputs, names, strict=True)})
    _show_picture(out, timeline)
    _show_sum(out, timeline, refused)


def _show_refused(out: Console, refused: Sequence[SourceFile]) -> None:
    """What could not be used; an archive may hold any number of files with one and the same problem."""
    told: Counter[str] = Counter()
    for item in refused:
        problem = visible(item.problem or "")
        told[problem] += 1
        if told[problem] > _REFUSED:
            continue
        lines = f" ({item.unparsed:,} of {item.lines:,} lines not understood)" if item.unparsed else ""
        out.print(Text(f"{visible(item.path)}: not used: {problem}{lines}", style="yellow"))
        for template, count in item.templates:
            out.print(Text(f"  {count:,} x {visible(template)}"))
    for problem, count in told.items():
        if count > _REFUSED:
            out.print(Text(f"{count - _REFUSED:,} more not used: {problem}; --json lists all", style="yellow"))


def _show_input(out: Console, number: int, item: SourceFile) -> None:
    out.print(Text(f"{number} {visible(item.path)}", style="bold"))
    rows = [
        ("format", item.format or "unknown"),
        ("host", item.host or "not stated"),
        ("zone", _because(item.timezone or "unknown", item.timezone_from)),
        ("year", item.year_from or "in the log"),
        ("skew", f"{item.skew_s:+.3f} s ({item.skew_from})" if item.skew_s is not None else item.skew_from or ""),
        ("span", f"{_clock(item.first)} to {_clock(item.last)} UTC"),
        ("records", _counts(item)),
        *(("unparsed", f"{count:,} x {template}") for template, count in item.templates),
        *(("note", note) for note in item.notes),
    ]
    for name, value in rows:
        lines = wrap(visible(value), max(out.width - _LABEL, _LABEL))
        for label, line in zip((f"  {name}", *[""] * len(lines)), lines, strict=False):
            out.print(Text(f"{label:{_LABEL}}{line}"))


def _because(value: str, why: str | None) -> str:
    return f"{value} ({why})" if why else value


def _counts(item: SourceFile) -> str:
    """Every line of the input and every record of it, accounted for."""
    rest = item.lines - item.records - item.unparsed - item.continuation
    counts = (
        (item.unparsed, f"not understood ({_share(item.unparsed, item.lines)})"),
        (item.continuation, "folded into the record before"),
        (rest, "blank or markers"),
    )
    parts = [f"{count:,} {what}" for count, what in counts if count > 0]
    lines = ", ".join([f"{item.records:,} from {item.lines:,} {'line' if item.lines == 1 else 'lines'}", *parts])
    kept = (
        (item.dropped, "in another input too"),
        (item.outside, "outside the window"),
        (item.passed_over, "more lines outside the window, not read"),
    )
    return "; ".join([lines, *(f"{count:,} {what}" for count, what in kept if count)])


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "all"


def _clock(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S}" if time else "?"


def _numbered(paths: Sequence[str]) -> list[str]:
    """What the inputs are called below their details: number, and the path without what all have in common."""
    return [f"{number} {name}" for number, name in enumerate(bars.short_names(paths), start=1)]


def _show_gaps(out: Console, gaps: Sequence[CoverageGap], names: Mapping[str, str]) -> None:
    for _, group in groupby(sorted(gaps, key=_alike), key=_alike):
        alike = Counter(_gap_text(gap, names) for gap in group)
        for text, count in list(alike.items())[:_ALIKE]:
            out.print(Text(f"{text} (x {count:,})" if count > 1 else text, style="yellow"))
        if len(alike) > _ALIKE:
            kind = next(iter(alike)).partition(":")[0]
            out.print(Text(f"{kind}: {len(alike) - _ALIKE:,} more of these; --json lists all", style="yellow"))


def _gap_text(gap: CoverageGap, names: Mapping[str, str]) -> str:
    span = f"{_clock(gap.start)} to {_clock(gap.end)}: " if gap.start else ""
    where = names.get(gap.source or "") or visible(gap.source or gap.host or "")
    return f"{gap.kind}: {span}{where}: {visible(gap.reason)}"


def _alike(gap: CoverageGap) -> tuple[str, str]:
    return gap.kind, gap.source or gap.host or ""


def _show_picture(out: Console, timeline: Timeline) -> None:
    """The axis, then each source's bar, with a line of marks beneath it where there are any."""
    if not timeline.frame.height:
        return
    signs = bars.FINE if _writes(out.encoding, bars.FINE) else bars.PLAIN
    names = bars.short_names([one.path for one in timeline.inputs])
    numbers = [f"{number:{len(str(len(names)))}} " for number in range(1, len(names) + 1)]
    name, columns = bars.widths([f"{numbers[0]}{one}" for one in names], out.width)
    slices = occupancy(timeline, columns)
    starts = slices.head(columns)["start"].to_list()
    out.print()
    out.print(Text(f"{' ' * name} {bars.axis(starts, starts[-1] - starts[0])}"))
    used = ""
    for number, label, item, mine in zip(
        numbers, names, timeline.inputs, slices.partition_by("source", maintain_order=True), strict=True
    ):
        drawn, marks = bars.bar(mine, signs), bars.marks(mine)
        used += drawn + marks
        drawn = drawn if mine["records"].sum() else _why_empty(item, drawn)
        fitted = number + bars.fitted(label, name - len(number), signs)
        out.print(Text.assemble(f"{fitted} ", (drawn[:columns], "cyan")), overflow="crop")
        if marks.strip():
            out.print(Text(f"{' ' * name} {marks}".rstrip(), style="yellow"), overflow="crop")
    out.print(Text(f"taller is busier in that source; {', '.join(_legend(used, signs))}"))


def _why_empty(item: SourceFile, drawn: str) -> str:
    if item.dropped and item.dropped == item.records:
        return "(all in other inputs too)"
    return "(all outside the window)" if item.outside else drawn


def _legend(used: str, signs: bars.Signs) -> Iterator[str]:
    yield "time in UTC"
    if signs.quiet in used and signs.quiet.strip():
        yield f"{signs.quiet} nothing"
    if signs.absent in used:
        yield f"{signs.absent} silent, not begun or ended"
    yield from (f"{letter} {what}" for _, letter, what in bars.MARKS if letter in used)


def _writes(encoding: str, signs: bars.Signs) -> bool:
    try:
        f"{signs.levels}{signs.quiet}{signs.absent}{signs.cut}".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _show_sum(out: Console, timeline: Timeline, refused: Sequence[SourceFile]) -> None:
    inputs = timeline.inputs
    lines, unparsed = sum(item.lines for item in inputs), sum(item.unparsed for item in inputs)
    parts = [f"{len(inputs):,} {'input' if len(inputs) == 1 else 'inputs'}, {timeline.frame.height:,} records"]
    if timeline.frame.height:
        first, last = timeline.frame["time"].min(), timeline.frame["time"].max()
        parts[0] += f", {_clock(first)} to {_clock(last)} UTC"  # type: ignore[arg-type]  # a datetime column
    parts.append(f"{unparsed:,} of {lines:,} lines not understood ({_share(unparsed, lines)})" if lines else "no lines")
    if refused:
        parts.append(f"{len(refused):,} not used")
    out.print(Text("; ".join(parts), style="bold"))
