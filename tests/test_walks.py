"""The walks of CONTRIBUTING.md, done in a copy: each works, and touches the files that it names and no others."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import FIXTURES, ROOT

GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

FORMAT = '''"""The export of a router of Example."""

from __future__ import annotations

import polars as pl

from logcorr.parsers.engine.base import Sample
from logcorr.parsers.engine.dialect import Dialect
from logcorr.parsers.fields import stamps


def _columns(frame: pl.DataFrame) -> pl.DataFrame:
    date = stamps.wall(frame["date"], ("%Y-%m-%d %H:%M:%S",))
    return frame.with_columns(
        stamp=date, stamp_kind=pl.lit("local"), resolution=pl.lit(1_000_000), program=pl.lit("example-router")
    )


PARSER = Dialect(
    "example-router", "Example router",
    (r"EX\\|(?P<date>[0-9-]{10} [0-9:]{8})\\|",), _columns, weight=0.97, narrow=True, origin="device",
    samples=(Sample("EX|2025-11-04 03:00:45|WAN down\\n", {"message": "WAN down"}),),
)
'''
FORM = """class Seen(Form):
    \"\"\"Each record.\"\"\"

    event: EventName
    where: Where = {}
"""
FIND = '''"""``seen``: each record of an event."""

from __future__ import annotations

import numpy as np

from logcorr.patterns.engine import series as series_of
from logcorr.patterns.engine.context import Context
from logcorr.patterns.engine.figures import Figure
from logcorr.patterns.engine.found import Found
from logcorr.rulebook.models import Pattern
from logcorr.rulebook.models.forms import Seen


def find(pattern: Pattern, context: Context) -> tuple[Found, Figure | None]:
    """One match for each record."""
    series = series_of.read(pattern, pattern.body(Seen).event, {}, context.stream)
    each = np.arange(len(series.rows))
    weight = series_of.weights(context.stream, series.rows)
    return series_of.as_found(pattern, series, each, each, np.ones(len(each), dtype=bool), weight), None
'''
SECTION = '''"""How many incidents there are."""

from __future__ import annotations

from dataclasses import dataclass

from logcorr.report.material import Material, Section


@dataclass(frozen=True, slots=True)
class Tally:
    """The number."""

    number: int


def build(material: Material) -> Tally | None:
    """Count."""
    return Tally(len(material.report.incidents))


def markdown(view: Tally) -> str:
    """Say the number."""
    return f"There are {view.number}."


SECTION = Section(id="tally", title="A tally", template="tally.html.j2", build=build, markdown=markdown)
'''
TEMPLATE = """<section id="tally" aria-labelledby="tally-title">
<h2 id="tally-title">{{ section.title }}</h2>{{ s.number }}</section>
"""
CAUSE = """id: example-fell-over
title: The example daemon fell over
layer: service
status: experimental
version: 1
sentence: The example daemon on {host} fell over.
explains: [carrier.lost]
evidence:
  - event: carrier.lost
    strength: decisive
    trigger: true
    says: it fell over
actions:
  - do: See why
    command: systemctl status example
    risk: none, it only reads
    why: the reason stands there
checks:
  - {command: systemctl status example, on: the host, settles: [example-fell-over], why: shows it}
questions:
  - question: Did it fall over?
    supported: {says: "Yes.", rests_on: [carrier.lost]}
references: ["https://example.com/"]
false_positives: [none]
"""


@dataclass(frozen=True)
class Copy:
    """A copy of the code and the rules that may be changed."""

    root: Path

    def write(self, place: str, text: str) -> None:
        assert not (self.root / place).exists()
        (self.root / place).write_text(text, encoding="utf-8")

    def change(self, place: str, before: str, after: str) -> None:
        text = (self.root / place).read_text(encoding="utf-8")
        assert before in text, (place, before)
        (self.root / place).write_text(text.replace(before, after, 1), encoding="utf-8")

    def run(self, *arguments: str, cache: str = "cache") -> str:
        environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(self.root), "XDG_CACHE_HOME": str(self.root / cache)}
        done = subprocess.run(
            [sys.executable, "-m", "logcorr", *arguments],
            capture_output=True, text=True, check=False, cwd=self.root, env=environment,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def touched(self) -> set[str]:
        changed = set()
        for path in self.root.rglob("*"):
            place = path.relative_to(self.root)
            if path.is_file() and path.suffix in {".py", ".yaml", ".j2"} and place.parts[0] in {"logcorr", "rules"}:
                before = ROOT / place
                if not before.exists() or before.read_bytes() != path.read_bytes():
                    changed.add(str(place))
        return changed


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    for folder in ("logcorr", "rules"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return Copy(tmp_path)


def named(heading: str, *, stem: str) -> set[str]:
    """The files that the guide names under a heading, ``<id>`` and the like filled in."""
    part = GUIDE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    places = re.findall(r"`((?:logcorr|rules)/[^`\s]+\.(?:py|yaml|html\.j2))`", part)
    return {re.sub(r"<\w+>", stem, place.replace("<area>", "services")) for place in places}


@pytest.mark.slow
def test_a_router_format(copy: Copy) -> None:
    copy.write("logcorr/parsers/formats/example.py", FORMAT)
    copy.change("logcorr/parsers/known.py", "    dmesg_relative,\n", "    dmesg_relative,\n    example,\n")
    copy.change(
        "logcorr/parsers/known.py", "    journal_file.PARSER,\n", "    journal_file.PARSER,\n    example.PARSER,\n"
    )
    (copy.root / "router.log").write_text("EX|2025-11-04 03:00:45|WAN down\nEX|2025-11-04 03:00:46|WAN up\n")
    assert "example-router" in copy.run("check", "--json", "router.log")
    assert copy.touched() == named("Add a parser", stem="example") - {"logcorr/parsers/engine/base.py"}


@pytest.mark.slow
def test_a_pattern_form(copy: Copy) -> None:
    models, forms = "logcorr/rulebook/models/", "logcorr/patterns/forms/"
    copy.change(f"{models}forms.py", "class Burst(Form):", f"{FORM}\n\nclass Burst(Form):")
    copy.change(f"{models}forms.py", "Single = ", "Single = Seen | ")
    copy.change(f"{models}patterns.py", "Measure, Silence,", "Measure, Seen, Silence,")
    copy.change(
        f"{models}patterns.py",
        "    burst: Burst",
        "    seen: Seen | None = None  # the form: each record\n    burst: Burst",
    )
    copy.change(f"{models}patterns.py", '"silence", ', '"silence", "seen", ')
    copy.write(f"{forms}seen.py", FIND)
    copy.change(f"{forms}__init__.py", "measure, sequence,", "measure, seen, sequence,")
    copy.change(
        f"{forms}__init__.py", '    ("burst", burst.find),\n', '    ("seen", seen.find),\n    ("burst", burst.find),\n'
    )
    copy.change(
        "logcorr/rulebook/docs/prose.py",
        "        case Burst():",
        "        case Seen():\n            return form.event\n        case Burst():",
    )
    copy.change(
        "logcorr/rulebook/docs/reference.py",
        '    "burst": ("", Burst),',
        '    "seen": ("", Seen),\n    "burst": ("", Burst),',
    )
    start = "from logcorr.rulebook.models import ("
    for place in ("prose", "reference"):
        imported = f"from logcorr.rulebook.models.forms import Seen\n{start}"
        copy.change(f"logcorr/rulebook/docs/{place}.py", start, imported)
    copy.write(
        "rules/patterns/link/carrier-seen.yaml",
        "id: carrier-seen\ntitle: Carrier was lost\nseen: {event: carrier.lost}\n",
    )
    assert "carrier-seen" in copy.run("rules", "explain", "carrier-seen")
    assert copy.touched() - {"rules/patterns/link/carrier-seen.yaml"} == named("Add a pattern form", stem="seen")


@pytest.mark.slow
def test_a_cause(copy: Copy) -> None:
    copy.write("rules/causes/services/example-fell-over.yaml", CAUSE)
    assert "example-fell-over" in copy.run("rules", "list", "causes")
    wanted = {place for place in named("Add a rule", stem="example-fell-over") if "/causes/" in place}
    assert copy.touched() | {"rules/causes/services/example-fell-over.cases.yaml"} == wanted | {
        "rules/causes/services/example-fell-over.cases.yaml"
    }


@pytest.mark.slow
def test_a_report_section(copy: Copy) -> None:
    sections = "logcorr/report/sections/"
    copy.write(f"{sections}tally.py", SECTION)
    copy.write("logcorr/report/markup/sections/tally.html.j2", TEMPLATE)
    copy.change(f"{sections}__init__.py", "    questions,\n", "    questions,\n    tally,\n")
    copy.change(f"{sections}__init__.py", "    changes.SECTION,\n", "    changes.SECTION,\n    tally.SECTION,\n")
    shutil.copytree(FIXTURES / "quiet-night", copy.root / "quiet-night")
    copy.run("analyze", "quiet-night", "--out", "report.html")
    assert "A tally" in (copy.root / "report.html").read_text(encoding="utf-8")
    assert copy.touched() == named("Add a report section", stem="tally")
