"""Where results go: files written whole or not at all, or standard output."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Literal, get_args

import click

from logcorr.errors import OutputError, UsageError

Format = Literal["html", "md", "json"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)


def chosen_formats(given: tuple[str, ...], out: str | None) -> tuple[Format, ...]:
    """The formats asked for (``html,md`` or repeated); without any, what the output file's name says, else HTML."""
    names = [name.strip() for text in given for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in FORMATS]
    if unknown:
        raise UsageError(
            f"{unknown[0]!r} is not a report format", location="--format", hint="one or more of html, md, json"
        )
    suffix = Path(out).suffix.removeprefix(".") if out else ""
    chosen = tuple(dict.fromkeys(form for name in names or [suffix] for form in FORMATS if form == name))
    if out == "-" and len(chosen) > 1:
        raise UsageError("standard output takes one format", location="--out", hint="name a folder for several formats")
    return chosen or ("html",)


def destinations(out: str | None, formats: tuple[Format, ...], stem: str) -> dict[Format, str]:
    """The place of each format: ``-`` for standard output, a file, or files named after the window in a folder."""
    if out == "-":
        return {formats[0]: "-"}
    if out is None or out.endswith("/") or Path(out).is_dir() or len(formats) > 1 or not Path(out).suffix:
        folder = Path(out or ".")
        return {name: str(folder / f"{stem}.{name}") for name in formats}
    return {formats[0]: out}


def write(text: str, place: str, inputs: Iterable[str]) -> None:
    """Write ``text`` to ``place`` atomically. Raises OutputError where that fails or would overwrite an input."""
    if place == "-":
        sys.stdout.write(text)
        return
    target = Path(place)
    if any(_same(target, Path(item)) for item in inputs):
        raise OutputError("this is an input; it is not overwritten", location=place, hint="give --out another name")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target) as partial:
            partial.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(
            f"cannot be written: {error.strerror}", location=place, hint="give --out a place you may write to"
        ) from error


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
    return one.exists() and other.exists() and one.samefile(other)


def say(text: str) -> None:
    """A line for the person at the terminal, apart from the result."""
    click.echo(text, err=True)
