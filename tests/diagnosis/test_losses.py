"""Losses and returns of things, many of each."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import polars as pl
import pytest

from logcorr.diagnosis.losses import _of_every_object, _returns, _told_by_any


def lines(rnd: Random, count: int, objects: tuple[str | None, ...]) -> pl.DataFrame:
    """So many lines, in order: id, host, object, time."""
    ids = sorted(rnd.sample(range(60), count))
    start = datetime(2025, 1, 1)  # noqa: DTZ001  # zones play no part
    return pl.DataFrame(
        {
            "id": pl.Series(ids, dtype=pl.UInt32),
            "host": pl.Series([rnd.choice(("gate", "vps", None)) for _ in ids], dtype=pl.String),
            "object": pl.Series([rnd.choice(objects) for _ in ids], dtype=pl.String),
            "time": [start + timedelta(seconds=number // 3) for number in ids],
        }
    )


def paired(down: pl.DataFrame, up: pl.DataFrame) -> pl.DataFrame:
    """Each line of a loss, when its thing was back, and whether it goes on with the loss of the line before."""
    marks = pl.concat([down.with_columns(down=True), up.with_columns(down=False)])
    marks = marks.sort("host", "object", "time", "id", nulls_last=False, maintain_order=True)
    until = pl.when(~pl.col("down")).then("time").backward_fill().over("host", "object")
    again = pl.col("down").shift(1).over("host", "object").fill_null(value=False)
    return marks.with_columns(until=until, again=again).filter("down").sort("id")


@pytest.mark.parametrize("seed", range(40))
def test_the_first_return_that_names_no_thing_stands_for_all(seed: int) -> None:
    rnd = Random(seed)
    down = lines(rnd, rnd.randrange(1, 15), ("eth0", "eth1", None))
    up = lines(rnd, rnd.randrange(15), ("eth0", "eth1", None))
    assert paired(down, _returns(up, down)).equals(paired(down, _of_every_object(up, down)))


def test_returns_are_as_many_as_losses_and_not_as_their_product() -> None:
    start, many = datetime(2025, 1, 1), 100_000  # noqa: DTZ001
    number = pl.int_range(many, dtype=pl.UInt32, eager=True)
    frame = pl.DataFrame({"id": number, "time": number.cast(pl.Int64) * 1_000_000}).with_columns(
        host=pl.lit("gate"), time=pl.lit(start) + pl.col("time").cast(pl.Duration("us"))
    )
    down = frame.with_columns(object=pl.format("peer {}", pl.col("id") % 5_000))
    up = frame.with_columns(object=pl.lit(None, pl.String))
    assert _returns(up, down).height <= many


def test_what_several_logs_tell_of_is_back_in_all_of_them_once_one_says_so() -> None:
    start = datetime(2025, 1, 1)  # noqa: DTZ001  # zones play no part
    down = pl.DataFrame({"id": [1, 2, 3], "host": ["events", "manager", "manager"], "object": ["n1", "n1", "n2"],
                         "time": [start] * 3}, schema_overrides={"id": pl.UInt32})  # fmt: skip
    up = pl.DataFrame({"id": [9], "host": ["events"], "object": ["n1"], "time": [start + timedelta(minutes=40)]},
                      schema_overrides={"id": pl.UInt32})  # fmt: skip
    ended = paired(down, _told_by_any(up, down))
    assert ended.select("host", "object", pl.col("until").is_not_null()).rows() == [
        ("events", "n1", True), ("manager", "n1", True), ("manager", "n2", False)]  # fmt: skip
