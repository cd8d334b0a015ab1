"""Which machine wrote each record, where the record does not say, or says it in two spellings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final

import numpy as np

from logcorr.timeline.arrays import Codes, Names, distinct
from logcorr.timeline.dating.file_hosts import Workings, owner_by_links, owner_of
from logcorr.timeline.tracks.track import Track

_NOT_YET_NAMED: Final = frozenset({"localhost", "localhost.localdomain", "(none)", "localhost6"})
_SUFFIX: Final = re.compile(
    r"(?:\.(?:gz|xz|bz2|zst|lz4|zip|log|txt|json|jsonl|ndjson|export|journal~?|csv|xlsx|out|old|\d+)|-\d{8}|@[0-9a-f-]+)$",
    re.ASCII | re.IGNORECASE,
)
#: A date and time in the name of one of a series of files.
_DATED: Final = re.compile(r"[-_.]?(?:20\d\d[-_.]?\d\d[-_.]?\d\d[-_.T ]{0,2}\d\d[-_.:h]?\d\d\S*|1\d{9})$", re.ASCII)
_ROTATED: Final = re.compile(r"(?:\.(?P<number>\d{1,6})|-(?P<date>\d{8}))(?:\.(?:gz|xz|bz2|zst|lz4))?$", re.ASCII)


def fill_hosts(tracks: Sequence[Track], names: Names, boots: Names, given: Mapping[str, str]) -> None:
    """Give every record a host, in place.

    In order: the host given for the file, the printed one (a boot's "localhost" is the name it got later), the one most
    frequent in the file, a known host that the file's path names, the only host that runs a unit or program of the
    file's name, the file name's stem. A snapshot is of the only host that has the interfaces it shows, or else, with
    others of its series, of a host without a name.
    """
    _name_early_boot(tracks, names, boots)
    aliases = _aliases(names)
    for track in tracks:
        track.host = aliases[track.host + 1]
    known = {names[code] for track in tracks for code in distinct(track.host) if code >= 0}
    workings = Workings.of(tracks)
    found = [
        _given(given, track.path) or _host_of(index, track, workings, names, known)
        for index, track in enumerate(tracks)
    ]
    for track, host in zip(tracks, found, strict=True):
        missing = track.host < 0
        if _given(given, track.path):
            missing[:] = True
        if missing.any():
            track.host = np.where(missing, names.code(host), track.host).astype(np.int32)


def hosted(tracks: Sequence[Track], given: Mapping[str, str]) -> list[bool]:
    """Which sources name a host, or had one given, before hosts are filled in."""
    return [bool((track.host >= 0).any()) or _given(given, track.path) is not None for track in tracks]


def stem(path: str) -> str:
    """A file's name without folders, archive and the suffixes of kind, compression and rotation."""
    name = re.split(r"[/\\!:]", path.rstrip("/"))[-1]
    while (shorter := _SUFFIX.sub("", name)) != name and shorter:
        name = shorter
    return name


def rotation_age(path: str) -> int:
    """How old logrotate says a file is, against its siblings: ``x`` 0, ``x.1`` 1, ``x.2.gz`` 2; by date if dated."""
    found = _ROTATED.search(path)
    if found is None:
        return 0
    return int(found["number"]) if found["number"] else 100_000_000 - int(found["date"])


def _given(given: Mapping[str, str], path: str) -> str | None:
    matching = [
        pattern for pattern in given if fnmatchcase(path, pattern) or fnmatchcase(path.rsplit("/", 1)[-1], pattern)
    ]
    return given[max(matching, key=lambda pattern: (len(pattern), pattern))] if matching else None


def _host_of(index: int, track: Track, workings: Workings, names: Names, known: set[str]) -> str:
    printed = track.host[track.host >= 0]
    if printed.size:
        values, counts = np.unique(printed, return_counts=True)
        return max(zip(counts.tolist(), (names[int(code)] for code in values), strict=True))[1]
    parts = [part.lower() for part in re.split(r"[/\\!:]", track.path)]
    for part in reversed(parts):
        named = [host for host in known if _names_host(part, host.lower())]
        if named:
            return max(named, key=lambda host: (len(host), host))
    if track.is_snapshot:
        owner = owner_by_links(index, workings)
        return names[owner] if owner is not None else _undated(track.path)
    owner = owner_of(stem(track.path), workings)
    return names[owner] if owner is not None else stem(track.path) or "unnamed"


def _undated(path: str) -> str:
    """What the files of one series have in common: ``srv/ethtool`` for ``srv/ethtool-20251104T030000.txt``."""
    folder, _, name = path.rpartition("/")
    series = _DATED.sub("", stem(name)) or stem(name) or "unnamed"
    return f"{folder.rpartition('/')[2]}/{series}" if folder else series


def _names_host(part: str, host: str) -> bool:
    return bool(re.search(rf"(?<![a-z0-9]){re.escape(host)}(?![a-z0-9])", part))


def _name_early_boot(tracks: Sequence[Track], names: Names, boots: Names) -> None:
    """Records that a boot wrote before it had its name get the name that most of the boot's records carry."""
    unnamed = np.array([names[code] in _NOT_YET_NAMED for code in range(len(names))] + [True])
    if not unnamed[:-1].any():
        return
    votes: list[Counter[int]] = [Counter() for _ in range(len(boots))]
    for track in tracks:
        if track.boot is not None:
            booted = track.boot >= 0
            pairs, counts = np.unique(
                track.boot[booted].astype(np.int64) << 32 | track.host[booted] + 1, return_counts=True
            )
            for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
                host = (pair & 0xFFFFFFFF) - 1
                if not unnamed[host]:
                    votes[pair >> 32][host] += count
    name_of = np.array(
        [max(vote, key=lambda code: (vote[code], names[code]), default=-1) for vote in votes] + [-1],
        dtype=np.int32,
    )
    for track in tracks:
        if track.boot is not None:
            better = name_of[track.boot]
            track.host = np.where(unnamed[track.host] & (better >= 0), better, track.host).astype(np.int32)


def _aliases(names: Names) -> Codes:
    """A table from host code + 1 to host code: "web" and "web.example.org" are one machine, if only one name fits."""
    everyone = [names[code] for code in range(len(names))]
    full: dict[str, list[str]] = {}
    for name in everyone:
        if "." in name and not name.replace(".", "").isdigit():
            full.setdefault(name.partition(".")[0], []).append(name)
    short = {long[0]: head for head, long in full.items() if len(long) == 1 and head in set(everyone)}
    return np.array([-1, *(names.code(short.get(name, name)) for name in everyone)], dtype=np.int32)
