"""Records and rules in a few words."""

from collections.abc import Mapping, Sequence

import polars as pl

from logcorr.rulebook.models import EventFile, Rulebook
from logcorr.schema import TIMELINE, Timeline


def rulebook(*files: Mapping[str, object]) -> Rulebook:
    """Event files, valid as the loader would have found them."""
    return Rulebook(events=tuple(EventFile.model_validate(file) for file in files))


def timeline(records: Sequence[Mapping[str, object]], first_id: int = 0) -> Timeline:
    """A timeline whose rows have the given columns and nothing else."""
    columns = {name: pl.Series([record.get(name) for record in records], dtype=kind) for name, kind in TIMELINE.items()}
    ids = pl.int_range(first_id, first_id + pl.len(), dtype=pl.UInt32).alias("id")
    return Timeline(pl.DataFrame(columns).with_columns(ids))
