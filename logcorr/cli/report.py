"""``logcorr report``: a report again, in other formats, without the logs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import click

from logcorr.cli import redaction
from logcorr.cli.terminal import output
from logcorr.errors import InputError, UsageError
from logcorr.textsafe import visible

if TYPE_CHECKING:
    from logcorr.model import Report
    from logcorr.redact import Redactor
    from logcorr.report import Text

Form = Literal["html", "md", "json", "pdf", "svg", "png"]
_HINT = "give the file that `logcorr analyze --format json` wrote"
_FORMS: Final[tuple[Form, ...]] = get_args(Form)
_SUFFIXES: Final[dict[str, Form]] = {
    ".html": "html", ".htm": "html", ".md": "md", ".markdown": "md", ".txt": "md", ".json": "json", ".pdf": "pdf",
    ".svg": "svg", ".png": "png",
}  # fmt: skip
_FROM: Final[dict[Form, Text]] = {"pdf": "html", "png": "svg", "html": "html", "md": "md", "json": "json", "svg": "svg"}
_STRICTER: Final = ("none", "secrets", "share")


@click.command()
@click.argument("findings", metavar="FINDINGS.json|-")
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="html,md,json,pdf,svg,png",
    help="Formats; svg and png are the timeline alone, pdf and png need an installed Chromium (default html).",
)
@click.option(
    "-o", "--output", "--out", "out", metavar="FILE|DIR|-", help="Where to write (default: beside FINDINGS.json)."
)
@redaction.redaction_options("--redact")
def report(findings: str, formats: tuple[str, ...], out: str | None, **given: Any) -> int:
    """Write a report again from its JSON, which `logcorr analyze --format json` makes. No log is read."""
    from logcorr.redact import save

    choice = redaction.make_choice(given)
    chosen = output.chosen_formats(formats, out, _FORMS, _SUFFIXES)
    source = Path("report" if findings == "-" else findings)
    places = output.destinations(out or f"{source.parent}/", chosen, source.stem)
    shown, redactor = _redacted(_read(findings), choice, next(iter(places.values())))
    made = {form: _made(shown, form, redactor, place) for form, place in places.items()}
    for form, data in made.items():
        output.write_bytes(data, places[form], [findings])
    if choice.map:
        save(redactor.labels, choice.map)
    if "-" not in places.values():
        for place in places.values():
            click.echo(f"report: {visible(place)}")
    return 0


def _read(findings: str) -> Report:
    """The report in the file. Raises InputError where it cannot be read or is none."""
    import json

    from logcorr.report import read_again

    try:
        data = sys.stdin.buffer.read() if findings == "-" else Path(findings).read_bytes()
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or error
        raise InputError(f"cannot be read: {said}", location=findings, hint=_HINT) from error
    try:
        told = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InputError("is no JSON", location=findings, hint=_HINT) from error
    return read_again(told, findings)


def _redacted(report: Report, choice: redaction.Choice, place: str) -> tuple[Report, Redactor]:
    """The report with what is to be hidden hidden; as it is, where that is done already."""
    from logcorr.redact import redact

    redactor = choice.redactor(place)
    done = report.redaction.profile
    if done not in _STRICTER:
        raise UsageError(f"its redaction {visible(done)!r} is not known", location=place)
    enough = _STRICTER.index(done) >= _STRICTER.index(redactor.profile)
    if enough and not choice.wishes.keywords:
        return report, redactor
    return redact(report, redactor), redactor


def _made(report: Report, form: Form, redactor: Redactor, place: str) -> bytes:
    from logcorr.cli.terminal import printing

    text = redaction.rendered(report, _FROM[form], redactor, place)
    if form == "pdf":
        return printing.pdf(text, place)
    return printing.png(text, place) if form == "png" else text.encode()
