"""Sparkplug is not dealt out: who reads a message must have heard the birth before it."""

import pytest

from ingest.errors import SettingsRefused
from ingest.receive.subscription import WorkerSlot, check_shareable, ordered_filters, subscription
from ingest.settings.broker import BrokerSettings
from ingest.settings.model import Settings
from ingest.settings.routes import Route

SETTINGS = Settings(broker=BrokerSettings(client_id="noroshi-test"))
ORDERED = ordered_filters(SETTINGS)


def test_the_default_routes_hear_births_deaths_and_data_and_no_commands() -> None:
    events = {"NBIRTH", "NDEATH", "NDATA", "DBIRTH", "DDEATH", "DDATA"}
    assert {one.split("/")[2] for one in ORDERED} == events


def test_only_the_first_of_several_workers_hears_sparkplug_and_all_of_it() -> None:
    first, second = (subscription(SETTINGS, WorkerSlot(number, 2), was_shared=False) for number in (1, 2))
    assert set(ORDERED) <= set(first.filters)
    assert not set(ORDERED) & set(first.former), "it is not given up when the rest is shared"
    assert not any("spBv1.0" in one for one in (*second.filters, *first.fresh, *second.fresh))


def test_a_lone_service_hears_sparkplug_but_not_by_the_fresh_lane() -> None:
    alone = subscription(SETTINGS, WorkerSlot(), was_shared=True)
    assert set(ORDERED) <= set(alone.filters)
    assert not set(ORDERED) & set(alone.fresh)


def test_workers_that_would_have_nothing_to_share_are_refused() -> None:
    only = Settings(routes=(Route(topic="spBv1.0/{group}/NDATA/{node}", decoder="sparkplug"),))
    with pytest.raises(SettingsRefused, match="Sparkplug"):
        check_shareable(only, 2)
    check_shareable(only, 1)
