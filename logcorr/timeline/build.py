"""Many inputs, in one piece or block by block -> one timeline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.model import CoverageGap, SourceFile
from logcorr.packed import Packed, pack
from logcorr.schema import CODED, PACKED, PLACE, TIMELINE, Source, Timeline, empty
from logcorr.timeline.arrays import give_back, in_order, lines_by
from logcorr.timeline.dating.hosts import stem
from logcorr.timeline.frame import clock_columns, file_rows, kept_rows, make_frame
from logcorr.timeline.gaps.clock_gaps import clock_gaps
from logcorr.timeline.gaps.silences import (
    SeenSpan,
    damage_gaps,
    edge_gaps,
    find_spans,
    gap,
    loss_gaps,
    outside_gaps,
    sequence_gaps,
    unparsed_gaps,
)
from logcorr.timeline.inputs import describe
from logcorr.timeline.kept import Kept, join_blocks, keep, told_of
from logcorr.timeline.resolve import Resolved, resolve, window_of
from logcorr.timeline.settings import ClockSettings
from logcorr.timeline.snapshot_deltas import find_told, weave, with_deltas
from logcorr.timeline.tracks.track import Registry, Track, add_evidence, adopt, are_alone
from logcorr.times.micros import NULL, SECOND, to_micros
from logcorr.times.timespan import duration

_TOLD: Final = "_told"
_LONG: Final = 10_000  # records in a row, on average: fewer are copied, as a frame of many pieces is slow
_NEVER: Final = np.iinfo(np.int64).max


def build(sources: Iterable[Source | Kept], settings: ClockSettings, *, packed_from: int | None = None) -> Timeline:
    """Put the records of all sources into true time order. Pure: the order of inputs changes nothing, nor where they
    are cut into blocks, of which those of an input follow one another.

    Of each block only what is needed is kept, so that what nobody else holds on to need not fit into memory all at
    once. ``Timeline.inputs`` are the inputs sorted by path. From ``packed_from`` records on, their text is packed;
    None: never. Raises UsageError for a zone in ``settings`` that is not known.
    """
    timeline = _built(sources, settings, packed_from)
    give_back(timeline.frame.height)
    return timeline


def _built(sources: Iterable[Source | Kept], settings: ClockSettings, packed_from: int | None) -> Timeline:
    taken = _taken(sources, settings, packed_from)
    registry = Registry()
    resolved = _resolved(taken, registry, settings)
    inputs = describe(resolved, registry)
    spans, gaps = _find_coverage(resolved, registry, inputs, settings)
    text, texts = _packed(taken), _texts(taken)
    shown = [index for index, track in enumerate(resolved.tracks) if track.states]
    del taken
    give_back(len(resolved.order))
    frame = _put_together(texts, resolved, registry)
    timeline = Timeline(frame=frame, inputs=inputs, spans=spans, gaps=gaps, text=text)
    timeline = replace(timeline, frame=with_deltas(frame)) if text is None else _with_deltas(timeline, shown)
    frame = timeline.frame
    return replace(timeline, frame=frame.drop(_TOLD, strict=False), told=frame.get_column(_TOLD, default=None))


def _taken(sources: Iterable[Source | Kept], settings: ClockSettings, packed_from: int | None) -> list[Kept]:
    """All inputs, sorted; of so many records the text is packed, and where that of some came packed."""
    taken: list[Kept] = []
    blocks: list[Kept] = []
    count = 0
    for source in sources:
        one = source if isinstance(source, Kept) else keep(source, settings.outsiders)
        more = isinstance(source, Source) and source.more
        del source
        blocks.append(one)
        count += one.text.height
        if one.packed is not None or (packed_from is not None and count >= packed_from):
            packed_from = 0
            for each in (*taken, *blocks):
                each.pack()
        if not more:
            taken.append(join_blocks(blocks))
            blocks = []
    return sorted(taken, key=lambda one: (one.track.path, one.track.sha256 or ""))


def _resolved(taken: Sequence[Kept], registry: Registry, settings: ClockSettings) -> Resolved:
    """When all records happened. The tracks' columns are used up."""
    for one in taken:
        adopt(one.track, one.names, registry)
    tracks = [one.track for one in taken]
    if settings.hosts or not are_alone(tracks):
        for one in taken:
            add_evidence(one.track, one.blocks(), settings.outsiders)
    return resolve(tracks, registry, settings)


def _texts(taken: Sequence[Kept]) -> list[pl.DataFrame]:
    """What of the rows goes to the frame, and beside it what workers told of them, if they told of any."""
    if all(one.told is None for one in taken):
        return [one.text for one in taken]
    return [one.text.with_columns(each.alias(_TOLD)) for one, each in zip(taken, told_of(taken), strict=True)]


def _put_together(texts: list[pl.DataFrame], resolved: Resolved, registry: Registry) -> pl.DataFrame:
    """The timeline's frame, and beside it what workers told of its rows, and where their text is if that is packed.

    Empties ``texts``, and uses up ``resolved``.
    """
    if not texts:
        return empty(TIMELINE)
    is_packed = PACKED[0] not in texts[0]
    rows = kept_rows(resolved)
    places = file_rows(resolved, rows)
    clocks = clock_columns(resolved, rows, registry, coded=is_packed)
    del resolved, rows
    give_back(len(places))
    whole = _joined(_at(texts, places))
    beside = [whole[_TOLD]] if _TOLD in whole.columns else []
    beside += [pl.Series(PLACE, places, dtype=pl.UInt32)] if is_packed else []
    return make_frame(whole, clocks).with_columns(beside)


def _packed(taken: Sequence[Kept]) -> Packed | None:
    """The text of all sources, if it is packed."""
    blocks = [block for one in taken for block in one.packed or ()]
    return Packed.of(blocks) if blocks else None


def _with_deltas(timeline: Timeline, shown: Sequence[int]) -> Timeline:
    """The same with what the snapshots and samples of some sources (their numbers) differ in; see ``with_deltas``."""
    rows = timeline.frame["source"].is_in(shown).arg_true()
    found = find_told(timeline.rows(rows)) if len(rows) else empty(TIMELINE)
    if found.is_empty() or timeline.text is None:
        return timeline
    begin = int(timeline.text.starts[-1])
    places = pl.int_range(begin, begin + found.height, dtype=pl.UInt32, eager=True)
    text = timeline.text.with_more(pack(found.select(PACKED)))
    coded = found.drop(PACKED).with_columns(pl.col(CODED).cast(pl.Categorical), places.alias(PLACE))
    frame = weave(timeline.frame, coded)
    return replace(timeline, frame=frame, text=text)


def _joined(text: pl.DataFrame) -> pl.DataFrame:
    """The same, each column in one piece: that is copied column by column, and not in one go when all are selected."""
    columns = {name: text[name] for name in text.columns}
    del text
    for name, column in columns.items():
        columns[name] = column.rechunk()
        del column
    return pl.DataFrame(columns)


def _at(texts: list[pl.DataFrame], places: NDArray[np.uint32]) -> pl.DataFrame:
    """The rows at ``places``. Files that follow one another, as those of a rotated log do, are not copied for it."""
    text = pl.concat(texts)
    texts.clear()
    begins = np.concatenate([[0], np.flatnonzero(np.diff(places) != 1) + 1])[: len(places)]
    if len(begins) * _LONG >= len(places):
        return text[places]
    runs = pairwise([*begins.tolist(), len(places)])
    return pl.concat([text.slice(int(places[begin]), end - begin) for begin, end in runs])


def _find_coverage(
    resolved: Resolved, registry: Registry, inputs: Sequence[SourceFile], settings: ClockSettings
) -> tuple[pl.DataFrame, tuple[CoverageGap, ...]]:
    """Where the sources were seen (SPANS), and where we could not look."""
    records = resolved.records
    seen = _seen(resolved, registry)
    spans, silences = find_spans(seen)
    # a snapshot is no log, and its silence means nothing
    shots = {index for index, track in enumerate(resolved.tracks) if track.is_snapshot}
    seen = [one for one in seen if int(one.source[0]) not in shots]
    silences = [(one, at) for one, at in silences if int(one.source[0]) not in shots]
    paths = [one.path for one in inputs]
    since, until = (None if end is None else to_micros(end) for end in (settings.since, settings.until))
    gaps: list[CoverageGap] = []
    for one, at in silences:
        start, end = int(one.time[at]), int(one.time[at + 1])
        reason = f"no record for {duration((end - start) / SECOND)}"
        gaps.append(gap("silence", reason, source=paths[int(one.source[at])], host=one.host, start=start, end=end))
    gaps += edge_gaps(seen, paths, since, until)
    logs = {(one.host, one.log) for one in seen}
    inside = {index for index, one in enumerate(inputs) if (one.host, _log_name(resolved.tracks[index])) in logs}
    gaps += outside_gaps(inputs, inside | shots, since, until)
    gaps += unparsed_gaps(inputs)
    gaps += damage_gaps(inputs, [track.facts.lost for track in resolved.tracks])
    if not resolved.marks.is_empty():
        begins = [int(records.time[low:high].min(initial=_NEVER)) for low, high in pairwise(resolved.starts.tolist())]
        gaps += loss_gaps(resolved.marks, paths, begins)
    numbered = (resolved.seqnum_id >= 0) & (records.seqnum != NULL) & (records.boot >= 0) & ~resolved.twin
    known = slice(None) if numbered.all() else np.flatnonzero(numbered)
    gaps += sequence_gaps(records.boot[known], records.seqnum[known], records.time[known], records.source[known], paths)
    gaps += clock_gaps(resolved, registry, paths)
    low, high = window_of(settings)
    return spans, tuple(sorted((one for one in gaps if _touches(one, low, high)), key=_gap_key))


def _touches(one: CoverageGap, low: int, high: int) -> bool:
    """Whether any of the gap lies in the window and its margin."""
    return (one.end is None or to_micros(one.end) >= low) and (one.start is None or to_micros(one.start) <= high)


def _log_name(track: Track) -> str:
    """What the files of one log have in common: all journal files of a host are one, and so are rotated files."""
    return "journal" if track.journal else stem(track.path)


def _seen(resolved: Resolved, registry: Registry) -> list[SeenSpan]:
    """The times of every log, in the order of host and name."""
    records = resolved.records
    inside = resolved.inside[resolved.order]
    rows = resolved.order if inside.all() else resolved.order[inside]
    key = records.source[rows].astype(np.int64) * len(registry.hosts) + records.host[rows]
    logs: dict[tuple[str, str], list[NDArray[np.integer]]] = {}
    for lines in lines_by(key):
        mine = rows[lines]
        first = mine[0]
        track = resolved.tracks[int(records.source[first])]
        logs.setdefault((registry.hosts[int(records.host[first])], _log_name(track)), []).append(mine)
    found = []
    for (host, name), parts in sorted(logs.items()):
        seen = in_order(np.concatenate(parts), records.time) if len(parts) > 1 else parts[0]
        found.append(SeenSpan(host, name, records.time[seen], records.source[seen]))
    return found


def _gap_key(one: CoverageGap) -> tuple[str, str, str, str, str]:
    return (str(one.start), str(one.end), one.source or "", one.kind, one.reason)
