"""Where bytes come from: files, folders, archives (streamed, never unpacked to disk) and standard input."""

from __future__ import annotations

from logcorr.intake.discovery import STDIN, discover
from logcorr.intake.streams import Input, Limits, Refusal

__all__ = ["STDIN", "Input", "Limits", "Refusal", "discover"]
