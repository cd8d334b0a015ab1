"""Clock domains: boots, and for machines that tell none, the stretches between their resets."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np

from logcorr.timeline.arrays import Codes, Rows, RowSet, as_rows, lines_by
from logcorr.timeline.clocks.boots import Boots, Records
from logcorr.times.micros import MINUTE

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
    for lines in lines_by(records.host):
        host = int(records.host[lines][0])
        loose = code[lines] < 0
        if not loose.any():
            continue
        rows = lines if loose.all() else as_rows(lines)[loose]
        code[rows] = _domains_of(records, host, rows, sorted(running.get(host, ())), resets, domains)
    return code, list(domains)


def _domains_of(
    records: Records, host: int, lines: RowSet, known: list[tuple[int, int]], resets: Rows, domains: dict[Domain, int]
) -> Codes | int:
    """The domains of a host's records that carry no boot. ``known``: when each of its boots began, and its domain."""
    time = records.time[lines]
    if known:
        at = np.searchsorted([start for start, _ in known], time, side="right") - 1
        return np.array([domain for _, domain in known], dtype=np.int32)[np.maximum(at, 0)]
    began = _resets_of(records, host, resets)
    numbers = [domains.setdefault((host, -1, number + 1), len(domains)) for number in range(len(began) + 1)]
    return np.array(numbers, dtype=np.int32)[np.searchsorted(began, time, side="right")] if len(began) else numbers[0]


def _resets_of(records: Records, host: int, resets: Rows) -> Rows:
    """When the host was reset, each reset once."""
    times = np.sort(records.time[resets[records.host[resets] == host]])
    return times[np.concatenate([[True], np.diff(times) > _SAME_RESET])] if times.size else times
