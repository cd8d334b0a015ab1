"""``logcorr rules``: look at the rules that decide, and write your own."""

from __future__ import annotations

import json
from pathlib import Path

import click

from logcorr.cli.arguments import options, values
from logcorr.cli.suggest import suggest
from logcorr.cli.terminal.output import write, write_new
from logcorr.errors import UsageError
from logcorr.textsafe import visible

#: What a kind is called: the folder's name, or one of it.
_KINDS = ("events", "patterns", "causes")
_FILE_KINDS = (*_KINDS, "symptoms", "sources", "states", "cases")
_ONE = {name.removesuffix("s"): name for name in _FILE_KINDS}
_FOLDERS = click.argument("folders", nargs=-1, metavar="[DIR]...", type=click.Path(exists=True, path_type=Path))


def _known(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """The shipped rules whose names begin so, for the Tab key."""
    from logcorr.rulebook import load_rules

    book = load_rules()
    events = (event for file in book.events for event in file.events)
    return sorted({name for name in (*book.patterns, *book.causes, *events) if name.startswith(begun)})


@click.group()
def rules() -> None:
    """Look at the rules: what they are called, what they say, and whether yours are right."""


@rules.command(name="list")
@click.argument("kind", required=False, type=options.Choice(_KINDS, _ONE))
@options.rule_options
def list_rules(kind: str | None, rules: tuple[Path, ...], no_shipped_rules: bool) -> None:
    """Name every pattern and cause, or the rules of one KIND; events are listed only when asked for."""
    from logcorr.rulebook import load_rules

    book = load_rules(rules, shipped=not no_shipped_rules)
    events = {name: event for file in book.events for name, event in file.events.items()}
    if kind is None:
        click.echo(f"{len(events)} events, {len(book.patterns)} patterns, {len(book.causes)} causes")
    for name, event in sorted(events.items()) if kind == "events" else ():
        click.echo(
            f"event    {name:32} {event.role:9} {event.impact if event.impact != 'none' else '':8} {event.brief}"
        )
    for pattern in sorted(book.patterns.values(), key=lambda item: item.id) if kind in {None, "patterns"} else ():
        click.echo(f"pattern  {pattern.id:32} {pattern.form():9} {pattern.severity:8} {pattern.title}")
    for cause in sorted(book.causes.values(), key=lambda item: item.id) if kind in {None, "causes"} else ():
        click.echo(f"cause    {cause.id:32} {cause.layer:9} {'':8} {cause.title}")
    for told in book.overridden:
        click.echo(told, err=True)


@rules.command()
@click.argument("name", shell_complete=_known)
@options.rule_options
def show(name: str, rules: tuple[Path, ...], no_shipped_rules: bool) -> None:
    """Print a rule as it is written: a pattern, a cause, or an event."""
    from logcorr.rulebook import load_rules
    from logcorr.rulebook.source import written

    click.echo(written(name, load_rules(rules, shipped=not no_shipped_rules)), nl=False)


@rules.command()
@click.argument("name", shell_complete=_known)
@click.option("--on", "paths", multiple=True, metavar="PATH", help="Say why it matched as it did in these logs.")
@options.rule_options
def explain(name: str, paths: tuple[str, ...], rules: tuple[Path, ...], no_shipped_rules: bool) -> None:
    """Say in plain words what a rule means and, with --on, which step failed how often and by how much."""
    from logcorr.rulebook import load_rules
    from logcorr.rulebook.docs.prose import explain as prose

    book = load_rules(rules, shipped=not no_shipped_rules)
    click.echo(prose(name, book), nl=False)
    if paths:
        from logcorr.api import AnalyzeRequest
        from logcorr.rule_runs import told_on

        request = AnalyzeRequest(
            inputs=paths, rules=rules, shipped_rules=not no_shipped_rules, default_zone=values.local_zone()
        )
        click.echo()
        for line in told_on(name, request):
            click.echo(visible(line))


@rules.command()
@_FOLDERS
@click.option("--no-shipped-rules", is_flag=True, help="Check the folders by themselves.")
def check(folders: tuple[Path, ...], no_shipped_rules: bool) -> None:
    """Check rule files: every fault of every file with its place and a hint, in one run."""
    from logcorr.rulebook import load_rules
    from logcorr.rulebook.load import shipped_rules
    from logcorr.rulebook.testing.cases import load_cases

    book = load_rules(folders, shipped=_with_shipped(folders, no_shipped_rules))
    cases = load_cases(folders or [shipped_rules()], book)
    count = sum(len(file.cases) for file in cases)
    click.echo(f"nothing wrong: {len(book.patterns)} patterns, {len(book.causes)} causes, {count} cases")
    for told in (*book.overridden, *book.refused):
        click.echo(told)
    if book.refused:
        used = sum(name.startswith("sigma-") for name in book.patterns)
        click.echo(f"{used} Sigma rules are used, {len(book.refused)} refused")


@rules.command()
@_FOLDERS
@click.option("--junit", metavar="FILE", help="Write the results as JUnit XML too.")
@click.option("--no-shipped-rules", is_flag=True, help="Run the folders' rules by themselves.")
def test(folders: tuple[Path, ...], junit: str | None, no_shipped_rules: bool) -> int:
    """Run the cases beside the rules, and the ones that every sequence must pass."""
    from logcorr.rule_runs import run_rule_cases
    from logcorr.rulebook.testing.trial import junit as as_junit

    results = list(run_rule_cases(folders, shipped=_with_shipped(folders, no_shipped_rules)))
    failed = [result for result in results if result.problems]
    for result in failed:
        click.echo(f"{result.place}: {result.rule}: {result.case}")
        for problem in result.problems:
            click.echo(f"  {problem}")
    click.echo(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    if junit:
        write(as_junit(results), junit, folders)
    return 1 if failed else 0


@rules.command()
@click.argument("kind", type=options.Choice(_FILE_KINDS, _ONE))
def schema(kind: str) -> None:
    """Print the JSON Schema of a kind of rule file, for editors."""
    from logcorr.rulebook.docs.editor import schema as made

    click.echo(json.dumps(made(kind), indent=2))  # type: ignore[arg-type]  # one of the choices


@rules.command()
@options.rule_options
def docs(rules: tuple[Path, ...], no_shipped_rules: bool) -> None:
    """Print every rule in plain words, as a Markdown document."""
    from logcorr.rulebook import load_rules
    from logcorr.rulebook.docs.catalogue import catalogue

    click.echo(catalogue(load_rules(rules, shipped=not no_shipped_rules)), nl=False)


@rules.command()
@click.argument("kind", type=options.Choice(_KINDS, _ONE), metavar="event|pattern|cause")
@click.argument("name")
@click.option(
    "--in",
    "folder",
    default="myrules",
    show_default=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The folder of your rules.",
)
def new(kind: str, name: str, folder: Path) -> None:
    """Begin a rule: a file that passes, with its cases beside it, to be changed into yours."""
    from logcorr.rulebook.testing.starter import starter

    for place, text in starter(kind.removesuffix("s"), name).items():  # type: ignore[arg-type]  # one of the choices
        write_new(text, folder / place)
        click.echo(folder / place)
    click.echo(f"next: edit them, then `logcorr rules check {folder}` and `logcorr rules test {folder}`")


@rules.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@options.rule_options
def coverage(paths: tuple[str, ...], rules: tuple[Path, ...], no_shipped_rules: bool) -> None:
    """Say which events and patterns occur in these logs, and which never do."""
    from logcorr.api import AnalyzeRequest
    from logcorr.rule_runs import rule_coverage

    found = rule_coverage(
        AnalyzeRequest(inputs=paths, rules=rules, shipped_rules=not no_shipped_rules, default_zone=values.local_zone())
    )
    for what, counts in (("event", found.events), ("pattern", found.patterns)):
        never = [name for name, count in counts.items() if not count]
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            if count:
                click.echo(f"{what:8} {name:36} {count:8}")
        click.echo(f"{what}s that never occur here: {len(never)} of {len(counts)}")


def _with_shipped(folders: tuple[Path, ...], no_shipped_rules: bool) -> bool:
    """Whether the shipped rules stand beside those in ``folders``. Raises UsageError for a folder without a rule."""
    from logcorr.rulebook.load import is_shipped, rules_below

    for folder in folders:
        if folder.is_dir() and next(iter(rules_below(folder)), None) is None:
            raise UsageError(
                "no rule is in this folder: no file whose name ends in .yaml, but for cases",
                location=str(folder),
                hint=f"`logcorr rules new pattern my-rule --in {folder}` begins one",
            )
    return not no_shipped_rules and not any(map(is_shipped, folders))


rules.add_command(suggest)
