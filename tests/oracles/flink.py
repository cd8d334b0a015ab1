"""Records what Flink's MATCH_RECOGNIZE finds, for ``test_engines`` to compare with.

Flink comes as 700 MB of jars and needs a Java machine, so it is run once by hand and not by `make oracles`:

    python -m tests.oracles.flink ENVIRONMENT/bin/python     (where apache-flink is installed)

Its WITHIN leaves a gap of N out: it gets 1 ms more. Ties count by arrival, which a watermark of 5 s leaves room for.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Any, Final

RECORDED: Final = Path(__file__).with_name("flink.json")
_HOSTS: Final = 60
_FIND: Final = """
SELECT * FROM ev MATCH_RECOGNIZE (PARTITION BY host ORDER BY ts MEASURES FIRST(A.id) AS a, LAST(B.id) AS b
ONE ROW PER MATCH AFTER MATCH SKIP {skip} PATTERN (A X*? B) WITHIN INTERVAL '30.001' SECOND
DEFINE A AS A.name = 'a', B AS B.name = 'b'{newest})
"""
_POLICIES: Final = {"each": ("TO NEXT ROW", ""), "nearest": ("PAST LAST ROW", ", X AS X.name <> 'a'")}
_TABLE: Final = """
CREATE TABLE ev (id INT, name STRING, host STRING, ms BIGINT, ts AS TO_TIMESTAMP_LTZ(ms, 3),
WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH ('connector' = 'filesystem', 'path' = '{path}', 'format' = 'csv')
"""


def _events() -> list[list[Any]]:
    """[name, host, second] in order of time; ties in order of arrival."""
    r = Random(20251104)
    rows = [[r.choice("ab"), f"h{host}", r.randint(0, 80)] for host in range(_HOSTS) for _ in range(r.randint(2, 14))]
    return sorted(rows, key=lambda row: row[2])


def _found(path: str) -> dict[str, Any]:
    """Runs inside the environment that has Flink."""
    from pyflink.table import EnvironmentSettings, TableEnvironment  # type: ignore[import-not-found]  # noqa: PLC0415  # there alone

    tables = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    tables.get_config().set("parallelism.default", "1")
    tables.execute_sql(_TABLE.format(path=path))
    found: dict[str, Any] = {"flink": version("apache-flink")}
    for policy, (skip, newest) in _POLICIES.items():
        with tables.execute_sql(_FIND.format(skip=skip, newest=newest)).collect() as rows:
            found[policy] = sorted([row[1], row[2]] for row in rows)
    return found


def _record(python: str) -> None:
    events = _events()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "events.csv"
        source.write_text(
            "".join(f"{at},{name},{host},{second * 1000}\n" for at, (name, host, second) in enumerate(events))
        )
        done = subprocess.run([python, __file__, "--on", str(source)], capture_output=True, text=True, check=True)
    recorded = {**json.loads(done.stdout.splitlines()[-1]), "events": events}
    RECORDED.write_text(json.dumps(recorded, separators=(",", ":")) + "\n")


def main(arguments: Sequence[str]) -> None:
    """Record, or (with ``--on``) print what Flink finds in a file."""
    if arguments[:1] == ["--on"]:
        sys.stdout.write(json.dumps(_found(arguments[1])) + "\n")
    else:
        _record(arguments[0])


if __name__ == "__main__":
    main(sys.argv[1:])
