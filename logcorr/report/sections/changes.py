"""What changed: message templates whose rate marks the incident, for what no rule knows."""

from __future__ import annotations

from logcorr.dataclass import dataclass
from logcorr.report.material import Material, Section
from logcorr.report.text.inert import code, inline


@dataclass(frozen=True, slots=True)
class Rate:
    """One template, its rates in messages an hour."""

    template: str
    program: str
    before: str
    during: str
    ratio: str


@dataclass(frozen=True, slots=True)
class Changes:
    """The templates whose rate differs most."""

    rates: tuple[Rate, ...]


def build(material: Material) -> Changes | None:
    """Take the changes; nothing where there are none."""
    rates = tuple(
        Rate(
            template=change.template,
            program=change.program or "",
            before=_rate(change.before_per_hour),
            during=_rate(change.during_per_hour),
            ratio="new" if change.ratio is None else f"×{_rate(change.ratio)}",
        )
        for change in material.report.changes
    )
    return Changes(rates) if rates else None


def _rate(value: float | None) -> str:
    if value is None:
        return "not known"
    return f"{value:,.0f}" if value >= 10 or value == round(value) else f"{value:.2g}"


def markdown(view: Changes) -> str:
    """Write one line per template."""
    lines = (
        f"- {inline(rate.ratio)}: {inline(rate.program)}{': ' if rate.program else ''}{code(rate.template)} "
        f"(before {rate.before}, during {rate.during} an hour)"
        for rate in view.rates
    )
    return "\n".join(lines)


SECTION = Section(id="changes", title="What changed", template="changes.html.j2", build=build, markdown=markdown)
