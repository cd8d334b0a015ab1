"""What ``logcorr.read`` and ``logcorr.analyze`` take beside the logs, and the request that it makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

from logcorr.errors import UsageError
from logcorr.inputs.request import AnalyzeRequest, require_zone
from logcorr.times.timespec import parse_when


class Options(TypedDict, total=False):
    """Keywords of ``logcorr.read`` and ``logcorr.analyze``; all may be left out.

    Attributes:
        since: start of the window: an aware datetime, or text as ``--since`` takes it; without a zone, in UTC.
        until: end of the window.
        tz: the zone of logs that show none; or zones by host, file name or glob.
        skew: seconds that a host's clock is ahead, by host.
        sites: hosts that are at one site, by the site's name.
        rules: folders or files of your own rules, beside the shipped ones.
        shipped_rules: whether the shipped rules take part (default: yes).
        units: of the journal, these units.
        directory: the journal in this folder.
        collectors: containers whose output is other machines' logs.
        routers: the hosts whose word counts as a router's.
        now: what undated years are reckoned from; default: the time of the newest input.
    """

    since: datetime | str
    until: datetime | str
    tz: str | Mapping[str, str]
    skew: Mapping[str, float]
    sites: Mapping[str, Sequence[str]]
    rules: Sequence[str | Path]
    shipped_rules: bool
    units: Sequence[str]
    directory: str | Path
    collectors: Sequence[str]
    routers: Sequence[str]
    now: datetime


_NAMES = {"skew": "skews"}  # an option, and what a request calls it


def as_request(inputs: Sequence[str | Path | AnalyzeRequest], options: Options) -> AnalyzeRequest:
    """The request that inputs and options make. Raises UsageError for a value that cannot be used."""
    requests = [each for each in inputs if isinstance(each, AnalyzeRequest)]
    if requests and (len(inputs) > 1 or options):
        raise UsageError("a request stands alone", hint="put paths and options into it, or give no request")
    if requests:
        return requests[0]
    unknown = sorted(options.keys() - Options.__annotations__)
    if unknown:
        raise UsageError(f"there is no option {unknown[0]!r}", hint=f"one of {', '.join(Options.__annotations__)}")
    given: dict[str, object] = {_NAMES.get(name, name): value for name, value in options.items()}
    zones = given.pop("tz", {})
    for zone in zones.values() if isinstance(zones, Mapping) else (str(zones),):
        require_zone(zone)
    given["zone" if isinstance(zones, str) else "zones"] = zones
    for name in ("since", "until"):
        if name in given:
            given[name] = _instant(name, given[name])
    given["rules"] = [Path(rule) for rule in options.get("rules", ())]
    if "directory" in options:
        given["directory"] = Path(options["directory"])
    return AnalyzeRequest(inputs=[str(path) for path in inputs], **given)  # type: ignore[arg-type]  # by their names


def _instant(name: str, value: object) -> datetime:
    if not isinstance(value, datetime):
        return parse_when(str(value), datetime.now(UTC), UTC)
    if value.tzinfo is None:
        raise UsageError(
            f"{value} has no zone", location=name, hint="give an aware datetime: datetime(..., tzinfo=UTC)"
        )
    return value
