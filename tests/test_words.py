"""Texts that a person reads use the trade's words."""

import re

import pytest

from tests.conftest import ROOT

#: Phrases that were ours alone, and what an engineer says instead.
OURS = {
    "Nothing went wrong in this window": "No connectivity incident found",
    "for want of memory": "OOM-killed",
    "answers go astray": "replies reach the wrong host",
    "literal address": "IP address",
    "lesser feature set": "degraded feature set",
    "repairs nothing below": "fixes nothing underneath",
    "names fail": "DNS lookups fail",
    "is no causal chain": "is a coincidence, not the cause",
    "restarted on a beat": "restarted at regular intervals",
    "Still going on": "Resolved",
    "The same signs as a table": "The same events as a table",
    "too little speaks for it": "too little evidence",
    "hold UDP for blocked": "report UDP as blocked",
    "Did the machine stand still": "Did the host stall",
    "; it hides ": "without it, ... cannot be ruled out",
}
TEXTS = sorted(
    path
    for folder, endings in (
        ("rules", ("*.yaml",)),
        ("logcorr/report", ("*.py", "*.j2")),
        ("logcorr/diagnosis", ("*.py",)),
    )
    for ending in endings
    for path in (ROOT / folder).rglob(ending)
    if not path.name.endswith(".cases.yaml")
)


@pytest.mark.parametrize(("ours", "theirs"), OURS.items())
def test_no_text_says_it_in_words_of_ours(ours: str, theirs: str) -> None:
    found = [str(path.relative_to(ROOT)) for path in TEXTS if re.search(re.escape(ours), path.read_text())]
    assert found == [], f"write: {theirs}"
