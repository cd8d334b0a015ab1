"""Options that several commands share, and how their values become a request's."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from logcorr.cli.arguments import resources, settings, values
from logcorr.cli.emptiness import refuse_empty
from logcorr.cli.standard import say
from logcorr.cli.terminal.progress import Progress
from logcorr.errors import UsageError
from logcorr.textsafe import visible

if TYPE_CHECKING:
    from logcorr.inputs.request import AnalyzeRequest

_SINCE = 'Start of the window as journalctl reads it: "2025-11-04 02:30", -2h, yesterday.'
_UNIT = "Of the journal, this unit; of `timeline`, also of logs that are named (repeatable)."
_BOOT = "Of the journal, this boot, or one as journalctl names it: -b, -b -1."
_ZONES = (
    "Zone of a host's or file's logs: router=Europe/Berlin, omada.log=+01:00; a bare ZONE is for all that show none."
)

_COLLECTORS = "A container whose output is other machines' logs, so that what it prints may be theirs (repeatable)."
_ROUTERS = "A router of the site: no other device's word counts as one's (repeatable; default: told from the logs)."

Command = TypeVar("Command", bound=Callable[..., Any])


def _folder(context: click.Context, option: click.Parameter, given: str | None) -> Path | None:
    """A folder's path; an empty name is no name of the working folder."""
    if given == "":
        raise click.BadParameter("an empty name", ctx=context, param=option)
    return None if given is None else Path(given)


def input_options(command: Command) -> Command:
    """Paths, the window, the part of the journal, what is known about clocks. ``make_request`` takes the values."""
    for decorate in reversed(
        (
            click.argument("paths", nargs=-1, metavar="[PATH|-]..."),
            click.option("-S", "--since", metavar="TIME", help=_SINCE),
            click.option("-U", "--until", metavar="TIME", help="End of the window."),
            click.option("-b", "--boot", metavar="BOOT", is_flag=False, flag_value="", help=_BOOT),
            click.option("-u", "--unit", "units", multiple=True, metavar="UNIT", help=_UNIT),
            click.option("-D", "--directory", metavar="DIR", callback=_folder, help="The journal in this folder."),
            click.option("--namespace", metavar="NAME", help="The journal of this namespace."),
            click.option("--tz", "zones", multiple=True, metavar="HOST-OR-FILE=ZONE", help=_ZONES),
            click.option(
                "--skew",
                "skews",
                multiple=True,
                metavar="HOST=SECONDS",
                help="How far a host's clock is ahead (+3.2s) or behind (-3.2s).",
            ),
            click.option("--collector", "collectors", multiple=True, metavar="NAME", help=_COLLECTORS),
            click.option("--router", "routers", multiple=True, metavar="HOST", help=_ROUTERS),
            click.option("-q", "--quiet", is_flag=True, help="No progress."),
            click.option(
                "-v", "--verbose", is_flag=True, help="Each step on a line of its own, with the seconds so far."
            ),
        )
    ):
        command = decorate(command)
    return command


def out_option(metavar: str, text: str, name: str = "out", **more: Any) -> Callable[[Command], Command]:
    """Where to write, under each of the names that other programs have for it."""
    return click.option("-o", "--out", "--output", name, metavar=metavar, help=text, **more)


def zone_options(command: Command) -> Command:
    """The zone that times are written in, as a parameter ``local``."""
    return click.option("--local/--utc", default=False, help="Times in this machine's zone (TZ), or in UTC (default).")(
        command
    )


class Choice(click.Choice[str]):
    """One of several names, or of what they are called as well."""

    def __init__(self, names: Sequence[str], aliases: Mapping[str, str]) -> None:
        super().__init__(names)
        self._aliases = aliases

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name that is meant."""
        return super().convert(self._aliases.get(value, value), param, ctx)


def rule_options(command: Command) -> Command:
    """Rules beyond the shipped ones."""
    for decorate in reversed(
        (
            click.option(
                "--rules",
                "rules",
                multiple=True,
                metavar="PATH",
                type=click.Path(exists=True, path_type=Path),
                help="Your own rules, beside the shipped ones (repeatable).",
            ),
            click.option("--no-shipped-rules", is_flag=True, help="Use only the rules given with --rules."),
        )
    ):
        command = decorate(command)
    return command


def worker_options(command: Command) -> Command:
    """Who reads and classifies the files."""
    for decorate in reversed(
        (
            click.option(
                "-j", "--jobs", type=click.IntRange(1, 1024), metavar="N", help="Processes that read files (default 1)."
            ),
            click.option("--cluster", metavar="ADDRESS", help="A Dask scheduler whose workers do so instead."),
            click.option("--work", metavar="DIR|URL", help="Keep what was read there, for a run that goes on later."),
        )
    ):
        command = decorate(command)
    return command


def make_request(given: Mapping[str, Any]) -> AnalyzeRequest:
    """The request that the values of ``input_options`` and ``rule_options`` make."""
    refuse_journal_options(given)
    refuse_empty(given["paths"])
    context = click.get_current_context()
    progress = Progress(given["paths"], quiet=given["quiet"], verbose=given["verbose"])
    context.call_on_close(progress.stop)
    words, files = settings.used(context)
    if words:
        say(f"logcorr: {visible(f'{files}: {words}')}")
    resources.reserve(given["paths"])
    from logcorr.inputs.request import AnalyzeRequest

    zones, zone = values.parse_zones(given["zones"])
    since, until = values.parse_window(given["since"], given["until"])
    return AnalyzeRequest(
        inputs=given["paths"],
        since=since,
        until=until,
        boot=given["boot"].strip() if given["boot"] else given["boot"],
        units=given["units"],
        directory=given["directory"],
        namespace=given["namespace"],
        zones=zones,
        zone=zone,
        skews=values.parse_skews(given["skews"]),
        collectors=given["collectors"],
        routers=given["routers"],
        default_zone=values.local_zone(),
        sites=values.parse_sites(given.get("sites", ())),
        rules=given.get("rules", ()),
        shipped_rules=not given.get("no_shipped_rules"),
        jobs=given.get("jobs") or 1,
        cluster=given.get("cluster"),
        work=given.get("work"),
        command=" ".join([shlex.join(["logcorr", *sys.argv[1:]]), *([f"(with {words} of {files})"] if words else [])]),
        progress=progress,
    )


def refuse_journal_options(given: Mapping[str, Any]) -> None:
    """Raise UsageError where logs are named, and options that choose a part of the journal are given as well."""
    names = {"boot": "--boot", "units": "--unit", "directory": "--directory", "namespace": "--namespace"}
    found = [option for name, option in names.items() if given[name] not in (None, ())]
    if given["paths"] and found:
        raise UsageError(
            "this chooses a part of the journal, but logs are named",
            location=", ".join(found),
            hint="leave the paths out to read this machine's journal; of logs, "
            "`logcorr timeline` shows the records of one --unit, and --since and --until choose a window",
        )


def given_files(request: AnalyzeRequest) -> tuple[str | Path, ...]:
    """The files and folders that a request names, which no result is written over."""
    return (*request.inputs, *request.rules, *((request.directory,) if request.directory else ()))
