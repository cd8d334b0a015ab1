"""The table as a page of the documentation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from tests.corpora.measure import Tally

_HEAD: Final = """# Sample logs of other projects

What becomes of logs that other projects keep as samples. They are not part of this repository: fetch the projects below
at the commits named, and run `python -m tests.corpora NAME=FOLDER ... > docs/corpora.md`, which writes this page anew;
`--why` tells of every file and line that is counted against logcorr. A file is dated where at least half of its lines
carry a time; it is refused where more of its lines are not understood than are. Times are held against those that the
projects themselves assert.

"""
_COLUMNS: Final = (
    "corpus", "files", "dated", "read", "dated and refused", "records", "lines not understood", "empty messages",
    "times right", "times wrong", "disputed", "not read", "crashes",
)  # fmt: skip
_DISPUTED: Final = """
## Disputed

Assertions that are not what their lines say.

"""
_NAMED: Final = """
## Called likely or confirmed

What `--verdicts` tells: each file analysed by itself. Each of these was read: its lines say so themselves.

"""
_REFUSED: Final = """
## Dated and refused

"""


def page(sources: Mapping[str, tuple[str, str]], tallies: Mapping[str, Tally], *, verdicts: bool) -> str:
    """Markdown: the table, the commits, what was refused and disputed; with ``verdicts``, which causes are named."""
    rows = [_row(name, tally) for name, tally in tallies.items()]
    lines = ["| " + " | ".join(_COLUMNS) + " |", "|---|" + "---:|" * (len(_COLUMNS) - 1), *rows, ""]
    lines += [f"- {name}: `{repository}` at `{commit}`" for name, (repository, commit) in sources.items()]
    text = _HEAD + "\n".join(lines) + "\n"
    refused = [f"- {name}: `{told.split(':')[0]}`" for name, tally in tallies.items() for told in tally.refused]
    disputed = Counter(f"- {name}, {told}" for name, tally in tallies.items() for told in tally.disputed)
    if verdicts:
        named = [
            f"- {name}: `{told.split(':')[0]}`:{told.split(':')[1]}"
            for name, t in tallies.items()
            for told in t.verdicts
        ]
        text += _NAMED + "\n".join(named or ["Nothing."]) + "\n"
    text += _REFUSED + "\n".join(refused or ["Nothing."]) + "\n"
    return text + _DISPUTED + "\n".join(f"{told} ({n})" for told, n in disputed.items()) + "\n" if disputed else text


def _row(name: str, tally: Tally) -> str:
    counts = (
        tally.files, tally.dated, tally.read, len(tally.refused), tally.records, tally.unparsed, len(tally.empty),
        tally.right, len(tally.wrong), len(tally.disputed), len(tally.unread), len(tally.crashes),
    )  # fmt: skip
    return f"| {name} | " + " | ".join(f"{count:,}" for count in counts) + " |"
