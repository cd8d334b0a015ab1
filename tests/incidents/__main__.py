"""Meet all incidents: ``python -m tests.incidents [ROUND/FAMILY/NAME...]``; prints what is wrong, and a table."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import groupby

from tests.incidents.judge import Judgement, incidents, judge


def table(judged: Iterable[Judgement]) -> Iterator[str]:
    """A table of families in Markdown: incidents, right, harmful."""
    yield "| round | family | incidents | right | harmful |"
    yield "|---|---|---|---|---|"
    for (number, family), some in groupby(judged, lambda one: tuple(one.name.split("/")[:2])):
        each = list(some)
        right, harmful = sum(not one.faults for one in each), sum(one.harmful for one in each)
        yield f"| {number} | {family} | {len(each)} | {right} | {harmful} |"


def main() -> int:
    """1 where any is wrong."""
    chosen = sys.argv[1:]
    judged = [judge(name) for name in incidents() if not chosen or any(name.startswith(each) for each in chosen)]
    for one in judged:
        if one.faults:
            print(f"{one.name}: {one.status} {one.cause}: {'; '.join(one.faults)}")  # noqa: T201  its output
    print(*table(judged), sep="\n")  # noqa: T201  its output
    return int(any(one.faults for one in judged))


if __name__ == "__main__":
    sys.exit(main())
