"""Records -> events: what each record says, with typed fields, and whether its origin vouches for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.coverage.limiters import NOTE
from logcorr.dataclass import dataclass
from logcorr.events.candidates import KNOWN, Found, find_candidates
from logcorr.events.gather import gather_events
from logcorr.events.matching import Hidden, Hits, match_entry
from logcorr.events.queries import query_hits
from logcorr.events.suppression import note_hidden
from logcorr.events.wordbook import Entry, Group, Wordbook, open_wordbook
from logcorr.origin import Chosen, acting, hide
from logcorr.packed import alone
from logcorr.rulebook.models import Rulebook
from logcorr.rulebook.wordings import PREFIX
from logcorr.schema import TIMELINE, TOLD, Timeline

#: tailscaled's note that it holds back lines of a format; the quoted format must not count as such a line.
_HELD_BACK: Final = "[RATELIMIT] format("

_MESSAGE: Final = "_message"  # without its prefix

#: What events need of packed text, and of the frame, which is looked up once all are known.
_CARRIED: Final = ("id", "pid", "unit", "transport", "about", "repeat")
_IN_FRAME: Final = (*("time", "time_lo", "time_hi", "clock", "host", "program", "origin", "trusted", "source"),)

#: Rows that one thread takes at a time.
BATCH: Final = 1 << 17
#: Rows of several groups that are looked at together.
BUNDLE: Final = BATCH


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """Rows, the wordings that apply to their programs, and what others choose in their lines."""

    rows: pl.Series
    entries: tuple[Entry, ...]
    chosen: tuple[Chosen, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """The wordings of one event, each with the rows that it may match."""

    candidates: list[tuple[Entry, pl.Series]]
    hidden: Hidden | None


def classify(timeline: Timeline, rules: Rulebook) -> pl.DataFrame:
    """The events of a timeline, in its order: schema.EVENTS and ``fields``, a struct of all declared fields.

    A record may carry several events, each at most once. ``trusted`` is false where the record's origin is none that
    may say the event, true where the log vouches for it, and null where nothing is known.
    """
    wordbook = open_wordbook(rules)
    if timeline.text is None:
        seen = _seen(timeline.frame, timeline.told, wordbook)
    else:
        told, programs = timeline.told, timeline.frame["program"].unique().cast(pl.String)
        groups = list(wordbook.groups(programs))
        asked = told is not None and not wordbook.queries  # which look at any record
        telling = (told.list.len() != 0).fill_null(value=True) if asked and told is not None else None
        parts = ((part, told if told is None else told.gather(part["id"])) for part in timeline.slices(among=telling))
        seen = _joined([_telling(_seen(part, known, wordbook, groups)) for part, known in parts])
        seen = replace(seen, frame=seen.frame.hstack(timeline.rows(seen.frame["id"], _IN_FRAME)))
    events, rows = gather_events(seen.frame, seen.hits, wordbook)
    return note_hidden(events, seen.message.gather(rows), wordbook)


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """Records (schema.TIMELINE), their messages without prefixes, and what they say."""

    frame: pl.DataFrame
    message: pl.Series
    hits: list[Hits]

    def at(self, rows: NDArray[np.integer], numbers: NDArray[np.integer]) -> _Seen:
        """Only the records ``rows``; ``numbers`` are those that each of all has from now on."""
        hits = [replace(one, rows=pl.Series("row", numbers[one.rows.to_numpy()])) for one in self.hits]
        chosen = self.frame.select(_CARRIED).with_columns(self.message.alias(_MESSAGE))[rows]
        chosen = alone(chosen, self.frame.height)
        return _Seen(chosen.drop(_MESSAGE), chosen[_MESSAGE], hits)


def _seen(
    frame: pl.DataFrame, told: pl.Series | None, wordbook: Wordbook, groups: Sequence[Group] | None = None
) -> _Seen:
    """What records say, of which ``told`` (schema.TOLD) is known. ``groups``: of their programs, and of more."""
    records = _plain(frame)
    if told is not None:
        records = records.with_columns(told.alias(KNOWN))
    hits = _all_hits(records, wordbook.groups(records["program"].unique()) if groups is None else groups)
    return _Seen(frame, records["message"], hits + query_hits(frame, hits, wordbook))


def _telling(seen: _Seen) -> _Seen:
    """Only the records that say something."""
    says = np.zeros(seen.frame.height, np.bool_)
    for one in seen.hits:
        says[one.rows.to_numpy()] = True
    return seen.at(np.flatnonzero(says), np.cumsum(says, dtype=np.int64) - 1)


def _joined(parts: Sequence[_Seen]) -> _Seen:
    """All parts together, in the order of ``id``."""
    starts = np.cumsum([0, *(part.frame.height for part in parts)]).tolist()
    hits = [
        replace(one, rows=one.rows + start) for part, start in zip(parts, starts, strict=False) for one in part.hits
    ]
    frame = pl.concat([part.frame for part in parts])
    message = pl.concat([part.message for part in parts])
    if frame["id"].is_sorted():
        return _Seen(frame, message, hits)
    order = frame["id"].arg_sort().to_numpy()
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    return _Seen(frame, message, hits).at(order, number)


def match_wordings(rows: pl.DataFrame, rules: Rulebook) -> pl.Series:
    """The wordings that each of some records (schema.RECORDS) matches, as schema.TOLD: a part of what ``classify`` does
    that needs no other records, for a worker to do.
    """
    hits = _all_hits(_plain(rows), open_wordbook(rules).groups(rows["program"].unique()), fields=False)
    row = pl.concat([pl.Series("row", [], pl.UInt32), *(found.rows.rename("row") for found in hits)])
    number = np.repeat([found.number for found in hits], [len(found.rows) for found in hits])
    pairs = pl.DataFrame({"row": row, "told": pl.Series(number, dtype=pl.UInt32)})
    every = pl.DataFrame({"row": pl.int_range(rows.height, dtype=pl.UInt32, eager=True)})
    joined = every.join(pairs, on="row", how="left", maintain_order="left_right")
    told = joined.group_by("row", maintain_order=True).agg(pl.col("told").drop_nulls())
    return told["told"].cast(TOLD)


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
    """What matching looks at, with log prefixes taken off the messages; ``wide``: there is more in it than ASCII."""
    message = pl.col("message").str
    wide = (message.len_bytes() != message.len_chars()).alias("wide")
    records = frame.select("program", "message", "message_id", "transport", wide)
    prefixed = records.select(message.starts_with("[v") | message.starts_with("20")).to_series().arg_true()
    if prefixed.is_empty():
        return records
    text = records["message"]
    return records.with_columns(text.scatter(prefixed, text.gather(prefixed).str.replace(PREFIX, "")))


def _all_hits(records: pl.DataFrame, groups: Iterable[Group], *, fields: bool = True) -> list[Hits]:
    """Every wording's matches: group of programs by group, batches of rows and then events in parallel."""
    groups = list(groups)
    rows_of = _rows_of(records["program"], [group.programs for group in groups])
    tasks = [_Task(rows, group.entries, group.chosen) for rows, group in zip(rows_of, groups, strict=True)]
    bundles = _bundles([batch for task in _held_back(records, tasks) for batch in _batches(task)])
    look, match = partial(_candidates, records), partial(_hits, records, fields=fields)
    if len(bundles) == 1:  # no work for several threads
        return [found for work in look(bundles[0]) for found in match(work)]
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        work = [each for part in pool.map(look, bundles) for each in part]
        return [found for hits in pool.map(match, work) for found in hits]


def _batches(task: _Task) -> list[_Task]:
    """The task in equal parts that are not too long for the threads to share the work evenly."""
    count = -(-len(task.rows) // BATCH)
    edges = [len(task.rows) * number // max(count, 1) for number in range(count + 1)]
    return [replace(task, rows=task.rows[start:end]) for start, end in pairwise(edges)]


def _bundles(batches: Sequence[_Task]) -> list[list[_Task]]:
    """The tasks, small ones together: programs have many wordings in common, and each is compiled once a bundle."""
    bundles: list[list[_Task]] = []
    room = 0
    for task in batches:
        if not bundles or len(task.rows) > room:
            bundles.append([])
            room = BUNDLE
        bundles[-1].append(task)
        room -= len(task.rows)
    return bundles


def _held_back(records: pl.DataFrame, tasks: Sequence[_Task]) -> list[_Task]:
    """The tasks with the notes about held-back lines apart, for which only the rules about such notes count."""
    notes = records["message"].str.starts_with(_HELD_BACK).fill_null(value=False)
    if not notes.any():
        return list(tasks)
    apart: list[_Task] = []
    for task in tasks:
        quoting = notes.gather(task.rows)
        about = tuple(entry for entry in task.entries if entry.event == NOTE)
        apart.append(replace(task, rows=task.rows.filter(~quoting)))
        apart.append(replace(task, rows=task.rows.filter(quoting), entries=about))
    return apart


def _candidates(records: pl.DataFrame, bundle: Sequence[_Task]) -> list[_Work]:
    """The wordings that may match some of the rows, event by event."""
    names = [name for name in ("message", "message_id", KNOWN) if name in records.columns]
    row = np.concatenate([task.rows.to_numpy() for task in bundle])
    group = np.repeat(np.arange(len(bundle), dtype=np.uint16), [len(task.rows) for task in bundle])
    order = np.argsort(row, kind="stable")
    rows = pl.DataFrame({"row": row[order], "group": group[order]})
    looked_at = rows.with_columns(records.select(pl.col(names).gather(rows["row"])))
    events: dict[str, list[tuple[Entry, pl.Series]]] = {}
    found = find_candidates(looked_at, [task.entries for task in bundle], [task.chosen for task in bundle])
    for entry, candidates in found.candidates:
        events.setdefault(entry.event, []).append((entry, candidates))
    hidden = _hidden(looked_at, found, bundle)
    return [_Work(pairs, hidden) for pairs in events.values()]


def _hidden(looked_at: pl.DataFrame, found: Found, bundle: Sequence[_Task]) -> Hidden | None:
    """What outsiders chose, taken out of the messages that some wording may match that is not to see it."""
    blind = [rows for entry, rows in found.candidates if not entry.as_written]
    groups: dict[tuple[Chosen, ...], list[int]] = {}
    for group, task in enumerate(bundle):
        groups.setdefault(acting(task.chosen), []).append(group)
    groups.pop((), None)
    if not blind or not groups:
        return None
    some = np.intersect1d(pl.concat(blind).to_numpy(), found.chosen)
    seen = looked_at[np.searchsorted(looked_at["row"].to_numpy(), some)]
    parts = []
    for chosen, mine in groups.items():
        written = seen.filter(pl.col("group").is_in(mine)).select("row", "message")
        if written.height:
            shown = hide(written["message"], chosen)
            parts.append(written.select("row", shown).filter((shown != written["message"]).fill_null(value=False)))
    changed = pl.concat(parts).sort("row") if parts else seen.clear()
    return Hidden(changed["row"], changed["message"]) if changed.height else None


def _hits(records: pl.DataFrame, work: _Work, *, fields: bool) -> list[Hits]:
    """What the wordings of one event match; a row that one of them matches is not held against the next."""
    found: list[Hits] = []
    for entry, candidates in work.candidates:
        open_ = candidates.to_numpy()
        for before in found:
            open_ = np.setdiff1d(open_, before.rows.to_numpy(), assume_unique=True)
        hits = match_entry(records, entry, pl.Series("row", open_), work.hidden, fields=fields)
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
