"""What the accounts of `noroshi broker apply` may do on the topics of the watch: hear it, and say nothing for it."""

import pytest

from tests.deploy.shipped import VERSIONS, shipped_broker
from tests.security.test_attacker import NOT_AUTHORIZED, YES
from tests.security.valley import GAUGE, INGEST, RULES, Valley

HEALTH = "noroshi/v1/river/watch/health"
PANEL, OTHER_PANEL = "watch:river", "watch:farm"


@pytest.mark.parametrize("version", VERSIONS)
def test_the_service_says_how_the_watch_stands_and_panels_hear_it(version: str) -> None:
    with shipped_broker(version) as broker:
        valley = Valley(broker)
        valley.apply(rules=RULES._replace(watch_panels=("river", "farm")))
        with valley.client(INGEST) as service, valley.client(PANEL) as panel, valley.client(OTHER_PANEL) as other:
            assert panel.subscribe("noroshi/v1/river/watch/#") == 0
            assert other.subscribe(HEALTH) == NOT_AUTHORIZED
            assert service.publish(HEALTH, b"{}") in YES
            panel.topics(2)
            assert [packet.topic for packet in panel.heard] == [HEALTH]
            assert panel.publish(HEALTH, b"calm") == NOT_AUTHORIZED
            with valley.client(GAUGE) as device:
                assert device.publish(HEALTH, b"calm") == NOT_AUTHORIZED
            panel.topics(1)
            assert [packet.payload for packet in panel.heard] == [b"{}"]
