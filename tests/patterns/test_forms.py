"""The forms that rules may have are those that are found."""

from logcorr.patterns.forms import FORMS as FOUND
from logcorr.rulebook.models import FORMS, Pattern


def test_every_form_of_the_rules_has_one_function_that_finds_it() -> None:
    assert tuple(name for name, _ in FOUND) == FORMS
    assert len({find for _, find in FOUND}) == len(FOUND)
    assert set(FORMS) <= set(Pattern.model_fields)


def test_each_stands_in_a_module_of_its_own() -> None:
    modules = [find.__module__ for _, find in FOUND]
    assert len(set(modules)) == len(modules)
    assert all(find.__name__ == "find" for _, find in FOUND)
