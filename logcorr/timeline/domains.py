"""Clock domains: boots, and for machines that tell none, the stretches between their resets."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np

from logcorr.timeline.arrays import MINUTE, Codes, Rows, grouped
from logcorr.timeline.clocks import Boots, Records

_SAME_RESET: Final = MINUTE  # two logs of one host tell of its reset this far apart, at most

Domain = tuple[int, int, int]  # host, boot (or -1), number of the stretch


def name_domains(records: Records, boots: Boots, resets: Rows) -> tuple[Codes, list[Domain]]:
    """The clock domain of every record, and what each domain is.

    A record with a boot belongs to it. One without belongs to the boot of its host that was running, or, where the host
    has none, to the stretch since the host's last reset (``resets``: the records that show one).
    """
    domains: dict[Domain, int] = {}
    code = np.full(len(records.time), -1, dtype=np.int32)
    running: dict[int, list[tuple[int, int]]] = {}
    for begin, end in pairwise(boots.starts):
        inside = boots.rows[begin:end]
        host = int(np.bincount(records.host[inside]).argmax())
        domain = domains.setdefault((host, int(records.boot[inside[0]]), 0), len(domains))
        code[inside] = domain
        running.setdefault(host, []).append((int(records.time[inside].min()), domain))
    loose = np.flatnonzero(code < 0)
    for group in grouped(records.host[loose]):
        rows = loose[group]
        host = int(records.host[rows[0]])
        known = sorted(running.get(host, ()))
        if known:
            at = np.searchsorted([start for start, _ in known], records.time[rows], side="right") - 1
            code[rows] = np.array([domain for _, domain in known], dtype=np.int32)[np.maximum(at, 0)]
            continue
        number = np.searchsorted(_resets_of(records, host, resets), records.time[rows], side="right")
        for value in np.unique(number):
            code[rows[number == value]] = domains.setdefault((host, -1, int(value) + 1), len(domains))
    return code, list(domains)


def _resets_of(records: Records, host: int, resets: Rows) -> Rows:
    """When the host was reset, each reset once."""
    times = np.sort(records.time[resets[records.host[resets] == host]])
    return times[np.concatenate([[True], np.diff(times) > _SAME_RESET])] if times.size else times
