"""Data classes that are made in a tenth of the time: ``__init__`` is compiled when the first object is made.

Some three hundred classes are defined whenever logcorr starts, and for each the standard library compiles six or more
functions; most classes of a run have no object. What is defined here is a data class all the same: ``fields``,
``replace`` and ``asdict`` work on it, and to a type checker the decorator is the standard library's. What differs:
a class inherits from no other data class, and ``inspect.signature`` knows its parameters from the first object on.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(
        *,
        frozen: bool = False,
        slots: bool = False,
        eq: bool = True,
        repr: bool = True,  # noqa: A002  # the standard library's name
        kw_only: bool = False,
    ) -> Callable[[type], type]:
        """What ``dataclasses.dataclass`` takes of it."""

        def decorate(cls: type) -> type:
            cls.__doc__ = cls.__doc__ or cls.__name__  # or its signature is written there, which takes long
            made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(cls)
            methods = {"__init__": _init_at_first(made, frozen=frozen)}
            if repr:
                methods["__repr__"] = _repr
            if eq:
                methods |= _comparison(made, frozen=frozen)
            if frozen:
                methods |= {"__setattr__": _no_assignment, "__delattr__": _no_deletion}
            if frozen and slots:
                methods |= {"__getstate__": _state, "__setstate__": _restore}
            for name, method in methods.items():
                if cls.__dict__.get(name) is None:  # what the class says itself stays
                    setattr(made, name, method)
            return made

        return decorate


class _Factory:
    """Stands for a value that a field's ``default_factory`` makes."""

    def __repr__(self) -> str:
        return "<factory>"


_FACTORY = _Factory()
_Method = Callable[..., Any]
_SET = object.__setattr__
_MISSING = dataclasses.MISSING
_Field = dataclasses.Field[Any]


def _init_at_first(cls: type, *, frozen: bool) -> _Method:
    def init(self: object, *given: object, **named: object) -> None:
        made = _init(cls, frozen=frozen)
        cls.__init__ = made  # type: ignore[misc]  # from here on; that its type is another is what the decorator hides
        made(self, *given, **named)

    return init


def _init(cls: type, *, frozen: bool) -> _Method:
    """The function that sets the fields of an object."""
    fields = dataclasses.fields(cls)
    given = [field for field in fields if field.init]
    positional = [_parameter(field) for field in given if not field.kw_only]
    by_name = [_parameter(field) for field in given if field.kw_only]
    parameters = ", ".join(["self", *positional, *(["*", *by_name] if by_name else [])])
    body = [_assignment(field, frozen=frozen) for field in fields if field.init or _has_default(field)]
    body += ["self.__post_init__()"] if hasattr(cls, "__post_init__") else []
    names: dict[str, Any] = {"_set": _SET, "_factory": _FACTORY}
    names |= {f"_default_{field.name}": field.default for field in fields if field.default is not _MISSING}
    names |= {f"_make_{field.name}": field.default_factory for field in fields if _is_made(field)}
    exec(f"def __init__({parameters}):\n " + "\n ".join(body or ["pass"]), names)  # noqa: S102  # names of fields only
    init: _Method = names["__init__"]
    init.__qualname__, init.__module__ = f"{cls.__qualname__}.__init__", cls.__module__
    init.__annotations__ = {field.name: field.type for field in given} | {"return": None}
    return init


def _is_made(field: _Field) -> bool:
    return field.default_factory is not _MISSING


def _has_default(field: _Field) -> bool:
    return _is_made(field) or field.default is not _MISSING


def _parameter(field: _Field) -> str:
    if _is_made(field):
        return f"{field.name}=_factory"
    return field.name if field.default is _MISSING else f"{field.name}=_default_{field.name}"


def _assignment(field: _Field, *, frozen: bool) -> str:
    name = field.name
    value = name if field.init else f"_default_{name}"
    if _is_made(field):
        value = f"_make_{name}() if {name} is _factory else {name}" if field.init else f"_make_{name}()"
    return f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}"


def _repr(self: Any) -> str:  # noqa: ANN401  # a data class has no name to type checkers
    shown = (f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _comparison(cls: type, *, frozen: bool) -> dict[str, _Method | None]:
    names = [field.name for field in dataclasses.fields(cls) if field.compare]
    values: _Method = attrgetter(*names) if len(names) > 1 else lambda self: tuple([getattr(self, n) for n in names])

    def equals(self: object, other: object) -> bool:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: object) -> int:
        return hash(values(self))

    return {"__eq__": equals, "__hash__": hashed if frozen else None}


def _no_assignment(_self: object, name: str, _value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _no_deletion(_self: object, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:  # noqa: ANN401  # as of _repr
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _restore(self: Any, state: list[Any]) -> None:  # noqa: ANN401  # as of _repr
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        _SET(self, field.name, value)
