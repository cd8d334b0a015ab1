"""Small scenes: a few events on a few hosts, and just the rules that a test is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from logcorr.diagnosis.incidents import Incident, find_incidents
from logcorr.diagnosis.judging.nearby import look_around
from logcorr.diagnosis.judging.weigh import Weighed, weigh
from logcorr.diagnosis.scene import Scene, set_scene
from logcorr.model import SourceFile
from logcorr.rulebook.models import Cause, Event, EventFile, Rulebook, SourceKind, StateKind, SymptomClass
from logcorr.schema import EVENTS, MATCHES, SPANS, TIMELINE, Timeline, empty

START = datetime(2025, 11, 4, 3, 0, tzinfo=UTC)

#: name of the event -> role, impact
VOCABULARY = {
    "cable.cut": ("cause", "degraded"),
    "power.lost": ("cause", "none"),
    "page.failed": ("symptom", "degraded"),
    "mail.failed": ("symptom", "degraded"),
    "all.dark": ("symptom", "outage"),
    "page.ok": ("recovery", "none"),
    "cable.mended": ("recovery", "none"),
    "chatter": ("context", "none"),
    "link.gone": ("symptom", "degraded"),
    "link.back": ("recovery", "none"),
    "spare.gone": ("cause", "degraded"),
    "spare.back": ("recovery", "none"),
    "daemon.ended": ("context", "none"),
    "daemon.told": ("context", "none"),
    "daemon.began": ("recovery", "none"),
    "host.booted": ("cause", "degraded"),
    "host.shutdown": ("context", "none"),
    "sleep.started": ("cause", "none"),
    "sleep.ended": ("context", "none"),
    "memory.gone": ("cause", "none"),
    "met": ("context", "none"),
}
STATES = (
    {"id": "link", "title": "the link of {object}", "lost": ["link.gone"], "back": ["link.back"], "of": ["interface"]},
    {
        "id": "spare",
        "title": "the spare {object}",
        "lost": ["spare.gone"],
        "back": ["spare.back"],
        "of": ["interface"],
        "effect": "degraded",
    },
    {
        "id": "service",
        "title": "the service {object}",
        "lost": ["daemon.ended"],
        "back": ["daemon.began"],
        "of": ["unit"],
        "clean": ["daemon.told"],
        "speaks": True,
    },
)
#: What no rule knows.
UNHEARD = "unheard"
KINDS = (
    SourceKind(id="machine", title="the machine's log", programs=("web",), command="cat", on="it"),
    SourceKind(id="kernel", title="the kernel's log", programs=("cable",), command="cat", on="it"),
    SourceKind(id="monitor", title="the monitor's log", programs=("*monitor*",), command="cat", on="it", scope="site"),
    SourceKind(
        id="router",
        title="the router's log",
        programs=("router",),
        shown_by=("met",),
        command="cat",
        on="it",
        scope="site",
    ),
)


def event(second: float, name: str, host: str = "srv", program: str = "web", **more: Any) -> dict[str, Any]:
    """One record ``second`` seconds after START that says ``name``; UNHEARD makes no event."""
    return {"second": second, "event": name, "host": host, "program": program, "trusted": None, "spread": 0.0, **more}


def cause(name: str = "cable", layer: str = "physical", **more: Any) -> Cause:
    """A cause whose one sign is the event cable.cut, and which explains what fails."""
    given: dict[str, Any] = {
        "id": name,
        "title": name.title(),
        "layer": layer,
        "sentence": "{host} lost its {interface}.",
        "explains": ["*.failed", "all.dark"],
        "evidence": [{"event": "cable.cut", "strength": "decisive", "trigger": True, "says": "it was cut"}],
        "needs": ["machine"],
    }
    return Cause.model_validate(given | more)


def scene(
    events: Iterable[dict[str, Any]],
    causes: Sequence[Cause] = (),
    clocks: Sequence[str] = (),
    symptoms: Sequence[SymptomClass] = (),
    assumed: Sequence[str] = (),
) -> Scene:
    """The scene of these events; ``clocks`` are hosts whose clock is known to be right, ``assumed`` such whose zone is
    only assumed.
    """
    rows = sorted(events, key=lambda row: row["second"])
    hosts = sorted({row["host"] for row in rows})
    records = [
        {
            "id": number,
            "time": START + timedelta(seconds=row["second"]),
            "time_lo": START + timedelta(seconds=row["second"] - row["spread"]),
            "time_hi": START + timedelta(seconds=row["second"] + row["spread"]),
            "source": hosts.index(row["host"]),
            "line": number + 1,
            "message": row.get("message", row["event"]),
            **{name: row[name] for name in ("host", "program", "trusted", "event")},
        }
        for number, row in enumerate(rows)
    ]
    told = pl.DataFrame(records, schema=TIMELINE)
    timeline = Timeline(
        frame=told,
        inputs=tuple(
            SourceFile(
                path=host,
                host=host,
                timezone_from="assumed: a test's" if host in assumed else None,
                skew_s=0.0 if host in clocks else None,
            )
            for host in hosts
        ),
        spans=told.group_by("source", "host")
        .agg(start=pl.col("time").min(), end=pl.col("time").max())
        .select(list(SPANS))
        .sort("source"),
    )
    known = [row for row in records if row["event"] != UNHEARD]
    rows = [row for row in rows if row["event"] != UNHEARD]
    frame = pl.DataFrame(known, schema=EVENTS).with_columns(
        fields=pl.struct(
            *(
                pl.Series(name, [row.get(name) for row in rows], dtype=pl.String)
                for name in ("interface", "unit", "hides", "format", "public_ip", "local_ip", "remote_ip", "client")
            ),
        )
    )
    rules = Rulebook(
        events=(
            EventFile(
                program="*",
                events={
                    name: Event(says=name, role=role, impact=impact)  # type: ignore[arg-type]  # literals of the table
                    for name, (role, impact) in VOCABULARY.items()
                },
            ),
        ),
        causes={each.id: each for each in causes},
        sources={kind.id: kind for kind in KINDS},
        symptoms={each.id: each for each in symptoms},
        states={str(state["id"]): StateKind.model_validate(state) for state in STATES},
    )
    return set_scene(timeline, frame, empty(MATCHES), rules)


def judged(given: Scene, of: Incident | None = None) -> dict[str, Weighed]:
    """Every cause weighed against the first incident."""
    incident = of or find_incidents(given)[0]
    (nearby,) = look_around([incident], given)
    return {name: weigh(each, nearby) for name, each in given.rules.causes.items()}


def failing(*seconds: float, host: str = "srv", name: str = "page.failed") -> list[dict[str, Any]]:
    return [event(second, name, host) for second in seconds]
