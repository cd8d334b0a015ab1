"""What can go wrong for a user, each with the exit code the command line ends with.

    LogcorrError          1  analysis failed
    ├── UsageError        2  a flag or a configuration value is wrong
    ├── RuleError         2  one or more rule files are wrong (all of them are named)
    ├── InputError        3  nothing usable to analyse
    └── OutputError       1  the report could not be written

A bad log line is never an exception: it is counted, located and shown. This module imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Sequence

_NAMED = 5  # problems that are named
_NO_LOG = (
    "name log files, folders or archives; a journal is exported with `journalctl -o export > host.export`, "
    "and `logcorr analyze --help` says what is read"
)


class LogcorrError(Exception):
    """A problem to be shown as ``place: what is wrong`` and, on the next line, ``hint: what to do``."""

    exit_code = 1

    def __init__(self, message: str, *, location: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.location = location
        self.hint = hint

    def __str__(self) -> str:
        place = f"{self.location}: " if self.location else ""
        hint = f"\nhint: {self.hint}" if self.hint else ""
        return f"{place}{self.message}{hint}"


class UsageError(LogcorrError):
    """A flag, an environment variable or a configuration value cannot be used."""

    exit_code = 2


class RuleError(LogcorrError):
    """Rule files are wrong. ``faults`` holds one error for each fault found; ``str()`` shows them all."""

    exit_code = 2

    def __init__(
        self, message: str, *, location: str | None = None, hint: str | None = None, faults: Sequence[LogcorrError] = ()
    ) -> None:
        super().__init__(message, location=location, hint=hint)
        self.faults = tuple(faults)

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults) if self.faults else super().__str__()


class InputError(LogcorrError):
    """None of the given inputs could be used."""

    exit_code = 3


def nothing_usable(inputs: Sequence[str], problems: Sequence[tuple[str, str]]) -> InputError:
    """The error for inputs of which none could be read: the one problem, or what is wrong with the first of several.

    ``problems`` are paths, each with what is wrong with it.
    """
    if len(problems) == 1:
        path, problem = problems[0]
        return InputError(problem, location=path, hint=_NO_LOG)
    place = ", ".join(inputs) or "the journal"
    if not problems:
        return InputError("there is no log here", location=place, hint=_NO_LOG)
    first = "; ".join(f"{path}: {problem}" for path, problem in problems[:_NAMED])
    more = f"; and {len(problems) - _NAMED:,} more" if len(problems) > _NAMED else ""
    return InputError(f"nothing here could be read as a log ({first}{more})", location=place, hint=_NO_LOG)


class OutputError(LogcorrError):
    """A report could not be written, or must not be (it would overwrite an input)."""
