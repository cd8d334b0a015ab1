"""The phrase that the causal chain and the picture show for an event."""

import re
from collections.abc import Mapping

from logcorr.events import classify
from logcorr.rulebook import load_rules
from logcorr.rulebook.load import shipped_rules
from logcorr.rulebook.models import Event, Rulebook
from logcorr.rulebook.testing.cases import EventCase, load_cases
from logcorr.rulebook.wordings import compile_wording
from tests.events.material import timeline

LONGEST = 60
#: Begin with a capital because their own name does.
NAMES = ("DERP ", "DNS ", "HAProxy ", "NetworkManager ", "TCP ")
#: What an absent field may follow: it is shown as "the unit"; no article, owner or kind of thing may precede it.
BEFORE_ABSENT = {"", "of", "through", "to", "start", "stop", "sees", "reaches", "what"}

RULES = load_rules()
EVENTS = [(file, name, event) for file in RULES.events for name, event in file.events.items()]
_FIELD = re.compile(r"\{(\w+)\}")


def test_every_event_has_a_brief_of_one_plain_fragment() -> None:
    odd = {
        f"{file.program} {name}": event.brief
        for file, name, event in EVENTS
        if not 0 < len(event.brief) <= LONGEST
        or event.brief != " ".join(event.brief.split())
        or event.brief.endswith((".", "!", "…"))
        or not (event.brief[0].islower() or event.brief.startswith(("{", *NAMES)))
        or set(_FIELD.sub("", event.brief)) & set("{}")
    }
    assert not odd


def fields_of(event: Event) -> set[str]:
    """The fields of an event's wordings, and what a structured journal adds."""
    given = [compile_wording(wording, tested=True).field_dtypes() for wording in event.wordings()]
    return {name for fields in given for name in fields} | {"unit", "interface"}


def test_its_fields_are_those_of_the_events_own_wordings() -> None:
    strangers = {
        f"{file.program} {name}": strange
        for file, name, event in EVENTS
        if (strange := set(_FIELD.findall(event.brief)) - fields_of(event))
    }
    assert not strangers


def test_the_same_event_may_be_told_differently_by_each_program() -> None:
    told = {event.brief for _, name, event in EVENTS if name == "restart.requested"}
    assert {"the monitor restarts {unit}", "{user} restarts {unit} through sudo"} <= told


def test_it_reads_well_for_every_example_also_where_a_field_is_absent() -> None:
    files = load_cases([shipped_rules()], RULES)
    cases = [case for file in files for case in file.cases if isinstance(case, EventCase) and case.message is not None]
    columns = ("program", "message", "message_id", "unit", "transport", "about")
    examples = timeline([{name: getattr(case, name) for name in columns} for case in cases])
    seen, unreadable = 0, set()
    for file in RULES.events:
        found = classify(examples, Rulebook(events=(file,)))
        seen += found["event"].n_unique()
        for row in found.select("event", "fields").iter_rows(named=True):
            brief = file.events[row["event"]].brief
            if not _reads_well(brief, row["fields"]):
                unreadable.add(f"{file.program} {row['event']}: {brief}")
    assert seen == len(EVENTS)
    assert not unreadable


def _reads_well(brief: str, fields: Mapping[str, object]) -> bool:
    """Whether each field is known, or stands where "the interface" can."""
    return all(
        fields.get(hole[1]) is not None or (brief[: hole.start()].split() or [""])[-1] in BEFORE_ABSENT
        for hole in _FIELD.finditer(brief)
    )
