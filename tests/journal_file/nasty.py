"""Entries that no one would write by hand, and that journals hold all the same."""

import random
from collections.abc import Iterator

BOOTS = [f"{number:032x}" for number in (0x35E8501129134EDD9DF5267C49F744A4, 0xB, 0xC0FFEE << 64)]
MACHINES = [("opg-srv", f"{1:032x}"), ("vps1", f"{2:032x}"), ("localhost", f"{3:032x}")]

_VALUES = (
    b"plain words",
    b"",
    b"=",
    b"MESSAGE=in a message",
    b"two\nlines",
    b"ends in a newline\n",
    b"\n\n__REALTIME_TIMESTAMP=1\n_BOOT_ID=00000000000000000000000000000000\nMESSAGE=no entry\n\n",
    b"\x1b[31mred\x1b[0m",
    b"tab\there, NUL\x00there",
    "žičana veza, 網路, \N{ROCKET}".encode(),
    b"latin-1: m\xfcsli",
    b"\xff\xfe\xfd",
    b"cut in a character \xe7\xb6",
    b"\xb2 begins inside one",
    b"\xed\xa0\x80 a lone surrogate",
    b"x" * 12,
    b"y" * 13,
    b"z" * 511,
    b"long and dull " * 5000,
    bytes(range(256)) * 40,
)


def entries(count: int, seed: int, *, repeated: bool = True) -> Iterator[dict[str, list[bytes]]]:
    """``count`` entries of several boots and machines, their times in order; ``repeated``: with fields given twice."""
    rnd = random.Random(seed)
    realtime = 1_762_225_245_000_000
    for number in range(count):
        realtime += rnd.choice((0, 1, 977, 3_600_000_000))
        host, machine = rnd.choice(MACHINES)
        entry = {
            "__REALTIME_TIMESTAMP": [b"%d" % realtime],
            "__MONOTONIC_TIMESTAMP": [b"%d" % (number * 1000)],
            "_BOOT_ID": [BOOTS[number * len(BOOTS) // count].encode()],
            "_MACHINE_ID": [machine.encode()],
            "_HOSTNAME": [host.encode()],
        }
        fields = {name: values for name, values in _fields(rnd, realtime, number) if values}
        yield entry | {name: values if repeated else values[-1:] for name, values in fields.items()}


def _fields(rnd: random.Random, realtime: int, number: int) -> Iterator[tuple[str, list[bytes]]]:
    program = rnd.choice((b"tailscaled", b"kernel", b"systemd", b"CRON", b"a" * 40, b"no\xffname"))
    unique = b"%s #%d" % (rnd.choice(_VALUES), number)
    yield "MESSAGE", rnd.choice(([rnd.choice(_VALUES)], [unique], [unique], [], [b"one", b"two", unique]))
    yield "SYSLOG_IDENTIFIER", rnd.choice(([program], [program], [], [program, b"another"]))
    yield "_COMM", rnd.choice(([program[:15]], [b"logger"], []))
    yield "_EXE", rnd.choice(([b"/usr/sbin/" + program], []))
    yield "_TRANSPORT", rnd.choice(([b"kernel"], [b"syslog"], [b"stdout"], [b"audit"], []))
    yield "_PID", rnd.choice(([b"1"], [b"%d" % rnd.randrange(2, 99999)], [], [b"-1"], [b"12x"], [b"9" * 25]))
    yield "SYSLOG_PID", rnd.choice(([b"77"], [b" 78"], [], []))
    yield "PRIORITY", rnd.choice(([b"%d" % rnd.randrange(8)], [b"6"], [], [b"9"], [b"err"]))
    yield "_SYSTEMD_UNIT", rnd.choice(([b"tailscaled.service"], [b"getty@tty1.service"], []))
    yield "_SYSTEMD_USER_UNIT", rnd.choice(([b"pipewire.service"], [], []))
    yield "MESSAGE_ID", rnd.choice(([b"39f53479d3a045ac8e11786248231fbf"], [], []))
    yield "UNIT", rnd.choice(([b"tailscaled.service"], [], []))
    yield "USER_UNIT", rnd.choice(([b"app.slice"], [], []))
    yield "COREDUMP_UNIT", rnd.choice(([b"nginx.service"], [], []))
    yield "OBJECT_SYSTEMD_UNIT", rnd.choice(([b"ssh.service"], [], []))
    yield "INTERFACE", rnd.choice(([b"tailscale0"], [], []))
    sent = (b"%d" % (realtime - 5), b"0", b"-7", b"soon", b"%d" % (1 << 55), b"%d" % ((1 << 55) - 1), b"1")
    yield "_SOURCE_REALTIME_TIMESTAMP", rnd.choice(([rnd.choice(sent)], [rnd.choice(sent)], []))
    yield "WP_OBJECT", rnd.choice(([bytes([rnd.randrange(256)]) * 8], [], []))
