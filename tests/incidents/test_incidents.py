"""What was met blind stays right; what is still wrong is listed, is never harmful, and leaves the list once right."""

from __future__ import annotations

import pytest

from tests.incidents.judge import FOLDER, incidents, judge

NAMES = incidents()
STILL_WRONG = set((FOLDER / "still-wrong.txt").read_text(encoding="utf-8").split())


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_an_incident_met_blind(name: str) -> None:
    judged = judge(name)
    assert not judged.harmful, judged
    assert bool(judged.faults) == (name in STILL_WRONG), judged.faults


def test_the_list_of_what_is_still_wrong_names_incidents() -> None:
    assert set(NAMES) >= STILL_WRONG
