"""What commands of rules leave open: placeholders such as ``<IFACE>``, and the fields of events that fill them.

A placeholder that nothing fills stays as it is, for the reader to see. Log text is hostile, so a value is put into a
command only where it has the form of what it stands for.
"""

from __future__ import annotations

import re
from typing import Final

from logcorr.dataclass import dataclass

_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,62}"
_ADDRESS: Final = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f:]{2,39}"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What stands for it in the log."""

    stands_for: str  # in words, for the rules' reference
    fields: tuple[str, ...]  # fields of events that fill it, the best first; none: it is filled otherwise or never
    form: str = ""  # the whole value, as a regular expression


#: By the name in angle brackets.
PLACEHOLDERS: Final[dict[str, Placeholder]] = {
    "IFACE": Placeholder(
        "the network interface that is at fault", ("interface",), r"[A-Za-z0-9][A-Za-z0-9_.:@-]{0,14}"
    ),
    "BOND": Placeholder("the bond that is at fault", ("bond",), r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}"),
    "ADDRESS": Placeholder("the address that is in question", ("ip",), _ADDRESS),
    "PEER": Placeholder("the tailnet address of the other machine", ("remote_ip",), _ADDRESS),
    "SERVER": Placeholder("the DNS server that is asked", ("server",), _ADDRESS),
    "UNIT": Placeholder("the systemd unit that failed", ("unit",), _NAME),
    "HOST": Placeholder("the machine that the log is of", ("host",), _NAME),
    "GATEWAY": Placeholder("the router's address on the local network", ("gateway",), _ADDRESS),
    "TARGET": Placeholder("an address on the internet that should answer", ()),
    "FILE": Placeholder("a file, as the program's configuration names it", ()),
    "NAME": Placeholder("a name of the DNS zone", ()),
    "NODE": Placeholder("the name of a machine of the tailnet", ()),
    "SIZE": Placeholder("a number to be chosen after the present one was read", ()),
    "START": Placeholder("half an hour before the incident", ()),
    "END": Placeholder("half an hour after it", ()),
}
#: A question with one of these words presupposes something; the others are answered with yes or no.
OPEN_WORDS: Final = ("What", "Why", "Who", "Which", "When", "Where", "How")
HOLE: Final = re.compile(r"<([A-Z][A-Z0-9_-]*)>")


def names_in(command: str) -> tuple[str, ...]:
    """The placeholders of a command."""
    return tuple(HOLE.findall(command))


def table() -> str:
    """All of them, in Markdown."""
    rows = ["| in a command | stands for | filled from |", "|---|---|---|"]
    for name, each in PLACEHOLDERS.items():
        source = " or ".join(f"`{field}`" for field in each.fields)
        times = "the incident's time" if name in ("START", "END") else ""
        rows.append(f"| `<{name}>` | {each.stands_for} | {source or times or 'the reader'} |")
    return "\n".join(rows) + "\n"
