"""The words that fields of the report may hold."""

from __future__ import annotations

from typing import Literal

Status = Literal["confirmed", "likely", "possible", "undetermined", "no-incident"]
HypothesisStatus = Literal["supported", "weakened", "ruled-out", "untestable"]
Strength = Literal["weak", "moderate", "strong", "decisive"]
Profile = Literal["share", "secrets", "none"]  # what a rendering hides
Severity = Literal["low", "medium", "high"]
ChainRole = Literal["root", "step", "symptom", "recovery"]
GapKind = Literal[
    "unreadable",
    "unrecognised",
    "unparsed",
    "silence",
    "rate-limited",
    "lost-messages",
    "clock-step",
    "limit",
    "not-given",
    "starts-late",
    "ends-early",
    "contradicted",
    "undeclared",
    "clock-shift",
]
#: Begins the ``what`` of the limit that tells of rules in another language which were refused.
RULES_USED = "Sigma rules, of which some cannot be used"
