"""The origin of a journal's entries, from the fields that journald sets and no sender can.

``SYSLOG_IDENTIFIER`` is whatever the sender says (``logger -t kernel``); fields that begin with an underscore are
journald's own (systemd.journal-fields(7)). Of these ``_COMM`` and the last part of ``_EXE`` are still the sender's
choice, who may call his program as he likes: only root chooses units of the system, what lies in the system's folders,
and user ids.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.origin.kinds import ORIGIN, printed

CLAIM: Final = "SYSLOG_IDENTIFIER"
#: The fields, beside the claim, that an origin is told from; all columns are String. CONTAINER_NAME is set by the log
#: drivers of Docker and Podman, and lowers what an entry is worth, so that a sender gains nothing by setting it.
VOUCHED: Final = (
    "_TRANSPORT", "_PID", "_UID", "_COMM", "_EXE", "_SYSTEMD_UNIT", "_SYSTEMD_USER_UNIT", "CONTAINER_NAME",
)  # fmt: skip

#: User ids of people (https://systemd.io/UIDS-GIDS/): from 1000 on, but for those of DynamicUser= and nobody.
_FIRST_USER: Final = 1000
_DYNAMIC: Final = (61184, 65519)
_NOBODY: Final = 65534

#: Units that run what users choose, under the user's id but in the unit's own control group.
_LAUNCHERS: Final = (
    "cron", "crond", "anacron", "fcron", "atd", "ssh", "sshd", "dropbear", "getty", "serial-getty", "console-getty",
    "login", "gdm", "sddm", "lightdm", "docker", "containerd", "crio", "podman",
)  # fmt: skip
_USERS_UNIT: Final = r"^(?:user@\d+\.service|session-[^/]*\.scope|user-\d+\.slice|run-user-.*)$"
#: Scopes and services in which Docker, Podman, CRI-O, containerd, systemd-nspawn and LXC put containers.
_CONTAINERS_UNIT: Final = (
    r"^(?:docker|libpod|libpod-conmon|crio|cri-containerd|machine)-.+\.scope$"
    r"|^(?:systemd-nspawn|podman|lxc)@.*\.service$"
)
#: The name in such a unit, where it is one and not a number.
_CONTAINERS_NAME: Final = r"^(?:machine-|(?:systemd-nspawn|podman|lxc)@)(.+)\.(?:scope|service)$"
_DRIVERS_UNIT: Final = "libpod-conmon-"  # Podman's own part, which passes on what the container prints
#: Docker's log driver tags lines with the container's short id.
_CONTAINERS_ID: Final = r"^[0-9a-f]{12}$"

#: Folders that only root writes to. Of the stores of Nix and Guix, to which any user may add, executables of system
#: accounts count, as the system's own units name them.
_SYSTEM: Final = r"^/(?:usr|s?bin|lib\w*|opt|snap)/"
_STORES: Final = r"^/(?:usr|s?bin|lib\w*|opt|snap|nix/store|gnu/store|run/current-system)/"

_SHORTEST: Final = 4  # shorter names agree only when they are the same


def origins(frame: pl.DataFrame) -> pl.Series:
    """``judged`` for every row, worked out once for each distinct claim and sender: there are few."""
    columns = pl.DataFrame([frame[name] for name in (CLAIM, *VOUCHED)])
    keys = columns.hash_rows()
    first = columns.with_columns(key=keys).unique("key", keep="any")
    return keys.replace_strict(first["key"], judged(first), return_dtype=ORIGIN)


def judged(frame: pl.DataFrame) -> pl.Series:
    """The origin (``kinds.Kind``) of the entries of a frame with the columns CLAIM and VOUCHED.

    - "kernel" comes through the kernel's ring buffer; nothing else is ever the kernel. Lines of another name in that
      buffer were written by root to /dev/kmsg, which journald can neither confirm nor deny.
    - "audit" comes through the audit subsystem, whose other fields are those of the process audited.
    - "systemd" is process 1. The service manager of a user speaks of the user's own units.
    - A container's processes speak under the container's name; any other that they claim is their own choice.
    - What a user runs is the user's word, unless it is a program of the system by its executable.
    - A process of root is the program that it claims to be where process, executable or unit bear the name, or one
      name begins with the other (CRON and cron, sshd and sshd-session, names that the kernel cut after 15 bytes). A
      system account's has to be so by unit or executable: what it can write to, it may have been made to run.
    """
    # columns, not expressions in one another: each of these is asked for a dozen times
    named = frame.select(CLAIM, *VOUCHED, claimed=_claimed(), executable=_executable(), stem=_stem())
    return named.with_columns(own=_in_own_unit()).select(_verdict()).to_series()


def _verdict() -> pl.Expr:
    """Of ``named`` entries: the first of the rules of ``judged`` that holds."""
    kernel = pl.col("_TRANSPORT") == "kernel"
    anybody = pl.col("_PID").is_not_null() | pl.col("_UID").is_not_null() | _named()
    return (
        pl.when((pl.col(CLAIM) == "kernel") & kernel | (pl.col(CLAIM) == "audit") & (pl.col("_TRANSPORT") == "audit"))
        .then(_kind("kernel"))
        .when(kernel | (pl.col("_TRANSPORT").is_null() | (pl.col(CLAIM) != "kernel").fill_null(value=True)) & ~anybody)
        .then(_kind("text"))
        .when(_in_container())
        .then(printed(pl.col("claimed"), _container()))
        .when(_of_user())
        .then(pl.when(_is_tool()).then(_kind("tool")).when("own").then(_kind("service")).otherwise(_kind("user")))
        .when(pl.col("CONTAINER_NAME").is_not_null() | pl.col(CLAIM).str.contains(_CONTAINERS_ID))
        .then(_kind("container"))
        .when(pl.col(CLAIM) == "kernel")
        .then(_kind("script"))
        .when(pl.col(CLAIM) == "systemd")
        .then(pl.when(_is_first()).then(_kind("pid1")).otherwise(_kind("script")))
        .when(~_named())
        .then(_kind("unverified"))
        .otherwise(_of_system())
    )  # fmt: skip


def _kind(name: str) -> pl.Expr:
    return pl.lit(name, ORIGIN)


def _named() -> pl.Expr:
    """Whether journald knew the process by any name."""
    return pl.any_horizontal(
        pl.col(name).is_not_null() for name in ("_COMM", "_EXE", "_SYSTEMD_UNIT", "_SYSTEMD_USER_UNIT")
    )


def _user_id() -> pl.Expr:
    return pl.col("_UID").cast(pl.Int64, strict=False)


def _of_user() -> pl.Expr:
    """A person's process, by its user id; where that was not exported, by its unit."""
    uid = _user_id()
    person = (uid >= _FIRST_USER) & ~uid.is_between(*_DYNAMIC) & (uid != _NOBODY)
    unit = pl.col("_SYSTEMD_USER_UNIT").is_not_null() | pl.col("_SYSTEMD_UNIT").str.contains(_USERS_UNIT)
    return pl.when(uid.is_not_null()).then(person).otherwise(unit.fill_null(value=False))


def _in_container() -> pl.Expr:
    """In a unit that holds a container: whatever user ids its processes have there, whatever they call themselves."""
    return pl.col("_SYSTEMD_UNIT").str.contains(_CONTAINERS_UNIT).fill_null(value=False)


def _container() -> pl.Expr:
    """The container's name, of those who named it: its runtime's log driver, or the unit."""
    unit = pl.col("_SYSTEMD_UNIT")
    driver = pl.when(unit.str.starts_with(_DRIVERS_UNIT)).then("CONTAINER_NAME")  # set by others, it is their own word
    return pl.coalesce(driver, unit.str.to_lowercase().str.extract(_CONTAINERS_NAME)).fill_null("")


def _is_first() -> pl.Expr:
    """Process 1, or, where no process id was exported, what runs as process 1 does."""
    manager = pl.col("_PID").is_null() & (pl.col("_COMM") == "systemd") & (pl.col("_SYSTEMD_UNIT") == "init.scope")
    return ((pl.col("_PID") == "1") | manager).fill_null(value=False)


def _is_tool() -> pl.Expr:
    """The executable that it claims to be, exactly, in a folder of the system."""
    path, name, own = pl.col("_EXE"), pl.col("claimed"), pl.col("executable")
    same = (own == name) | own.str.starts_with(name + pl.lit("-"))
    manager = name == "systemd"  # a user's, which speaks of what the user defined
    return (path.str.contains(_SYSTEM) & (name != "") & ~manager & same).fill_null(value=False)


def _in_own_unit() -> pl.Expr:
    """In a unit of the system that bears the name, and that runs nothing but what its file says."""
    unit, stem = pl.col("_SYSTEMD_UNIT"), pl.col("stem")
    own = pl.col("_SYSTEMD_USER_UNIT").is_null() & ~unit.str.contains(_USERS_UNIT)
    return (own & ~stem.is_in(_LAUNCHERS) & _same(pl.col("claimed"), stem)).fill_null(value=False)


def _of_system() -> pl.Expr:
    """Of processes that are no person's, the service, or a script under a name of its own choice."""
    name, executable, uid = pl.col("claimed"), pl.col("executable"), _user_id()
    known = pl.col("_EXE").str.contains(_STORES) & _same(name, executable)
    sure = pl.col("own") | known.fill_null(value=False)
    called = _same(name, pl.col("_COMM").str.to_lowercase().str.strip_chars("()"))
    loosely = called | _same(name, executable) | _same(name, pl.col("stem"))
    return (
        pl.when(sure | (loosely & (uid == 0)).fill_null(value=False))
        .then(_kind("service"))
        .when((loosely & uid.is_null()).fill_null(value=False))
        .then(_kind("unverified"))
        .otherwise(_kind("script"))
    )


def _claimed() -> pl.Expr:
    """The name that the entry claims, in lower case and without a path behind it ("postfix/smtpd" is postfix)."""
    return pl.coalesce(CLAIM, "_COMM").str.to_lowercase().str.extract(r"^\(?([^/]+)").fill_null("")


def _executable() -> pl.Expr:
    return pl.col("_EXE").str.to_lowercase().str.extract(r"([^/]+)$")


def _stem() -> pl.Expr:
    unit = pl.coalesce("_SYSTEMD_USER_UNIT", "_SYSTEMD_UNIT").str.to_lowercase()
    return unit.str.extract(r"^([^@]+?)(?:@.*)?\.[a-z]+$")


def _same(name: pl.Expr, other: pl.Expr) -> pl.Expr:
    longer = (other.str.len_bytes() >= _SHORTEST) & name.str.starts_with(other)
    shorter = (name.str.len_bytes() >= _SHORTEST) & other.str.starts_with(name)
    return ((name == other) | longer | shorter).fill_null(value=False)
