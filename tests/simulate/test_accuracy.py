"""The accuracy run judges what it simulates, through the whole pipeline."""

from __future__ import annotations

import pytest

from tests.simulate.accuracy import Job, jobs, main, run
from tests.simulate.causes import SCRIPTS
from tests.simulate.incident import simulate


def test_an_incident_is_judged_with_and_without_each_of_its_files() -> None:
    job = Job("service-crashed", 0, "plain", ablate=True)
    files = simulate("service-crashed", 0, "plain").files
    found = run(job)
    assert [item.name.partition(" without ")[2] for item in found] == ["", *files]
    assert {item.expected for item in found} == {"service-crashed"}
    assert not [item.name for item in found if item.harmful]


def test_the_whole_catalogue_is_more_than_three_hundred_incidents_and_forty_quiet_windows() -> None:
    todo = list(
        jobs(
            SCRIPTS,
            ("plain", "text", "decoys", "spoofed", "skewed", "noisy", "distant", "outside", "blind"),
            range(1),
            40,
            ablate=False,
        )
    )
    assert sum(job.cause is not None for job in todo) >= 300
    assert sum(job.cause is None for job in todo) == 40


def test_the_command_prints_the_score(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--causes", "link-carrier-lost", "--variants", "plain", "--quiet", "1", "--no-public"])
    out = capsys.readouterr().out
    assert "incidents whose logs can tell  1" in out
    assert "quiet windows                  1" in out
    assert "link-carrier-lost" in out
