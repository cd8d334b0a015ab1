"""What ``logcorr --help`` says, at once: the libraries that commands are made with are not loaded for it."""

from __future__ import annotations

import os
from collections.abc import Sequence

#: The paragraphs are set by hand (a line of \b says so to click), so that they fit 80 columns.
PROGRAM = "logcorr"
HELP = """Find the root cause of a connectivity incident in exported logs.

\b
logcorr analyze LOGS/      write a root-cause report
logcorr check LOGS/        what was recognised, how far each file reaches
logcorr timeline LOGS/     all records of all files, in true time order
logcorr report FINDINGS    a report again from its JSON: HTML, Markdown, PDF
logcorr rules list         the rules that decide
logcorr redact FILE        a log with recognised names and secrets replaced

\b
Exit codes: 0 analysed, 1 failed, 2 wrong usage or rules, 3 no usable input,
10/11/12 with --fail-on, 130 interrupted, 141 the reader of the output left.
"""
COMMANDS = {
    "analyze": "Find out what went wrong, and write a report about it.",
    "check": "Show what was recognised, and what the logs cannot show.",
    "completion": "Make the Tab key complete commands and options.",
    "help": "Show how a command is used.",
    "redact": "Replace recognised names, addresses and secrets in text logs.",
    "report": "Write a report again from its JSON, in other formats.",
    "rules": "Look at the rules, and write and test your own.",
    "timeline": "Merge logs of several hosts in true time order.",
    "version": "Show the version.",
}
_USAGE = "Usage: logcorr [OPTIONS] COMMAND [ARGS]..."
_OPTIONS = {
    "--config FILE": "Read options from FILE, and from no logcorr.toml.",
    "--no-config": "Read no logcorr.toml.",
    "-V, --version": "Show the version and exit.",
    "-h, --help": "Show this message and exit.",
}
_COLUMNS = 80


def answer(arguments: Sequence[str]) -> str | None:
    """The help for ``arguments``, where they ask for nothing else; None where the terminal is too narrow for it."""
    return help_text() if list(arguments) in (["--help"], ["-h"]) and _columns() >= _COLUMNS else None


def help_text() -> str:
    """As click writes it."""
    told = HELP.replace("\b\n", "").strip().split("\n")
    tables = [(title, rows) for title, rows in (("Options", _OPTIONS), ("Commands", COMMANDS))]
    lines = [_USAGE, "", *(f"  {line}".rstrip() for line in told)]
    for title, rows in tables:
        width = max(map(len, rows))
        lines += ["", f"{title}:", *(f"  {name:{width}}  {text}" for name, text in rows.items())]
    return "\n".join(lines)


def _columns() -> int:
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given):
        return int(given)
    try:
        return os.get_terminal_size(1).columns or _COLUMNS
    except OSError:
        return _COLUMNS
