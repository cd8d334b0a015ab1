"""The first version of a rule of one's own: files that load, cases that pass, and comments on what to change."""

from __future__ import annotations

import re
from typing import Final, Literal

from logcorr.errors import UsageError

StarterKind = Literal["event", "pattern", "cause"]

_EVENT: Final = """\
# What one program's log lines say. Write what stays the same, and {fields} for what varies; a field's type follows from
# its name (interface, ip, port, unit, user, error ...). Several wordings: a list under says:.
program: NAME                          # as the log names it; a list, or a glob: [NAME, "NAME-*"]
events:
  EVENT.connection.lost:               # lower case, dots; use a known name where the event is the same
    says: "connection to {server} lost: {error}"
    means: NAME lost its server.
    role: symptom                      # cause | symptom | recovery | context
"""
_EVENT_CASES: Final = """\
# Run them with: logcorr rules test .
- message: "connection to db1.example.net lost: timed out"
  event: EVENT.connection.lost
  fields: {server: db1.example.net, error: timed out}
- message: "connection to db1.example.net opened"
  event: none
"""
_PATTERN: Final = """\
# Events that belong together in time. `logcorr rules list events` names them, `logcorr rules explain EVENT` tells one;
# those of your own event files count too.
id: NAME
title: "A connection was reset within 30 s after {down.interface} lost its carrier"
severity: medium                       # low | medium | high
status: experimental
version: 1
description: What this order of events means, and what it does not prove.
sequence:
  - down: carrier.lost                 # a name for the step, and its event
  - reset: connection.reset
    within: 30s                        # after the step before it
by: host                               # what the steps share
pair: each                             # each cause with its earliest effect
false_positives: ["When the pattern matches and means nothing."]
"""
_PATTERN_CASES: Final = """\
# Run them with: logcorr rules test .
- name: a reset after the carrier was lost
  log: |
    2025-11-04T03:00:00+00:00 host1 systemd-networkd[611]: eth0: Lost carrier
    2025-11-04T03:00:10+00:00 host1 app: read tcp 192.0.2.10:40000->192.0.2.1:443: connection reset by peer
  expect: {matches: 1, title: "A connection was reset within 30 s after eth0 lost its carrier"}
- name: a reset long after
  log: |
    2025-11-04T03:00:00+00:00 host1 systemd-networkd[611]: eth0: Lost carrier
    2025-11-04T03:05:00+00:00 host1 app: read tcp 192.0.2.10:40000->192.0.2.1:443: connection reset by peer
  expect: none
"""
_CAUSE: Final = """\
# Why something happened: what speaks for it, what against, and what to do.
id: NAME
title: One line that names the cause
layer: path                            # physical | host | service | address | dns | path | tailnet
status: experimental
version: 1
sentence: What happened, in one plain sentence.
explains: [connection.reset, connection.timeout]   # the symptoms that it accounts for
evidence:
  - event: wan.offline                 # or pattern: ID
    strength: strong                   # weak | moderate | strong | decisive
    expect: usually                    # always | usually | sometimes: how much its absence speaks against
    trigger: true                      # dates the beginning
    says: the router reports its uplink offline
against:
  - {event: carrier.lost, strength: moderate, says: "the cable was out at the same time"}
needs: [router]                        # kinds of log without which it cannot be tested
actions:
  - {do: What to do, risk: what may go wrong, why: why it helps}
checks:
  - {command: "a read-only command", on: the router, settles: [NAME]}
"""
_CAUSE_CASES: Final = """\
# Run them with: logcorr rules test .
- name: nothing in the log speaks for it
  log: |
    2025-11-04T03:00:00+00:00 host1 systemd-networkd[611]: eth0: Gained carrier
    2025-11-04T03:00:10+00:00 host1 app[900]: ready
  expect: no-incident
"""
_TEXTS: Final[dict[StarterKind, tuple[str, str, str]]] = {
    "event": ("events", _EVENT, _EVENT_CASES),
    "pattern": ("patterns", _PATTERN, _PATTERN_CASES),
    "cause": ("causes", _CAUSE, _CAUSE_CASES),
}


def starter(kind: StarterKind, name: str) -> dict[str, str]:
    """Relative path -> text of a new rule and its cases. Raises UsageError for a name that cannot be an id."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        close = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "my-rule"
        raise UsageError(
            f"{name!r} cannot be the name of a rule",
            hint=f"use lower-case letters and digits, joined by hyphens: {close}",
        )
    folder, rule, cases = _TEXTS[kind]
    event = name.replace("-", "_")
    return {
        f"{folder}/{name}{ending}": text.replace("NAME", name).replace("EVENT.", f"{event}.")
        for ending, text in ((".yaml", rule), (".cases.yaml", cases))
    }
