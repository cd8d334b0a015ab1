"""An expression is tried only where one of its words stands: no text that it matches is without them."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logcorr.redact import identities, machines, names, secrets
from logcorr.redact.spans import holds, lowered

Tried = tuple[tuple[str, ...], re.Pattern[str]]
EXPRESSIONS: list[Tried] = [
    *(
        (words, re.compile(text))
        for _, words, text in (*names._PLACES, *names._SINGLE, *machines.SURE, *machines.LIKELY)
    ),
    *((words, expression) for _, words, expression in (*identities._SHAPES, *identities._BEHIND_NAMES)),
    *((words, expression) for _, words, expression in secrets._BY_NAME),
]
#: Where what looks ahead leaves hardly a text that is drawn by chance.
EXAMPLES = {"client-hostname ": 'client-hostname "anna-pc"', "connection '": "Activation of connection 'Cafe Mozart'"}
PRINTABLE = st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"], include_characters="\n\t")


@pytest.mark.parametrize(("words", "expression"), EXPRESSIONS, ids=[each.pattern[:40] for _, each in EXPRESSIONS])
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(data=st.data())
def test_what_an_expression_matches_holds_one_of_its_words(
    words: tuple[str, ...], expression: re.Pattern[str], data: st.DataObject
) -> None:
    text = EXAMPLES.get(words[0]) or data.draw(st.from_regex(expression, alphabet=PRINTABLE))
    assert expression.search(text)
    assert holds(lowered(text), words)


def test_words_are_in_lower_case_and_few_texts_hold_them() -> None:
    plain = "the uplink was lost 4 times"
    for words, _ in EXPRESSIONS:
        assert all(word == word.lower() for word in words)
        assert not holds(lowered(plain), words)
    assert holds(lowered("caf\N{LATIN SMALL LETTER E WITH ACUTE}"), ("pass",))  # beyond ASCII nothing is left out
    assert set(plain) <= set(string.printable)
