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


def read_journal(data: bytes | memoryview, *, first_offset: int = 0) -> Batch:
    """Read a journal file. Never raises for anything in ``data``.

    A row's ``line`` is the entry's number in the file, its ``offset`` that of the entry object. An entry that the
    header counts and that cannot be found is a line of ``unparsed``; values lost to damage are counted in the notes.
    """
    reason = refusal(data)
    if reason is not None:
        facts = Facts(notes=(reason,))
        return Batch(empty(RECORDS), _unparsed(1, 1, reason), lines=1, facts=facts, formats=(ID,))
    journal = open_journal(data)
    entries = find_entries(journal)
    columns = look_up(journal, entries)
    lines = np.arange(1, 1 + len(entries.offsets))
    rows = records(entries, columns, journal.header.seqnum_id, lines=lines, first_offset=first_offset)
    lost = max(0, min(journal.header.entries, journal.size // ENTRY_HEAD) - rows.height)
    return Batch(
        rows,
        _unparsed(1 + rows.height, lost, _LOST),
        lines=rows.height + lost,
        facts=Facts(notes=_notes(journal.header, entries, columns)),
        formats=(ID,),
    )


def _notes(header: Header, entries: Entries, columns: Columns) -> tuple[str, ...]:
    counts = {
        "entries that the file's index does not list": entries.recovered,
        "entries behind damage, known by their looks alone": np.count_nonzero(entries.loose),
        "references to fields lost to damage": columns.bad_items,
        "compressed values that could not be unpacked": columns.bad_values,
    }
    said = f"header says {header.entries} entries, read {len(entries.offsets)}"
    return (header.traits, said, *(f"{what}: {count}" for what, count in counts.items() if count))


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
