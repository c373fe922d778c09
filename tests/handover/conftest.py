"""One hand-over, written once, for the tests that only read it or spoil a copy of it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.database import FIRST, Database, Servers, fresh_database
from tests.handover.valley import exported, fill


@pytest.fixture(scope="session")
def valley(servers: Servers) -> Iterator[Database]:
    fresh = fresh_database(servers.get(FIRST))
    fill(fresh)
    yield fresh
    fresh.drop()


@pytest.fixture(scope="session")
def written(valley: Database, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As the export left it: to be read only."""
    directory = tmp_path_factory.mktemp("handover") / "out"
    exported(valley, directory)
    valley.close()
    return directory


@pytest.fixture
def copied(written: Path, tmp_path: Path) -> Path:
    """A copy to be spoilt."""
    return Path(shutil.copytree(written, tmp_path / "copy"))
