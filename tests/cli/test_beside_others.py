"""The tables of docs/reference/beside-others.md name every command and every flag, and none that is not there."""

import re
from collections.abc import Iterator

import click

from logcorr.cli.commands import group
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "reference" / "beside-others.md"
NAME = re.compile(r"`([^`]+)`")


def rows(title: str) -> list[list[str]]:
    section = PAGE.read_text("utf-8").partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def commands(context: click.Context) -> Iterator[click.Context]:
    yield context
    for name, command in getattr(context.command, "commands", {}).items():
        yield from commands(click.Context(command, parent=context, info_name=name))


CONTEXTS = {
    context.command_path.removeprefix("logcorr").strip() or "logcorr": context
    for context in commands(click.Context(group, info_name="logcorr"))
}


def test_every_command_is_in_the_table() -> None:
    below = {name for name, context in CONTEXTS.items() if not isinstance(context.command, click.Group)}
    assert {NAME.findall(row[0])[0] for row in rows("Commands")} == below


def test_every_flag_is_in_the_table_under_all_its_names() -> None:
    told = {(command, frozenset(NAME.findall(row[0]))) for row in rows("Flags") for command in NAME.findall(row[1])}
    told_names = {(command, name) for command, names in told for name in names}
    has = {
        (command, name)
        for command, context in CONTEXTS.items()
        for parameter in context.command.params
        if isinstance(parameter, click.Option)
        for name in (*parameter.opts, *parameter.secondary_opts)
    }
    assert told_names == has


def test_every_row_has_a_cell_for_each_column() -> None:
    assert {len(row) for row in rows("Commands")} == {5}
    assert {len(row) for row in rows("Flags")} == {6}
