"""ping(8) of iputils and BusyBox. Losses are told by what it prints, and by gaps in ``icmp_seq``.

With ``-D`` every line is a record of its own time. Without, only the run as a whole is known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import field
from typing import Final

from logcorr.dataclass import dataclass
from logcorr.parsers.formats.snapshots.counters import word
from logcorr.parsers.formats.snapshots.moments import SECOND, Moment
from logcorr.parsers.formats.snapshots.sections import Context, Reading, Statement, Tool

_STAMP: Final = r"(?:\[(?P<sec>1[0-9]{9})\.(?P<frac>[0-9]{1,6})\] )?"
_TITLE: Final = re.compile(
    r"^PING (?P<target>[^\s(]{1,255})(?:\([^)]*\))? ?\((?P<ip>[0-9A-Fa-f.:%\w]{2,60})\)|^PING (?P<bare>[^\s(]{1,255})"
)
_REPLY: Final = re.compile(
    rf"^{_STAMP}[0-9]+ bytes from (?:(?P<name>[^\s:()]+) \()?(?P<ip>[0-9A-Fa-f.:]*[0-9A-Fa-f])(?:%\w+)?\)?: "
    r"(?:icmp_)?seq=(?P<seq>[0-9]{1,9})\b.*?\btime[=<](?P<ms>[0-9.]{1,12}) ?ms"
)
_SILENT: Final = re.compile(
    rf"^{_STAMP}(?:no answer yet for icmp_seq=|Request timeout for icmp_seq )(?P<seq>[0-9]{{1,9}})\s*$"
)
_ERROR: Final = re.compile(
    rf"^{_STAMP}From (?P<from>[^\s:]+)(?: \([^)]*\))?:? icmp_seq=(?P<seq>[0-9]{{1,9}}) "
    r"(?P<error>[A-Z][A-Za-z ()0-9=,/-]{3,80}?)\s*$"
)
_OWN: Final = re.compile(rf"^{_STAMP}(?P<text>ping: \S.*)$")
_COUNT: Final = re.compile(
    r"^(?P<sent>[0-9]{1,9}) packets transmitted, (?P<got>[0-9]{1,9})(?: packets)? received,.*?[0-9.]{1,6}% packet loss"
    r"(?:, time (?P<ms>[0-9]{1,12})ms)?"
)
_REST: Final = re.compile(r"^(?:--- .* ping statistics ---|rtt min|round-trip min|pipe [0-9]+)|^\s*$")
_TELL_AT: Final = 3  # losses in a row that are no accident
_TELL_EVERY: Final = 60
_WRAP: Final = 60_000  # icmp_seq has 16 bits


@dataclass(slots=True)
class _Run:
    """One run of ping as it is read."""

    target: str
    statements: list[Statement] = field(default_factory=list)
    seq: int = 0  # of the last packet told of
    got: int = 0
    lost: int = 0  # in a row
    last: Moment | None = None
    seen: int = 0  # the highest number

    def reply(self, at: int, found: re.Match[str], moment: Moment | None) -> None:
        seq = int(found["seq"])
        gap = seq - self.seq - 1 if self.got or self.lost else 0
        if 0 < gap < _WRAP and moment and self.last:
            missed = Moment(self.last.micros, "utc", max(moment.micros - self.last.micros, SECOND))
            self.statements.append(self._loss(at, f"{self.seq + 1} to {seq - 1}", gap + self.lost, missed))
        if moment:
            text = f"ping {self.target}: answer to icmp_seq={seq} in {found['ms']} ms"
            self.statements.append(Statement(at, text, self.target, moment=moment))
        self.got, self.lost, self.seq, self.last = self.got + 1, 0, seq, moment
        self.seen = max(self.seen, seq)

    def miss(self, at: int, seq: int, moment: Moment | None, error: str | None) -> None:
        self.lost, self.seq, self.seen = self.lost + 1, seq, max(self.seen, seq)
        if moment:
            told = self.lost == _TELL_AT or self.lost % _TELL_EVERY == 0
            self.statements.append(self._loss(at, str(seq), self.lost if told else 0, moment, error))
            self.last = moment

    def _loss(self, at: int, which: str, in_a_row: int, moment: Moment, error: str | None = None) -> Statement:
        row = f", {in_a_row} in a row" if in_a_row >= _TELL_AT else ""
        why = f": {error}" if error else ""
        return Statement(at, f"ping {self.target}: no answer to icmp_seq={which}{row}{why}", self.target, moment=moment)


def _read(lines: Sequence[str], start: int, context: Context) -> Reading:
    titled = _TITLE.match(lines[start])
    target = word((titled["ip"] or titled["bare"] or titled["target"]) if titled else _target(lines[start]) or "?")
    run = _Run(target)
    sent = got = -1
    took = 0
    end = start + (titled is not None)
    while end < len(lines):
        line = lines[end]
        if reply := _REPLY.match(line):
            run.reply(end, reply, _stamp(reply))
        elif missed := _SILENT.match(line) or _ERROR.match(line):
            error = missed.groupdict().get("error")
            run.miss(end, int(missed["seq"]), _stamp(missed), error)
        elif own := _OWN.match(line):
            run.statements.append(Statement(end, own["text"], target, moment=_stamp(own)))
        elif count := _COUNT.match(line):
            sent, got, took = int(count["sent"]), int(count["got"]), int(count["ms"] or 0)
        elif not _REST.match(line) or (not line.strip() and not _more(lines, end + 1)):
            break
        end += 1
    if sent < 0:
        sent, got = run.seen, run.got
    if titled and sent:
        run.statements.append(_summary(start, run, sent, min(got, sent), took, context))
    return Reading(end, sorted(run.statements, key=lambda one: one.at))


def _more(lines: Sequence[str], at: int) -> bool:
    """Whether after a blank line the statistics follow."""
    return at < len(lines) and bool((_REST.match(lines[at]) and lines[at].strip()) or _COUNT.match(lines[at]))


def _target(line: str) -> str | None:
    found = _REPLY.match(line)
    return found["ip"] if found else None


def _stamp(found: re.Match[str]) -> Moment | None:
    if not found["sec"]:
        return None
    return Moment(int(found["sec"]) * SECOND + int(found["frac"].ljust(6, "0")), "utc", 10 ** (6 - len(found["frac"])))


def _summary(at: int, run: _Run, sent: int, got: int, took: int, context: Context) -> Statement:
    """The run in one statement, which is true of all the time that it took: a packet a second where it does not say."""
    length = max(took * 1000, SECOND) if took else sent * SECOND
    stamped = [one.moment for one in run.statements if one.moment]
    moment = stamped[0] if stamped else context.moment
    moment = moment.at_least(stamped[-1].micros - stamped[0].micros if stamped else length) if moment else None
    text = f"ping {run.target}: sent {sent}, answered {got}, lost-percent {100 * (sent - got) / sent:.1f}"
    return Statement(at, text, run.target, moment=moment)


_LATER: Final = r"\[1[0-9]{9}\.[0-9]{1,6}\] (?:[0-9]+ bytes from \S+:? |no answer yet for icmp_seq|From \S+ icmp_seq=)"
PING: Final = Tool("ping", rf"PING \S|{_LATER}", _read)
