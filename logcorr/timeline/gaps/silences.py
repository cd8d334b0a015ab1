"""Where we could not look: silence, lost and suppressed messages, clock steps, logs that start late or end early."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.model import CoverageGap, GapKind, SourceFile
from logcorr.ratelimits import JOURNALD_INTERVAL, TAILSCALED_HELD_BACK
from logcorr.schema import SPANS
from logcorr.timeline.arrays import as_rows, falls_and_rises, in_order, lines_by
from logcorr.times.micros import MINUTE, SECOND, Ints, to_datetime, to_micros
from logcorr.times.timespan import duration

_SHORTEST: Final = 5 * MINUTE  # no silence shorter than this is worth telling
_LONGEST_USUAL: Final = 11  # the interval that only ten others exceed is still usual
_ENOUGH: Final = 24  # intervals needed to say what is usual
_PIECE: Final = 1 << 20
_NEVER: Final = 1 << 62
_UNPARSED: Final = 0.01  # share of lines not understood that is worth telling


@dataclass(frozen=True, slots=True)
class SeenSpan:
    """The records of one host in one log, sorted by time (µs). Rotated files are one log; so are all journals."""

    host: str
    log: str
    time: Ints
    source: NDArray[np.uint16]


def usual_interval(time: Ints) -> int | None:
    """How long a silence must be to stand out (µs): far longer than the source is usually silent. None: cannot say.

    Four times the interval that only ten others exceed, ten times the mean one, and five minutes, whatever is longest.
    """
    if len(time) <= _ENOUGH:
        return None
    longest = np.array([], dtype=np.int64)
    for start in range(0, len(time) - 1, _PIECE):
        interval = np.concatenate([longest, np.diff(time[start : start + _PIECE + 1])])
        longest = np.sort(interval[np.argpartition(interval, -_LONGEST_USUAL)[-_LONGEST_USUAL:]])
    return max(4 * int(longest[0]), 10 * _mean_interval(time), _SHORTEST)


def find_spans(seen: Sequence[SeenSpan]) -> tuple[pl.DataFrame, list[tuple[SeenSpan, int]]]:
    """Stretches of each source without silence (SPANS), and the silences: (where, position of the last record)."""
    rows: list[tuple[int, str, int, int]] = []
    silences = []
    for one in seen:
        limit = usual_interval(one.time)
        starts = falls_and_rises(one.time, _NEVER, limit)[1] if limit else np.array([], dtype=np.int64)
        silences += [(one, int(at) - 1) for at in starts]
        for begin, end in pairwise([0, *starts.tolist(), len(one.time)]):
            time = one.time[begin:end]
            for lines in lines_by(one.source[begin:end]):
                mine = time[lines]
                rows.append((int(one.source[begin:end][lines][0]), one.host, int(mine[0]), int(mine[-1])))
    spans = pl.DataFrame(
        {
            "source": pl.Series([row[0] for row in rows], dtype=pl.UInt16),
            "host": pl.Series([row[1] for row in rows], dtype=pl.String),
            "start": pl.Series([row[2] for row in rows], dtype=pl.Int64).cast(SPANS["start"]),
            "end": pl.Series([row[3] for row in rows], dtype=pl.Int64).cast(SPANS["end"]),
        }
    )
    return spans.sort("source", "host", "start"), silences


def gap(
    kind: GapKind,
    reason: str,
    *,
    source: str | None = None,
    host: str | None = None,
    start: int | None = None,
    end: int | None = None,
) -> CoverageGap:
    """A coverage gap from times in µs."""
    return CoverageGap(
        source=source,
        host=host,
        kind=kind,
        start=None if start is None else to_datetime(start),
        end=None if end is None else to_datetime(end),
        reason=reason,
    )


def edge_gaps(
    seen: Sequence[SeenSpan], paths: Sequence[str], since: int | None, until: int | None
) -> Iterator[CoverageGap]:
    """Logs that start after, or end before, the window; where it is open, the rest of the logs."""
    if not seen:
        return
    low = min(int(one.time[0]) for one in seen) if since is None else since
    high = max(int(one.time[-1]) for one in seen) if until is None else until
    for one in seen:
        slack = usual_interval(one.time) or max(_SHORTEST, 2 * _mean_interval(one.time))
        first, last = int(one.time[0]), int(one.time[-1])
        head, tail = paths[int(one.source[0])], paths[int(one.source[-1])]
        if first - low > slack and low < high:
            reason = f"the log starts {duration((first - low) / SECOND)} after {_than(since)}"
            yield gap("starts-late", reason, source=head, host=one.host, start=low, end=min(first, high))
        if high - last > slack and low < high:
            reason = f"the log ends {duration((high - last) / SECOND)} before {_than(until)}"
            yield gap("ends-early", reason, source=tail, host=one.host, start=max(last, low), end=high)


def outside_gaps(
    inputs: Sequence[SourceFile], inside: Collection[int], since: int | None, until: int | None
) -> Iterator[CoverageGap]:
    """Logs of which no record lies in the window. ``inside``: the sources of logs that have some."""
    for index, one in enumerate(inputs):
        if index in inside or one.first is None or one.last is None or one.records == one.dropped:
            continue
        first, last = to_micros(one.first), to_micros(one.last)
        kind: GapKind = "silence"
        reason = "the log has no record in the window"
        if since is not None and last < since:
            kind, reason = "ends-early", f"the log ends {duration((since - last) / SECOND)} before the window begins"
        elif until is not None and first > until:
            kind, reason = "starts-late", f"the log starts {duration((first - until) / SECOND)} after the window ends"
        yield gap(kind, reason, source=one.path, host=one.host, start=since, end=until)


def _than(bound: int | None) -> str:
    return "the other logs" if bound is None else "the window"


def _mean_interval(time: Ints) -> int:
    return int((time[-1] - time[0]) // max(len(time) - 1, 1))


def unparsed_gaps(inputs: Sequence[SourceFile]) -> Iterator[CoverageGap]:
    """Sources of which a share worth telling was not understood."""
    for one in inputs:
        if one.unparsed and one.unparsed >= _UNPARSED * one.lines:
            kind: GapKind = "unrecognised" if one.format == "unrecognised" else "unparsed"
            share = f" ({one.unparsed / one.lines:.1%})" if one.lines else ""
            yield CoverageGap(
                source=one.path,
                host=one.host,
                kind=kind,
                start=one.first,
                end=one.last,
                reason=f"{one.unparsed} of {one.lines} lines were not understood{share}",
            )


def damage_gaps(inputs: Sequence[SourceFile], lost: Sequence[Sequence[str]]) -> Iterator[CoverageGap]:
    """Sources of which a part could not be read."""
    for one, reasons in zip(inputs, lost, strict=True):
        for reason in reasons:
            yield gap("unreadable", reason, source=one.path, host=one.host)


def sequence_gaps(
    boot: NDArray[np.int32], seqnum: Ints, time: Ints, source: NDArray[np.uint16], paths: Sequence[str]
) -> Iterator[CoverageGap]:
    """Entries of a boot that journald numbered and that none of the sources has."""
    for lines in lines_by(boot):
        order = in_order(as_rows(lines), seqnum)
        holes = falls_and_rises(seqnum[order], _NEVER, 1)[1] - 1
        if not holes.size:
            continue
        lacking = seqnum[order[holes + 1]] - seqnum[order[holes]] - 1
        missing = int(lacking.sum())
        path = paths[int(source[order[0]])]
        if len(holes) > max(20, len(order) // 50):
            reason = (
                f"{missing} of {missing + len(order)} journal entries are in none of the files: they were exported "
                "with a filter, or other journal files of the machine are missing"
            )
            yield gap("not-given", reason, source=path, start=int(time[order].min()), end=int(time[order].max()))
            continue
        ends = np.stack([time[order[holes]], time[order[holes + 1]]])
        starts = np.flatnonzero(np.concatenate([[True], ends.min(axis=0)[1:] - ends.max(axis=0)[:-1] > MINUTE]))
        for first, last in pairwise([*starts.tolist(), len(holes)]):
            count = int(lacking[first:last].sum())
            reason = (
                f"{count} journal entr{'ies are' if count > 1 else 'y is'} missing, "
                f"between sequence numbers {seqnum[order[holes[first]]]} and {seqnum[order[holes[last - 1] + 1]]}"
            )
            here = ends[:, first:last]
            path = paths[int(source[order[holes[first]]])]
            yield gap("lost-messages", reason, source=path, start=int(here.min()), end=int(here.max()))


def loss_gaps(marks: pl.DataFrame, paths: Sequence[str], begins: Sequence[int]) -> Iterator[CoverageGap]:
    """What the logs themselves say they left out. ``marks``: source, host, time (µs), mark, count, subject.

    ``begins`` is when the first record of each source was written.
    """
    for row in _losses(marks, pl.Series("begin", begins, dtype=pl.Int64)).rows(named=True):
        kind: GapKind = "lost-messages" if row["mark"] == "missed" else "rate-limited"
        subject = f" of {row['subject']}" if row["subject"] else ""
        count = f"{row['count']} message{'s' * (row['count'] != 1)}" if row["count"] else "messages"
        verb = f"{'was' if row['count'] == 1 else 'were'} {'missed' if kind == 'lost-messages' else 'suppressed'}"
        yield gap(
            kind,
            f"{count}{subject} {verb}",
            source=paths[row["source"]],
            host=row["host"],
            start=row["start"],
            end=row["end"],
        )


def _losses(marks: pl.DataFrame, begins: pl.Series) -> pl.DataFrame:
    """Losses of one subject that follow one another within a minute, as one.

    tailscaled says when it begins to hold lines of a format back. What it dropped, it dropped soon after; it says how
    many with the next line of the format, however late that comes, and then speaks of the time that it began.
    """
    told = marks.filter(pl.col("mark").is_in(["suppressed", "missed", "ratelimit"]))
    key = ["source", "host", "mark", "subject"]
    opening = (pl.col("mark") == "ratelimit") & pl.col("count").is_null()
    opened = pl.when(opening).then("time").forward_fill().over(key)
    unopened = (pl.col("mark") == "ratelimit") & opened.is_null()
    began = pl.lit(begins).gather(pl.col("source"))
    start = pl.when(unopened).then(began).otherwise(pl.coalesce(opened, pl.col("time") - JOURNALD_INTERVAL))
    return (
        told.sort(*key, "time", nulls_last=True)
        .with_columns(start.alias("start"), pl.coalesce(opened + TAILSCALED_HELD_BACK, "time").alias("end"))
        .with_columns(
            (pl.col("start") - pl.col("end").shift() > MINUTE).fill_null(value=True).cum_sum().over(key).alias("run")
        )
        .group_by(*key, "run", maintain_order=True)
        .agg(pl.col("start").min(), pl.col("end").max(), pl.col("count").sum())
        .sort("start", *key, nulls_last=True)
    )
