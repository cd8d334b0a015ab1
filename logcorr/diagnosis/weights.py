"""The one table of weights. Nothing else in the diagnosis holds a number that decides a verdict.

Scores are log-odds (natural logarithm). A strength is a likelihood ratio: how many times likelier such a sign is when
the cause is at work than when it is not.
"""

from __future__ import annotations

from math import log
from typing import Final

#: weak 2:1, moderate 5:1, strong 20:1, decisive 200:1.
STRENGTH: Final[dict[str, float]] = {"weak": log(2), "moderate": log(5), "strong": log(20), "decisive": log(200)}

#: What an expected sign takes away when it is missing although a source would have shown it.
MISSING: Final[dict[str, float]] = {"always": log(20), "usually": log(3), "sometimes": 0.0}

#: Before any evidence a cause has odds of 1:20, the same for all: the logs decide, not our expectations.
PRIOR: Final = -log(20)

#: A line whose origin journald contradicts keeps this share of its weight. None: anybody on the machine can write it,
#: so it is as likely with the cause as without. It is shown and marked.
UNTRUSTED: Final = 0.0

#: Log-odds at which a hypothesis counts as supported, likely, confirmed; and as ruled out.
SUPPORTED: Final = log(2)  # twice as likely as not
LIKELY: Final = log(9)  # nine in ten
CONFIRMED: Final = log(99)  # ninety-nine in a hundred
RULED_OUT: Final = -log(99)

#: A verdict must beat the runner-up by this much; below it the status drops one step, below CLOSE to "undetermined".
MARGIN: Final = log(10)
CLOSE: Final = log(2)

#: The share of the incident's symptoms that a root, with what it set off, must account for.
EXPLAINED: Final = 0.5

#: A root that leaves more than a quarter of them unexplained is never more than "possible": something else was at work.
MOSTLY: Final = 0.75

#: Independent sources that "confirmed" needs.
CONFIRMING_SOURCES: Final = 2

#: What one record says about connectivity, for finding incidents.
IMPACT: Final[dict[str, int]] = {"none": 0, "degraded": 1, "outage": 4}

#: An incident's weight: below this it is ordinary noise. One event of one host counts at most three times, so three
#: of a kind are the least that BACKGROUND_P can tell from coincidence.
INCIDENT_WEIGHT: Final = 3

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
