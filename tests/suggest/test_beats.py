"""What recurs on a period is suggested as a beat, once, and not as following another beat."""

from __future__ import annotations

import numpy as np
import polars as pl

from logcorr.rulebook.models import Beat, Pattern, Rulebook
from logcorr.suggest import suggest
from tests.suggest.generate import DAY, SECOND, Ints, planted, poisson, timeline_of

BACKUP, CHECK = "backup of all volumes started", "certificate renewal was checked"


def beat(rng: np.random.Generator, minutes: int, offset: int = 0, *, left_out: float = 0.0) -> Ints:
    times = np.arange(offset * SECOND, DAY, minutes * 60 * SECOND)
    times = times + rng.integers(0, SECOND, len(times))
    return times[rng.random(len(times)) >= left_out]


def titles(kinds: dict[str, Ints]) -> list[str]:
    return [each.title for each in suggest(timeline_of(kinds), Rulebook()).rules]


def test_a_beat_is_found_though_beats_are_left_out() -> None:
    rng = np.random.default_rng(1)
    found = titles({BACKUP: beat(rng, 10, left_out=0.3), "the oak fell": poisson(rng, 100)})
    assert found == ["app.backup.all.volumes.started recurs every 10min"]


def test_two_beats_of_the_same_period_are_no_pair_and_told_once() -> None:
    rng = np.random.default_rng(1)
    found = titles({BACKUP: beat(rng, 10), CHECK: beat(rng, 10, 4)})
    assert found == ["app.backup.all.volumes.started recurs every 10min"]


def test_beats_of_a_period_and_its_multiple_are_no_pair() -> None:
    rng = np.random.default_rng(1)
    found = titles({BACKUP: beat(rng, 10), CHECK: beat(rng, 30, 4)})
    assert not [title for title in found if "after" in title]


def test_beats_of_other_periods_are_told_each() -> None:
    rng = np.random.default_rng(1)
    found = titles({BACKUP: beat(rng, 10), CHECK: beat(rng, 7, 100)})
    assert found == [
        "app.certificate.renewal.checked recurs every 7min",
        "app.backup.all.volumes.started recurs every 10min",
    ]


def test_sequences_and_beats_take_turns() -> None:
    rng = np.random.default_rng(1)
    kinds = planted(rng) | {BACKUP: beat(rng, 10), CHECK: beat(rng, 7, 100)}
    assert [each.form for each in suggest(timeline_of(kinds), Rulebook()).rules] == ["sequence", "beat", "beat"]
    assert len(suggest(timeline_of(kinds), Rulebook(), most=2).rules) == 2


def test_random_lines_have_no_beat() -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        assert (
            titles({f"{word} fell": poisson(rng, count) for word, count in (("oak", 20), ("elm", 200), ("ash", 2000))})
            == []
        )


def test_a_known_beat_is_not_suggested() -> None:
    rng = np.random.default_rng(1)
    timeline = timeline_of({BACKUP: beat(rng, 10)})
    events = timeline.frame.select("id").with_columns(event=pl.lit("backup.started"))
    known = Pattern(id="backups", title="Backups", beat=Beat(event="backup.*"))
    assert suggest(timeline, Rulebook(patterns={"backups": known}), events=events).rules == ()
    assert [each.title for each in suggest(timeline, Rulebook(), events=events).rules] == [
        "backup.started recurs every 10min"
    ]
