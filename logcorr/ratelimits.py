"""How programs limit what they log: constants of their sources and manuals, for all that asks what may be missing."""

from __future__ import annotations

from typing import Final

from logcorr.times.micros import MINUTE, SECOND

#: tailscaled prints this many lines of a format at once, and then one each 5 s (types/logger/logger.go).
TAILSCALED_BURST: Final = 5
#: After so many lines of a rate-limited event within this time (µs), further ones may go unseen for as long again.
TAILSCALED_SUPPRESSION: Final = MINUTE
#: tailscaled holds a format back until two of its lines may pass again, at one in 5 s, whatever comes meanwhile
#: (types/logger/logger.go: ``remaining >= 2``); µs. The note with a count comes with the next line, however late.
TAILSCALED_HELD_BACK: Final = 10 * SECOND

#: journald counts over RateLimitIntervalSec, 30 s, and says so at its end (journald.conf(5)); µs.
JOURNALD_INTERVAL: Final = 30 * SECOND
