"""The one table of weights. Nothing else in the diagnosis holds a number that decides a verdict.

Scores are log-odds (natural logarithm). A strength is a likelihood ratio: how many times likelier such a sign is when
the cause is at work than when it is not.
"""

from __future__ import annotations

from math import exp, log
from typing import Final

from logcorr.model import Strength

#: Strengths, weakest first. A sign that the log's end leaves open counts one grade lower.
GRADES: Final[tuple[Strength, ...]] = ("weak", "moderate", "strong", "decisive")

#: weak 2:1, moderate 5:1, strong 20:1, decisive 200:1. What they make together, see PRIOR.
STRENGTH: Final[dict[str, float]] = {"weak": log(2), "moderate": log(5), "strong": log(20), "decisive": log(200)}

#: What an expected sign takes away when it is missing although a source would have shown it.
MISSING: Final[dict[str, float]] = {"always": log(20), "usually": log(3), "sometimes": 0.0}

#: Before any evidence a cause has odds of 1:10, the same for all: the logs decide, not our expectations. Chosen so that
#: one strong sign alone makes a cause possible (2:1), one decisive line or two strong signs likely (20:1, 40:1), a
#: decisive line with a moderate sign from another program confirmed (100:1). docs/standard-of-proof.md has all of it.
PRIOR: Final = -log(10)

#: A strong or decisive sign that a second program or machine reports as well: as much as a moderate sign more, once.
#: Two witnesses of one thing are not independent (networkd hears of a lost carrier from the kernel): not twice as much.
WITNESS: Final = log(5)

#: A line of which the log could have told who wrote it, and does not, is as likely another's as that of whom it names.
UNVERIFIED: Final = 0.5


def doubted(weight: float) -> float:
    """What is left of a sign's log-likelihood ratio where its lines may be another's: of the two ratios, the mean."""
    return log(UNVERIFIED * exp(weight) + (1 - UNVERIFIED))


#: Log-odds at which a hypothesis counts as supported, likely, confirmed; and as ruled out: evidence against it that
#: outweighs what is for it by a moderate sign.
SUPPORTED: Final = log(2) - 1e-9  # twice as likely as not; sums of logarithms are not exact
LIKELY: Final = log(9)  # nine in ten
CONFIRMED: Final = log(99)  # ninety-nine in a hundred
RULED_OUT: Final = PRIOR - log(5) + 1e-9

#: A verdict must beat the runner-up by this much; below it the status drops one step, but not below "possible"; below
#: CLOSE it is "undetermined".
MARGIN: Final = log(10) - 1e-9
CLOSE: Final = log(2)

#: What a cause loses beside its rivals, if most symptoms come after its repair: as much as a moderate sign.
OUTLASTED: Final = log(5)

#: The share of the incident's symptoms that a root, with what it set off, must account for.
EXPLAINED: Final = 0.5

#: A root that leaves more than a quarter of them unexplained is never more than "possible": something else was at work.
MOSTLY: Final = 0.75

#: The share of the symptoms that may come before the root and be left unexplained: noise that was there already.
LEFT_BEFORE: Final = 0.1

#: Independent witnesses (programs of machines) that "confirmed" needs.
CONFIRMING_SOURCES: Final = 2

#: Occurrences outside of incidents from which on it can be said how often a line comes when nothing fails.
EVERYDAY: Final = 3

#: What one record says about connectivity, for finding incidents.
IMPACT: Final[dict[str, int]] = {"none": 0, "degraded": 1, "outage": 4}

#: An incident's weight: below this it is ordinary noise. One event of one host counts at most three times, so three
#: of a kind are the least that BACKGROUND_P can tell from coincidence.
INCIDENT_WEIGHT: Final = 3

#: A loss (a link, an uplink, a service that is gone) weighs as one failed look-up for each of these seconds: so long a
#: resolver tries by default (resolv.conf(5): a time-out of 5 s, two attempts). Beyond the most, longer is as grave.
LOOKUP: Final = 10.0
MOST_OF_A_LOSS: Final = 60

#: Symptoms further apart than this belong to separate incidents; leading and trailing strays further from
#: their neighbours than STRAY are not part of one. Seconds.
INCIDENT_GAP: Final = 900.0
STRAY: Final = 300.0

#: An incident must be this unlikely as an accident of the log's own background rate.
BACKGROUND_P: Final = 1e-3

#: Clocks of two machines that could not be related to each other may differ by this much. A clock that NTP keeps is
#: right to milliseconds, one that nobody keeps drifts by seconds a day (quartz: 50 ppm is 4 s). Seconds.
CLOCK_DOUBT: Final = 60.0

#: Independent writers may print out of order by this many seconds (PID 1, networkd and a daemon on one host).
REORDERING: Final = 2.0

#: What reacts to failures, and acts in the incident as often as its unprompted acts would by accident, is a habit.
HABIT_P: Final = 0.05

#: Records of one act (cron, sudo, PID 1, the daemon) come within this. Seconds.
ONE_ACT: Final = 30.0
