"""What stands under the key of a pattern's form: its events in time, counted, measured or missed."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from logcorr.rulebook.models.base import MOST_TIMES, Duration, EventName, Rule, Where


class Form(Rule):
    """What all forms have: keys that name events."""

    NAMING: ClassVar[tuple[str, ...]] = ("event",)

    def named(self) -> dict[str, str | tuple[str, ...]]:
        """The keys that name events, each with its names and globs as they are written."""
        return {key: value for key in self.NAMING if (value := getattr(self, key)) is not None}

    def events(self) -> tuple[str, ...]:
        """The event names and globs that it looks at."""
        values = self.named().values()
        return tuple(name for value in values for name in ((value,) if isinstance(value, str) else value))


class Step(Form):
    """One step of a sequence or member of a set. In YAML the binding is the key: ``- down: link.down``; a step under
    the key ``not`` must not occur.
    """

    name: str  # the key of the step: how titles and other steps refer to it
    event: EventName | tuple[EventName, ...]  # one, or a list of which any will do; * stands for any text
    negated: bool = False  # a step called `not`: the event must not occur
    where: Where = {}  # conditions on fields, `$step.field` on another step's
    within: Duration | None = None  # after the step before it
    optional: bool = False  # the match takes it where it is there
    at_least: Annotated[int, Field(ge=1, le=MOST_TIMES)] = 1  # so often in a row; `within` is over all of them

    @model_validator(mode="before")
    @classmethod
    def _binding(cls, data: object) -> object:
        if not isinstance(data, dict) or "event" in data:
            return data
        options = {"where", "within", "optional", "at_least"}
        bindings = [key for key in data if key not in options]
        if len(bindings) != 1:
            raise ValueError("a step is one 'name: event' pair and its options where, within, optional, at_least")
        name = bindings[0]
        rest = {key: value for key, value in data.items() if key != name}
        return {"name": name, "event": data[name], "negated": name == "not", **rest}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """As it is written: the options, and one binding under a name of the author's choice."""
        found = handler.resolve_ref_schema(handler(core))
        properties = found["properties"]
        event = properties.pop("event")
        for name in ("name", "negated"):
            properties.pop(name)
        options = len(properties)
        return {
            **found,
            "additionalProperties": event,
            "required": [],
            "minProperties": 1,
            "maxProperties": options + 1,
        }


class Count(Form):
    """At least N events, or N distinct values of a field, within a window."""

    event: EventName | tuple[EventName, ...]  # what is counted
    at_least: Annotated[int, Field(ge=1)]  # how many
    within: Duration  # the length of the window
    distinct: str | None = None  # count different values of this field
    where: Where = {}  # conditions on fields


class Flap(Form):
    """Two events that alternate at least N times within a window."""

    NAMING: ClassVar[tuple[str, ...]] = ("between",)

    between: tuple[EventName, EventName]  # the two events that take turns
    at_least: Annotated[int, Field(ge=2)]  # changes from one to the other
    within: Duration  # the length of the window
    where: Where = {}  # conditions on fields


class Beat(Form):
    """An event that recurs on a period (``every``, or any period where it is absent) or on wall-clock minutes."""

    event: EventName | tuple[EventName, ...]  # what recurs
    every: Duration | None = None  # the period; absent: any
    on_minutes: str | None = None  # cron's minute field: "*/5", "0,30"
    tolerance: Duration = 20.0  # how far off the beat still counts
    at_least: Annotated[int, Field(ge=3)] = 3  # beats
    where: Where = {}  # conditions on fields


class During(Form):
    """An event inside the state that ``start`` opens and ``end`` closes, or Allen's relation of two such states."""

    NAMING: ClassVar[tuple[str, ...]] = ("event", "start", "end", "other")

    event: EventName | tuple[EventName, ...] | None = None  # what happens inside the state
    start: EventName  # what opens the state
    end: EventName  # what closes it
    other: tuple[EventName, EventName] | None = None  # what opens and closes the other state, instead of `event`
    relation: Literal["before", "meets", "overlaps", "starts", "during", "finishes", "equals"] | None = None  # Allen's
    at_least: Annotated[int, Field(ge=1)] = 1  # events inside one state
    where: Where = {}  # conditions on fields


class Silence(Form):
    """An expected heartbeat that stops."""

    event: EventName | tuple[EventName, ...]  # the heartbeat
    longer_than: Duration | None = None  # absent: far longer than its own usual interval
    at_least: Annotated[int, Field(ge=2)] = 5  # heartbeats, to know how they usually come
    where: Where = {}  # conditions on fields


class Burst(Form):
    """A rate far above the event's own baseline."""

    event: EventName | tuple[EventName, ...]  # what is counted
    within: Duration  # the length of the window
    times: Annotated[float, Field(gt=1)] = 10.0  # how many times its usual rate
    at_least: Annotated[int, Field(ge=2)] = 5  # events in the window
    where: Where = {}  # conditions on fields


class Measure(Form):
    """The sum, average, median or a percentile of a numeric field over a sliding window, beyond a limit."""

    event: EventName | tuple[EventName, ...]  # which records are measured
    field: str  # the numeric field
    of: Literal["sum", "average", "median", "percentile"]  # what is taken of the values in the window
    percentile: Annotated[float, Field(ge=0, le=100)] | None = None  # with of: percentile
    gt: float | None = None  # a match where it is greater than this
    ge: float | None = None  # greater than this or equal to it
    lt: float | None = None  # less than this
    le: float | None = None  # less than this or equal to it
    within: Duration  # the length of the window, which ends with each event
    where: Where = {}  # conditions on fields

    @model_validator(mode="after")
    def _limited(self) -> Measure:
        if all(limit is None for limit in (self.gt, self.ge, self.lt, self.le)):
            raise ValueError("a measure needs a limit: gt, ge, lt or le")
        if (self.of == "percentile") != (self.percentile is not None):
            raise ValueError("of: percentile and percentile: N belong together")
        return self


class Jump(Form):
    """A numeric field (a counter, a clock offset) that jumps by at least ``by_at_least`` between two events."""

    event: EventName | tuple[EventName, ...]  # which records carry the number
    field: str  # the numeric field
    by_at_least: float  # how far, up or down, from one to the next
    where: Where = {}  # conditions on fields


#: What may stand under a form's key, beside the steps of a sequence or a set.
Single = Count | Flap | Beat | During | Silence | Burst | Jump | Measure
