"""What the user may say about clocks, and the window of interest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, datetime, timedelta

from logcorr.dataclass import dataclass
from logcorr.origin import NOBODY, Outsiders


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSettings:
    """Clocks as the user knows them. Everything left out is worked out from the logs, or assumed and said so."""

    zones: Mapping[str, str] = field(default_factory=dict)  # host or file glob -> IANA name or offset ("+01:00")
    skews: Mapping[str, float] = field(default_factory=dict)  # host -> seconds by which its clock is ahead of true time
    hosts: Mapping[str, str] = field(default_factory=dict)  # file glob -> host, for files that name none
    general_zone: str | None = None  # the user's, for local times of which nothing tells the zone
    default_zone: str = "UTC"  # the same where the user gave none: assumed, and said so
    now: datetime = field(default_factory=lambda: datetime.now(UTC))  # the last anchor for missing years
    since: datetime | None = None  # the window, inclusive; records outside are counted, not kept
    until: datetime | None = None
    margin: timedelta = timedelta(0)  # kept on both sides of the window, for those who look back
    estimate_skew: bool = True
    outsiders: Outsiders = NOBODY  # what others than the programs chose in their lines
