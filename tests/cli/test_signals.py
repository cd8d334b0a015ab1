"""A signal that comes where whatever is raised is lost, or comes out as something else, ends the run all the same."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT

SIGNALS = [("SIGTERM", 143, "ended by a signal"), ("SIGHUP", 129, "ended by a signal"), ("SIGINT", 130, "interrupted")]
#: Polars' core asks Python what type a list's elements have, and panics where that raises.
CALLED_BACK = """
import os, signal, sys, time
import polars as pl
from logcorr.cli.ending import Signals, leaving
signals = Signals()
code = '''
def heard(asked):
    os.kill(os.getpid(), signal.{name})
    time.sleep(0.01)
    print("asked", flush=True)
    return asked
'''
hooks = {"__name__": "polars.datatypes.classes", "os": os, "signal": signal, "time": time}
exec(code, hooks)
plain = pl.List.__init__
pl.List.__init__ = lambda self, inner: plain(self, hooks["heard"](inner))

def run():
    pl.Series([[1]]).dtype
    time.sleep(30)
    return 0

sys.exit(leaving(run, signals))
"""
LOADING = """
import os, signal, sys, time
from logcorr.cli.ending import Signals, leaving
signals = Signals()
polars = '''
os.kill(os.getpid(), signal.{name})
time.sleep(0.01)
print("asked", flush=True)
'''

def run():
    for _ in range(2):
        exec(polars, {"__name__": "polars", "os": os, "signal": signal, "time": time})
    return 0

sys.exit(leaving(run, signals))
"""
SWALLOWED = """
import os, signal, sys, time
from logcorr.cli.ending import Signals, leaving
signals = Signals()

class Deaf:
    def __del__(self):
        os.kill(os.getpid(), signal.{name})
        time.sleep(0.01)

def run():
    Deaf()
    time.sleep(30)
    print("goes on", flush=True)
    return 0

sys.exit(leaving(run, signals))
"""
TURNED = """
import os, signal, sys, time
from logcorr.cli.ending import Signals, leaving
signals = Signals()

def run():
    try:
        os.kill(os.getpid(), signal.{name})
        time.sleep(30)
    except BaseException:
        raise TypeError("not a data type") from None

sys.exit(leaving(run, signals))
"""


@pytest.mark.parametrize(("name", "code", "told"), SIGNALS)
@pytest.mark.parametrize(
    ("program", "said"), [(CALLED_BACK, "asked\n"), (LOADING, "asked\n"), (SWALLOWED, ""), (TURNED, "")]
)
def test_what_becomes_of_it_on_its_way_does_not_matter(
    program: str, said: str, name: str, code: int, told: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program.replace("{name}", name)], capture_output=True, text=True, check=False,
        timeout=20, env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (code, said, f"logcorr: {told}\n")
