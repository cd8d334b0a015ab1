"""An incident as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from logcorr.report.story import Incident, KeyLine, StoryStep, StoryTurn, Time
from logcorr.report.text.inert import fence, inline


def incident_blocks(incident: Incident) -> Iterator[str]:
    """Write an incident, block by block: status and why, in short, what to do first, facts, chain, lines, times."""
    status = incident.status
    yield f"**{status.sign} {inline(status.word)}:** {inline(incident.reason or status.means)}"
    if incident.summary:
        yield f"**In short:** {inline(incident.summary)}"
    if incident.first:
        where = f" (on {inline(incident.first.on)})" if incident.first.on else ""
        yield f"**Do first:** {inline(incident.first.do)}{where}. Risk: {inline(incident.first.risk)}."
    if incident.proceed:
        yield f"**If the trouble goes on:** {inline(incident.proceed)}."
    about = [f"- {label}: {inline(value)}" for label, value in incident.facts]
    about += [f"- Made worse by: {inline(title)}" for title in incident.contributing]
    if about:
        yield "\n".join(about)
    if incident.warning:
        yield f"**⚠ Not seen:** {inline(incident.warning)}"
    elif incident.first and incident.seen:
        yield f"**Not seen:** {inline(incident.seen)}."
    if incident.chain:
        yield f"**{incident.chain_title}, {incident.date}** (● seen in a log, ○ inferred; + time since the step before)"
        yield "\n".join(_step_text(step) for step in incident.chain)
    if incident.keys:
        yield "**Key lines**"
        yield fence([text for key in incident.keys for text in _key_text(key)])
    yield from _repeated(incident)


def _repeated(incident: Incident) -> Iterator[str]:
    if incident.again:
        shown = f" The first {len(incident.again.times):,}:" if len(incident.again.times) < incident.again.count else ""
        yield f"**↺ Recurring:** {inline(incident.again.says)}.{shown}"
        yield "\n".join(map(_time_text, incident.again.times))
    if incident.loop:
        yield f"**↻ The loop:** {inline(incident.loop.says)}"
        if incident.loop.ring:
            yield f"▲ {' → '.join(map(inline, incident.loop.ring))} → ▲ again"
            yield "\n".join(map(_turn_text, incident.loop.turns))


def _time_text(told: Time) -> str:
    return f"- {told.start.full} to {told.end.full if told.end else 'the end of the logs'}: {inline(told.lasted)}"


def _turn_text(turn: StoryTurn) -> str:
    failed = f"failed {turn.failed.full}, " if turn.failed else ""
    cites = ", ".join(inline(each.id) for each in turn.evidence)
    return (
        f"- {failed}reaction {turn.reacted.short if turn.failed else turn.reacted.full}{f' ({cites})' if cites else ''}"
    )


def _step_text(step: StoryStep) -> str:
    time = f"{step.stamp.full if step.dated else step.stamp.short}{f' ({step.lag})' if step.lag else ''}"
    cites = ", ".join(inline(each.id) for each in step.evidence)
    notes = " · ".join(filter(None, (inline(step.notes), cites)))
    return f"{step.number}. {time} {step.seen.sign} {inline(step.text)}{f' ({notes})' if notes else ''}"


def _key_text(key: KeyLine) -> Iterator[str]:
    who = f"{key.host} {key.program}".strip()
    yield f"{key.citation.id}  {key.stamp.both}  {who}  {key.place}"
    yield f"    {key.message}"
    if key.says:
        yield f"    = {key.says}"
