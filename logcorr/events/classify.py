"""Records -> events: what each record says, with typed fields, and whether its origin vouches for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl

from logcorr.coverage.limiters import NOTE
from logcorr.events.candidates import find_candidates
from logcorr.events.gather import gather_events
from logcorr.events.matching import Hits, match_entry
from logcorr.events.queries import query_hits
from logcorr.events.suppression import note_hidden
from logcorr.events.wordbook import Entry, Wordbook, open_wordbook
from logcorr.rulebook.models import Rulebook
from logcorr.rulebook.wordings import PREFIX
from logcorr.schema import TIMELINE, Timeline

#: tailscaled's note that it holds back lines of a format; the quoted format must not count as such a line.
_HELD_BACK: Final = "[RATELIMIT] format("

#: Rows that one thread takes at a time.
BATCH: Final = 1 << 17

#: The wordings of one event, each with the rows that it may match.
_Work = list[tuple[Entry, pl.Series]]
#: Rows, and the wordings that apply to their programs.
_Task = tuple[pl.Series, tuple[Entry, ...]]


def classify(timeline: Timeline, rules: Rulebook) -> pl.DataFrame:
    """The events of a timeline, in its order: schema.EVENTS and ``fields``, a struct of all declared fields.

    A record may carry several events, each at most once. ``trusted`` is the record's own, but false where the origin
    that the event's rules demand contradicts it, and null where nothing is known.
    """
    wordbook = open_wordbook(rules)
    records = _plain(timeline.frame)
    hits = _all_hits(records, wordbook)
    hits += query_hits(timeline.frame, hits, wordbook)
    events, rows = gather_events(timeline.frame, hits, wordbook)
    return note_hidden(events, records["message"].gather(rows), wordbook)


def classify_messages(
    records: Sequence[Mapping[str, object]], rules: Rulebook
) -> list[list[tuple[str, dict[str, object]]]]:
    """The events, each with those fields that have a value, of a few records given by some of the timeline's columns.

    For cases and trials: ``[{"program": "kernel", "message": "..."}]``.
    """
    columns = {name: pl.Series([record.get(name) for record in records], dtype=kind) for name, kind in TIMELINE.items()}
    frame = pl.DataFrame(columns).with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("id"))
    found: list[list[tuple[str, dict[str, object]]]] = [[] for _ in records]
    for row in classify(Timeline(frame), rules).select("id", "event", "fields").rows():
        found[row[0]].append((row[1], {name: value for name, value in row[2].items() if value is not None}))
    return found


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """What matching looks at, with log prefixes taken off the messages."""
    records = frame.select("program", "message", "message_id", "transport")
    begins = pl.col("message").str
    prefixed = records.select(begins.starts_with("[v") | begins.starts_with("20")).to_series().arg_true()
    if prefixed.is_empty():
        return records
    message = records["message"]
    return records.with_columns(message.scatter(prefixed, message.gather(prefixed).str.replace(PREFIX, "")))


def _all_hits(records: pl.DataFrame, wordbook: Wordbook) -> list[Hits]:
    """Every wording's matches: group of programs by group, batches of rows and then events in parallel."""
    groups = list(wordbook.groups(records["program"].unique()))
    rows_of = _rows_of(records["program"], [members for members, _ in groups])
    tasks = [(rows, entries) for rows, (_, entries) in zip(rows_of, groups, strict=True)]
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        batches = [batch for task in _held_back(records, tasks) for batch in _batches(task)]
        work = [each for part in pool.map(partial(_candidates, records), batches) for each in part]
        return [found for hits in pool.map(partial(_hits, records), work) for found in hits]


def _batches(task: _Task) -> list[_Task]:
    """The task in equal parts that are not too long for the threads to share the work evenly."""
    rows, entries = task
    count = -(-len(rows) // BATCH)
    edges = [len(rows) * number // max(count, 1) for number in range(count + 1)]
    return [(rows[start:end], entries) for start, end in pairwise(edges)]


def _held_back(records: pl.DataFrame, tasks: Sequence[_Task]) -> list[_Task]:
    """The tasks with the notes about held-back lines apart, for which only the rules about such notes count."""
    notes = records["message"].str.starts_with(_HELD_BACK).fill_null(value=False)
    if not notes.any():
        return list(tasks)
    apart: list[_Task] = []
    for rows, entries in tasks:
        quoting = notes.gather(rows)
        apart.append((rows.filter(~quoting), entries))
        apart.append((rows.filter(quoting), tuple(entry for entry in entries if entry.event == NOTE)))
    return apart


def _candidates(records: pl.DataFrame, task: _Task) -> list[_Work]:
    """The wordings that may match some of the rows, event by event."""
    rows, entries = task
    looked_at = records.select(pl.col("message", "message_id").gather(rows)).with_columns(rows.alias("row"))
    events: dict[str, _Work] = {}
    for entry, candidates in find_candidates(looked_at, entries):
        events.setdefault(entry.event, []).append((entry, candidates))
    return list(events.values())


def _hits(records: pl.DataFrame, work: _Work) -> list[Hits]:
    """What the wordings of one event match; a row that one of them matches is not held against the next."""
    found: list[Hits] = []
    for entry, candidates in work:
        open_ = candidates.to_numpy()
        for before in found:
            open_ = np.setdiff1d(open_, before.rows.to_numpy(), assume_unique=True)
        hits = match_entry(records, entry, pl.Series("row", open_))
        if len(hits.rows):
            found.append(hits)
    return found


def _rows_of(programs: pl.Series, groups: Sequence[pl.Series]) -> list[pl.Series]:
    """The numbers, ascending, of the rows of each group of programs."""
    codes = [
        pl.DataFrame({"program": members, "code": pl.repeat(n, len(members), dtype=pl.UInt16, eager=True)})
        for n, members in enumerate(groups)
    ]
    if not codes:
        return []
    table = pl.concat(codes)
    coded = programs.to_frame("program").join(table, on="program", how="left", nulls_equal=True, maintain_order="left")
    code = coded["code"].fill_null(len(groups)).to_numpy()
    order = np.argsort(code, kind="stable").astype(np.uint32)
    ends = np.searchsorted(code[order], np.arange(len(groups) + 1))
    return [pl.Series("row", order[start:end]) for start, end in pairwise(ends)]
