"""What is true of a simulated window: the answer that an analysis is judged by."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from tests.simulate.machines.clock import moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The right verdict.

    ``cause`` is the verdict that the given logs support ("undetermined" where evidence is missing; ``real_cause`` then
    says what happened). ``also`` are verdicts as good as ``cause``. ``ruled_out`` are hypotheses that the logs refute.
    Instants are true µs; ``skew_s`` is how far a host's clock is ahead.
    """

    title: str
    cause: str
    since: int
    until: int
    contributing: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    started: int | None = None
    ended: int | None = None
    real_cause: str | None = None
    ruled_out: tuple[str, ...] = ()
    missing_source: str | None = None
    zones: dict[str, str] = field(default_factory=dict)
    hosts: dict[str, str] = field(default_factory=dict)
    skew_s: dict[str, float] = field(default_factory=dict)

    def replaced(self, **changes: Any) -> Truth:
        """The same with ``changes``."""
        return replace(self, **changes)

    def toml(self) -> str:
        """The truth as the file beside a fixture holds it."""

        def value(item: object) -> str:
            return json.dumps(item, ensure_ascii=False)

        def instant(us: int) -> str:
            return moment(us).isoformat().replace("+00:00", "Z")

        lines = [f"title = {value(self.title)}", f"cause = {value(self.cause)}"]
        if self.real_cause:
            lines.append(f"real_cause = {value(self.real_cause)}")
        lines += [
            f"contributing = {value(list(self.contributing))}",
            f"also = {value(list(self.also))}",
            f"ruled_out = {value(list(self.ruled_out))}",
        ]
        if self.missing_source:
            lines.append(f"missing_source = {value(self.missing_source)}")
        lines += ["", "[window]", f"since = {instant(self.since)}", f"until = {instant(self.until)}"]
        if self.started and self.ended:
            lines += ["", "[incident]", f"started = {instant(self.started)}", f"ended = {instant(self.ended)}"]
        for name, table in (("zones", self.zones), ("hosts", self.hosts), ("skew_s", self.skew_s)):
            if table:
                lines += ["", f"[{name}]", *(f"{value(key)} = {value(item)}" for key, item in table.items())]
        return "\n".join(lines) + "\n"
