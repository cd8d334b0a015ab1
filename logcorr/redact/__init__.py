"""Redaction: what is private becomes a label, what is secret is destroyed, in every artefact alike.

``redact`` works on the report's values, so HTML, Markdown and JSON agree; ``survivors`` looks once more at what is
about to be written. Verdicts are reached before: a rule never sees a label.
"""

from logcorr.redact.labels import Labels, class_of
from logcorr.redact.mapfile import load, save
from logcorr.redact.own import report_texts, written
from logcorr.redact.records import learn_records, record_texts, redact_records
from logcorr.redact.redactor import Redactor, Wishes
from logcorr.redact.spans import PROFILES, Profile
from logcorr.redact.survivors import survivors
from logcorr.redact.whole import redact

__all__ = [
    "PROFILES",
    "Labels",
    "Profile",
    "Redactor",
    "Wishes",
    "class_of",
    "learn_records",
    "load",
    "record_texts",
    "redact",
    "redact_records",
    "report_texts",
    "save",
    "survivors",
    "written",
]
