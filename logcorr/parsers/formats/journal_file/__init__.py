"""Native journal files (``*.journal``, ``*.journal~``), read as columns and without libsystemd.

An entry is a list of references to data objects, and every distinct ``FIELD=value`` is stored once. So the offsets of
all entries are gathered first (``entries``), then those of all their items (``items``); each data object is looked at
once, and only the values of wanted fields are decoded (``payloads``, ``values``) and copied out of the file
(``columns``); then every column of the rows is one take (``rows``).

Files are often damaged or still open. Offsets are checked in bulk before they are followed, what fails is dropped and
counted, and where the index is broken, the entries are found by walking from object to object. journalctl drops those.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.parsers.engine.base import Batch, Sample
from logcorr.parsers.engine.head import Head
from logcorr.parsers.formats.journal_file.columns import Columns, look_up
from logcorr.parsers.formats.journal_file.entries import Entries, find_entries
from logcorr.parsers.formats.journal_file.layout import ENTRY_HEAD, SIGNATURE, Header, open_journal, refusal
from logcorr.parsers.formats.journal_file.rows import records
from logcorr.parsers.formats.journal_file.sample import SAMPLE
from logcorr.schema import RECORDS, Facts, empty

ID: Final = "journal-file"

_LOST: Final = "an entry that the header counts, and that is not in the file (cut short, damaged or never written)"


@dataclass(frozen=True, slots=True)
class Contents:
    """What was found in a journal file, without its bytes: a fraction of them, and enough for its rows."""

    header: Header
    entries: Entries
    columns: Columns
    size: int  # bytes of the file

    def batch(self, *, first_offset: int = 0) -> Batch:
        """The rows; see ``read_journal``."""
        lines = np.arange(1, 1 + len(self.entries.offsets))
        rows = records(self.entries, self.columns, self.header.seqnum_id, lines=lines, first_offset=first_offset)
        lost = max(0, min(self.header.entries, self.size // ENTRY_HEAD) - rows.height)
        return Batch(
            rows,
            _unparsed(1 + rows.height, lost, _LOST),
            lines=rows.height + lost,
            facts=Facts(notes=tuple(self._notes())),
            formats=(ID,),
        )

    def _notes(self) -> list[str]:
        counts = {
            "entries that the file's index does not list": self.entries.recovered,
            "entries behind damage, known by their looks alone": np.count_nonzero(self.entries.loose),
            "references to fields lost to damage": self.columns.bad_items,
            "compressed values that could not be unpacked": self.columns.bad_values,
        }
        said = f"header says {self.header.entries} entries, read {len(self.entries.offsets)}"
        return [self.header.traits, said, *(f"{what}: {count}" for what, count in counts.items() if count)]


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that is no journal, or none that can be read."""

    reason: str

    def batch(self, *, first_offset: int = 0) -> Batch:  # noqa: ARG002  as in Contents
        """No rows, and the reason."""
        facts = Facts(notes=(self.reason,))
        return Batch(empty(RECORDS), _unparsed(1, 1, self.reason), lines=1, facts=facts, formats=(ID,))


def look_into(data: bytes | memoryview) -> Contents | Refused:
    """What a journal file holds. Never raises for anything in ``data``, and keeps no reference to it."""
    reason = refusal(data)
    if reason is not None:
        return Refused(reason)
    journal = open_journal(data)
    entries = find_entries(journal)
    return Contents(journal.header, entries, look_up(journal, entries), journal.size)


def read_journal(data: bytes | memoryview, *, first_offset: int = 0) -> Batch:
    """Read a journal file. Never raises for anything in ``data``.

    A row's ``line`` is the entry's number in the file, its ``offset`` that of the entry object. An entry that the
    header counts and that cannot be found is a line of ``unparsed``; values lost to damage are counted in the notes.
    """
    return look_into(data).batch(first_offset=first_offset)


def _unparsed(first: int, count: int, text: str) -> pl.DataFrame:
    line = np.arange(first, first + count, dtype=np.uint32)
    return pl.DataFrame({"line": line}).with_columns(text=pl.lit(text, pl.String))


@dataclass(frozen=True, slots=True)
class JournalFile:
    """The parser of native journal files, which takes a file in one piece."""

    id: str = ID
    title: str = "systemd journal file"
    samples: tuple[Sample, ...] = (SAMPLE,)

    def sniff(self, head: Head) -> float:
        """Certain by the signature."""
        return 1.0 if head.data.startswith(SIGNATURE) else 0.0

    def parse(self, data: bytes, *, first_offset: int = 0) -> Batch:
        """See ``read_journal``."""
        return read_journal(data, first_offset=first_offset)


PARSER: Final = JournalFile()
