"""``rules/patterns/<area>/<id>.yaml``: events that belong together in time."""

from __future__ import annotations

from typing import Final, TypeVar

from pydantic import model_validator

from logcorr.model import Severity
from logcorr.rulebook.models.base import Duration, Id, Pairing, Rule, RuleStatus
from logcorr.rulebook.models.forms import Beat, Burst, Count, During, Flap, Jump, Measure, Silence, Single, Step

Body = TypeVar("Body", bound=Rule)


class Pattern(Rule):
    """``rules/patterns/<area>/<id>.yaml``: events that belong together in time. Exactly one form."""

    id: Id  # the file's name; what causes and commands call it
    title: str  # what was found, for the report; `{step.field}` of the match
    severity: Severity = "medium"  # of a finding
    status: RuleStatus = "experimental"  # experimental until its cases have met real logs
    version: int = 1  # of the rule; counted up when its meaning changes
    description: str = ""  # what this order of events means, and what it does not prove
    caution: str | None = None  # why this order in time is no causal chain
    by: str | tuple[str, ...] | dict[str, str] | None = None  # what the steps share; {a.x: b.y} where the names differ
    pair: Pairing = "each"  # which of several candidates go together
    span: Duration | None = None  # over all steps
    sequence: tuple[Step, ...] | None = None  # the form: steps in order
    all: tuple[Step, ...] | None = None  # the form: steps in any order, within `span`
    count: Count | None = None  # the form: at least so many
    flap: Flap | None = None  # the form: two events take turns
    beat: Beat | None = None  # the form: on a period
    during: During | None = None  # the form: inside a state
    silence: Silence | None = None  # the form: a heartbeat stops
    burst: Burst | None = None  # the form: far more than usual
    step: Jump | None = None  # the form: a number jumps
    measure: Measure | None = None  # the form: a number over a window
    references: tuple[str, ...] = ()  # where it is documented
    false_positives: tuple[str, ...] = ()  # when it matches and means nothing

    def form(self) -> str:
        """The name of the form this pattern uses."""
        return next(name for name in FORMS if getattr(self, name) is not None)

    def stepped(self) -> bool:
        """Whether its form consists of steps."""
        return self.sequence is not None or self.all is not None

    def steps(self) -> tuple[Step, ...]:
        """The steps of a sequence or a set; none of another form."""
        return self.sequence or self.all or ()

    def single(self) -> Single:
        """What stands under the key of a form that has no steps."""
        found: Single = getattr(self, self.form())
        return found

    def body(self, kind: type[Body]) -> Body:
        """The same, of this kind. Raises TypeError for another form."""
        found = self.single()
        if not isinstance(found, kind):
            raise TypeError(f"pattern {self.id} is no {kind.__name__.lower()}")
        return found

    def parts(self) -> tuple[Step | Single, ...]:
        """What its form consists of: the steps, or the one thing under its key."""
        return self.steps() if self.stepped() else (self.single(),)

    def events(self) -> tuple[str, ...]:
        """The event names and globs that this pattern looks at, each once."""
        return tuple(dict.fromkeys(name for part in self.parts() for name in part.events()))

    @model_validator(mode="after")
    def _one_form(self) -> Pattern:
        given = [name for name in FORMS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"a pattern has exactly one form ({', '.join(FORMS)}); found {', '.join(given) or 'none'}")
        return self


#: The keys of forms; ``patterns.forms`` holds how each is found.
FORMS: Final = ("sequence", "all", "count", "flap", "beat", "during", "silence", "burst", "step", "measure")
