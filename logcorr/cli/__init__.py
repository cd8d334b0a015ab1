"""The command line: options become a request, the request a report, the report files. No analysis happens here."""

from __future__ import annotations

import io
import os
import sys

from logcorr.cli.front import BROKEN_PIPE, answer


def main() -> None:
    """Run the command line and leave with the exit code that belongs to what happened."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a sign shows ?, and the report goes on
    try:
        help_text = answer(sys.argv[1:])
        if help_text is None:
            from logcorr.cli.commands import run

            run()
        else:
            print(help_text, flush=True)  # noqa: T201  # click is not loaded for this
    except BrokenPipeError:
        # The reader went away (`| head`); what is still buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(BROKEN_PIPE)
