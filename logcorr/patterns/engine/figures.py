"""What the report says about chance, in words."""

from __future__ import annotations

from typing import Final

from logcorr.chance.trials import Chance
from logcorr.dataclass import dataclass

TOO_FEW: Final = "too few to judge"


@dataclass(frozen=True, slots=True)
class Figure:
    """What the report says about chance. ``words`` has a place for the p-value, adjusted for the run's rules."""

    words: str
    expected: float | None = None
    p_value: float | None = None

    def adjusted(self, p_value: float | None) -> tuple[float | None, str]:
        """The p-value to print, and the sentence with it."""
        shown = self.p_value if p_value is None else p_value
        return shown, self.words if shown is None else self.words.replace("{p}", f"{shown:.1g}")


def figure(chance: Chance, cause: str, effect: str, window: str) -> Figure:
    """The figure as a sentence: "11 of 14 link.down episodes were followed by connection.reset within 30 s; ..."."""
    if chance.expected is None or chance.p_value is None:
        return Figure(TOO_FEW)
    ratio = f"×{chance.followed / chance.expected:.2g}; " if chance.expected > 0 and chance.followed else ""
    words = (
        f"{chance.followed} of {chance.episodes} {cause} episodes were followed by {effect} within {window}; "
        f"{chance.expected:.2g} expected by chance given how frequent {effect} was around them ({ratio}P = {{p}})"
    )
    return Figure(words, chance.expected, chance.p_value)
