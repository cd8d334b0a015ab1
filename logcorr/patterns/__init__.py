"""What goes together in time: sequences, absences, counts, beats and the rest of the rule language's forms."""

from __future__ import annotations

from logcorr.patterns.match import Matches, match

__all__ = ["Matches", "match"]
