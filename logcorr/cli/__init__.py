"""The command line: options become a request, the request a report, the report files. No analysis happens here."""

from __future__ import annotations

import gc
import sys

from logcorr.cli.ending import Signals, leaving
from logcorr.cli.front import answer
from logcorr.cli.standard import open_standard

#: Objects between two searches for garbage. What a run makes lives to its end, and most of it is no Python object: with
#: Python's own 700 a small run spends a twentieth of its time on searches that find nothing.
_GARBAGE = 200_000


def main() -> None:
    """Run the command line and leave with the exit code that belongs to what happened."""
    open_standard()
    signals = Signals()
    code = leaving(_run, signals)
    gc.freeze()  # or Python, as it ends, looks once through all objects for garbage
    sys.exit(leaving(lambda: _flushed(code), signals))


def _run() -> int:
    help_text = answer(sys.argv[1:])
    if help_text is None:
        gc.set_threshold(_GARBAGE)
        from logcorr.cli.commands import run

        return run()
    print(help_text)  # noqa: T201  # click is not loaded for this
    return 0


def _flushed(code: int) -> int:
    sys.stdout.flush()
    return code
