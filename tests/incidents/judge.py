"""An incident's folder judged: what an engineer concludes from its logs, and what logcorr says.

``ROUND/FAMILY/NAME/logs/`` holds files as they were exported, each gzipped; ``expect.toml`` says ``why``, ``modified``
(the files' time, which dates logs without a year), ``zone`` where the logs show none and whoever exported them knows
it, and under ``verdict`` and ``incident`` what is right.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from logcorr.api import AnalyzeRequest, analyze
from logcorr.model import Report, Verdict

FOLDER: Final = Path(__file__).parent
SURE: Final = ("likely", "confirmed")
NOTHING: Final = "no-incident"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of one incident."""

    name: str  # round/family/name
    status: str
    cause: str
    faults: tuple[str, ...]  # what differs from what is right
    harmful: bool  # a wrong cause, named as likely or confirmed
    quiet: bool  # nothing went wrong in it

    @property
    def family(self) -> str:
        """For example ``dns``."""
        return self.name.split("/")[1]


def incidents() -> list[str]:
    """The names of all, sorted."""
    return sorted(str(path.parent.relative_to(FOLDER)) for path in FOLDER.glob("*/*/*/expect.toml"))


def judge(name: str) -> Judgement:
    """Analyse one incident's logs and compare."""
    return judged(name, analysed(name))


def analysed(name: str) -> Report:
    """What is found in one incident's logs."""
    expect = tomllib.loads((FOLDER / name / "expect.toml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        logs = Path(shutil.copytree(FOLDER / name / "logs", Path(folder, "logs")))
        if "modified" in expect:
            modified = _moment(expect["modified"]).timestamp()
            for path in logs.rglob("*"):
                os.utime(path, (modified, modified))
        last = max(path.stat().st_mtime for path in logs.rglob("*"))
        now = datetime.fromtimestamp(last, UTC) + timedelta(hours=1)
        return analyze(AnalyzeRequest(inputs=[str(logs)], now=now, zone=expect.get("zone")))


def judged(name: str, report: Report) -> Judgement:
    """Compare what was found with what is right."""
    expect = tomllib.loads((FOLDER / name / "expect.toml").read_text(encoding="utf-8"))
    verdict = report.verdict
    right = expect["verdict"]
    faults = [*_faults(right, verdict)]
    for wanted in expect.get("incident", []):
        tried = [[*_faults(wanted, incident)] for incident in report.incidents]
        faults += [] if [] in tried else [f"no incident fits {wanted}: {min(tried, key=len, default=['none'])}"]
    wrong = verdict.cause not in right.get("cause_in", [verdict.cause])
    return Judgement(
        name,
        verdict.status,
        verdict.cause,
        tuple(faults),
        harmful=wrong and verdict.status in SURE,
        quiet=right.get("cause_in") == [NOTHING],
    )


def _faults(wanted: dict[str, Any], said: Verdict) -> list[str]:
    values = {"cause": said.cause, "status": said.status}
    faults = [
        f"{key} {value}, expected {wanted[f'{key}_in']}"
        for key, value in values.items()
        if f"{key}_in" in wanted and value not in wanted[f"{key}_in"]
    ]
    faults += [f"{key} {value}" for key, value in values.items() if value in wanted.get(f"{key}_not_in", ())]
    if "ongoing" in wanted and said.ongoing != wanted["ongoing"]:
        faults.append(f"ongoing {said.ongoing}")
    for key, moment in (("started", said.started), ("ended", said.ended)):
        if f"{key}_between" in wanted:
            begin, end = (_moment(edge) for edge in wanted[f"{key}_between"])
            if moment is None or not begin <= moment <= end:
                faults.append(f"{key} {moment}, expected {begin} to {end}")
    return faults


def _moment(value: str | datetime) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
