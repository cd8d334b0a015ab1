"""``logcorr rules``: look at the rules that decide."""

from __future__ import annotations

from pathlib import Path

import click

from logcorr.cli import options


@click.group()
def rules() -> None:
    """Look at the rules: what they are called, what they say, and whether yours are right."""


@rules.command(name="list")
@options.rule_options
def list_rules(rules: tuple[Path, ...], no_shipped_rules: bool) -> None:
    """Name every pattern and cause, and how many events are known."""
    from logcorr.rulebook import load_rules

    book = load_rules(rules, shipped=not no_shipped_rules)
    names = {name for file in book.events for name in file.events}
    click.echo(
        f"{len(names)} events of {len(book.events)} programs, {len(book.patterns)} patterns, {len(book.causes)} causes"
    )
    for pattern in sorted(book.patterns.values(), key=lambda item: item.id):
        click.echo(f"pattern  {pattern.id:32} {pattern.form():9} {pattern.severity:7} {pattern.title}")
    for cause in sorted(book.causes.values(), key=lambda item: item.id):
        click.echo(f"cause    {cause.id:32} {cause.layer:9} {'':7} {cause.title}")
