"""The entries of journal files that were written in a window of time, at a cost of what the window holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.parsers.formats.journal_file import ID
from logcorr.parsers.formats.journal_file.columns import look_up
from logcorr.parsers.formats.journal_file.entries import Entries
from logcorr.parsers.formats.journal_file.index import open_index
from logcorr.parsers.formats.journal_file.outline import Outline, Parts, outline, parts_within
from logcorr.parsers.formats.journal_file.rows import records
from logcorr.schema import Facts, Source, Whole


@dataclass(frozen=True, slots=True)
class JournalPart:
    """A journal file, and which of its entries are wanted."""

    path: Path
    parts: Parts
    whole: Whole
    size: int  # bytes
    machine: str  # the id of the machine that wrote it
    traits: str

    @classmethod
    def of(cls, path: Path, one: Outline, parts: Parts) -> JournalPart:
        """Keeps nothing of the file itself open."""
        journal = one.index.journal
        return cls(
            path=path,
            parts=parts,
            whole=Whole(one.index.count, int(one.wall.min()), int(one.wall.max())),
            size=journal.size,
            machine=bytes(journal.data[40:56]).hex(),
            traits=journal.header.traits,
        )

    def read(self, name: str, modified: datetime | None) -> Source | None:
        """The wanted entries, as ``parsers.read`` gives a whole file; None where one of them is damaged."""
        index = open_index(self.path)
        numbers = np.concatenate([np.arange(*part) for part in self.parts])
        found = index.heads(numbers) if index is not None and index.count >= self.whole.records else None
        if index is None or found is None:
            return None
        entries = Entries(*found, np.zeros(len(numbers), np.bool_), 0)
        columns = look_up(index.journal, entries)
        return Source(
            path=name,
            format=ID,
            rows=records(entries, columns, index.journal.header.seqnum_id, lines=numbers + 1, first_offset=0),
            unparsed=pl.DataFrame(schema={"line": pl.UInt32(), "text": pl.String()}),
            bytes=self.size,
            lines=self.whole.records,
            modified=modified,
            facts=Facts(notes=self.notes),
            whole=self.whole,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be told of the file."""
        count = sum(end - begin for begin, end in self.parts)
        which = "those around the window" if count else "none lies near the window"
        return (self.traits, f"{count:,} of {self.whole.records:,} entries were read: {which}")


def within(paths: Sequence[Path], low: int, high: int) -> dict[Path, JournalPart]:
    """Which entries of the files may have been written between two times (µs).

    What is left out must be read whole: its index is damaged, or is not to be relied on. Raises OSError.
    """
    outlines: dict[Path, Outline] = {}
    for path in paths:
        index = open_index(path)
        one = outline(index) if index is not None and index.count else None
        if index is not None and one is not None:
            outlines[path] = one
            index.let_go()  # a few pages of each of hundreds of files; the system maps those around them too
    if not outlines:
        return {}
    parts = parts_within(list(outlines.values()), low, high)
    return {path: JournalPart.of(path, one, mine) for (path, one), mine in zip(outlines.items(), parts, strict=True)}
