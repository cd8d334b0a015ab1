"""``logcorr check``: what was recognised in each file, how far it reaches, and what it cannot show."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

import click

from logcorr.cli import options


@click.command()
@options.input_options
@click.option("--json", "as_json", is_flag=True, help="The same as JSON on standard output.")
def check(
    paths: tuple[str, ...],
    since: str | None,
    until: str | None,
    zones: tuple[str, ...],
    skews: tuple[str, ...],
    quiet: bool,
    as_json: bool,
) -> None:
    """Show per file: format, host, time zone and why, span, records, unparsed lines, gaps."""
    from logcorr.api import AnalyzeRequest, read_timeline
    from logcorr.cli.coverage import show_coverage

    start, end = options.parse_window(since, until)
    tell = options.progress(quiet)
    timeline, refused = read_timeline(
        AnalyzeRequest(
            inputs=paths,
            since=start,
            until=end,
            zones=options.parse_zones(zones),
            skews=options.parse_skews(skews),
            default_zone=options.local_zone(),
            progress=tell,
        )
    )
    tell("")
    if as_json:
        found = {
            "inputs": [asdict(item) for item in (*timeline.inputs, *refused)],
            "coverage": [asdict(gap) for gap in timeline.gaps],
        }
        click.echo(json.dumps(found, indent=2, default=_plain))
    else:
        show_coverage(timeline, refused)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
