"""No private value of any class survives in any artefact, wherever in a report it stood."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from urllib.parse import quote

import pytest

from logcorr.model import Change, Report
from logcorr.redact import Labels, Redactor, redact, survivors
from logcorr.redact.secrets import find_secrets
from logcorr.report import FORMATS, render
from tests.redact import canaries
from tests.report import hostile, sample


@cache
def cited() -> tuple[Report, Redactor]:
    """A report that cites every canary in a line of its own, and again as a host's and a question's words."""
    report = sample.incident()
    line = report.evidence[0]
    lines = tuple(
        replace(line, id=f"E{number}", message=canary.text, before=(canary.text,), fields={"detail": canary.text})
        for number, canary in enumerate(canaries.every(), len(report.evidence) + 1)
    )
    redactor = Redactor("share")
    return redact(replace(report, evidence=(*report.evidence, *lines)), redactor), redactor


def test_there_are_canaries_of_every_class_and_enough_of_them() -> None:
    assert len(canaries.every()) >= 400
    assert {canary.kind for canary in canaries.every()} >= {
        "secrets",
        "address",
        "MAC",
        "user",
        "ssid",
        "host",
        "serial",
        "cloud",
    }


@pytest.mark.parametrize("shift", [str, str.upper, str.title])
def test_words_that_are_looked_for_first_hide_no_secret(shift: Callable[[str], str]) -> None:
    """A letter beyond ASCII makes every expression be tried."""
    texts = [shift(canary.text) for canary in canaries.every()]
    found = [[(span.start + 2, span.end + 2, span.kind) for span in find_secrets(text)] for text in texts]
    tried = [[(span.start, span.end, span.kind) for span in find_secrets(f"é\n{text}")] for text in texts]
    assert found == tried
    assert sum(map(bool, found)) >= 20


@pytest.mark.parametrize("form", FORMATS)
def test_none_survives_in_an_artefact(form: str) -> None:
    report, redactor = cited()
    text = render(report, form).lower()  # type: ignore[arg-type]  # a key of FORMATS
    assert [canary for canary in canaries.every() if canary.needle.lower() in text] == []
    assert survivors(text, redactor) == ()


@pytest.mark.parametrize(
    "group",
    [canaries.every()[at : at + 40] for at in range(0, len(canaries.every()), 40)],
    ids=lambda group: group[0].kind,
)
def test_none_survives_in_any_field(group: list[canaries.Canary]) -> None:
    report = hostile.everywhere(sample.incident(), " | ".join(canary.text for canary in group))
    redactor = Redactor("share")
    shown = redact(report, redactor)
    for form in FORMATS:
        text = render(shown, form).lower()
        assert [canary for canary in group if canary.needle.lower() in text] == [], form


def test_secrets_are_destroyed_by_the_profile_of_that_name_and_names_are_left() -> None:
    report = hostile.everywhere(sample.incident(), "Accepted password for petra from 192.0.2.7, token=abcdefgh12345")
    text = render(redact(report, Redactor("secrets")), "json")
    assert "abcdefgh12345" not in text
    assert "petra" in text
    assert "192.0.2.7" in text


def test_a_name_is_hidden_in_the_template_of_its_message_too() -> None:
    """A template has # for every number: of srv7 it would still tell srv."""
    text = "# from wombatsrv#: FAILED (# of wombatsrv#.example.net)"
    change = Change(template=text, program="monitor", before_per_hour=0.0, during_per_hour=44.0, ratio=None)
    report = sample.incident()
    named = replace(report.evidence[0], host="wombatsrv7", message="wombatsrv7.example.net does not answer")
    shown = redact(replace(report, changes=(change,), evidence=(named, *report.evidence)), Redactor("share"))
    assert "wombatsrv" not in render(shown, "json")
    assert shown.changes[0].template.startswith("# from host-")
    assert shown.changes[0].template.count("#") == 2


def test_a_name_that_its_place_gives_away_once_is_hidden_wherever_it_stands() -> None:
    redactor = Redactor("share")
    texts = (
        "lookup files.wombat.example: SERVFAIL",
        "read /srv/files.wombat.example",
        "read /etc/jail.local /usr/bin/x.pl",
    )
    redactor.learn(texts)
    assert [redactor.text(text) for text in texts][1:] == ["read /srv/host-1.domain-1", texts[2]]


def test_no_secret_is_in_the_map() -> None:
    _, redactor = cited()
    told = json.dumps([*redactor.labels.named])
    assert [canary for canary in canaries.every() if canary.kind == "secrets" and canary.needle in told] == []


@pytest.mark.parametrize(
    "spell",
    [
        str.upper,
        quote,
        lambda raw: base64.b64encode(f"user {raw} left".encode()).decode(),
        lambda raw: "".join(f"&#{ord(character)};" for character in raw),
        lambda raw: raw.replace("w", "\\u0077"),
        lambda raw: "".join(f"%25{ord(character):x}" for character in raw),
    ],
)
def test_the_last_look_finds_every_spelling(spell: Callable[[str], str]) -> None:
    redactor = Redactor("share", Labels())
    redactor.learn(["Accepted password for wanderer from 192.0.2.7"])
    redactor.text("Accepted password for wanderer from 192.0.2.7")
    assert survivors(f"<p>{spell('wanderer')}</p>", redactor) == ("users",)
    assert survivors("<p>a wander and a wanderers' path</p>", redactor) == ()


@pytest.mark.parametrize("form", ["2001:db8:7::a", "2001:0db8:0007:0000:0000:0000:0000:000A", "2001:DB8:7:0:0::A"])
def test_the_last_look_finds_every_form_of_an_address(form: str) -> None:
    redactor = Redactor("share")
    redactor.text("peer 2001:db8:7::a lost")
    assert survivors(f"peer {form} lost", redactor) == ("public addresses",)
