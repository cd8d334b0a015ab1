"""``logcorr check``: what was recognised in each file, how far it reaches, and what it cannot show."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from logcorr.cli import options


@click.command()
@options.input_options
@click.option("--json", "as_json", is_flag=True, help="The same as JSON on standard output.")
def check(as_json: bool, **given: Any) -> None:
    """Show per file: format, host, time zone and why, span, records, unparsed lines, gaps."""
    from logcorr.cli import notices
    from logcorr.cli.inputs_view import show_coverage
    from logcorr.sources import read_timeline

    request = options.make_request(given)
    timeline, refused = read_timeline(request)
    request.progress("")
    notices.tell(notices.other_zones(timeline.inputs))
    notices.tell(
        notices.unused_names(request, [item.path for item in timeline.inputs], timeline.frame["host"].unique())
    )
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
