"""``logcorr timeline``: every record of every file, in true time order, with its event where a rule knows one."""

from __future__ import annotations

from typing import Any, Final

import click

from logcorr.cli import redaction
from logcorr.cli.arguments import filters, options
from logcorr.cli.arguments.values import shown_zone
from logcorr.cli.terminal.output import is_file_name, named_format, single_file, written
from logcorr.errors import UsageError

_FORMATS: Final = ("table", "csv", "ndjson", "parquet")
_SUFFIXES: Final = {
    ".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".json": "ndjson", ".parquet": "parquet",
    ".txt": "table", ".log": "table",
}  # fmt: skip


@click.command()
@options.input_options
@filters.filter_options
@options.rule_options
@click.option(
    "--format",
    "form",
    type=options.Choice(_FORMATS, {"jsonl": "ndjson", "json": "ndjson", "text": "table", "txt": "table"}),
    help="Default: what FILE ends in (.csv, .ndjson, .parquet, .txt), else a table; in a pipe, a record a line.",
)
@options.out_option("FILE|-", "Where to write (default: standard output).")
@click.option("-n", "--lines", type=click.IntRange(min=1), metavar="N", help="Only the last N records.")
@click.option("--events", is_flag=True, help="Add the names of the events that the rules know.")
@options.zone_options
@redaction.redaction_options("--redact", of_records=True)
def timeline(form: str | None, out: str | None, lines: int | None, events: bool, local: bool, **given: Any) -> int:
    """Merge logs of several hosts in true time order.

    On a terminal the last 2,000 records are a table; a pipe or a file gets all of them, a record a line. Where filters
    leave no record, the exit code is 1. The text of many records is packed in memory until it is written.
    """
    wanted = filters.make_filters(given)
    choice = redaction.make_choice(given)
    form = form or _format(out)
    zone = shown_zone() if local else None
    request = options.make_request(given)
    place = single_file(out, options.given_files(request)) if out not in (None, "-") else None
    redactor = choice.redactor_of_records()
    if form == "parquet" and place and not (lines or events or wanted or zone or redactor):
        from logcorr.cli.terminal import notices
        from logcorr.inputs.parquet import write_parquet

        inputs = written(lambda partial: write_parquet(request, partial), place, options.given_files(request))
        request.progress("")
        notices.print_notices(notices.unused_inputs(inputs))
        notices.print_notices(notices.other_zones(inputs))
        return 0
    from logcorr.cli.terminal.frames import Wish, write_frame

    code = write_frame(request, Wish(form, place, lines, events, zone, wanted, redactor))
    if redactor and choice.map:
        from logcorr.redact import save

        save(redactor.labels, choice.map)
    return code


def _format(out: str | None) -> str:
    """The format that the output's name says; a name that is one of a format was probably meant as that."""
    if out in (*_FORMATS, "json", "export", "short", "short-iso", "cat"):
        raise UsageError(
            f"{out!r} would be the name of a file",
            location="--out",
            hint=f"--format names the format: {', '.join(_FORMATS)}",
        )
    return named_format(out, _SUFFIXES, "timeline") if out and is_file_name(out) else "table"
