"""What several test modules share: where things are, and the switch that rewrites golden reports."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "fixtures"
EXPORTED = datetime(2025, 11, 4, 8, tzinfo=UTC)


def pytest_configure() -> None:
    """A checkout dates files by when it was made; an export by when it was taken, and years are told from that. Before
    any test, as one that changed it would change what another reads meanwhile.
    """
    for log in FIXTURES.glob("*/*"):
        os.utime(log, (EXPORTED.timestamp(),) * 2)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite reports/golden from what is produced now")


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def fixtures() -> Path:
    return FIXTURES
