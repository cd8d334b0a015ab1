"""What the values of options mean: zones, clock skews, sites, windows. A mistake is a ``UsageError`` at its option."""

from __future__ import annotations

import math
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from logcorr.errors import UsageError

_ZONE_HINT: Final = "write HOST-OR-FILE=ZONE; a zone is an IANA name (Europe/Zagreb) or an offset (+01:00)"
_SITE_HINT: Final = "write NAME=HOST,HOST with hosts as the logs name them; a host is at one site"
_MOST_SKEW: Final = 1e10  # seconds: a clock that starts at 1970 is off by 2e9


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


def parse_zones(pairs: tuple[str, ...]) -> tuple[dict[str, str], str | None]:
    """``HOST-OR-FILE=ZONE`` pairs, and the zone that stands alone, for all logs that show none."""
    from logcorr.inputs.request import require_zone

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
    from logcorr.times.timespec import parse_when

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
    from logcorr.inputs.request import require_zone

    name = os.environ.get("TZ", "").removeprefix(":")
    if not name or name.startswith("/"):
        parts = Path(name or "/etc/localtime").resolve().parts
        return "/".join(parts[parts.index("zoneinfo") + 1 :]) if "zoneinfo" in parts else "UTC"
    try:
        require_zone(name)
    except UsageError:
        return "UTC"
    return name


def shown_zone() -> str:
    """This machine's zone, to write times in. Raises UsageError where it has rules of its own and no name."""
    from zoneinfo import ZoneInfo

    name = local_zone()
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        raise UsageError(
            f"this machine's zone {name!r} has no name",
            location="--local",
            hint="set TZ to one, such as TZ=Europe/Zagreb",
        ) from None
