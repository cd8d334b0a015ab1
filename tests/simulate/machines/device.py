"""The log of a device that is no machine of ours: a switch, an access point. It prints the lines with its own stamp."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.simulate.machines.clock import Clock, moment

Stamp = Callable[[int, int], str]


def cisco(wall: int, number: int) -> str:
    """``service timestamps log datetime msec show-timezone year`` and ``service sequence-numbers`` of Cisco IOS."""
    at = moment(wall)
    return f"{number:06d}: {at:%b} {at.day:2d} {at:%Y %H:%M:%S}.{wall // 1000 % 1000:03d} UTC: "


def logread(wall: int, number: int) -> str:
    """OpenWrt's ``logread`` of a device whose clock shows UTC; facility and level stand in the text."""
    assert number
    at = moment(wall)
    return f"{at:%a %b} {at.day:2d} {at:%H:%M:%S %Y} "


@dataclass(slots=True)
class Device:
    """Its file's name, how it stamps, what its clock is off, and what it said at which true time."""

    file: str
    stamp: Stamp
    clock: Clock = field(default_factory=Clock)
    lines: list[tuple[int, str]] = field(default_factory=list)

    def say(self, at: int, text: str) -> None:
        self.lines.append((at, text))

    def log(self) -> bytes:
        """The lines in the order of their times."""
        return "".join(
            f"{self.stamp(self.clock.wall(at), number)}{text}\n"
            for number, (at, text) in enumerate(sorted(self.lines), 411)
        ).encode()
