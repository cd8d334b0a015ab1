"""Who could have written a record, and which of its words somebody else chose.

The one owner of both questions. A parser gives every record an origin (``kinds``; for a journal ``vouch`` works it out
of what journald itself recorded). An event file says which origins may report its events, and which parts of a
program's lines an outsider chose: ``Outsiders`` takes these out before a wording, or a clock, looks at the line.
"""

from logcorr.origin.kinds import KINDS, ORIGIN, Kind, Origin, of_text, printed, trusted, usual
from logcorr.origin.outsiders import HIDDEN, KEPT, NOBODY, Chosen, Outsiders, acting, hide
from logcorr.origin.vouch import CLAIM, VOUCHED, judged, origins

__all__ = [
    "CLAIM",
    "HIDDEN",
    "KEPT",
    "KINDS",
    "NOBODY",
    "ORIGIN",
    "VOUCHED",
    "Chosen",
    "Kind",
    "Origin",
    "Outsiders",
    "acting",
    "hide",
    "judged",
    "of_text",
    "origins",
    "printed",
    "trusted",
    "usual",
]
