"""Which records of a timeline are wanted: what they say, and who wrote them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from logcorr.dataclass import dataclass
from logcorr.errors import InputError, UsageError
from logcorr.textsafe import visible

if TYPE_CHECKING:
    import polars as pl

Command = TypeVar("Command", bound=Callable[..., Any])
#: syslog(3)'s levels by their names; journalctl(1) takes both.
_LEVELS: Final = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
_GREP: Final = "Only messages that this regular expression finds; without capitals, in either case."
_PROGRAM: Final = "Of this program, or glob: kernel, sshd (repeatable)."
_PRIORITY: Final = "Of this priority or graver (err, 3), or of a range (crit..warning)."
_MOST: Final = 8  # names that a hint lists


@dataclass(frozen=True, slots=True)
class Filters:
    """All of them hold of a record that is wanted; of several values of one, any."""

    grep: str | None = None  # a regular expression on the message
    ignore_case: bool = False
    hosts: tuple[str, ...] = ()  # globs
    programs: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    priority: tuple[int, int] | None = None  # the gravest and the slightest

    def __bool__(self) -> bool:
        return bool(self.grep or self.hosts or self.programs or self.units or self.priority)

    def apply(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The records of a timeline that are wanted. Raises InputError where a name is that of none."""
        import polars as pl

        for option, column, wanted in (("--host", "host", self.hosts), ("--program", "program", self.programs)):
            if wanted:
                names = frame[column].drop_nulls().unique().to_list()
                frame = frame.filter(pl.col(column).is_in(_matching(option, names, wanted)))
        if self.units:
            told = pl.concat([frame["unit"], frame["about"]]).drop_nulls().unique().to_list()
            units = _matching("--unit", told, tuple(name for unit in self.units for name in (unit, f"{unit}.service")))
            frame = frame.filter(pl.col("unit").is_in(units) | pl.col("about").is_in(units))
        if self.priority:
            frame = frame.filter(pl.col("priority").is_between(*self.priority))
        return self._said(frame) if self.grep else frame

    def _said(self, frame: pl.DataFrame) -> pl.DataFrame:
        import polars as pl

        pattern = f"(?i){self.grep}" if self.ignore_case or self.grep == str(self.grep).lower() else str(self.grep)
        try:
            return frame.filter(pl.col("message").str.contains(pattern))
        except pl.exceptions.ComputeError as error:
            wrong = str(error).rpartition("error: ")[2].partition("\n")[0].strip() or "not understood"
            raise UsageError(
                f"{self.grep!r} is no regular expression: {wrong}",
                location="--grep",
                hint="write \\ before a sign that is meant as itself: \\[ \\( \\* \\?",
            ) from None


def _matching(option: str, names: Sequence[str], wanted: tuple[str, ...]) -> list[str]:
    found = [name for name in names if any(fnmatchcase(name, pattern) for pattern in wanted)]
    if not found:
        known = sorted(names)
        near = get_close_matches(wanted[0], known, n=3) or known
        there = ", ".join(near[:_MOST]) + (f" and {len(near) - _MOST:,} more" if len(near) > _MOST else "")
        raise InputError(
            f"no record here is of {wanted[0]!r}",
            location=option,
            hint=f"there are: {visible(there)}" if near else None,
        )
    return found


def filter_options(command: Command) -> Command:
    """The options; ``make_filters`` takes their values."""
    for option in reversed(
        (
            click.option("-g", "--grep", metavar="REGEX", help=_GREP),
            click.option("-i", "--ignore-case", is_flag=True, help="--grep finds upper and lower case alike."),
            click.option("--host", "hosts", multiple=True, metavar="HOST", help="Of this host, or glob (repeatable)."),
            click.option("-t", "--program", "--identifier", "programs", multiple=True, metavar="NAME", help=_PROGRAM),
            click.option("-p", "--priority", metavar="LEVEL", help=_PRIORITY),
        )
    ):
        command = option(command)
    return command


def make_filters(given: dict[str, Any]) -> Filters:
    """The filters that the values of ``filter_options`` make; they are taken out of ``given``.

    Of the journal ``--unit`` chooses what is read, of logs that are named which of their records are shown.
    """
    units: tuple[str, ...] = ()
    if given["paths"]:
        units, given["units"] = given["units"], ()
    return Filters(
        grep=given.pop("grep"),
        ignore_case=given.pop("ignore_case"),
        hosts=given.pop("hosts"),
        programs=given.pop("programs"),
        units=units,
        priority=_levels(given.pop("priority")),
    )


def _levels(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    first, dots, last = text.partition("..")
    ends = sorted(_level(end) for end in ((first, last) if dots else (_LEVELS[0], first)))
    return ends[0], ends[1]


def _level(text: str) -> int:
    name = text.strip().lower()
    if re.fullmatch("[0-7]", name):
        return int(name)
    found = [
        number
        for number, level in enumerate(_LEVELS)
        if name and name in (level, {"err": "error", "warning": "warn"}.get(level))
    ]
    if not found:
        raise UsageError(
            f"{text!r} is no priority",
            location="--priority",
            hint=f"one of {', '.join(_LEVELS)}, or 0 to 7; or FROM..TO",
        )
    return found[0]
