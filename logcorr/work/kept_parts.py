"""What is kept of an input, as files of a store: its clocks, and its text packed as it stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from itertools import accumulate, pairwise
from typing import Any, Final

import polars as pl

from logcorr.schema import CODED, Facts, Whole
from logcorr.timeline import Kept, Registry, Track
from logcorr.work.store import Store

_ARRAYS: Final = ("stamp", "kind", "resolution", "received", "mono", "boot", "seqnum", "seqnum_id", "host", "digest")
_FRAMES: Final = ("marks", "programs", "templates")
_LATER: Final = ("anchors", "workings")  # added once all inputs are there
_NAMES: Final = ("hosts", "boots", "seqnum_ids")
_TOLD: Final = "_told"


def write_kept(store: Store, key: str, kept: Kept) -> dict[str, Any]:
    """Leave what is packed in files whose names begin with ``key``; what else ``read_kept`` has to know, for JSON."""
    track, packed = kept.track, kept.packed or []
    clocks = {name: array for name in _ARRAYS if (array := getattr(track, name)) is not None}
    told = [] if kept.told is None else [kept.told.alias(_TOLD)]
    store.write_frame(f"{key}.clocks.arrow", pl.DataFrame(clocks))
    store.write_frame(f"{key}.rows.arrow", kept.text.cast({pl.Categorical: pl.String}).with_columns(*told))
    for name in _FRAMES:
        store.write_frame(f"{key}.{name}.arrow", getattr(track, name))
    store.write(f"{key}.text", b"".join(block for block, _ in packed))
    plain = [one.name for one in fields(track) if one.name not in (*_ARRAYS, *_FRAMES, *_LATER)]
    return {
        "track": {name: _plain(getattr(track, name)) for name in plain},
        "names": {name: list(getattr(kept.names, name)) for name in _NAMES},
        "blocks": [(len(block), length) for block, length in packed],
    }


def read_kept(store: Store, key: str, said: Mapping[str, Any]) -> Kept:
    """What ``write_kept`` left, and said."""
    rows = store.read_frame(f"{key}.rows.arrow")
    names = Registry()
    for name in _NAMES:
        for one in said["names"][name]:
            getattr(names, name).code(one)
    text = store.read(f"{key}.text") or b""
    edges = pairwise(accumulate((size for size, _ in said["blocks"]), initial=0))
    own = rows.drop(_TOLD, strict=False)
    return Kept(
        track=_track(store, key, said["track"]),
        names=names,
        text=own.with_columns(pl.col(name for name in CODED if name in own.columns).cast(pl.Categorical)),
        told=rows.get_column(_TOLD, default=None),
        packed=[(text[begin:end], length) for (begin, end), (_, length) in zip(edges, said["blocks"], strict=True)],
    )


def _track(store: Store, key: str, said: Mapping[str, Any]) -> Track:
    """The clocks, in arrays that may be written to, so that the file need not stay in memory."""
    clocks = store.read_frame(f"{key}.clocks.arrow")
    columns = {name: clocks.get_column(name, default=None) for name in _ARRAYS}
    facts: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in said["facts"].items()}
    whole, modified = said["whole"], said["modified"]
    known: dict[str, Any] = {
        **said,
        **{name: None if column is None else column.to_numpy(writable=True) for name, column in columns.items()},
        **{name: store.read_frame(f"{key}.{name}.arrow") for name in _FRAMES},
        "facts": Facts(**facts),
        "whole": Whole(**whole) if whole else None,
        "modified": datetime.fromisoformat(modified) if modified else None,
    }
    return Track(**known)


def _plain(value: Any) -> Any:  # noqa: ANN401  # a field of any type
    return asdict(value) if isinstance(value, Facts | Whole) else value
