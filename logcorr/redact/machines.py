"""Machines that a log only mentions: what is watched, balanced, peered with, run as a guest, a pod or a container.

A name that only its shape tells from a word must look like a machine's: it holds a digit, a hyphen or an underscore,
and is no interface, no unit and no program that our rules know. A container called ``web`` tells nobody's secret, and
the word would be gone from every line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from logcorr.redact.known.sentences import is_program
from logcorr.redact.spans import holds

_NAME: Final = r"(?P<it>[A-Za-z0-9][\w.-]{0,62}[A-Za-z0-9])"
Place = tuple[str, tuple[str, ...], str]
#: kind, words (in lower case) of which one stands wherever the expression matches, a wording with the name in "it"
SURE: Final[tuple[Place, ...]] = (
    ("host", (" alert: ",), rf"\b(?:HOST|SERVICE) (?:[A-Z]+ )?ALERT: {_NAME};"),  # Nagios
    ("host", (" notification: ",), rf"\b(?:HOST|SERVICE) NOTIFICATION: [^;\n]*;{_NAME};"),
    ("user", (" notification: ",), r"\b(?:HOST|SERVICE) NOTIFICATION: (?P<it>[^;\n]{2,64});"),
    ("host", (" state: ", " check: "), rf"\b(?:HOST|SERVICE) (?:STATE|CHECK): {_NAME};"),
    ("host", ("host '", "checkable '"), rf"\b(?:[Hh]ost|Checkable) '{_NAME}[!']"),  # Icinga
    ("host", ("!",), rf"'{_NAME}![^'\n]*'"),
    ("host", ("server ",), rf"\b[Ss]erver [\w.-]+/{_NAME} (?:is|succeeded|failed|has)\b"),  # HAProxy
    ("host", ("/",), rf" [\w.~-]+ [\w.-]+/{_NAME} -?\d+/-?\d+/-?\d+/"),  # its lines of requests
    ("host", ("certname",), rf"\bcertName\"?[=:]\"?{_NAME}"),  # Nebula
    ("host", ("duplex mismatch",), rf"duplex mismatch discovered on [^\n]*, with {_NAME} "),  # Cisco's CDP
    ("host", ("guest ",), rf"\bguest {_NAME} (?:paused|resumed|crashed|has)\b"),  # libvirt
    ("host", ("assigned ",), rf"[Ss]uccessfully assigned \S+ to {_NAME}"),  # Kubernetes: a pod to a node
    ("host", ("node",), rf"\bnode(?:Name)?\"?(?:=|: ?)\"{_NAME}\""),
    ("host", ("status is now",), rf"\b[Nn]ode {_NAME} status is now"),
    ("pod", ("assigned ",), rf"[Ss]uccessfully assigned [\w-]+/{_NAME} to "),
)
_BEHIND: Final = r"(?: |=|: ?|/)[\"'(]?"
_WORKLOAD: Final = r"(?i:pod|deployment|replicaset|statefulset|daemonset|(?:cron)?job)s?"
_RANDOM: Final = "[bcdfghjklmnpqrstvwxz2456789]{5}"  # k8s.io/apimachinery, util/rand
LIKELY: Final[tuple[Place, ...]] = (
    ("host", ("host", "server", "peer", "backend", "upstream", "neighbor", "machine", "instance", "replica", "node",
              "master", "member", "guest", "domain"),
     (r"\b(?i:hosts?|servers?|peers?|backend|upstream|neighbor|machine|instance|replica|nodes?|master|member|guest|domain)"
      rf"(?:[ _]?(?:name|id))?\"?{_BEHIND}(?:qemu-\d+-)?{_NAME}")),
    ("host", ("@",), rf"'[\w.-]+@{_NAME}(?::\d+)?'"),  # MySQL: an account at a machine
    ("host", ("to ", "from ", "at ", "on ", "with ", "tcp ", "udp "),
     rf"\b(?:to|from|at|on|with|tcp|udp) {_NAME}:\d{{2,5}}\b(?!:[0-9A-Fa-f]{{2}}\b)"),
    ("pod", ("container", "endpoint", "name="),
     rf"\b(?:(?:[Cc]ontainer(?:[_ ]?[Nn]ame)?|endpoint)\"?{_BEHIND}|name=\"?)(?:[\w-]+/)?{_NAME}"),  # Docker
    ("pod", ("pod", "deployment", "set", "job"),
     rf"\b{_WORKLOAD}(?:_?name)?(?:\.(?:apps|batch))?\"?{_BEHIND}(?:[\w-]+/)?{_NAME}"),
    # what a ReplicaSet or a Job makes
    ("pod", ("-",), rf"(?<![\w.-])(?P<it>[a-z0-9][a-z0-9-]*-[a-z0-9]{{8,10}}-{_RANDOM})(?![\w.-])"),
    ("pod", ("-",), rf"(?<![\w.-])(?P<it>[a-z][a-z0-9-]*-\d{{8}}(?:-{_RANDOM})?)(?![\w.-])"),
)  # fmt: skip

_LIKE_A_MACHINE: Final = re.compile(r"(?=.*[\d_-])[A-Za-z][\w.-]*[A-Za-z0-9]")
#: Interfaces, disks and other parts of one machine; units and files; versions, sums and names of messages.
_NO_MACHINE: Final = re.compile(
    r"(?i:(?:eth|en[opsx]|wl[opsx]|ww[opsx]|w?lan|wwan|wan|br|bond|team|tun|tap|tailscale|wg|docker|veth|virbr|vmbr|vnet|pppo?e?"
    r"|usb|ib|lo|vlan|dummy|ifb|[svx]v?d[a-z]|nvme|dm|md|loop|tty|cpu|hci|phy|radio|ge|xe|et|ae|gi|te|fa|port|ether|sfp|wifi|osd"
    r"|mon|mds|ipv|tls|ssl|http|sha|utf|layer|rev|id|no)[-_.]?\d[\w.:-]*|[vxpsr]\d[\d.:_-]*"
    r"|.*\.(?:service|socket|target|timer|mount|scope|slice|path|device|conf|cfg|log|sock|pid|ko|so|c|go|py|rs|h|java|js|ts"
    r"|ya?ml|json|xml|key|pem|crt)"
    r"|[0-9a-f]{8,}|0x.*|exec_\w+|systemd-.*|net\..*)|[A-Z]+(?:_[A-Z0-9]+)+|[A-Z0-9]+(?:[-_][A-Z0-9]+){2,}"
)


def machines(text: str, lower: str | None) -> Iterator[tuple[str, str]]:
    """Kind and name of each machine, pod and container that a wording of ``text`` names; ``lower`` is for ``holds``."""
    for kind, words, expression in SURE:
        for found in _compiled(expression).finditer(text) if holds(lower, words) else ():
            yield kind, found["it"]
    for kind, words, expression in LIKELY:
        for found in _compiled(expression).finditer(text) if holds(lower, words) else ():
            if is_like_a_machine(found["it"]):
                yield kind, found["it"]


def is_like_a_machine(name: str) -> bool:
    """Whether a name is none that a word, a part of a machine or a program of many machines has."""
    return bool(_LIKE_A_MACHINE.fullmatch(name)) and not _NO_MACHINE.fullmatch(name) and not is_program(name)


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)
