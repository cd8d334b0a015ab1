"""What was met blind stays right; what is still wrong is listed, is never harmful, and leaves the list once right.

Redaction changes nothing of it but names, and its report can be written.
"""

from __future__ import annotations

import pytest

from logcorr.redact import Redactor, redact
from tests.incidents.judge import FOLDER, analysed, incidents, judged
from tests.redact.unchanged import refused, structure

NAMES = incidents()
STILL_WRONG = set((FOLDER / "still-wrong.txt").read_text(encoding="utf-8").split())


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_an_incident_met_blind(name: str) -> None:
    report = analysed(name)
    one = judged(name, report)
    assert not one.harmful, one
    assert bool(one.faults) == (name in STILL_WRONG), one.faults
    redactor = Redactor("share")
    shown = redact(report, redactor)
    assert structure(shown) == structure(report)
    assert refused(shown, redactor) == []


def test_the_list_of_what_is_still_wrong_names_incidents() -> None:
    assert set(NAMES) >= STILL_WRONG
