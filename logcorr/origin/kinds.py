"""The kinds of origin: who could have written a record, as far as the log itself can vouch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, get_args

import polars as pl

from logcorr.dataclass import dataclass

Kind = Literal[
    "kernel",
    "pid1",
    "service",
    "tool",
    "script",
    "user",
    "unverified",
    "container",
    "quoted",
    "device",
    "text",
]

#: The column's type, in ``schema.RECORDS`` and ``schema.TIMELINE``.
ORIGIN: Final = pl.Enum(get_args(Kind))


@dataclass(frozen=True, slots=True)
class Origin:
    """One kind of origin. ``trusted``: the log vouches for the name; or contradicts it; None: it cannot say."""

    trusted: bool | None
    word: str  # for the report
    means: str  # a sentence: who that is, and how it is known


#: Every kind. The fields are those of systemd.journal-fields(7).
KINDS: Final[dict[Kind, Origin]] = {
    "kernel": Origin(True, "the kernel", "journald read it from the kernel's ring buffer or audit subsystem"),
    "pid1": Origin(True, "PID 1", "journald vouches that the system's service manager wrote it"),
    "service": Origin(True, "a system service", "journald vouches for it by its unit, or its executable and user id"),
    "tool": Origin(True, "a system program run by a user", "journald vouches for the executable, not for what it did"),
    "script": Origin(False, "root or a system account", "under a name that it chose itself, as logger -t does"),
    "user": Origin(False, "an unprivileged user", "a program, job or unit of a user's own, under a name of the user's"),
    "unverified": Origin(None, "sender not verified", "it had ended before journald could look; so it counts half"),
    "container": Origin(None, "a container", "what a container printed; the runtime knows which one it was"),
    "quoted": Origin(False, "text inside a record", "in a container's output, or behind a name that somebody chose"),
    "device": Origin(None, "a network device", "syslog or export of a device: nothing in it is authenticated"),
    "text": Origin(None, "a text log", "the format cannot say who wrote it"),
}  # fmt: skip

_TRUSTED: Final = [kind for kind, origin in KINDS.items() if origin.trusted]
_CONTRADICTED: Final = [kind for kind, origin in KINDS.items() if origin.trusted is False]
_NAMED: Final[tuple[Kind, ...]] = ("service", "container", "device", "text", "unverified")
_ANY: Final[tuple[Kind, ...]] = ("service", "script", "container", "quoted", "device", "text", "unverified")


def trusted(origin: pl.Expr) -> pl.Expr:
    """True where the log vouches for the program's name, false where it contradicts it, null where it cannot say."""
    return (
        pl.when(origin.is_in(_TRUSTED))
        .then(pl.lit(value=True))
        .when(origin.is_in(_CONTRADICTED))
        .then(pl.lit(value=False))
    )


def usual(programs: Sequence[str]) -> tuple[Kind, ...]:
    """Who may report the events of an event file for ``programs`` (names or globs) that does not say so itself.

    Of the kernel and of PID 1 only they themselves, and logs that cannot say; of a program that is named, that program
    as a service or as a container of that name; of any program (``*``) also scripts and what containers print, for
    there is no name that somebody could claim. A user's own programs and jobs report nothing about the system.
    """
    if "*" in programs:
        return _ANY
    if tuple(programs) == ("kernel",):
        return ("kernel", "device", "text")
    if tuple(programs) == ("systemd",):
        return ("pid1", "device", "text")
    return _NAMED


def of_text(program: pl.Expr, pid: pl.Expr, *, known: Kind) -> pl.Expr:
    """The origin of records of a format that says nothing about it but ``known``.

    The kernel has no process id, and the system's service manager is process 1: with another number, such a name is
    that of a user's service manager, or one that somebody chose.
    """
    other = pid.is_not_null()
    return (
        pl.when(other & (program == "systemd") & (pid != 1))
        .then(pl.lit("user", ORIGIN))
        .when(other & (program == "kernel") & (pid != 0))
        .then(pl.lit("script", ORIGIN))
        .otherwise(pl.lit(known, ORIGIN))
    )


#: What ``docker compose`` and file names put behind a container's name.
_COUNTED: Final = r"(?:[-_.](?:[0-9]+|json|log))+$"
_SHORTEST: Final = 4  # letters by which two names can be told to be one program's
#: Tailscale's own short name for its containers (ts-SERVICE, of its Kubernetes operator and its guides to Docker). Not
#: where it stands further on: there it is as often TypeScript, a type, or anybody's.
_SHORT_NAME: Final = r"^ts[-_.]"


def printed(program: pl.Expr, container: pl.Expr) -> pl.Expr:
    """The origin of what a container printed under the name ``program``: its own word, or text that names another.

    ``container`` is the name that its runtime, or whoever saved its output, gave it.
    """
    called = container.str.to_lowercase().str.replace(_COUNTED, "")
    claimed = program.str.to_lowercase()
    own = (called.str.len_bytes() >= _SHORTEST) & (claimed.str.starts_with(called) | called.str.starts_with(claimed))
    own |= (claimed == "tailscaled") & called.str.contains(_SHORT_NAME)
    return (
        pl.when(program.is_null() | (program == container) | own)
        .then(pl.lit("container", ORIGIN))
        .otherwise(pl.lit("quoted", ORIGIN))
    )
