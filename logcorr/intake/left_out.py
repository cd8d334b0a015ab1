"""Which members of an archive are passed over, and how that is told."""

from __future__ import annotations

import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from logcorr.intake.streams import Refusal

FOLDER: Final = "folder{s}"
LINK: Final = "link{s}"
DEVICE: Final = "device{s} or the like"
_OUTSIDE: Final = "path{s} leading outside"
NO_LOGS: Final = "file{s} of a sosreport outside its logs"


#: What of a sosreport holds logs or dated state; the rest is configuration. Any plugin may collect units' journals
#: (``journalctl_--no-pager_--unit_…``), containers' and pods' output (``podman_logs_…``, ``kubectl_…_logs_…``,
#: ``podlogs/``) and log files where a program keeps them (sos: ``Plugin.add_journal``, ``add_container_logs``).
_SOS_TOP: Final = re.compile(r"^sosreport-[^/]+/")


_SOS_LOGS: Final = re.compile(
    r"^(?:[^/]+/)?(?:var/log/|run/log/|sos_commands/(?:logs|conntrack|networking|systemd|sar|podlogs)/|"
    r"sos_commands/kernel/dmesg|sos_strings/|var/lib/docker/containers/|proc/net/bonding/|"
    r"(?:[^/]+/)*(?:(?:podlogs|pod-logs|logs?)/[^/]*|journalctl_[^/]*|dmesg[^/]*|[^/]*_logs(?:_[^/]*)?|"
    r"[^/]*[._-]log(?:[._-][^/]*)?|[^/]*\.journal~?|(?:syslog|messages)(?:[.-][^/]*)?|(?:sar|sadf)[^/]*)$)"
)


def not_a_file(member: tarfile.TarInfo) -> str | None:
    """What a member of a tar is that holds no data; nothing of a file."""
    if member.isdir():
        return FOLDER
    if member.issym() or member.islnk():
        return LINK
    return None if member.isfile() else DEVICE


def ignored(name: str) -> str | None:
    """Why a member of that name is passed over, if it is."""
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts:
        return _OUTSIDE
    return NO_LOGS if sosreport_noise(name) else None


def sosreport_noise(name: str) -> bool:
    """Whether ``name`` is a path within a sosreport that holds no log."""
    return bool(_SOS_TOP.match(name)) and not _SOS_LOGS.match(name)


def counted(count: int, what: str) -> str:
    """``1 link``, ``2 links`` for ``link{s}``."""
    return f"{count} {what.format(s='' if count == 1 else 's')}"


def refuse_passed_over(name: str, passed: Counter[str]) -> Iterator[Refusal]:
    """One line that says how many of which kind were passed over."""
    counts = ", ".join(counted(count, what) for what, count in sorted(passed.items()) if what != FOLDER)
    if counts:
        yield Refusal(name, f"not read: {counts}", "not-given")
