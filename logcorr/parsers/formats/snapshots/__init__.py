"""Snapshots: the dated output of the commands that show the state of a machine's network.

``snapshot`` walks through a transcript, ``sections`` tells its times and prompts, a module for each family of commands
says what their output states, and ``dating`` adds what the file's name and modification time tell.
"""

from typing import Final

from logcorr.parsers.formats.snapshots.dating import date_snapshots
from logcorr.parsers.formats.snapshots.samples import SAMPLES
from logcorr.parsers.formats.snapshots.snapshot import TRANSPORT, Snapshots

PARSER: Final = Snapshots("snapshot", "snapshots of counters and states", SAMPLES)

__all__ = ["PARSER", "TRANSPORT", "date_snapshots"]
