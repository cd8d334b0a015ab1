"""Options that several commands share, and how their values become a request's."""

from __future__ import annotations

import math
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from logcorr.cli import resources
from logcorr.cli.standard import CLEAR
from logcorr.errors import UsageError
from logcorr.textsafe import visible

if TYPE_CHECKING:
    from logcorr.request import AnalyzeRequest

_SINCE = 'Start of the window as journalctl reads it: "2025-11-04 02:30", -2h, yesterday.'
_BOOT = "Of the journal, this boot, or one as journalctl names it: -b, -b -1."
_ZONE_HINT = "write HOST-OR-FILE=ZONE; a zone is an IANA name (Europe/Zagreb) or an offset (+01:00)"
_SITE_HINT = "write NAME=HOST,HOST with hosts as the logs name them; a host is at one site"
_MOST_SKEW = 1e10  # seconds: a clock that starts at 1970 is off by 2e9
_ZONES = (
    "Zone of a host's or file's logs: router=Europe/Berlin, omada.log=+01:00; a bare ZONE is for all that show none."
)

_COLLECTORS = "A container whose output is other machines' logs, so that what it prints may be theirs (repeatable)."
_ROUTERS = "A router of the site: nobody else's word counts as one's (repeatable; default: every device's)."

Command = TypeVar("Command", bound=Callable[..., Any])


def input_options(command: Command) -> Command:
    """Paths, the window, the part of the journal, what is known about clocks. ``make_request`` takes the values."""
    for decorate in reversed(
        (
            click.argument("paths", nargs=-1, metavar="[PATH|-]..."),
            click.option("-S", "--since", metavar="TIME", help=_SINCE),
            click.option("-U", "--until", metavar="TIME", help="End of the window."),
            click.option("-b", "--boot", metavar="BOOT", is_flag=False, flag_value="", help=_BOOT),
            click.option(
                "-u", "--unit", "units", multiple=True, metavar="UNIT", help="Of the journal, this unit (repeatable)."
            ),
            click.option(
                "-D", "--directory", metavar="DIR", type=click.Path(path_type=Path), help="The journal in this folder."
            ),
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
        )
    ):
        command = decorate(command)
    return command


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


def parse_sites(pairs: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """``NAME=HOST,HOST`` pairs; what is given for one name several times is put together."""
    sites: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        name, _, text = pair.partition("=")
        hosts = tuple(host.strip() for host in text.split(",") if host.strip())
        if not name.strip() or not hosts:
            raise UsageError(f"{pair!r} is not a site", location="--site", hint=_SITE_HINT)
        sites[name.strip()] = tuple(dict.fromkeys((*sites.get(name.strip(), ()), *hosts)))
    placed: dict[str, str] = {}
    for name, hosts in sites.items():
        for host in hosts:
            if placed.setdefault(host, name) != name:
                raise UsageError(f"{host!r} is at {placed[host]!r} and at {name!r}", location="--site", hint=_SITE_HINT)
    return sites


def make_request(given: Mapping[str, Any]) -> AnalyzeRequest:
    """The request that the values of ``input_options`` and ``rule_options`` make."""
    resources.settle(given["paths"])
    from logcorr.request import AnalyzeRequest

    of_journal = [name for name in ("boot", "units", "directory", "namespace") if given[name] not in (None, ())]
    if given["paths"] and of_journal:
        raise UsageError(
            "these options choose a part of the journal, but logs are named",
            location=", ".join(f"--{name}" for name in of_journal),
            hint="leave the paths out, or use --since and --until",
        )
    zones, zone = parse_zones(given["zones"])
    since, until = parse_window(given["since"], given["until"])
    return AnalyzeRequest(
        inputs=given["paths"],
        since=since,
        until=until,
        boot=given["boot"],
        units=given["units"],
        directory=given["directory"],
        namespace=given["namespace"],
        zones=zones,
        zone=zone,
        skews=parse_skews(given["skews"]),
        collectors=given["collectors"],
        routers=given["routers"],
        default_zone=local_zone(),
        sites=parse_sites(given.get("sites", ())),
        rules=given.get("rules", ()),
        shipped_rules=not given.get("no_shipped_rules"),
        command=" ".join(["logcorr", *sys.argv[1:]]),
        progress=progress(given["quiet"]),
    )


def given_files(request: AnalyzeRequest) -> tuple[str | Path, ...]:
    """The files and folders that a request names, which no result is written over."""
    return (*request.inputs, *request.rules, *((request.directory,) if request.directory else ()))


def parse_zones(pairs: tuple[str, ...]) -> tuple[dict[str, str], str | None]:
    """``HOST-OR-FILE=ZONE`` pairs, and the zone that stands alone, for all logs that show none."""
    from logcorr.request import require_zone

    zones: dict[str, str] = {}
    general = None
    for pair in pairs:
        name, equals, zone = pair.rpartition("=")
        if (equals and not name) or not zone:
            raise UsageError(f"{pair!r} is not a zone", location="--tz", hint=_ZONE_HINT)
        try:
            require_zone(zone)
        except UsageError as error:
            raise UsageError(error.message, location="--tz", hint=_ZONE_HINT) from None
        if name:
            zones[name] = zone
        else:
            general = zone
    return zones, general


def parse_skews(pairs: tuple[str, ...]) -> dict[str, float]:
    """``HOST=+3.2s`` pairs in seconds."""
    skews = {}
    for pair in pairs:
        host, _, text = pair.partition("=")
        try:
            seconds = float(text.strip().removesuffix("s"))
        except ValueError:
            seconds = math.nan
        if not host or not abs(seconds) <= _MOST_SKEW:
            raise UsageError(f"{pair!r} is not a clock skew", location="--skew", hint="write HOST=+3.2s or HOST=-0.8s")
        skews[host] = seconds
    return skews


def parse_window(since: str | None, until: str | None) -> tuple[datetime | None, datetime | None]:
    """Both ends of the window in UTC; times without a zone are this machine's local time, as journalctl has it."""
    now = datetime.now(UTC)
    start, end = _end_of_window("--since", since, now), _end_of_window("--until", until, now)
    if start and end and start >= end:
        raise UsageError(
            f"the window ends ({until}) {'where' if start == end else 'before'} it begins ({since})",
            location="--until",
            hint="give --since the earlier time",
        )
    return start, end


def _end_of_window(option: str, text: str | None, now: datetime) -> datetime | None:
    from logcorr.timespec import parse_when

    if text is None:
        return None
    try:
        return parse_when(text, now, local_zone())
    except UsageError as error:
        raise UsageError(error.message, location=option, hint=error.hint) from None


def local_zone() -> str:
    """This machine's zone: TZ, which has a name or POSIX's rules, or what /etc/localtime points to; else UTC.

    A TZ that names no zone is UTC, as it is to every other program (tzset(3)).
    """
    from logcorr.request import require_zone

    name = os.environ.get("TZ", "").removeprefix(":")
    if not name or name.startswith("/"):
        parts = Path(name or "/etc/localtime").resolve().parts
        return "/".join(parts[parts.index("zoneinfo") + 1 :]) if "zoneinfo" in parts else "UTC"
    try:
        require_zone(name)
    except UsageError:
        return "UTC"
    return name


def progress(quiet: bool) -> Callable[[str], None]:
    """What a stage reports to: the terminal's last line, or nothing where nobody watches."""
    if quiet or not sys.stderr.isatty():
        return lambda _: None

    def show(text: str) -> None:
        room = max(shutil.get_terminal_size().columns - 1, 1)  # a line that wraps cannot be taken back
        click.echo(f"{CLEAR}{visible(text, room)}", err=True, nl=False)

    return show
