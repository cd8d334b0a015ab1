"""Data classes of ours beside the standard library's, which are what they must be like."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from dataclasses import field
from typing import Any, Generic, TypeVar

import pytest

from logcorr.dataclass import dataclass

Value = TypeVar("Value")
Make = Callable[..., Callable[[type], type]]
FLAGS: list[dict[str, bool]] = [
    {"frozen": True, "slots": True},
    {"frozen": True, "slots": True, "eq": False},
    {"frozen": True, "slots": True, "kw_only": True},
    {"frozen": True, "slots": True, "repr": False},
    {"frozen": True},
    {"slots": True},
    {"slots": True, "eq": False},
    {},
]


def classes(make: Make, flags: dict[str, bool]) -> dict[str, type]:
    """The same classes, whichever decorator makes them."""

    class Line:
        """What it is."""

        number: int
        text: str = "-"
        marks: list[int] = field(default_factory=list, repr=False)
        weight: float = field(default=0.5, compare=False)
        seen: int = field(default=3, init=False)

    class Only:
        value: int

    class Nothing:
        pass

    class Counted:
        number: int = 1
        double: int = field(init=False, default=0)

        def __post_init__(self) -> None:
            object.__setattr__(self, "double", 2 * self.number)

    class Own:
        number: int

        def __eq__(self, other: object) -> bool:
            return other == 7

        def __hash__(self) -> int:
            return 7

        def __repr__(self) -> str:
            return "own"

    class Box(Generic[Value]):
        value: Value

    return {kind.__name__: make(**flags)(kind) for kind in (Line, Only, Nothing, Counted, Own, Box)}


def outcome(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except (TypeError, ValueError, AttributeError) as error:
        return type(error), str(error)


def behaviour(kinds: dict[str, type]) -> dict[str, Any]:
    """What objects of the classes do."""
    line, only, counted, own, box = (kinds[name] for name in ("Line", "Only", "Counted", "Own", "Box"))
    one, other = outcome(lambda: line(number=1, text="a")), outcome(lambda: line(number=1, text="a", weight=2.0))
    return {
        "shown": [repr(one).split(" object")[0], outcome(lambda: repr(only(value=None)).split(" object")[0])],
        "shown by itself": repr(own(number=2)),
        "equal": [one == other, one == line(number=2), one == 1, only(value=1) == only(value=1), own(number=1) == 7],
        "none alike": [kinds["Nothing"]() == kinds["Nothing"](), only(value=1) == box(value=1)],
        "hashes alike": outcome(lambda: hash(only(value=1)) == hash(only(value=1))),
        "own hash": hash(own(number=1)),
        "dict": outcome(lambda: dataclasses.asdict(one)),
        "replaced": outcome(lambda: dataclasses.asdict(dataclasses.replace(one, text="b"))),
        "not replaced": outcome(lambda: dataclasses.replace(one, seen=4)),
        "copied": dataclasses.asdict(copy.deepcopy(one)),
        "given in order": outcome(lambda: dataclasses.asdict(line(5, "x"))),
        "too few": outcome(line)[0],
        "too many": outcome(lambda: only(value=1, other=2))[0],
        "lists are not shared": line(number=1).marks is not line(number=2).marks,
        "made after": [counted().double, counted(number=4).double],
        "assigned": outcome(lambda: setattr(one, "text", "c")),
        "deleted": outcome(lambda: delattr(only(value=1), "value")),
        "any name": type(outcome(lambda: setattr(only(value=1), "there_is_none", 1))),
        "of a kind": box(value=3).value,
        "parameters": [str(inspect.signature(kind)) for kind in (line, only, counted, box)],
        "fields": [[(f.name, f.type, f.init, f.kw_only) for f in dataclasses.fields(kind)] for kind in kinds.values()],
        "matched": [kind.__match_args__ for kind in kinds.values()],  # type: ignore[attr-defined]  # every data class has them
        "slots": [getattr(kind, "__slots__", None) for kind in kinds.values()],
        "documented": line.__doc__,
    }


@pytest.mark.parametrize("flags", FLAGS, ids=lambda flags: "-".join(flags) or "plain")
def test_objects_do_what_those_of_the_standard_library_do(flags: dict[str, bool]) -> None:
    ours, theirs = behaviour(classes(dataclass, flags)), behaviour(classes(dataclasses.dataclass, flags))
    assert ours == theirs


@dataclass(frozen=True, slots=True)
class Sent:
    """Found by its name when it is read again, as workers do."""

    name: str
    parts: tuple[int, ...] = ()


def test_objects_are_sent_to_workers_before_any_is_made_there() -> None:
    sent = pickle.loads(pickle.dumps(Sent("a", (1, 2))))  # noqa: S301  # of this test
    assert sent == Sent("a", (1, 2))
    assert {sent} == {Sent("a", (1, 2))}
