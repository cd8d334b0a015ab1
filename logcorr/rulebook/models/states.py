"""What is there or gone: the kinds of state whose loss is an outage, and the events that say so."""

from __future__ import annotations

from typing import Literal

from logcorr.rulebook.models.base import Duration, EventName, Id, Rule, Where


class StateKind(Rule):
    """``rules/states.yaml``: something that is there or gone, and the events that say so."""

    id: Id  # what the report calls the kind
    title: str  # what was gone, for the report; {object} is the thing
    lost: tuple[EventName, ...]  # the events that say that it is gone
    back: tuple[EventName, ...]  # the events that say that it is there again
    of: tuple[str, ...] = ()  # fields that name the thing, the first that is known; none: a machine has one such thing
    where: Where = {}  # conditions on the fields of `lost`
    lost_in: tuple[str, ...] = ()  # the patterns: of one of them a line of `lost` has to be part
    back_where: Where = {}  # conditions on the fields of `back`
    effect: Literal["outage", "degraded"] = "outage"  # what the loss means; where a spare takes over: degraded
    extent: str = ""  # what its loss tells of the extent, instead of the cause's title; {object} is the thing
    asked: tuple[EventName, ...] = ()  # asks for the thing: a loss begins with the first of those that nothing answers
    beside: str = ""  # the same where another of its kind stayed up, {other}
    ridden_out: Duration = 10.0  # shorter losses are no incident by themselves
    clean: tuple[EventName, ...] = ()  # what announces a loss that is meant; it is planned if the thing comes back
    passing: Duration = 0.0  # a loss no longer than this is none: a change of access point
    clean_lasts: Duration | None = None  # a meant loss is planned if it lasts no longer than this
    renewed_within: Duration | None = None  # the loss is told again and again: untold for so long, it is over
    end_untold: bool = False  # programs may leave the end untold: a loss without an end lasts as long as its last line
    speaks: bool = False  # the thing is there while a program of its name writes
    watched: bool = False  # a watcher tells it of something else than its own machine
    one: bool = False  # several logs tell of one thing: its return in one of them ends its loss in all
    instead: bool = False  # a machine has several that stand in for one another: it misses one once none is left
