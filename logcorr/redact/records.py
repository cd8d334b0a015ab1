"""A timeline's records without what is private in them: each text is looked at once, however often it stands there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from logcorr.redact.paths import private_parts
from logcorr.redact.redactor import Redactor

#: Columns of text that are ours, or systemd's own ids of messages.
_OURS: Final = frozenset({"event", "message_id", "transport"})
_HOSTS: Final = ("host", "about")


def learn_records(records: pl.DataFrame, redactor: Redactor) -> None:
    """Take in the names that records give away: their hosts, the folders they come from, and what their words tell."""
    texts = _texts(records)
    redactor.learn((text for values in texts.values() for text in values), _known(texts))


def redact_records(records: pl.DataFrame, redactor: Redactor) -> pl.DataFrame:
    """``records`` with every private value replaced in all columns of text."""
    texts = _texts(records)
    return records.with_columns(
        pl.col(name).replace(values, [redactor.text(value) for value in values]) for name, values in texts.items()
    )


def record_texts(records: pl.DataFrame) -> str:
    """All that records say, for a last look at it."""
    return "\n".join(text for values in _texts(records).values() for text in values)


def _texts(records: pl.DataFrame) -> dict[str, list[str]]:
    """The different values of each column of text that is not ours."""
    names = [name for name, kind in records.schema.items() if kind == pl.String and name not in _OURS]
    return {name: records[name].drop_nulls().unique(maintain_order=True).to_list() for name in names}


def _known(texts: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    hosts = [host for name in _HOSTS for host in texts.get(name, ()) if host]
    yield from (("host", host) for host in hosts)
    yield from private_parts(texts.get("source", ()), set(map(str.lower, hosts)), set(texts.get("program", ())))
