"""What each record says: messages classified into named events with typed fields, whatever the number of rules.

Decisions. Rows are taken program by program, so a rule costs only the programs that it speaks of. Records that differ
in their digits alone are first looked at as one: of a million there are a few thousand. One Aho-Corasick pass over the
rules' literals finds which of these may match what, and only these meet a regular expression; what then may match is
looked at record by record. Only the wordings that the log contains are compiled. A record may carry several events; of
one event's wordings, the first that fits counts.
"""

from logcorr.events.classify import classify, classify_messages, match_wordings
from logcorr.events.devices import disbelieved

__all__ = ["classify", "classify_messages", "disbelieved", "match_wordings"]
