"""Which files are journals."""

from __future__ import annotations

from pathlib import Path

from logcorr.parsers.formats.journal_file.layout import SIGNATURE


def is_journal(path: Path) -> bool:
    """Whether the file at ``path`` begins as a journal does. Raises OSError."""
    with path.open("rb", buffering=0) as file:
        return file.read(len(SIGNATURE)) == SIGNATURE
