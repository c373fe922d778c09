"""Whatever breaks, nothing is lost and nothing is doubled: the short form of `make torture`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.database import FIRST, NAMES
from tests.torture.catalogue import SCENARIOS, Scenario
from tests.torture.run import run
from tests.torture.stage import Servers

SHORT = [one for one in SCENARIOS if one.short is not None]
ON_EVERY_TIER = [one for one in SHORT if one.name in ("database-killed", "data-refused-row")]
WATCHED = ("watcher-killed", "database-killed", "link-to-database", "ingester-clock")
"""With all the others the long form watches too: to be told of everything takes its time."""
SEED = "1"


@pytest.fixture(scope="module")
def durable() -> Iterator[Servers]:
    servers = Servers()
    yield servers
    servers.discard()


@pytest.mark.parametrize("scenario", SHORT, ids=lambda scenario: scenario.name)
def test_nothing_is_lost_and_nothing_is_doubled(scenario: Scenario, durable: Servers, tmp_path: Path) -> None:
    assert scenario.short is not None
    result = run(scenario, durable, tmp_path, SEED, scenario.short, watched=scenario.name in WATCHED)
    assert result.verdict.good, result.wrong


@pytest.mark.parametrize("tier", [name for name in NAMES if name != FIRST])
def test_nor_with_timescaledb(tier: str, tmp_path: Path) -> None:
    servers = Servers(tier)
    try:
        for scenario in ON_EVERY_TIER:
            assert scenario.short is not None
            result = run(scenario, servers, tmp_path, SEED, scenario.short, watched=scenario.name in WATCHED)
            assert result.verdict.good, result.wrong
    finally:
        servers.discard()
