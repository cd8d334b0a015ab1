"""Suggestions as rule files: the events that the rulebook lacks, the pattern, and cases for each."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import accumulate
from typing import Any, Final, Literal

from logcorr.dataclass import dataclass
from logcorr.schema import Timeline
from logcorr.suggest.beats import Recurring
from logcorr.suggest.cases import Line, case_log, presentable, records
from logcorr.suggest.pairs import Pair
from logcorr.suggest.wording import Named
from logcorr.times.micros import SECOND

#: Beats that a case of a beat shows, and by how much of the period the near miss moves each.
BEATS_SHOWN: Final = 6
_OFF_BEAT: Final = (0.0, 0.3, -0.2, 0.45, 0.15, -0.35)

#: Below this a chance is not worth its digits.
SMALLEST_SHOWN: Final = 1e-20

_FALSE_POSITIVES: Final = {
    "sequence": "Both are set off by something else, or one by the other only under circumstances of this log.",
    "beat": "A timer that is meant to run.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A rule that the log suggests, ready to be saved, read and corrected.

    ``p_value`` is adjusted for all that was tried (Benjamini-Hochberg): the share of false discoveries among
    suggestions at least as clear. ``expected`` is what chance would give of ``episodes``; ``seconds`` the window or
    the period.
    """

    id: str
    form: Literal["sequence", "beat"]
    title: str
    p_value: float
    episodes: int
    followed: int
    expected: float
    seconds: float
    files: tuple[tuple[str, str], ...]  # relative path -> text

    def yaml(self) -> str:
        """All files as one text, each after a comment with its path."""
        return "\n".join(f"# --- {path}\n{text}" for path, text in self.files)


def sequence_rule(pair: Pair, names: tuple[Named, Named], timeline: Timeline, taken: set[str]) -> Suggestion | None:
    """The rule for a pair, or None where its lines cannot be shown."""
    first, then = names
    within = pair.within / SECOND
    place = _typical(pair, timeline)
    cause, effect = records(timeline, (int(pair.causes[place]), int(pair.effects[place])))
    hit = [Line(cause, cause["time"]), Line(effect, effect["time"])]
    late = cause["time"] + timedelta(seconds=1.2 * within + 2)
    missed = [hit[0], Line(effect, late)]
    if not presentable(hit):
        return None
    where = "" if pair.same_host else " on another host"
    found = _id(f"{then.event} after {first.event}{where}", taken)
    span = _duration(pair.within)
    title = f"{then.event} within {span} after {first.event}{where}"
    figures = (
        f"{pair.followed} of {pair.episodes} {first.event} episodes were followed by {then.event}{where} within "
        f"{span}; {pair.expected:.2g} expected by chance ({_chance(pair.adjusted)}, adjusted for all pairs tried). "
        "This is association, never proof."
    )
    by = "by: host\n" if pair.same_host else ""
    other = "" if pair.same_host else "\n    where: {host: {ne: $first.host}}"
    body = f"sequence:\n  - first: {first.event}\n  - then: {then.event}\n    within: {span}{other}\n{by}pair: each\n"
    cases = _case("as it was logged", case_log(hit, timeline), "{matches: 1}")
    cases += _case(f"the second line later than {span}", case_log(missed, timeline), "none")
    events = [file for name, record in zip(names, (cause, effect), strict=True) for file in _event(name, record)]
    return Suggestion(
        id=found,
        form="sequence",
        title=title,
        p_value=pair.adjusted,
        episodes=pair.episodes,
        followed=pair.followed,
        expected=pair.expected,
        seconds=within,
        files=(*events, *_pattern(found, title, figures, "sequence", body, cases)),
    )


def beat_rule(beat: Recurring, name: Named, timeline: Timeline, taken: set[str]) -> Suggestion | None:
    """The rule for a beat, or None where its lines cannot be shown."""
    lines = [Line(record, record["time"]) for record in records(timeline, beat.rows[:BEATS_SHOWN].tolist())]
    if not presentable(lines):
        return None
    rhythm = beat.rhythm
    period, span = rhythm.period / SECOND, _duration(rhythm.period)
    moved = [
        Line(line.record, line.time + timedelta(seconds=period * shift))
        for line, shift in zip(lines, accumulate(_OFF_BEAT), strict=False)
    ]
    found = _id(f"{name.event} every {span}", taken)
    title = f"{name.event} recurs every {span}"
    expected = rhythm.intervals * min(2 * rhythm.tolerance / rhythm.period, 1.0)
    figures = (
        f"{rhythm.on_beat} of {rhythm.intervals} intervals were a multiple of {span}, give or take "
        f"{_duration(rhythm.tolerance)}; {expected:.2g} expected by chance ({_chance(beat.adjusted)}, adjusted for "
        "all that was tried)."
    )
    body = (
        f"beat:\n  event: {name.event}\n  every: {span}\n  tolerance: {_duration(rhythm.tolerance)}\n  at_least: 4\n"
        "by: host\n"
    )
    cases = _case("as it was logged", case_log(lines, timeline), "{matches: 1}")
    cases += _case("the same lines off the beat", case_log(moved, timeline), "none")
    return Suggestion(
        id=found,
        form="beat",
        title=title,
        p_value=beat.adjusted,
        episodes=rhythm.intervals,
        followed=rhythm.on_beat,
        expected=expected,
        seconds=period,
        files=(*_event(name, lines[0].record), *_pattern(found, title, figures, "beat", body, cases)),
    )


def _typical(pair: Pair, timeline: Timeline) -> int:
    """The hit whose lag is the median one."""
    time = timeline.frame["time"].to_physical().to_numpy()
    lag = time[pair.effects] - time[pair.causes]
    return int(abs(lag - pair.lag).argmin())


def _event(name: Named, record: dict[str, Any]) -> Sequence[tuple[str, str]]:
    """The file of an event that the rulebook lacks, and its case."""
    if name.says is None:
        return ()
    path = f"events/{_slug(name.event)}"
    rule = (
        f"program: {_quoted(name.program or '')}\nevents:\n  {name.event}:\n    says: {_quoted(name.says)}\n"
        "    role: context                      # cause | symptom | recovery | context\n"
    )
    case = f"- message: {_quoted(record['message'])}\n  event: {name.event}\n"
    return (f"{path}.yaml", rule), (f"{path}.cases.yaml", case)


def _pattern(found: str, title: str, figures: str, form: str, body: str, cases: str) -> Sequence[tuple[str, str]]:
    rule = (
        "# Suggested by `logcorr rules suggest`. Give it a title of its own, and say what it means.\n"
        f"id: {found}\ntitle: {_quoted(title)}\nseverity: low\nstatus: experimental\nversion: 1\n"
        f"description: {_quoted(figures)}\n{body}"
        f"references: []\nfalse_positives:\n  - {_quoted(_FALSE_POSITIVES[form])}\n"
    )
    head = "# The lines come from the log: look at them before you share this file.\n"
    return (f"patterns/suggested/{found}.yaml", rule), (f"patterns/suggested/{found}.cases.yaml", head + cases)


def _case(name: str, log: str, expect: str) -> str:
    indented = "".join(f"    {line}\n" for line in log.split("\n"))
    return f"- name: {name}\n  log: |\n{indented}  expect: {expect}\n"


def _quoted(text: str) -> str:
    """A YAML scalar in double quotes, on one line."""
    return json.dumps(text, ensure_ascii=False)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _id(text: str, taken: set[str]) -> str:
    base, number = _slug(text), 1
    found = base
    while found in taken:
        number += 1
        found = f"{base}-{number}"
    taken.add(found)
    return found


def _duration(micros: int) -> str:
    """In the largest unit that divides it."""
    for unit, size in (("h", 3600 * SECOND), ("min", 60 * SECOND), ("s", SECOND)):
        if micros % size == 0:
            return f"{micros // size}{unit}"
    return f"{micros / SECOND:g}s"


def _chance(p_value: float) -> str:
    return f"P = {p_value:.1g}" if p_value >= SMALLEST_SHOWN else f"P < {SMALLEST_SHOWN:.0g}"
