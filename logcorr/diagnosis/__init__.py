"""Hypotheses against evidence, for and against; the chain; the verdict, or none.

Decisions: an incident is found before any cause is asked for, so that a quiet log stays quiet. Every cause of the
catalogue is weighed against every incident with one table of weights (``weights``). A cause may be named only if it
precedes the symptoms it explains, accounts for the first of them, and beats the runner-up clearly; otherwise the
verdict is "undetermined", and the report asks for the log that would tell.
"""

from logcorr.diagnosis.diagnose import Diagnosis, diagnose
from logcorr.diagnosis.judging.weights import REORDERING

__all__ = ["REORDERING", "Diagnosis", "diagnose"]
