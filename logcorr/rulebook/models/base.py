"""What all rule files share: durations, names, and conditions on fields."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from logcorr.times.timespan import parse_duration

#: Ten years, and so many times one step: what is longer or more is a mistake, and would cost accordingly.
LONGEST = 10 * 366 * 86_400.0
MOST_TIMES = 100

Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    Field(le=LONGEST),
    WithJsonSchema({"type": ["string", "number"], "examples": ["30s", "5min", "2h"]}, mode="validation"),
]
Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
EventName = Annotated[str, Field(pattern=r"^[a-z0-9_*]+(\.[a-z0-9_*]+)*$")]
Role = Literal["cause", "symptom", "recovery", "context"]
Layer = Literal["physical", "host", "service", "address", "dns", "path", "tailnet"]
RuleStatus = Literal["experimental", "stable"]
Pairing = Literal["each", "nearest", "first", "fifo", "all"]


class Rule(BaseModel):
    """Common behaviour: immutable, and no unknown keys."""

    # a rulebook that was kept is put together without validation, and needs no validators
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    @classmethod
    def as_given(cls, given: dict[str, Any]) -> Self:
        """One of values that were checked before, or need no check; what is not given is as by default.

        That of ``model_construct``, which looks at every field of every object for what none has here (aliases,
        defaults that are made), in a quarter of its time.
        """
        made = cls.__new__(cls)
        made.__setstate__(
            {
                "__dict__": {**_defaults(cls), **given},
                "__pydantic_fields_set__": set(given),
                "__pydantic_extra__": None,
                "__pydantic_private__": None,
            }
        )
        return made


@cache
def _defaults(kind: type[Rule]) -> dict[str, Any]:
    """The values of fields that are not given; shared, as nothing changes a rule."""
    return {name: field.default for name, field in kind.model_fields.items() if not field.is_required()}


Scalar = str | int | float | bool


class Compare(Rule):
    """Conditions on one field; all that are given must hold. ``$step.field`` refers to another step's field."""

    eq: Scalar | None = None  # equal to
    ne: Scalar | None = None  # there, and not equal to
    lt: Scalar | None = None  # less than
    le: Scalar | None = None  # less than or equal to
    gt: Scalar | None = None  # greater than
    ge: Scalar | None = None  # greater than or equal to
    any: tuple[Scalar, ...] | None = None  # equal to one of
    cidr: str | tuple[str, ...] | None = None  # an address in one of the networks
    not_cidr: str | tuple[str, ...] | None = None  # an address in none of them
    glob: str | None = None  # the whole value, with * for any text and ? for one character
    regex: str | None = None  # found anywhere in the value; linear-time syntax
    exists: bool | None = None  # whether the field is there at all


Where = dict[str, Scalar | tuple[Scalar, ...] | Compare]
