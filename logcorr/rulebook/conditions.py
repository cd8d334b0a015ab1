"""``where`` conditions as Polars expressions over an events frame.

A name means a member of the ``fields`` struct, or else a base column (``host``, ``program``, ``pid`` ...). A
condition on a value that is absent is false, except ``exists: false``.
"""

from __future__ import annotations

from functools import partial, reduce
from ipaddress import ip_address, ip_network
from operator import and_

import polars as pl

from logcorr.rulebook.globs import glob_regex
from logcorr.rulebook.models import Compare, Scalar, Where


def value_of(name: str, schema: pl.Schema) -> pl.Expr:
    """The value that ``name`` stands for in an events frame of this schema; null where there is no such field."""
    fields = schema.get("fields")
    if isinstance(fields, pl.Struct) and any(member.name == name for member in fields.fields):
        return pl.col("fields").struct.field(name)
    return pl.col(name) if name in schema and name != "fields" else pl.lit(None)


def all_hold(where: Where, schema: pl.Schema) -> pl.Expr:
    """Whether every condition holds. Conditions on other steps (``$step.field``) are the matcher's business."""
    tests = [holds(value_of(name, schema), condition) for name, condition in where.items()]
    return reduce(and_, tests, pl.lit(value=True))


def holds(value: pl.Expr, condition: Scalar | tuple[Scalar, ...] | Compare) -> pl.Expr:
    """Whether ``value`` meets ``condition``: a scalar (equal), a list (equal to one of), or a Compare."""
    if not isinstance(condition, Compare):
        options = condition if isinstance(condition, tuple) else (condition,)
        return _one_of(value, options)
    tests = [_test(value, name, wanted) for name, wanted in condition if wanted is not None]
    return reduce(and_, tests, pl.lit(value=True))


def _one_of(value: pl.Expr, options: tuple[Scalar, ...]) -> pl.Expr:
    texts = [str(option) for option in options]
    return value.cast(pl.String).is_in(texts).fill_null(value=False)


def _test(value: pl.Expr, name: str, wanted: object) -> pl.Expr:
    match name:
        case "exists":
            return value.is_not_null() if wanted else value.is_null()
        case "eq" | "any":
            result = _one_of(value, wanted if isinstance(wanted, tuple) else (wanted,))
        case "ne":
            result = value.cast(pl.String) != str(wanted)
        case "lt" | "le" | "gt" | "ge":
            number = value.cast(pl.Float64, strict=False)
            result = getattr(number, name)(wanted)
        case "cidr" | "not_cidr":
            networks = wanted if isinstance(wanted, tuple) else (wanted,)
            inside = value.cast(pl.String).map_batches(partial(_in_networks, networks), return_dtype=pl.Boolean)
            result = inside if name == "cidr" else ~inside
        case "glob":
            result = value.cast(pl.String).str.contains(glob_regex(str(wanted)))
        case _:
            result = value.cast(pl.String).str.contains(str(wanted))
    return result.fill_null(value=False)


def _in_networks(networks: tuple[object, ...], values: pl.Series) -> pl.Series:
    """Which addresses lie in one of the networks; each distinct address is looked at once, null where it is none."""
    nets = [ip_network(str(network), strict=False) for network in networks]
    distinct = values.unique().drop_nulls()
    verdicts: list[bool | None] = []
    for text in distinct:
        try:
            address = ip_address(text)
        except ValueError:
            verdicts.append(None)
            continue
        verdicts.append(any(address.version == net.version and address in net for net in nets))
    answers = pl.Series(verdicts, dtype=pl.Boolean)
    return values.replace_strict(distinct, answers, default=None, return_dtype=pl.Boolean)
