"""``logcorr redact``: plain logs and reports with what is private replaced."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from logcorr.cli import redaction
from logcorr.cli.arguments import options
from logcorr.cli.terminal import output
from logcorr.errors import InputError, UsageError
from logcorr.textsafe import visible

if TYPE_CHECKING:
    from logcorr.redact import Redactor

_BLOCK = 1 << 20  # characters replaced at a time
_MARK = ".redacted"
_STDIO = "-"


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE|-...", type=click.Path(path_type=Path))
@options.out_option("DIR|FILE|-", "Where to write (default: FILE.redacted beside each).")
@click.option("--check", is_flag=True, help="Write nothing; say what would be replaced, and exit 1 if there is any.")
@redaction.redaction_options("--profile")
def redact(files: tuple[Path, ...], out: str | None, check: bool, **given: Any) -> int:
    """Replace recognised names, addresses and secrets in plain text logs, or look whether any are left.

    FILE is a text log, or - for standard input, whose redacted text goes to standard output.
    The same value has the same label in all FILEs of one run, and with --redaction-map in all runs.
    """
    from logcorr.redact import save

    choice = redaction.make_choice(given)
    redactor = choice.redactor("file")
    texts = {path: _read(path) for path in files}
    redactor.learn(texts.values())
    if check:
        return max(_tell(path, text, redactor) for path, text in texts.items())
    targets = _targets(files, out)
    for path, text in texts.items():
        written = "".join(redactor.text(block) for block in blocks(text))
        redaction.refuse_survivors(written, redactor, str(targets[path]))
        output.write(written, str(targets[path]), [str(path) for path in files])
    if choice.map:
        save(redactor.labels, choice.map)
    if "-" not in targets.values():
        counted = ", ".join(f"{number:,} {name}" for name, number in redactor.counts().items())
        click.echo(f"replaced: {counted or 'nothing'}")
    return 0


def _read(path: Path) -> str:
    """The file's text. Raises InputError where it cannot be read or is no text."""
    try:
        data = sys.stdin.buffer.read() if str(path) == _STDIO else path.read_bytes()
    except OSError as error:
        hint = f"name files: `logcorr redact {path}/*`" if path.is_dir() else "name a text log"
        raise InputError(f"cannot be read: {error.strerror}", location=str(path), hint=hint) from error
    if b"\0" in data[:_BLOCK]:
        hint = "unpack or export it first, e.g. zcat FILE | logcorr redact -, or journalctl --file FILE -o export"
        raise InputError("this is no text", location=str(path), hint=hint)
    return data.decode("utf-8", errors="replace")


def _targets(files: tuple[Path, ...], out: str | None) -> dict[Path, str]:
    if out is None:
        return {path: _beside(path) for path in files}
    if out.endswith("/") or Path(out).is_dir():
        return {path: str(Path(out) / path.name) for path in files}
    if len(files) > 1:
        raise UsageError("several files need a folder", location="--out", hint="name a folder with a / at its end")
    return dict.fromkeys(files, out)


def _beside(path: Path) -> str:
    return _STDIO if str(path) == _STDIO else str(path.with_name(path.name + _MARK))


def blocks(text: str) -> Iterator[str]:
    """``text`` in pieces of whole lines that are replaced one at a time; a private key is never cut in two."""
    held: list[str] = []
    size, inside = 0, False
    for line in text.splitlines(keepends=True):
        inside = ("-----BEGIN" in line or inside) and "-----END" not in line
        held.append(line)
        size += len(line)
        if size >= _BLOCK and not inside:
            yield "".join(held)
            held, size = [], 0
    yield "".join(held)


def _tell(path: Path, text: str, redactor: Redactor) -> int:
    """Print each class that would be replaced, with the first line it stands on. Returns the exit code."""
    from logcorr.redact import class_of

    first: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        before = len(redactor.found)
        redactor.text(line)
        for kind, _ in list(redactor.found)[before:]:
            first.setdefault(class_of(kind), number)
    for name, count in redactor.counts().items():
        click.echo(f"{visible(str(path))}:{first[name]}: {count:,} {name}")
    redactor.found.clear()
    redactor.secrets.clear()
    return int(bool(first))
