"""Where results go: files written whole or not at all, or standard output."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, TypeVar, get_args

import click

from logcorr.errors import OutputError, UsageError

Made = TypeVar("Made")
Form = TypeVar("Form", bound=str)
Format = Literal["html", "md", "json"]
_LONGEST: Final = 64  # characters of the target's name in that of its temporary file: names end at 255 bytes
_NARROWEST: Final = 30  # columns that text is wrapped to at least
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
SUFFIXES: Final[dict[str, Format]] = {
    ".html": "html", ".htm": "html", ".md": "md", ".markdown": "md", ".txt": "md", ".json": "json",
}  # fmt: skip
#: What formats are called as well.
_ALIASES: Final[dict[str, Format]] = {"markdown": "md", "htm": "html"}


def chosen_formats(
    given: tuple[str, ...], out: str | None, formats: tuple[Form, ...], suffixes: Mapping[str, Form]
) -> tuple[Form, ...]:
    """The ``formats`` asked for (``html,md`` or repeated); without any, what the file's name says, else the first."""
    names = [name.strip().lower() for text in given for name in text.split(",") if name.strip()]
    names = [_ALIASES.get(name, name) for name in names]
    unknown = [name for name in names if name not in formats]
    if unknown:
        raise UsageError(
            f"{unknown[0]!r} is not a report format", location="--format", hint=f"one or more of {', '.join(formats)}"
        )
    chosen = tuple(dict.fromkeys(form for name in names for form in formats if form == name))
    if not names and out and is_file_name(out) and Path(out).suffix:
        chosen = (named_format(out, suffixes, "report"),)
    if out == "-" and len(chosen) > 1:
        raise UsageError("standard output takes one format", location="--out", hint="name a folder for several formats")
    return chosen or formats[:1]


def is_file_name(out: str) -> bool:
    """Whether ``out`` names a file: not standard output, and no folder."""
    return out != "-" and not out.endswith("/") and not is_folder(out)


def named_format(out: str, suffixes: Mapping[str, Form], what: str) -> Form:
    """The format that a file's name asks for. Raises UsageError where it ends in no suffix of a ``what``."""
    suffix = Path(out).suffix
    form = suffixes.get(suffix.lower())
    if form is None:
        endings = [next(end for end in suffixes if suffixes[end] == form) for form in dict.fromkeys(suffixes.values())]
        named = f"{', '.join(endings[:-1])} or {endings[-1]}"
        raise UsageError(
            f"{suffix!r} is no {what}'s suffix" if suffix else "the name has no suffix that says the format",
            location=out,
            hint=f"name it {named}, or give --format as well; a folder takes a / at its end",
        )
    return form


def destinations(out: str | None, formats: tuple[Form, ...], stem: str) -> dict[Form, str]:
    """The place of each format: ``-`` for standard output, a file, or files named after the window in a folder."""
    if out == "-":
        return {formats[0]: "-"}
    if out is None or out.endswith("/") or is_folder(out) or len(formats) > 1 or not Path(out).suffix:
        folder = Path(out or ".")
        return {name: str(folder / f"{stem}.{name}") for name in formats}
    return {formats[0]: out}


def single_file(out: str, given: Iterable[str | Path]) -> str:
    """The file to write, refused before anything is read where it cannot be: a folder, or something ``given``."""
    if not out or out.endswith("/") or is_folder(out):
        raise OutputError("this is a folder", location=out or "--out", hint="give --out a file's name")
    refuse_given(out, given)
    return out


def write(text: str, place: str, given: Iterable[str | Path]) -> None:
    """Write ``text`` in UTF-8, whatever the locale, to ``place``; see ``write_bytes``."""
    write_bytes(text.encode(), place, given)


def write_bytes(data: bytes, place: str, given: Iterable[str | Path]) -> None:
    """Write ``data`` to ``place``, whole or not at all. Raises OutputError as ``written`` does."""
    if place == "-":
        sys.stdout.buffer.write(data)
        return
    written(lambda partial: partial.write_bytes(data), place, given)


def written(write: Callable[[Path], Made], place: str, given: Iterable[str | Path]) -> Made:
    """Let ``write`` make the file ``place``, whole or not at all; folders that are missing are made.

    Returns what ``write`` does. Raises OutputError where that fails, or would overwrite what was given.
    """
    refuse_given(place, given)
    try:
        target = Path(os.path.realpath(place))  # a link stays, and what it points to is written
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target) as partial:
            return write(partial)
    except (OSError, ValueError) as error:
        raise OutputError(
            f"cannot be written: {getattr(error, 'strerror', None) or error}",
            location=place,
            hint="give --out a place you may write to",
        ) from error


def refuse_given(place: str, given: Iterable[str | Path]) -> None:
    """Raise OutputError where ``place`` is an input or a rule file, or was there in a folder of them and is no report.

    A file that could not be read as a log is no less its owner's for that.
    """
    target = Path(place)
    for item in {str(item) for item in given} - {"-", ""}:
        inside = is_folder(item) and Path(os.path.realpath(place)).is_relative_to(os.path.realpath(item))
        if _same(target, Path(item)) or (inside and target.is_file() and not _is_report(target)):
            raise OutputError(
                "this is an input or a rule file; it is not overwritten", location=place, hint="give --out another name"
            )


def is_folder(place: str | Path) -> bool:
    """Whether ``place`` is a folder; not, where no file can have such a name."""
    with contextlib.suppress(OSError, ValueError):
        return stat.S_ISDIR(Path(place).stat().st_mode)
    return False


def _is_report(path: Path) -> bool:
    from logcorr.intake.our_reports import HEAD, is_our_report

    with contextlib.suppress(OSError), path.open("rb") as file:
        return is_our_report(file.read(HEAD))
    return False


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A temporary file beside ``target`` that takes its place, and its owner and mode, when the block ends well.

    What is there and no regular file (a device, a pipe) is written to instead.
    """
    before = target.stat() if target.exists() else None
    beside = before is None or stat.S_ISREG(before.st_mode)
    folder = target.parent if beside else Path(tempfile.gettempdir())
    partial = folder / f".{target.name[:_LONGEST]}.{secrets.token_hex(8)}"
    try:  # a signal may come right after the file is there
        partial.touch(0o600, exist_ok=False)
        yield partial
        if not beside:
            with partial.open("rb") as made, target.open("wb") as device:
                shutil.copyfileobj(made, device)
            return
        _as_before(partial, before)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _as_before(partial: Path, before: os.stat_result | None) -> None:
    """Give the file the mode and, where that may be, the owner of the one it replaces; and have it on the disk."""
    with partial.open("rb") as made:
        os.fsync(made.fileno())
    if before is None:
        mask = os.umask(0)
        os.umask(mask)
        partial.chmod(0o666 & ~mask)
        return
    with contextlib.suppress(OSError):
        os.chown(partial, before.st_uid, before.st_gid)
    partial.chmod(stat.S_IMODE(before.st_mode))


def write_new(text: str, target: Path) -> None:
    """Write a file that must not exist yet, whole or not at all. Raises OutputError where it does, or cannot be."""
    if os.path.lexists(target):
        raise OutputError("exists already", location=str(target), hint="choose another name")
    write(text, str(target), ())


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):  # one of them is not there, or is a name that no file can have
        return False


def show_summary(text: str) -> None:
    """Print the verdict: on a terminal wrapped to its width with the labels in bold, else a line each."""
    if not sys.stdout.isatty():
        click.echo(text)
        return
    width = max(shutil.get_terminal_size().columns, _NARROWEST)
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    for line in text.split("\n"):
        label, colon, rest = textwrap.fill(line, width, subsequent_indent="  ", break_on_hyphens=False).partition(":")
        click.echo(f"{label if plain else click.style(label, bold=True)}{colon}{rest}")


def say(text: str) -> None:
    """A line for the person at the terminal, apart from the result."""
    click.echo(text, err=True)
