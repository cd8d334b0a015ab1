"""Rules as prose: what a pattern, a cause or an event says, without YAML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from logcorr.errors import UsageError
from logcorr.rulebook.faults import meant
from logcorr.rulebook.models import (
    Beat,
    Burst,
    Cause,
    Compare,
    Count,
    During,
    Event,
    EventFile,
    Flap,
    Jump,
    Measure,
    Pattern,
    Query,
    Rulebook,
    Sign,
    Silence,
    Step,
    Where,
)

_PAIRING = {
    "each": "Every first event counts with its earliest followers, which several may share.",
    "nearest": "Of several first events the newest counts, and each event counts once.",
    "first": "Of several first events the oldest counts, and the others within its time are swallowed.",
    "fifo": "First events are used up in the order in which they came.",
    "all": "Every combination counts.",
}
_COMPARISONS = {
    "eq": "is {}", "ne": "is not {}", "lt": "is below {}", "le": "is at most {}", "gt": "is above {}",
    "ge": "is at least {}", "any": "is one of {}", "cidr": "lies in {}", "not_cidr": "lies outside {}",
    "glob": "looks like {}", "regex": "matches {}",
}  # fmt: skip
_LIMITS = ("gt", "ge", "lt", "le")


def explain(name: str, rules: Rulebook) -> str:
    """A pattern, cause or event as prose. Raises UsageError for a name that is none of them."""
    if name in rules.patterns:
        lines = _pattern(rules.patterns[name])
    elif name in rules.causes:
        lines = _cause(rules.causes[name], rules)
    else:
        told = [(file, file.events[name]) for file in rules.events if name in file.events]
        queries = {query.event: query for query in rules.queries}
        if not told and name not in queries:
            known = {
                *rules.patterns,
                *rules.causes,
                *queries,
                *(event for file in rules.events for event in file.events),
            }
            raise UsageError(f"no rule is called {name!r}", hint=meant(name, known))
        lines = _event(name, told) if told else _query(queries[name])
    kinds = ("pattern", "cause", "event")
    place = next((rules.places[key] for kind in kinds if (key := f"{kind} {name}") in rules.places), None)
    return "\n".join([*lines, *([f"Written in {place}."] if place else [])]) + "\n"


def spelled(seconds: float) -> str:
    """A duration in words: "30 s", "5 min", "1 h 30 min"."""
    parts = []
    for unit, size in (("d", 86_400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= size:
            parts.append(f"{seconds // size:.0f} {unit}")
            seconds %= size
    if seconds or not parts:
        parts.append(f"{seconds:g} s")
    return " ".join(parts)


def _listed(items: Iterable[object], word: str = "or") -> str:
    texts = [str(item) for item in items]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} {word} {texts[-1]}" if texts else "nothing"


def _events(names: str | Iterable[str]) -> str:
    return names if isinstance(names, str) else _listed(names)


def _where(where: Where) -> str:
    """The conditions, as a relative clause."""
    told = []
    for name, condition in where.items():
        if isinstance(condition, Compare):
            for key, value in condition:
                if key == "exists" and value is not None:
                    told.append(f"{name} is {'known' if value else 'not known'}")
                elif value is not None:
                    told.append(f"{name} {_COMPARISONS[key].format(_value(value))}")
        else:
            told.append(f"{name} is {_value(condition)}")
    return f" whose {_listed(told, 'and')}" if told else ""


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return _listed(map(_value, value))
    if isinstance(value, str) and value.startswith("$"):
        step, _, name = value[1:].partition(".")
        return f"the {name} of {step!r}"
    return repr(value) if isinstance(value, str) else str(value)


# --- patterns -----------------------------------------------------------------------------------------------------


def _pattern(rule: Pattern) -> Iterator[str]:
    yield f"{rule.id}: {rule.title} (pattern, {rule.severity} severity, {rule.status})"
    if rule.description:
        yield rule.description.strip()
    yield "It matches when"
    yield from (f"  {line}" for line in _form(rule))
    if rule.by is not None:
        yield f"Together means: {_key(rule)}."
    if rule.sequence is not None:
        yield _PAIRING[rule.pair]
    yield (
        "A gap equal to a limit is inside it. Limits widen by what the two clocks leave open; where a log ends or has "
        "a gap within a limit the outcome is inconclusive, never 'absent'."
    )
    if rule.caution:
        yield f"Caution: {rule.caution.strip()}"
    yield from (f"It may be wrong about: {text}" for text in rule.false_positives)
    yield from (f"See {text}" for text in rule.references)


def _key(rule: Pattern) -> str:
    if isinstance(rule.by, dict):
        return _listed((f"{one} equals {other}" for one, other in rule.by.items()), "and")
    names = (rule.by,) if isinstance(rule.by, str) else rule.by or ()
    return f"the same {_listed(names, 'and')}"


def _form(rule: Pattern) -> Iterator[str]:
    form = getattr(rule, rule.form())
    if not isinstance(form, tuple):
        yield _single(form)
        return
    yield from (f"{number}. {_step(step, number)}" for number, step in enumerate(form, 1))
    if rule.sequence is None:
        yield "in any order"
    if rule.span is not None:
        yield f"all within {spelled(rule.span)}"


def _single(form: Count | Flap | Beat | During | Silence | Burst | Jump | Measure) -> str:
    whose = _where(form.where)
    match form:
        case Count():
            what = f"different values of {form.distinct} in" if form.distinct else "occurrences of"
            events = f"{_events(form.event)}{whose}"
            return f"there are at least {form.at_least} {what} {events} within {spelled(form.within)}"
        case Flap():
            events = f"{_listed(form.between, 'and')}{whose}"
            return f"{events} alternate at least {form.at_least} times within {spelled(form.within)}"
        case Beat():
            return _beat(form)
        case During():
            return _during(form)
        case Silence():
            limit = f"longer than {spelled(form.longer_than)}" if form.longer_than else "far longer than usual"
            return f"{_events(form.event)}{whose}, seen at least {form.at_least} times, stays away {limit}"
        case Burst():
            often = f"at least {form.at_least} times within {spelled(form.within)}"
            return f"{_events(form.event)}{whose} occurs {often}, {form.times:g} times as often as it usually does"
        case Jump():
            by = f"by at least {form.by_at_least:g} from one to the next"
            return f"{form.field} of {_events(form.event)}{whose} jumps {by}"
        case Measure():
            limits = [
                _COMPARISONS[key].format(f"{limit:g}") for key in _LIMITS if (limit := getattr(form, key)) is not None
            ]
            what = f"{form.percentile:g} % percentile" if form.percentile is not None else form.of
            events = f"{_events(form.event)}{whose} within {spelled(form.within)}"
            return f"the {what} of {form.field} over {events} {_listed(limits, 'and')}"


def _step(step: Step, number: int) -> str:
    times = f"at least {step.at_least} times " if step.at_least > 1 else ""
    what = f"{times}{_events(step.event)}{_where(step.where)}"
    side = "after the step before" if number > 1 else "of the step after it"
    limit = f" within {spelled(step.within)} {side}" if step.within else ""
    if step.negated:
        return f"no {what}{limit}"
    return f"{'perhaps ' if step.optional else ''}{what}{limit}, called {step.name!r}"


def _beat(form: Beat) -> str:
    when = f"on the minutes {form.on_minutes}" if form.on_minutes else "on a period"
    if form.every:
        when = f"every {spelled(form.every)}"
    return (
        f"{_events(form.event)}{_where(form.where)} recurs {when}, at least {form.at_least} times, give or take "
        f"{spelled(form.tolerance)}"
    )


def _during(form: During) -> str:
    state = f"the time from {form.start} to {form.end}"
    if form.other is not None:
        other = f"the time from {form.other[0]} to {form.other[1]}"
        return f"{state} and {other} stand in the relation {form.relation or 'during'!r}"
    often = f" at least {form.at_least} times" if form.at_least > 1 else ""
    return f"{_events(form.event or ())}{_where(form.where)} occurs{often} in {state}"


# --- causes and events --------------------------------------------------------------------------------------------


def _cause(rule: Cause, rules: Rulebook) -> Iterator[str]:
    yield f"{rule.id}: {rule.title} (cause, {rule.layer} layer, {rule.status})"
    yield from (text.strip() for text in (rule.description, f"The verdict says: {rule.sentence}") if text)
    yield "It explains that"
    yield from (f"  {rules.symptoms[name].title}" for name in rule.explains if name in rules.symptoms)
    events = [name for name in rule.explains if name not in rules.symptoms]
    if events:
        yield f"  the log shows {_listed(events, 'or')}"
    yield _extent(rule)
    if rule.brings_about:
        yield f"Where it was there first, these are its consequences: {_listed(rule.brings_about, 'and')}."
    yield "Evidence for it"
    yield from (f"  {_sign(sign)}" for sign in rule.evidence)
    if rule.against:
        yield "Evidence against it"
        yield from (f"  {_sign(sign)}" for sign in rule.against)
    if rule.needs:
        needed = _listed(rule.needs, "and")
        yield f"Where no sign dates it, it cannot be tested without {needed}, which is not the same as refuted."
    if rule.usually == "contributing":
        what = f", set off by {_listed(rule.reacts_to)}" if rule.reacts_to else ""
        yield f"It usually contributes{what}; the root is looked for in the {spelled(rule.look_back)} before."
    if rule.only_possible:
        yield "Logs alone never support more than 'possible'."
    if rule.mended_within is not None:
        yield f"What is not back {spelled(rule.mended_within)} after its machine is up, something else keeps away."
    yield from (f"See {text}" for text in rule.references)


def _extent(rule: Cause) -> str:
    if rule.ends_with:
        return f"It is at work until {_listed(rule.ends_with)}, and its aftermath for {spelled(rule.look_back)} more."
    return f"It is at work for {spelled(rule.lasts)}." if rule.lasts else "It is at work until the symptoms stop."


def _sign(sign: Sign) -> str:
    subject = f"pattern {sign.pattern}" if sign.pattern else f"{_events(sign.event or ())}{_where(sign.where)}"
    expected = {"always": ", always there", "usually": ", usually there", "sometimes": ""}[sign.expect]
    where = {"router": ", logged by a router", "host": ", not logged by a router", None: ""}[sign.on]
    return f"{sign.strength}: {subject}{where}{expected} ({sign.says})"


def _query(query: Query) -> Iterator[str]:
    yield f"{query.event} (event, the detection of a Sigma rule)"
    programs = "any program" if "*" in query.programs else _listed(query.programs)
    yield f"It is looked for in the records of {programs}."


def _event(name: str, told: Iterable[tuple[EventFile, Event]]) -> Iterator[str]:
    yield f"{name} (event)"
    for file, event in told:
        programs = (file.program,) if isinstance(file.program, str) else file.program
        yield f"{_listed(programs)}: {event.means.strip() or 'no meaning given'} ({event.role})"
        for wording in event.wordings():
            matchers = ((wording.says, "says"), (wording.regex, "matches"), (wording.message_id, "has message id"))
            told_by = " and ".join(f"{verb} {text}" for text, verb in matchers if text)
            bounds = (("since", wording.since), ("until", wording.until))
            versions = " ".join(f"{word} {text}" for word, text in bounds if text)
            yield f"  {told_by}{f' ({versions})' if versions else ''}"
        if event.rate_limited:
            yield "  The program holds back repeats, so its absence proves nothing."
