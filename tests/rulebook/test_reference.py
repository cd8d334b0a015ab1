"""rules/REFERENCE.md, rules/CATALOGUE.md and docs/standard-of-proof.md are what models, rules and weights make them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import BaseModel

from logcorr.diagnosis.judging.standard import proof, standard_of_proof
from logcorr.diagnosis.judging.weights import STRENGTH
from logcorr.model import Strength
from logcorr.rulebook import load_rules, models
from logcorr.rulebook.docs.catalogue import catalogue
from logcorr.rulebook.docs.editor import notes
from logcorr.rulebook.docs.reference import reference
from logcorr.rulebook.load import shipped_rules
from logcorr.rulebook.models import FORMS, Rule

REFERENCE = """\
# The rule language: reference

Made by `make reference`. [README.md](README.md) explains the language, and [TUTORIAL.md](TUTORIAL.md) writes a first
rule; here are all forms, policies, field types and keys. Durations are spans as in systemd.time(7): `30s`, `5min`.

"""
CATALOGUE = """\
# The shipped rules

Made by `make reference`. Each in plain words, as `logcorr rules explain ID` prints it; `logcorr rules docs` prints such
a document for rules of your own.

"""
STANDARD = """\
# The standard of proof

Made by `make reference` from the rules and the one table of weights, logcorr/diagnosis/judging/weights.py.

"""
DOCUMENTS: dict[str, Callable[[], str]] = {
    "REFERENCE.md": lambda: REFERENCE + reference(),
    "CATALOGUE.md": lambda: CATALOGUE + catalogue(load_rules()),
}


MADE = DOCUMENTS | {"../docs/standard-of-proof.md": lambda: STANDARD + standard_of_proof(load_rules())}


@pytest.mark.parametrize("name", MADE)
def test_a_document_is_what_the_rules_make_it(name: str, request: pytest.FixtureRequest) -> None:
    """`make reference` rewrites them."""
    text = MADE[name]()
    kept = shipped_rules() / name
    if request.config.getoption("--update-golden"):
        kept.write_text(text, encoding="utf-8", newline="\n")
    assert kept.read_text("utf-8") == text, f"{name} is stale: run `make reference`"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_readme_leads_there(name: str) -> None:
    readme = Path(shipped_rules().parent / "README.md").read_text("utf-8")
    assert f"(rules/{name})" in readme
    assert f"({name})" in (shipped_rules() / "README.md").read_text("utf-8")


def written() -> list[type[BaseModel]]:
    """The models that have keys which people write."""
    kinds = [kind for kind in vars(models).values() if isinstance(kind, type) and issubclass(kind, Rule)]
    return [kind for kind in kinds if kind is not Rule]


@pytest.mark.parametrize("model", written(), ids=lambda model: model.__name__)
def test_every_key_has_a_meaning(model: type[BaseModel]) -> None:
    assert [name for name in model.model_fields if name not in notes(model)] == []
    text = reference()
    assert [name for name in model.model_fields if f"`{name}`" not in text and name not in {"name", "negated"}] == []


def test_every_form_and_every_rule_is_told() -> None:
    text = reference()
    assert all(f"| `{form}` |" in text for form in FORMS)
    rules = load_rules()
    text = catalogue(rules)
    assert all(f"### {name}\n" in text for name in (*rules.patterns, *rules.causes))
    assert all(f"| `{name}` |" in text for file in rules.events for name in file.events)


@pytest.mark.parametrize(
    ("signs", "witnessed", "sources", "status"),
    [
        (("moderate",), False, 1, "not enough"),
        (("moderate",), True, 1, "not enough"),
        (("strong",), False, 1, "possible"),
        (("strong",), True, 1, "likely"),
        (("strong", "strong"), False, 2, "likely"),
        (("decisive",), False, 1, "likely"),
        (("decisive",), True, 1, "confirmed"),
        (("decisive", "moderate"), False, 1, "likely"),
        (("decisive", "moderate"), False, 2, "confirmed"),
    ],
)
def test_the_standard_is_what_the_weights_promise(
    signs: tuple[Strength, ...], witnessed: bool, sources: int, status: str
) -> None:
    assert proof(*(STRENGTH[sign] for sign in signs), witnessed=witnessed, sources=sources) == status


def test_the_standard_tells_every_cause_and_every_sign() -> None:
    rules = load_rules()
    text = standard_of_proof(rules)
    assert all(f"### {name}\n" in text for name in rules.causes)
    tables = [len(STRENGTH), *(len(cause.evidence) for cause in rules.causes.values())]
    assert text.count("\n| ") == sum(rows + 1 for rows in tables), "each table has a head"
