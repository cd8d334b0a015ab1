"""What was analysed, in a few words: window, zone, hosts, redaction."""

from __future__ import annotations

from logcorr.dataclass import dataclass
from logcorr.report.material import Material, Section
from logcorr.report.text.inert import inline
from logcorr.report.text.words import some

_HOSTS = 6  # named in the header; the inputs at the page's end have them all


@dataclass(frozen=True, slots=True)
class Header:
    """The header line, as label and value."""

    facts: tuple[tuple[str, str], ...]


def build(material: Material) -> Header:
    """Take the header from the report's frame."""
    report, clock = material.report, material.clock
    window = material.span(clock.maybe(report.window.since), clock.maybe(report.window.until))
    hosts = dict.fromkeys(source.host for source in report.inputs if source.host)
    return Header(
        facts=(
            ("Window", window if report.window.since or report.window.until else "all of the logs"),
            ("Times", _zone(material)),
            ("Hosts", some(tuple(hosts), _HOSTS) or "not named in the logs"),
            ("Redaction", _redaction(material)),
        )
    )


def _zone(material: Material) -> str:
    clock = material.clock
    if not clock.known:
        return f"UTC, because the zone {clock.name} is not known"
    first = next((time for time in (material.report.window.since, material.report.verdict.started) if time), None)
    offset = f", UTC{clock.stamp(first).offset}" if first and clock.stamp(first).offset != "Z" else ""
    return f"{clock.name}{offset}; UTC stands beside it, with a Z" if clock.name != "UTC" else clock.name


def _redaction(material: Material) -> str:
    redaction = material.report.redaction
    if redaction.profile == "none":
        return "none: names and addresses are real"
    count = sum(redaction.classes.values())
    number = f"{count:,} {'value' if count == 1 else 'values'}"
    if redaction.profile == "secrets":
        return f"secrets removed ({number}); names and addresses are real"
    return f"recognised names, addresses and secrets replaced, in file names too ({number})"


def markdown(header: Header) -> str:
    """Write the header as a list."""
    return "\n".join(f"- {label}: {inline(value)}" for label, value in header.facts)


SECTION = Section(id="header", title="Report", template="header.html.j2", build=build, markdown=markdown)
