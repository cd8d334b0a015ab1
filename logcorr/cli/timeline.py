"""``logcorr timeline``: every record of every file, in true time order, with its event where a rule knows one."""

from __future__ import annotations

from pathlib import Path

import click

from logcorr.cli import options


@click.command()
@options.input_options
@options.rule_options
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "ndjson", "parquet"]), default="table", show_default=True
)
@click.option("--out", metavar="FILE|-", default="-", help="Where to write (default: standard output).")
@click.option("-n", "--lines", type=int, help="Only the last N records.")
def timeline(
    paths: tuple[str, ...],
    since: str | None,
    until: str | None,
    zones: tuple[str, ...],
    skews: tuple[str, ...],
    quiet: bool,
    rules: tuple[Path, ...],
    no_shipped_rules: bool,
    form: str,
    out: str,
    lines: int | None,
) -> None:
    """Merge logs of several hosts in true time order."""
    from logcorr.api import AnalyzeRequest
    from logcorr.cli.frames import write_frame

    start, end = options.parse_window(since, until)
    tell = options.progress(quiet)
    request = AnalyzeRequest(
        inputs=paths,
        since=start,
        until=end,
        zones=options.parse_zones(zones),
        skews=options.parse_skews(skews),
        default_zone=options.local_zone(),
        rules=rules,
        shipped_rules=not no_shipped_rules,
        progress=tell,
    )
    write_frame(request, form, out, lines)
