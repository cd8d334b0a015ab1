"""``rules/events/<area>/<program>.yaml``: what programs say, and what it means."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from logcorr.origin import Kind, usual
from logcorr.rulebook.models.base import EventName, Role, Rule


class Wording(Rule):
    """One wording of an event. ``says`` is a template: literal text with typed fields, matched against the whole
    message; ``regex`` a linear-time regular expression with named groups, searched anywhere in it.
    """

    says: str | None = None  # the whole message: literal text, and typed fields in braces
    regex: str | None = None  # searched anywhere in the message; named groups are fields
    head: str | None = None  # an expression for what stands before the text of `says`; its named groups are fields
    message_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None  # journald's MESSAGE_ID
    unless: tuple[str, ...] = ()  # literals that must not occur in the message
    unless_matches: str | None = None  # an expression that must not be found in it
    set: dict[str, str | int | float] = {}  # fields that this wording implies
    since: str | None = None  # first version that prints it
    until: str | None = None  # last version that prints it

    @model_validator(mode="after")
    def _one_matcher(self) -> Wording:
        if self.says is None and self.regex is None and self.message_id is None:
            raise ValueError("a wording needs one of: says, regex, message_id")
        if self.says is not None and self.regex is not None:
            raise ValueError("a wording takes says or regex, not both")
        return self


class Origin(Rule):
    """Who may say it. A match of another origin is kept, marked, and decides nothing."""

    unit: str | None = None  # glob on _SYSTEMD_UNIT, where a journal names one
    transport: Literal["kernel", "journal", "stdout", "syslog", "audit", "driver"] | None = None  # _TRANSPORT
    by: Annotated[tuple[Kind, ...], Field(min_length=1)] | None = None  # the kinds of origin; default: by the program


class Event(Rule):
    """A named event that a program reports, in one or several wordings."""

    says: str | tuple[str | Wording, ...] | None = None  # the wording, or a list of them: the first that fits counts
    regex: str | None = None  # instead of `says`: searched anywhere in the message; named groups are fields
    head: str | None = None  # an expression for what stands before the text of every `says`
    message_id: str | None = None  # journald's MESSAGE_ID, of all of its wordings
    unless: tuple[str, ...] = ()  # literals that must not occur in the message, whichever the wording
    unless_matches: str | None = None  # an expression that must not be found in it, whichever the wording
    set: dict[str, str | int | float] = {}  # fields that every wording implies
    since: str | None = None  # first version that prints it; for readers
    until: str | None = None  # last version that prints it; for readers
    means: str = ""  # what the record proves, and what it does not: a sentence for the report
    brief: str = ""  # what the line says in some 60 characters, for the chain and the picture; may use its {fields}
    role: Role = "context"  # the part it plays unless a cause says otherwise
    impact: Literal["none", "degraded", "outage"] = "none"  # what one occurrence says about connectivity
    rate_limited: bool = False  # the program suppresses repeats: absence proves nothing
    origin: Origin | None = None  # who may say it, where that is not as the file has it
    outsider_fields: tuple[str, ...] = ()  # fields that an outsider chose; its wordings read the line as it stands

    def wordings(self) -> tuple[Wording, ...]:
        """All wordings of this event, each complete in itself: what the event says of all of them is added to each."""
        if isinstance(self.says, tuple):
            return tuple(
                self._whole(says if isinstance(says, Wording) else Wording.as_given({"says": says}))
                for says in self.says
            )
        return (self._whole(Wording.as_given({"says": self.says, "regex": self.regex, "message_id": self.message_id})),)

    def _whole(self, wording: Wording) -> Wording:
        """A wording with what the event says of all of them."""
        return Wording.as_given(
            {
                **wording.__dict__,
                "head": None if wording.says is None else self.head if wording.head is None else wording.head,
                "message_id": wording.message_id or self.message_id,
                "unless": self.unless + wording.unless,
                "unless_matches": wording.unless_matches or self.unless_matches,
                "set": self.set | wording.set,
                "since": wording.since or self.since,
                "until": wording.until or self.until,
            }
        )

    @model_validator(mode="after")
    def _complete(self) -> Event:
        if isinstance(self.says, tuple) and self.regex is not None:
            raise ValueError("with several wordings, the regex is one of them: says: [{regex: ...}, ...]")
        if self.says == ():
            raise ValueError("says needs at least one wording")
        if not isinstance(self.says, tuple):
            Wording(says=self.says, regex=self.regex, message_id=self.message_id)
        return self


class EventFile(Rule):
    """``rules/events/<area>/<program>.yaml``."""

    program: str | tuple[str, ...]  # names or globs of syslog identifiers; with ! before it, none of these
    origin: Origin | None = None  # who may say it; a match of another origin is kept as untrusted
    outsiders: tuple[str, ...] = ()  # regexes: what others chose in these programs' lines; the first that fits counts
    head: str | None = None  # an expression for what stands before the text of every `says` of the file
    events: dict[EventName, Event] = {}  # by name: the same event has the same name in every program
    references: tuple[str, ...] = ()  # where the wordings are documented

    @model_validator(mode="before")
    @classmethod
    def _heads(cls, data: object) -> object:
        """The file's head, given to every event that has none of its own."""
        if (
            not isinstance(data, dict)
            or not isinstance(data.get("head"), str)
            or not isinstance(data.get("events"), dict)
        ):
            return data
        head = data["head"]
        events = {
            name: {"head": head, **event} if isinstance(event, dict) else event
            for name, event in data["events"].items()
        }
        return {**data, "events": events}

    @property
    def programs(self) -> tuple[str, ...]:
        """The names and globs of the programs."""
        return (self.program,) if isinstance(self.program, str) else self.program

    def origin_of(self, event: Event) -> Origin:
        """Who may say the event: as it says itself, else as the file says, else as is usual for its programs."""
        said = [given for given in (event.origin, self.origin) if given is not None]
        return Origin.as_given(
            {
                "unit": next((one.unit for one in said if one.unit is not None), None),
                "transport": next((one.transport for one in said if one.transport is not None), None),
                "by": next((one.by for one in said if one.by is not None), None) or usual(self.programs),
            }
        )

    @model_validator(mode="after")
    def _says_something(self) -> EventFile:
        if not (self.events or self.outsiders):
            raise ValueError("an event file needs events, or outsiders")
        return self
