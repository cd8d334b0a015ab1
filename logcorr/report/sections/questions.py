"""The questions a reader will ask, and the commands that would settle the open ones."""

from __future__ import annotations

from dataclasses import replace

from logcorr.dataclass import dataclass
from logcorr.model import Check
from logcorr.report.material import Citation, Material, Section
from logcorr.report.text.inert import fence, inline
from logcorr.report.text.words import ANSWER, Word, word


@dataclass(frozen=True, slots=True)
class Asked:
    """One question."""

    question: str
    answer: str | None
    status: Word
    evidence: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions and checks."""

    asked: tuple[Asked, ...]  # answered or open
    refuted: tuple[Asked, ...]
    checks: tuple[Check, ...]  # what each settles by title


def build(material: Material) -> Questions | None:
    """Take both lists; nothing where both are empty."""
    report = material.report
    if not report.questions and not report.checks:
        return None
    asked = tuple(
        Asked(each.question, each.answer, word(ANSWER, each.status), material.cite(each.evidence))
        for each in report.questions
    )
    return Questions(
        asked=tuple(each for each in asked if each.status.name != "refuted"),
        refuted=tuple(each for each in asked if each.status.name == "refuted"),
        checks=tuple(replace(each, settles=material.titled(each.settles)) for each in report.checks),
    )


def markdown(view: Questions) -> str:
    """Write each question with its answer, then each check with its command."""
    lines = [_asked_text(each) for each in (*view.asked, *view.refuted)]
    blocks = ["\n".join(lines)] if lines else []
    if view.checks:
        blocks.append("**To run next** (read-only)")
    for check in view.checks:
        why = f": {inline(check.why)}" if check.why else ""
        blocks.append(f"On {inline(check.on)}, to settle {inline(_quoted(check.settles))}{why}")
        blocks.append(fence(check.command.splitlines(), "sh"))
    return "\n\n".join(blocks)


def _quoted(titles: tuple[str, ...]) -> str:
    return ", ".join(f"“{title}”" for title in titles)


def _asked_text(asked: Asked) -> str:
    cites = ", ".join(inline(each.id) for each in asked.evidence)
    answer = inline(asked.answer) if asked.answer else "The logs given cannot answer it."
    return (
        f"- {asked.status.sign} {inline(asked.status.word)}: {inline(asked.question)} "
        f"{answer}{f' ({cites})' if cites else ''}"
    )


SECTION = Section(
    id="questions", title="Questions and next checks", template="questions.html.j2", build=build, markdown=markdown
)
