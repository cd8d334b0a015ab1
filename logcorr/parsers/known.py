"""Every format that is read, in sniffing order, and the reader of them all.

They are many, and loaded where something is to be recognised: a window of a journal needs the journal's reader alone.
"""

from __future__ import annotations

from typing import Final

from logcorr.parsers.engine.base import Parser
from logcorr.parsers.formats import (
    apt,
    containers,
    dates,
    dmesg_relative,
    embedded_time,
    flow_logs,
    generic,
    journal_file,
    kernel_text,
    key_value,
    metrics,
    programs,
    services,
    snapshots,
    syslog,
    tables,
)
from logcorr.parsers.formats.documents import json_document, json_lines
from logcorr.parsers.formats.gear import consoles, network_gear, omada, procurve, routers, switch_os
from logcorr.parsers.formats.journal import export, json_modes, short, verbose
from logcorr.parsers.reading import Reader

#: Every format, in sniffing order: of two that fit a file equally well, the first is tried first.
PARSERS: Final[tuple[Parser, ...]] = (
    journal_file.PARSER,
    export.EXPORT,
    json_modes.JSON,
    json_modes.SSE,
    json_modes.SEQ,
    json_modes.PRETTY,
    verbose.VERBOSE,
    omada.CONTROLLER,
    omada.GATEWAY,
    omada.SERVER,
    omada.EAP,
    switch_os.SWITCH_OS,
    procurve.PROCURVE,
    network_gear.CISCO,
    network_gear.HUAWEI,
    network_gear.FORTINET,
    routers.UNIFI_CEF,
    syslog.RFC5424,
    short.SHORT_PRECISE,
    syslog.RFC3164,
    short.SHORT,
    short.SHORT_ISO,
    short.SHORT_ISO_PRECISE,
    syslog.RFC3339,
    short.SHORT_FULL,
    short.WITH_UNIT,
    short.SHORT_UNIX,
    short.SHORT_MONOTONIC,
    short.SHORT_DELTA,
    routers.OPENWRT,
    routers.MIKROTIK,
    routers.OPNSENSE,
    routers.TPLINK,
    routers.FRITZBOX,
    kernel_text.KMSG,
    kernel_text.CONNTRACK,
    kernel_text.DMESG_ISO,
    kernel_text.DMESG,
    kernel_text.DMESG_CTIME,
    dmesg_relative.DMESG_RELATIVE,
    containers.CRI,
    containers.DOCKER,
    containers.EVENTS,
    services.COMPOSE,
    services.NGINX,
    services.ACCESS,
    services.CLOUD_INIT,
    services.FAIL2BAN,
    services.FTL,
    services.TAILSCALED,
    services.OPENVPN,
    programs.ZABBIX,
    programs.TAI64N,
    programs.LOGCAT,
    programs.AUDIT,
    programs.UNBOUND,
    apt.APT_HISTORY,
    flow_logs.VPC_FLOW,
    flow_logs.PAN_OS,
    flow_logs.IDS_ALERT,
    consoles.CONSOLE,
    snapshots.PARSER,
    metrics.SAR,
    metrics.SADF,
    metrics.SADF_JSON,
    metrics.RANGES,
    json_lines.JSON_LINES,
    json_document.JSON_DOCUMENT,
    key_value.KEY_VALUE,
    tables.WORKBOOK,
    tables.CSV,
    *generic.DIALECTS,
    dates.NAMED,
    dates.NUMERIC,
    dates.DIGITS,
    embedded_time.EMBEDDED,
)

READER: Final = Reader.of(PARSERS)
