"""The town has the devices that were asked for, along a valley and not on a grid."""

import pytest

from ingest.simulator.town import KINDS, Kind, apportion, build_town, distance_m


@pytest.mark.parametrize("devices", [8, 9, 40, 200, 1999, 5000])
def test_a_town_has_exactly_the_devices_that_were_asked_for(devices: int) -> None:
    town = build_town(devices, 7)
    assert len(town.sites) == len({site.code for site in town.sites}) == devices
    assert {site.kind for site in town.sites} == set(Kind)


def test_a_field_of_fewer_devices_than_kinds_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 8"):
        apportion(7)


def test_the_shares_of_the_kinds_make_a_hundred() -> None:
    assert sum(plan.share for plan in KINDS.values()) == 100


def test_devices_stand_along_a_valley_and_not_on_a_grid() -> None:
    sites = build_town(200, 7).sites
    assert len({site.latitude for site in sites}) > 190
    assert max(site.latitude for site in sites) - min(site.latitude for site in sites) > 0.04
    assert all(20 < site.latitude < 46 and 122 < site.longitude < 154 for site in sites)


def test_a_device_keeps_its_id_and_its_place_when_the_field_grows() -> None:
    small = {site.code: (site.dev_eui, site.latitude, site.interval_s) for site in build_town(60, 7).sites}
    large = {site.code: (site.dev_eui, site.latitude, site.interval_s) for site in build_town(900, 7).sites}
    assert small.items() <= large.items()


def test_a_lora_device_hears_up_to_three_gateways_nearest_first() -> None:
    town = build_town(300, 7)
    for site in town.sites:
        distances = [distance for _, distance in site.gateways]
        assert distances == sorted(distances)
        assert 1 <= len(distances) <= 3
        assert all(mast.network == site.network for mast, _ in site.gateways)
        assert distances[0] == min(
            distance_m(mast, site.latitude, site.longitude) for mast in town.masts if mast.network == site.network
        )


def test_three_radio_technologies_are_there() -> None:
    from_networks = {site.network for site in build_town(8, 1).sites}
    assert from_networks == {"nogyo-lpwa", "nogyo-halow", "bosai-lpwa", "bosai-5g"}
