"""Sigma's log sources and field names in terms of the timeline.

A field is a column of the timeline, or a field of the events that our own rules recognise in the same record, so that a
Sigma rule about ``src_ip`` works on any failed login whose wording the rulebook knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import polars as pl

from logcorr.rulebook.faults import meant

#: Prefix of the columns that carry the fields of a record's events while queries are evaluated.
FIELD: Final = "field:"

_COLUMNS: Final[dict[str, str]] = {
    name: column
    for column, names in {
        "host": "host hostname computer computername machine _hostname host.name",
        "program": "program syslogidentifier syslog_identifier identifier app appname application processname",
        "unit": "unit _systemd_unit systemd_unit",
        "pid": "pid _pid processid process_id process.pid",
        "priority": "priority severity",
        "message": "message msg _raw raw full_log eventmessage",
        "message_id": "message_id",
        "transport": "transport _transport",
        "time": "time timestamp @timestamp _time",
    }.items()
    for name in names.split()
}
#: What Sigma's field names mean among our events' fields. Source and destination are seen from the machine that logs.
_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    name: tuple(fields.split())
    for fields, names in {
        "user": "user username user_name targetusername user.name",
        "ip remote_ip": "src_ip srcip source_ip sourceip source.ip c-ip clientip client_ip ipaddress",
        "remote_port port": "src_port srcport source_port sourceport source.port",
        "local_ip": "dst_ip dstip destination_ip destinationip destination.ip",
        "local_port": "dst_port dstport destination_port destinationport destination.port",
        "command": "command commandline command_line process.command_line",
        "exe": "exe image process.executable processpath",
        "audit_type": "type audit_type",
        "package": "package packagename",
    }.items()
    for name in names.split()
}
#: Fields that a detection's events have beside those of the record's other events, for keys: the first that is known.
GIVEN: Final[dict[str, tuple[str, ...]]] = {"src_ip": ("ip", "remote_ip"), "src_port": ("remote_port", "port")}
#: Programs of each of Sigma's Linux services (specification, appendix taxonomy). ``*``: any program.
SERVICES: Final[dict[str, tuple[str, ...]]] = {
    "syslog": ("*",),
    "auth": (
        "sshd*", "sudo", "su", "su-l", "login", "systemd-logind", "passwd", "chpasswd", "useradd", "userdel", "usermod",
        "groupadd", "groupdel", "groupmod", "gpasswd", "chage", "polkitd", "pkexec", "dbus-daemon", "gdm*", "cron",
        "CRON",
    ),
    "sshd": ("sshd*",),
    "sudo": ("sudo",),
    "cron": ("cron", "CRON", "crond", "CROND", "anacron", "crontab"),
    "auditd": ("auditd", "audit", "audisp*", "auditbeat"),
    "clamav": ("clamd", "clamav*", "freshclam", "clamonacc"),
    "vsftpd": ("vsftpd",),
    "guacamole": ("guacd", "guacamole*"),
    "systemd": ("systemd", "systemd-*"),
    "kernel": ("kernel",),
}  # fmt: skip
_PRODUCTS: Final = (None, "linux", "unix")
#: Network gear: its services stand in the one log that the device sends, under programs of many names.
_GEAR: Final = ("cisco", "juniper", "huawei", "fortinet", "fortios", "zyxel", "unifi", "mikrotik")
#: What of Sigma's categories a system's log may hold, and the programs that tell of it.
_CATEGORIES: Final[dict[str, tuple[str, ...]]] = {
    "process_creation": ("auditd", "audit", "audisp*", "sudo", "CRON", "CROND", "cron", "crond"),
}


class RefusedError(ValueError):
    """Something in a Sigma rule that cannot be honoured. ``about`` is the key in the file that it is about."""

    def __init__(self, message: str, about: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.about = about
        self.hint = hint


def programs_of(product: str | None, category: str | None, service: str | None) -> tuple[str, ...]:
    """Globs on the programs of a log source. Raises RefusedError for one that is not among these logs."""
    if product in _GEAR and category is None:
        return ("*",)
    if category in _CATEGORIES and product in _PRODUCTS and service is None:
        return _CATEGORIES[category]
    if category is not None:
        hint = "such events come from auditd or Sysmon, not from the system's log"
        raise RefusedError(f"log source category {category!r} is not among these logs", "category", hint)
    if product not in _PRODUCTS:
        raise RefusedError(f"log source product {product!r} is not among these logs", "product", "product: linux is")
    if service is None:
        return ("*",)
    if service not in SERVICES:
        raise RefusedError(f"log source service {service!r} is not known", "service", meant(service, SERVICES))
    return SERVICES[service]


def column_of(name: str, declared: Mapping[str, type[pl.DataType]]) -> tuple[pl.Expr, tuple[str, ...], bool]:
    """A Sigma field as an expression, with the event fields that it uses and whether it is a number.

    Raises RefusedError for a field that no record carries.
    """
    lower = name.lower()
    fields = event_fields(name, declared)
    if fields:
        numeric = declared[fields[0]] != pl.String
        return pl.coalesce(*(pl.col(FIELD + field) for field in fields)), fields, numeric
    if lower in _COLUMNS:
        column = _COLUMNS[lower]
        return pl.col(column), (), column in {"pid", "priority"}
    known = {*_COLUMNS, *_FIELDS, *declared}
    raise RefusedError(f"field {name!r} is not something that these logs carry", name, meant(name, known))


def event_fields(name: str, declared: Iterable[str]) -> tuple[str, ...]:
    """The fields of our events that a Sigma field name means."""
    lower, known = name.lower(), set(declared)
    if lower in _FIELDS:
        return tuple(field for field in _FIELDS[lower] if field in known)
    return (lower,) if lower in known and lower not in _COLUMNS else ()


def given(declared: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """``GIVEN``, as far as the rulebook declares what it is made of."""
    known = set(declared)
    found = {name: tuple(field for field in fields if field in known) for name, fields in GIVEN.items()}
    return {name: fields for name, fields in found.items() if fields}


def key_of(name: str, declared: Iterable[str]) -> str:
    """What a Sigma field is called in ``by``: a base column or a field of events. Raises RefusedError."""
    declared = set(declared)
    column = _COLUMNS.get(name.lower())
    if column in {"host", "program", "pid"}:
        return column
    fields = event_fields(name, declared)
    if fields:
        whole = next((key for key, parts in given(declared).items() if parts == fields), None)
        return whole or fields[0]
    hint = meant(name, {*_COLUMNS, *_FIELDS, *declared})
    raise RefusedError(f"field {name!r} is not something that events carry", name, hint)
