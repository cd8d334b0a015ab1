"""``logcorr timeline``: every record of every file, in true time order, with its event where a rule knows one."""

from __future__ import annotations

from typing import Any

import click

from logcorr.cli import options
from logcorr.cli.output import single_file, written


@click.command()
@options.input_options
@options.rule_options
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "ndjson", "parquet"]), default="table", show_default=True
)
@click.option("--out", metavar="FILE|-", default="-", help="Where to write (default: standard output).")
@click.option("-n", "--lines", type=click.IntRange(min=1), help="Only the last N records.")
@click.option("--events", is_flag=True, help="Add a column with the names of the events that the rules know.")
def timeline(form: str, out: str, lines: int | None, events: bool, **given: Any) -> None:
    """Merge logs of several hosts in true time order.

    Parquet is written block by block, so that logs may be larger than memory.
    """
    request = options.make_request(given)
    place = None if out == "-" else single_file(out, options.given_files(request))
    if form == "parquet" and place and not lines and not events:
        from logcorr.cli import notices
        from logcorr.streamed import write_parquet

        inputs = written(lambda partial: write_parquet(request, partial), place, options.given_files(request))
        request.progress("")
        notices.tell(notices.unused_inputs(inputs))
        notices.tell(notices.other_zones(inputs))
        return
    from logcorr.cli.frames import write_frame

    write_frame(request, form, place, lines=lines, events=events)
