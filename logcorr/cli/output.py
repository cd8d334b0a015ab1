"""Where results go: files written whole or not at all, or standard output."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, Literal, TypeVar, get_args

import click

from logcorr.errors import OutputError, UsageError

Made = TypeVar("Made")
Format = Literal["html", "md", "json"]
_NARROWEST: Final = 30  # columns that text is wrapped to at least
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
_SUFFIXES: Final[dict[str, Format]] = {
    ".html": "html", ".htm": "html", ".md": "md", ".markdown": "md", ".txt": "md", ".json": "json",
}  # fmt: skip


def chosen_formats(given: tuple[str, ...], out: str | None) -> tuple[Format, ...]:
    """The formats asked for (``html,md`` or repeated); without any, what the output file's name says, else HTML."""
    names = [name.strip() for text in given for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in FORMATS]
    if unknown:
        raise UsageError(
            f"{unknown[0]!r} is not a report format", location="--format", hint="one or more of html, md, json"
        )
    chosen = tuple(dict.fromkeys(form for name in names for form in FORMATS if form == name))
    if not names and out and out != "-" and not out.endswith("/") and not Path(out).is_dir() and Path(out).suffix:
        chosen = (_format_named(out),)
    if out == "-" and len(chosen) > 1:
        raise UsageError("standard output takes one format", location="--out", hint="name a folder for several formats")
    return chosen or ("html",)


def _format_named(out: str) -> Format:
    """The format that a file's name asks for."""
    suffix = Path(out).suffix
    form = _SUFFIXES.get(suffix.lower())
    if form is None:
        raise UsageError(
            f"{suffix!r} is no report's suffix",
            location=out,
            hint="name it .html, .md or .json, or give --format as well; a folder takes a / at its end",
        )
    return form


def destinations(out: str | None, formats: tuple[Format, ...], stem: str) -> dict[Format, str]:
    """The place of each format: ``-`` for standard output, a file, or files named after the window in a folder."""
    if out == "-":
        return {formats[0]: "-"}
    if out is None or out.endswith("/") or Path(out).is_dir() or len(formats) > 1 or not Path(out).suffix:
        folder = Path(out or ".")
        return {name: str(folder / f"{stem}.{name}") for name in formats}
    return {formats[0]: out}


def single_file(out: str, inputs: Iterable[str]) -> str:
    """The file to write, refused before anything is read where it cannot be: a folder, or an input."""
    if out.endswith("/") or Path(out).is_dir():
        raise OutputError("this is a folder", location=out, hint="give --out a file's name")
    refuse_inputs(out, inputs)
    return out


def write(text: str, place: str, inputs: Iterable[str]) -> None:
    """Write ``text`` to ``place`` atomically. Raises OutputError where that fails or would overwrite an input."""
    if place == "-":
        sys.stdout.buffer.write(text.encode())  # UTF-8, whatever the locale
        return
    written(lambda partial: partial.write_text(text, encoding="utf-8", newline="\n"), place, inputs)


def written(write: Callable[[Path], Made], place: str, inputs: Iterable[str]) -> Made:
    """Let ``write`` make the file ``place``, whole or not at all; folders that are missing are made.

    Returns what ``write`` does.

    Raises OutputError where that fails or would overwrite an input.
    """
    target = Path(place)
    refuse_inputs(place, inputs)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target) as partial:
            return write(partial)
    except OSError as error:
        raise OutputError(
            f"cannot be written: {error.strerror or error}", location=place, hint="give --out a place you may write to"
        ) from error


def refuse_inputs(place: str, inputs: Iterable[str]) -> None:
    """Raise OutputError where ``place`` is one of the inputs."""
    if any(_same(Path(place), Path(item)) for item in inputs if item != "-"):
        raise OutputError("this is an input; it is not overwritten", location=place, hint="give --out another name")


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A temporary file beside ``target`` that takes its place when the block ends well."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        mask = os.umask(0)
        os.umask(mask)
        partial.chmod(0o666 & ~mask)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def write_new(text: str, target: Path) -> None:
    """Write a file that must not exist yet. Raises OutputError where it does, or cannot be written."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise OutputError("exists already", location=str(target), hint="choose another name") from error
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", location=str(target)) from error


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
