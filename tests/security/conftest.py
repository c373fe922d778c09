"""The broker of the valley on both versions of Mosquitto, made once for the tests that leave it as it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.shipped import VERSIONS, certificates_in, shipped_broker
from tests.security.valley import GAUGE, OTHER_GAUGE, Valley


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates as the shipped script makes them."""
    return certificates_in(tmp_path_factory.mktemp("certificates"), GAUGE, OTHER_GAUGE)


@pytest.fixture(scope="module", params=VERSIONS)
def valley(request: pytest.FixtureRequest, authority: Path) -> Iterator[Valley]:
    with shipped_broker(request.param, certificates=authority) as broker:
        valley = Valley(broker)
        valley.apply()
        yield valley


@pytest.fixture(params=VERSIONS)
def own_valley(request: pytest.FixtureRequest) -> Iterator[Valley]:
    """One that a test may change."""
    with shipped_broker(request.param) as broker:
        valley = Valley(broker)
        valley.apply()
        yield valley
