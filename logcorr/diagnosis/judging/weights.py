"""The one table of weights. Nothing else in the diagnosis holds a number that decides a verdict.

Scores are log-odds (natural logarithm). A strength is a likelihood ratio: how many times likelier such a sign is when
the cause is at work than when it is not.
"""

from __future__ import annotations

from datetime import timedelta
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

#: Of more groups of one kind than this that are near in time, each is compared with the last ones: a bound on cost.
NEIGHBOURS: Final = 16

#: What a cause loses beside its rivals, if most symptoms come after its repair: as much as a moderate sign.
OUTLASTED: Final = log(5)

#: Two incidents cover the same time where both are at work for this share of the longer one.
SAME_TIME: Final = 0.5

#: A verdict that a report may lead with although more lines tell of another incident that shows no cause.
SURE: Final = ("likely", "confirmed")

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

#: What comes within this long after the last symptom may still be a sign of the incident.
AFTERMATH: Final = timedelta(seconds=60)

#: What was told so shortly before the log ends, and not undone, goes on: the same as for strays.
STILL_GOING: Final = timedelta(seconds=STRAY)

#: What fills more of the log than this share is its background, not an incident in it.
ALL_THE_TIME: Final = 0.9

#: One event of one host counts so often in the weight of a burst, see INCIDENT_WEIGHT.
SAME_SIGN_COUNTS: Final = 3

#: A burst counts as at least this long, and it takes so much log beside it to know the background. Seconds.
SHORTEST_BURST: Final = STRAY

#: Errors that no rule knows are an incident from so many on, or where they last so long (seconds).
UNKNOWN_ERRORS: Final = 10
UNKNOWN_LASTS: Final = STRAY

#: Of two incidents as grave as each other the one comes first of which so many lines report the fault itself.
SEVERAL: Final = 2

#: Both ends of a cable tell its loss at once, but for the delay of two seconds after which a switch tells it (Cisco's
#: carrier-delay) and the order of writers. Seconds.
SAME_MOMENT: Final = 2.0 + REORDERING

#: A machine that loses so many ports one by one is a switch, and what hangs there is switched off and on; three that
#: are lost in one moment have one cause. So many losses of one port are a fault of its own.
SWITCH_PORTS: Final = 4
PORTS_AT_ONCE: Final = 3
LOST_AGAIN: Final = 4

#: A machine that boots tells within this of what it does not find yet; what waits for the network at a boot gives up
#: after 120 s (systemd-networkd-wait-online(8)).
SETTLING: Final = timedelta(seconds=120)

#: Two lines that tell of one boot: the first may bear the time at which the log daemon took it up.
ONE_BOOT: Final = timedelta(seconds=60)

#: How long a shutdown may take before the machine is silent: TimeoutStopSec, 90 s (systemd-system.conf(5)), and a bit.
GOING_DOWN: Final = timedelta(seconds=120)

#: What a service writes within this of its stop belongs to the stop (ExecStopPost, a flushed log).
LAST_WORDS: Final = timedelta(seconds=10)

#: Four episodes, of six symptoms, are the fewest of which a rhythm can be told: three pauses that agree. On average the
#: next comes within OFTEN; a daily act does not.
#: Three suffice of what is an incident each time.
FEWEST_EPISODES: Final = 4
FEWEST_INCIDENTS: Final = 3
FEWEST_SYMPTOMS: Final = 6
OFTEN: Final = timedelta(hours=6)

#: What fails again the evening after next is told as failing again; what does weeks later stands for itself.
AGAIN: Final = timedelta(days=2)

#: A pause agrees with the period within this share of it. Of pauses at random a share of at most e^-0.9 - e^-1.1 does.
PERIOD_TOLERANCE: Final = 0.1
PAUSES_AGREE: Final = exp(-0.9) - exp(-1.1)

#: A machine's usual pause between two records: what this share of the pauses between its last records does not exceed.
LAST_RECORDS: Final = 100
USUAL_PAUSE: Final = 0.9
