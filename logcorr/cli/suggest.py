"""``logcorr rules suggest``: rules that a log suggests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from logcorr.cli.arguments import options
from logcorr.cli.terminal import output
from logcorr.errors import OutputError

if TYPE_CHECKING:
    from logcorr.suggest import Suggestion


@click.command()
@options.input_options
@options.rule_options
@options.out_option("DIR", "Write rule files there.", type=click.Path(file_okay=False, path_type=Path))
@click.option("--most", default=10, show_default=True, type=click.IntRange(1), help="How many suggestions at most.")
def suggest(out: Path | None, most: int, **given: Any) -> None:
    """Suggest rules for what a log shows: lines that follow others, and lines that recur on a period.

    Suggested is what chance would hardly give, and what no rule knows yet: on standard output as YAML, or with --out as
    files, with cases taken from the log. It is association, never proof: read each before you keep it.
    """
    request = options.make_request(given)
    from logcorr.rule_runs import suggest_rules

    found = suggest_rules(request, most=most)
    request.progress("")
    for limit in found.limits:
        output.say(f"at most {limit.limit:,} {limit.what} ({limit.seen:,} here)")
    if found.more:
        output.say(f"there are more than {most}: --most {4 * most} shows more of them")
    if not found.rules:
        output.say(
            "no suggestions: nothing follows anything, or recurs, more clearly than chance or known rules explain"
        )
    elif out is None:
        click.echo("\n".join(each.yaml() for each in found.rules), nl=False)
    else:
        _write(found.rules, out)


def _write(found: tuple[Suggestion, ...], folder: Path) -> None:
    """Write every file, or none where one of them exists."""
    files = {folder / path: text for each in found for path, text in each.files}
    for place in files:
        if place.exists():
            raise OutputError("exists already; nothing was written", location=str(place), hint="name an empty folder")
    for place, text in files.items():
        output.write(text, str(place), ())
    for each in found:
        click.echo(f"{each.form:9} {each.id}")
    click.echo(f"try them with: logcorr rules test {folder}")
