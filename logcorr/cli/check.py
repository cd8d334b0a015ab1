"""``logcorr check``: what was recognised in each file, how far it reaches, and what it cannot show."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import click

from logcorr.cli.arguments import options
from logcorr.cli.terminal.output import is_file_name, named_format, single_file, write

if TYPE_CHECKING:
    from logcorr.model import SourceFile
    from logcorr.schema import Timeline

_SUFFIXES: Final = {".txt": "text", ".log": "text", ".json": "json"}


@click.command()
@options.input_options
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
@options.out_option("FILE|-", "Where to write (default: standard output): .txt, or .json for JSON.")
def check(as_json: bool, out: str | None, **given: Any) -> None:
    """Show per file: format, host, time zone and why, span, records, unparsed lines, gaps."""
    if out and is_file_name(out) and not as_json:
        as_json = named_format(out, _SUFFIXES, "check") == "json"
    request = options.make_request(given)
    from logcorr.cli.terminal import notices
    from logcorr.inputs.sources import read_timeline

    files = options.given_files(request)
    place = single_file(out, files) if out not in (None, "-") else "-"
    timeline, refused = read_timeline(request)
    request.progress("")
    notices.print_notices(notices.other_zones(timeline.inputs))
    notices.print_notices(
        notices.unused_names(request, [item.path for item in timeline.inputs], timeline.frame["host"].unique())
    )
    if as_json:
        write(_as_json(timeline, refused), place, files)
    else:
        _show(timeline, refused, place, files)


def _as_json(timeline: Timeline, refused: tuple[SourceFile, ...]) -> str:
    found = {
        "inputs": [asdict(item) for item in (*timeline.inputs, *refused)],
        "coverage": [asdict(gap) for gap in timeline.gaps],
    }
    return json.dumps(found, indent=2, default=_plain) + "\n"


def _show(timeline: Timeline, refused: tuple[SourceFile, ...], place: str, files: tuple[Any, ...]) -> None:
    from logcorr.cli.terminal.inputs_view import console, show_coverage

    if place == "-":
        show_coverage(console(), timeline, refused)
        return
    text = io.StringIO()
    show_coverage(console(text), timeline, refused)
    write(text.getvalue(), place, files)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
