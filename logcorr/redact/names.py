"""Names that only their place gives away: users, hosts, SSIDs. They are learned first, then replaced everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from logcorr.redact.known import COMMON_NAMES, is_public
from logcorr.redact.machines import machines
from logcorr.redact.spans import Span, holds, lowered

_QUOTED: Final = r"""(?:"(?P<dq>[^"\n]{1,64})"|'(?P<sq>[^'\n]{1,64})'|(?P<bare>[^\s"',;:()/\\\[\]<>=]{2,64}))"""

#: What a connection is called that is named after its interface or its kind.
_LINK: Final = (
    r"(?:[Ww]ired |(?:lo|eth|en|wl|ww|br|bond|team|tun|tap|tailscale|wg|docker|veth|virbr|vmnet|ppp|usb)[\w.-]*')"
)

# kind, words (in lower case) of which one stands wherever the expression matches, what stands before a name; the
# programs are those whose wording it is
_PLACES: Final = tuple(
    (kind, words, before + _QUOTED)
    for kind, words, before in (
        ("user", ("authenticating user ",), r"authenticating user "),  # sshd
        ("user", ("accepted ", "failed "), r"(?:Accepted|Failed) [\w/-]+ for (?!invalid user )"),  # sshd
        ("user", ("session ",),
         r"(?:session (?:opened|closed) for user |[Nn]ew session \S+ of user )"),  # pam_unix, logind
        ("user", ("user ",),
         r"(?<!nvalid )(?<!llegal )[Uu]ser (?=\S+[.(\s])(?!name|space|mode|Manager|[Ss]lice|[Ss]ession|ID)"),
        ("user", ("user", "login", "acct", "auid", "owner"),
         r"(?i)(?<![a-z0-9])(?:user|user_?name|login|acct|auid|owner)[\"']?(?:=|: ?\"|\":\s*)"),  # key=value
        ("user", ("user=", "logname="), r"(?i)(?<![a-z0-9])(?:ruser|logname|suser|duser)="),
        ("user", ("user=",), r"\bUSER="),  # sudo
        ("user", ("/home/", "/users/", "\\users\\"), r"(?:/home/|/Users/|\\Users\\)"),
        ("ssid", ("ssid",), r"(?i)(?<![a-z])e?ssid[\"']?\s*[:=]?\s*(?=[\"'])"),
        ("ssid", ("ssid=",), r"(?i)(?<![a-z])ssid="),
        ("host", ("name", "computer"),
         r"(?i)(?<![a-z])(?:client-)?(?:host_?name|device_?name|computer|nodename|peer_name)[\"']?\s*[:=]\s*"),
        ("host", ("client-hostname ",), r"client-hostname (?=\")"),  # dhcpd
        ("host", ("hostname ",), r"[Hh]ostname (?:set )?to <?"),  # PID 1, systemd-hostnamed
        ("user", ("failed login ",), r"FAILED LOGIN \S+ FROM \S+ FOR "),  # login(1)
        ("user", ("[chap response ",), r"\[CHAP Response [^\n]*name = "),  # pppd
        ("ssid", ("connection '",),
         rf"(?<!unmanaged )\bconnection (?='(?!{_LINK}))"),  # NetworkManager: a wireless connection's name
        ("ssid", ('connected to "',), r"\bconnected to (?=\"[^\"]*\" with )"),  # hostapd(8), iwd
        ("host", ("resolve host:", "getaddrinfo ", "connect to host ", "provides name: "),
         r"(?:[Cc]ould not resolve host:|getaddrinfo \w+|\bconnect to host|client provides name:) "),
        ("host", ("lookup ", "server "),
         r"(?:lookup|server) (?=[^\s:,]+(?: on \S+:53: |: no such host| not responding| OK$))"),  # Go; NFS
        ("host", ("not known", "temporary failure"),
         r"(?m)(?:^|ping: )(?=[^\s:]+: (?:Name or service not known|Temporary failure in name))"),
        ("host", ("host: ",), r"(?m)(?:^|\s)Host: "),
    )
)  # fmt: skip
#: What somebody tried at a login that has no such account (sshd). A password typed in the wrong place is no plain word.
_TRIED: Final = re.compile(r"(?:invalid|illegal|Invalid|Illegal) user " + _QUOTED)
_PLAIN_WORD: Final = re.compile(r"[A-Za-z]+")
_SUDO: Final = re.compile(r"(?:^|\bsudo(?:\[\d+\])?: +)(?P<it>[a-z_][a-z0-9_.-]{0,31}) : (?:TTY=|PWD=|\d+ incorrect)")
_CRON: Final = re.compile(r"\((?P<it>[a-z_][a-z0-9_.-]{0,31})\) (?:CMD|CMDEND|RELOAD|LIST|EDIT|REPLACE)\b")
_BY_UID: Final = re.compile(r"\b\d{4,}\((?P<it>[A-Za-z_][\w.-]{0,31})\)")  # id(1): uid=1000(anna)
_PAM: Final = re.compile(r"\bby (?P<it>[A-Za-z_][\w.-]{0,31})\((?:uid=)?\d+\)")  # pam_unix: by anna(uid=1000)
_WORD: Final = r"(?P<it>[A-Za-z0-9][\w.-]{0,62})"
_STAMP: Final = r"(?:<\d+>)?(?:1 )?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+)"
_LEVEL: Final = r"(?i:trace|debug|info|notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|alert|emerg|fatal|panic)"
_HARDWARE: Final = r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}"
_IDENTITY: Final = r"(?P<it>[A-Za-z][\w.@=,/ *-]{1,127})"  # of IKE: a name, a mail address or a certificate's subject
#: kind, words as above, a wording with the name in the group "it"
_SINGLE: Final = (
    ("user", (" : ",), _SUDO.pattern),
    ("user", (") ",), _CRON.pattern),
    ("user", ("(",), _BY_UID.pattern),
    ("user", ("by ",), _PAM.pattern),
    ("host", (": ",), rf"(?m)^{_STAMP} (?!{_LEVEL}\b){_WORD} [A-Za-z(][^\s:\[]*(?:\[\d+\])?: "),  # syslog's header
    ("host", ("dhcpack",), rf"DHCPACK\S* (?:\S+ ){{0,2}}{_HARDWARE} {_WORD}"),  # dnsmasq
    ("host", ("dhcp",), rf"\bDHCP[A-Z]+ [^\n]*?{_HARDWARE} \({_WORD}\)"),  # dhcpd
    ("host", ("assigned ",), rf"\bassigned \S+ (?:for|to) {_HARDWARE} {_WORD}"),  # RouterOS
    ("host", (", ip ",), rf", {_WORD}, IP \S+, MAC "),  # FRITZ!OS
    ("host", ("[",), rf"\[\w+:(?P<it>[^:\]\n]{{2,64}}):{_HARDWARE}\]"),  # Omada
    ("host", ("unifi",), r"UNIFI\w*(?:Hostname|Alias|DeviceName)=(?P<it>[^=|\n]{2,64}?)(?=\s+\w+=|\||$)"),  # UniFi, CEF
    ("ssid", ("unifi",), r"UNIFI\w*[Ww]ifiName=(?P<it>[^=|\n]{2,32}?)(?=\s+\w+=|\||$)"),
    ("ssid", ("ssid=",),
     r"(?i)(?<![a-z])ssid=(?P<it>[^\s\"'=]+(?: [^\s\"'=]+)+)(?=\s+\w+=|$)"),  # with blanks, unquoted
    ("user", ("login ",), r"\bLogin (?:OK|incorrect)[^\[\n]*: \[(?P<it>[^/\]\n]{2,64})[/\]]"),  # FreeRADIUS
    ("host", ("(from client ",), rf"\(from client {_WORD} port "),
    ("user", (" login",), rf"\[{_WORD}\] (?:OK LOGIN|FAIL LOGIN):?"),  # vsftpd
    ("user", ("] peer", "] inactivity"),
     rf"\[{_WORD}\] (?:Peer Connection Initiated|Inactivity timeout)"),  # OpenVPN: a certificate's name
    ("user", ("/",), rf"(?:^|\s){_WORD}/(?:\d{{1,3}}\.){{3}}\d{{1,3}}:\d+ "),
    ("user", ("@pam", "@pve", "@pbs"), rf"(?<![\w.@-]){_WORD}@(?:pam|pve|pbs)\b"),  # Proxmox: a name and its realm
    ("user", ("user=<",), r"\buser=<(?P<it>[^>\n]{2,64})>"),  # Dovecot
    ("user", ("imap(", "pop3(", "lmtp(", "lda(", "sieve("),
     r"\b(?:imap|pop3|lmtp|lda|managesieve)\((?P<it>[^)\s]{2,64})\)"),
    ("user", (" on pts/", " on tty"), rf"\(to \S+\) {_WORD} on (?:pts/|tty)"),  # su
    ("user", ("eap identity", "authentication of"),
     r"\b(?:received EAP identity|authentication of) '(?P<it>[^'\n=]{2,64})'"),  # strongSwan
    ("user", ("]\\[",), r"\buser \[[^\]\n]*\]\\\[(?P<it>[^\]\n]{2,64})\]"),  # Samba: [DOMAIN]\[name]
    ("user", (" for ",),
     rf"\b(?:Postponed [\w/-]+|Starting session: [^\n]*?) for (?!invalid user ){_WORD} from "),  # sshd
    ("user", ("cn",), rf"\bCN ?= ?{_WORD}(?=$|[,/;\"')\]])"),
    ("user", ("openvpn",), rf"\bopenvpn(?:-client|-server)?@{_WORD}\.service"),
    ("host", ("]...",), rf"\[{_IDENTITY}\]\.\.\."),  # strongSwan: established between ADDRESS[ID]...ADDRESS[ID]
    ("host", ("...",), rf"\.\.\.[0-9A-Fa-f.:%]+\[{_IDENTITY}\]"),
    ("user", ('"user"',), r"\"user\":\s*\{\s*\"(?:name|id)\":\s*\"(?P<it>[^\"\n]{2,64})\""),  # Elastic Common Schema
    ("host", ('"host"',), r"\"host\":\s*\{\s*\"(?:name|hostname)\":\s*\"(?P<it>[^\"\n]{2,64})\""),
)  # fmt: skip

#: Fields of events that hold such a name.
FIELDS: Final[Mapping[str, str]] = {
    "user": "user",
    "username": "user",
    "ruser": "user",
    "login": "user",
    "ssid": "ssid",
    "host": "host",
    "hostname": "host",
    "client": "host",
    "device_name": "host",
    "node": "host",
    "node_name": "host",
    "peer_name": "host",
    "guest": "host",
}
#: Fields of events that may hold a name of a machine, or an address, an interface, a word.
MAYBE: Final[Mapping[str, str]] = {
    "peer": "host",
    "server": "host",
    "target": "host",
    "gateway": "host",
    "container": "pod",
}

_SHORTEST = 2
_NUMBER: Final = re.compile(r"(?!\d{1,3}(?:-\d{1,3}){3}$)[\d.:+-]*")  # 10-0-0-5 is a machine called after its address
#: Ours: a redacted text is not redacted again.
_LABEL: Final = re.compile(
    r"(?:user|guess|host|site|ssid|keyword|folder|file|pod|ts)-\d+|(?:pub6?|lan|ula|ll)-\d+\.\d+"
)


def learn(text: str) -> Iterator[tuple[str, str]]:
    """Kind and name of each user, host and SSID that a wording of ``text`` gives away."""
    if text.isalnum():
        return  # a word alone is no wording
    lower = lowered(text)
    for kind, words, expression in _PLACES:
        for found in _compiled(expression).finditer(text) if holds(lower, words) else ():
            name = _named(found)
            if is_private(name) and not is_public(name):
                yield kind, name
    for kind, words, expression in _SINGLE:
        for found in _compiled(expression).finditer(text) if holds(lower, words) else ():
            if is_private(found["it"]) and not is_public(found["it"]):
                yield kind, found["it"]
    yield from ((kind, name) for kind, name in machines(text, lower) if is_private(name) and not is_public(name))
    for name in (_named(found) for found in _TRIED.finditer(text)):
        if is_private(name) and not _PLAIN_WORD.fullmatch(name):
            yield "user", name


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


def find_guesses(text: str) -> Iterator[Span]:
    """The account names that somebody guessed at a login, where they stand: "system" is an ordinary word elsewhere, and
    whoever tries it must not have that word replaced all over the report.
    """
    for found in _TRIED.finditer(text):
        name = _named(found)
        if is_private(name) and _PLAIN_WORD.fullmatch(name):
            start = found.start(found.lastgroup or 0)
            yield Span(start, start + len(name), "guess", name.lower())


def _named(found: re.Match[str]) -> str:
    return found["dq"] or found["sq"] or (found["bare"] or "").rstrip(".!?")


def is_private(name: str) -> bool:
    """Whether a name could tell who somebody is."""
    return (
        len(name) >= _SHORTEST
        and name.lower() not in COMMON_NAMES
        and not (_NUMBER.fullmatch(name) or _LABEL.fullmatch(name))
    )
