"""The score of many verdicts against the truth.

Top-1 accuracy where the logs can tell, honesty where they cannot, recall of contributing causes, harmful misdiagnoses
(a wrong root with status likely or confirmed), false alarms in quiet windows, and how each status keeps its promise.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SURE = ("confirmed", "likely")
CRASHED = "crashed"
TOP1_TARGET, CONFIRMED_TARGET = 0.95, 0.99


@dataclass(frozen=True, slots=True)
class Judgement:
    """One verdict beside the truth."""

    name: str
    variant: str
    expected: str
    real: str
    status: str
    cause: str
    right: bool  # names what the logs support
    true: bool  # names what happened, whether or not the logs support it
    expected_contributing: tuple[str, ...]
    contributing: tuple[str, ...]
    seconds: float

    @property
    def harmful(self) -> bool:
        return self.status in SURE and not self.true and self.cause != "undetermined"


@dataclass(frozen=True, slots=True)
class Score:
    """The figures over many judgements. Ablated incidents count for harm only: their truth may no longer show."""

    judgements: tuple[Judgement, ...]
    ablated: tuple[Judgement, ...] = ()
    public: tuple[Judgement, ...] = ()

    @property
    def all(self) -> tuple[Judgement, ...]:
        return (*self.judgements, *self.ablated, *self.public)

    @property
    def told(self) -> list[Judgement]:
        return [item for item in self.judgements if item.expected not in ("undetermined", "no-incident")]

    @property
    def untold(self) -> list[Judgement]:
        return [item for item in self.judgements if item.expected == "undetermined"]

    @property
    def calm(self) -> list[Judgement]:
        return [item for item in self.judgements if item.expected == "no-incident"]

    @property
    def top1(self) -> float:
        return share(item.right for item in self.told)

    @property
    def honest(self) -> float:
        return share(item.right for item in self.untold)

    @property
    def recall(self) -> float:
        return share(cause in item.contributing for item in self.told for cause in item.expected_contributing)

    @property
    def harmful(self) -> list[Judgement]:
        return [item for item in self.all if item.harmful]

    @property
    def crashed(self) -> list[Judgement]:
        return [item for item in self.all if item.status == CRASHED]

    @property
    def false_alarms(self) -> list[Judgement]:
        return [item for item in self.calm if item.cause != "no-incident"]

    @property
    def calibration(self) -> dict[str, tuple[int, float]]:
        """Per status: how many verdicts, and the share of them that names what happened."""
        named = [
            item
            for item in self.judgements
            if item.cause not in ("undetermined", "no-incident") and item.status != CRASHED
        ]
        by_status: dict[str, list[bool]] = defaultdict(list)
        for item in named:
            by_status[item.status].append(item.true)
        return {status: (len(hits), share(hits)) for status, hits in sorted(by_status.items())}

    @property
    def met(self) -> bool:
        confirmed = self.calibration.get("confirmed", (0, 1.0))[1]
        return (
            self.top1 >= TOP1_TARGET
            and not self.harmful
            and not self.false_alarms
            and not self.crashed
            and self.honest >= TOP1_TARGET
            and confirmed >= CONFIRMED_TARGET
            and share(item.right for item in self.public) >= TOP1_TARGET
        )


def share(hits: Iterable[bool]) -> float:
    """The share of hits; 1 where there was nothing to hit."""
    values = list(hits)
    return sum(values) / len(values) if values else 1.0


def table(score: Score) -> Iterator[str]:
    """The score as text."""
    slowest = max((item.seconds for item in score.judgements), default=0.0)
    yield f"incidents whose logs can tell  {len(score.told)}   top-1 {score.top1:.3f}"
    yield f"evidence removed               {len(score.untold)}   honest {score.honest:.3f}"
    yield f"contributing causes            recall {score.recall:.3f}"
    yield f"quiet windows                  {len(score.calm)}   false alarms {len(score.false_alarms)}"
    judged = f"of {len(score.judgements)}, {len(score.ablated)} with a file left out, {len(score.public)} public"
    named = sum(item.cause not in ("undetermined", "no-incident") for item in score.public)
    as_told = sum(item.right for item in score.public)
    yield f"public incidents               {len(score.public)}   right {as_told}, {named} of all with a cause named"
    yield f"harmful misdiagnoses           {len(score.harmful)} ({judged})"
    for status, (count, right) in score.calibration.items():
        yield f"  {status:<14} {count:>4} named, {right:.3f} of them true"
    yield f"crashes                        {len(score.crashed)}"
    yield f"slowest analysis               {slowest:.2f} s"
    yield ""
    yield f"{'cause':<28}{'right':>7}{'harmful':>9}  instead"
    for cause in sorted({item.real for item in score.told}):
        mine = [item for item in score.told if item.real == cause]
        wrong = Counter(f"{item.cause} ({item.status})" for item in mine if not item.right)
        hits = f"{sum(item.right for item in mine)}/{len(mine)}"
        instead = ", ".join(f"{count} x {name}" for name, count in wrong.most_common())
        yield f"{cause:<28}{hits:>7}{sum(item.harmful for item in mine):>9}  {instead}"
    yield ""
    for title, items in (
        ("crashed", score.crashed),
        ("harmful", score.harmful),
        ("false alarm", score.false_alarms),
        ("missed", [item for item in score.told if not item.right and not item.harmful and item.status != CRASHED]),
        ("missed", [item for item in score.public if not item.right and not item.harmful and item.status != CRASHED]),
        ("named without evidence", [item for item in score.untold if not item.right and item.status != CRASHED]),
    ):
        for item in items:
            yield f"{title}: {item.name}: expected {item.expected}, said {item.cause} ({item.status})"
