"""What the openings look at, and what they find."""

from __future__ import annotations

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.diagnosis.scene import Scene
from logcorr.model import Recurrence


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """What opens an incident. ``rows``: its signs (groups.ROWS), where they are no groups of the run."""

    opening: str  # "burst" | "state" | "trigger" | "recurrence" | "unknown"
    groups: tuple[int, ...]
    weight: int
    recurrence: Recurrence | None = None
    rows: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A run's signs of trouble (groups.ROWS with ``group``), and what has been opened so far."""

    scene: Scene
    rows: pl.DataFrame
    strays: pl.DataFrame  # the same of what stands alone
    opened: tuple[Opened, ...] = ()
