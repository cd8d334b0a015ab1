"""A signal that comes where whatever is raised is lost, or comes out as something else, ends the run all the same."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT

RUN = """
import os, signal, sys, time, types
from logcorr.cli.ending import Signals, leaving
signals = Signals()
loading = types.ModuleType("polars")
loading.__spec__ = types.SimpleNamespace(_initializing=True)
sys.modules["polars"] = loading

def run():
    os.kill(os.getpid(), signal.{name})
    time.sleep(0.1)
    print("started", flush=True)
    loading.__spec__._initializing = False
    time.sleep(30)
    return 0

sys.exit(leaving(run, signals))
"""


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [("SIGTERM", 143, "ended by a signal"), ("SIGHUP", 129, "ended by a signal"), ("SIGINT", 130, "interrupted")],
)
def test_it_comes_again(name: str, code: int, told: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN.replace("{name}", name)], capture_output=True, text=True, check=False, timeout=20,
        env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (code, "started\n", f"logcorr: {told}\n")


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
    print("goes on", flush=True)
    time.sleep(30)
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


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [("SIGTERM", 143, "ended by a signal"), ("SIGHUP", 129, "ended by a signal"), ("SIGINT", 130, "interrupted")],
)
@pytest.mark.parametrize(("program", "said"), [(SWALLOWED, "goes on\n"), (TURNED, "")])
def test_what_becomes_of_it_on_its_way_does_not_matter(
    program: str, said: str, name: str, code: int, told: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program.replace("{name}", name)], capture_output=True, text=True, check=False,
        timeout=20, env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (code, said, f"logcorr: {told}\n")
