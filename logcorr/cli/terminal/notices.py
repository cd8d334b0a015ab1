"""What a user should know beside the result: inputs that were not used, names that match nothing. To standard error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Final

import click

from logcorr.inputs.request import AGAINST_GIVEN, AnalyzeRequest
from logcorr.model import RULES_USED, Limit, SourceFile
from logcorr.textsafe import visible

_MOST: Final = 5


def print_notices(notices: Iterable[str]) -> None:
    """Print notices, each on a line of its own."""
    for notice in notices:
        click.echo(f"logcorr: {visible(notice)}", err=True)


def unused_inputs(inputs: Sequence[SourceFile]) -> Iterator[str]:
    """Name the inputs that could not be used, for the result is that of the rest."""
    problems = [item for item in inputs if item.problem]
    for item in problems[:_MOST]:
        yield f"{item.path}: not used: {item.problem}"
    if len(problems) > _MOST:
        yield f"{len(problems) - _MOST:,} more inputs were not used; `logcorr check --json` names them"


def other_zones(inputs: Sequence[SourceFile]) -> Iterator[str]:
    """Name the inputs whose lines prove another zone than the one given for all."""
    found = [item for item in inputs if AGAINST_GIVEN in (item.timezone_from or "")]
    if not found:
        return
    from logcorr.report.assumed import name

    alike: dict[tuple[str | None, str | None, str], list[str]] = {}
    for item in found:
        alike.setdefault((item.timezone, item.timezone_from, name(item, found)), []).append(item.path)
    for (zone, why, named), paths in list(alike.items())[:_MOST]:
        files = f"{paths[0]}{f' and {len(paths) - 1:,} more of {named} are' if paths[1:] else ' is'}"
        yield f"--tz: {files} read in {zone}, {why}; --tz '{named}=ZONE' overrules it"
    if len(alike) > _MOST:
        yield f"--tz: {len(alike) - _MOST:,} more are read in other zones than the one given; see `check`"


def refused_rules(limits: Sequence[Limit]) -> Iterator[str]:
    """Say that rules were left out, for nothing is found by them."""
    for limit in limits:
        if limit.what.startswith(RULES_USED):
            counts = f"{limit.limit:,} of {limit.seen:,} are used"
            yield f"{limit.what}; {counts}, `logcorr rules check DIR` names the others"


def unused_names(request: AnalyzeRequest, files: Iterable[str], hosts: Iterable[str | None]) -> Iterator[str]:
    """Name what --tz, --skew, --router and --site gave to no host or file, for it stays as it was."""
    known = {host for host in hosts if host}
    paths = {name for path in files for name in (path, path.rpartition("/")[2])}
    asked = (
        ("--tz", request.zones, known | paths),
        ("--skew", request.skews, known),
        ("--router", request.routers, known),
        ("--site", [host for at_site in request.sites.values() for host in at_site], known),
    )
    for option, given, names in asked:
        for pattern in given:
            if not any(fnmatchcase(name, pattern) for name in names) and pattern not in names:
                there = ", ".join(sorted(known)) or "not named in these logs"
                yield f"{option}: nothing here is called {pattern!r}, so it changes nothing; hosts: {there}"
