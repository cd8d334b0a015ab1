"""Results of rule cases as JUnit XML, the form that build servers show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from logcorr.textsafe import visible

if TYPE_CHECKING:
    from logcorr.rulebook.trial import Result


def as_junit(results: Sequence[Result]) -> str:
    """One test case a result, in the order they ran."""
    failed = sum(bool(result.problems) for result in results)
    suite = Element("testsuite", name="logcorr rules", tests=str(len(results)), failures=str(failed))
    for result in results:
        case = SubElement(suite, "testcase", classname=result.rule, name=visible(result.case), file=result.place)
        if result.problems:
            SubElement(case, "failure", message=visible(result.problems[0])).text = visible("\n".join(result.problems))
    indent(suite)
    return tostring(suite, encoding="unicode", xml_declaration=True) + "\n"
