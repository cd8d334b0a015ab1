"""A signal that comes while Polars starts, where whatever is raised becomes a panic, is heeded once it has started."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT

RUN = """
import os, signal, sys, time, types
from logcorr.cli import standard
standard.open_standard()
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

sys.exit(standard.leaving(run))
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
