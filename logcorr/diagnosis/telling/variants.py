"""A cause as it is told of one incident: where the lines that date it say more than its rule does, in those words."""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.diagnosis.judging.weigh import Weighed
from logcorr.diagnosis.scene import Scene
from logcorr.rulebook.globs import glob_matches
from logcorr.rulebook.models import Cause, Variant

_LINES: Final = 200  # that date the cause, looked at
_TOLD: Final = ("title", "sentence", "actions", "checks")


def told_as(item: Weighed, scene: Scene) -> Cause:
    """The cause with the title, the sentence and the commands of the variant that fits what dates it."""
    cause, lines = item.cause, item.triggers
    if not cause.variants or not len(lines):
        return cause
    said = scene.records(lines.id[:_LINES].tolist(), ("id", "program", "message"))
    fitting = next((each for each in cause.variants if _fits(each, said)), None)
    if fitting is None:
        return cause
    own = {name: value for name in _TOLD if (value := getattr(fitting, name)) is not None}
    return cause.model_copy(update=own)


def _fits(variant: Variant, said: pl.DataFrame) -> bool:
    """Whether each of these lines is as the variant says, or the earliest where that is enough."""
    said = said.head(1) if variant.begins else said
    programs = said["program"].fill_null("").unique()
    if not all(glob_matches(program, variant.programs) for program in programs):
        return False
    return variant.message is None or bool(said["message"].fill_null("").str.contains(variant.message).all())
