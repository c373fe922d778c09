"""The registry document of a field is one the registry takes, from the file too."""

from datetime import date
from pathlib import Path

from ingest.registry.changes import Known, compare
from ingest.registry.read import read
from ingest.registry.write import as_yaml
from ingest.simulator.inventory import registry_document
from ingest.simulator.town import Kind, build_town
from schemas.registry import RegistryDocument
from tests.simulator.known import a_field


def test_the_document_has_no_problem_and_creates_every_device() -> None:
    plan = compare(Known(), registry_document(a_field(200), date(2026, 11, 24)), {})
    assert not plan.problems
    assert sum(len(part.created) for part in plan.parts.values()) > 200


def test_every_river_gauge_has_stages_of_its_own() -> None:
    field = a_field(200)
    rivers = {site.code for site in field.town.sites if site.kind is Kind.RIVER}
    stages = registry_document(field).stages
    assert rivers
    assert {stage.device for stage in stages} == rivers
    assert len(stages) == 3 * len(rivers)
    assert not any(stage.official for stage in stages)


def test_the_document_survives_the_way_through_a_file(tmp_path: Path) -> None:
    document = registry_document(a_field(60), date(2026, 11, 24))
    file = tmp_path / "field.yaml"
    file.write_text(as_yaml(document), encoding="utf-8")
    reading = read([file])
    assert not reading.problems
    assert RegistryDocument.model_validate(reading.document) == document


def test_devices_of_an_earlier_larger_run_are_entered_as_disabled() -> None:
    document = registry_document(a_field(40), None, build_town(100, 7))
    assert len(document.devices) == 100
    assert sum(device.enabled for device in document.devices) == 40
    assert not compare(Known(), document, {}).problems


def test_the_ledger_is_nearly_whole_and_has_things_that_measure_nothing() -> None:
    document = registry_document(a_field(200), date(2026, 11, 24))
    devices = {asset.device for asset in document.assets if asset.device}
    assert 0.9 * len(document.devices) < len(devices) < len(document.devices)
    assert {asset.gateway for asset in document.assets if asset.gateway} == {each.code for each in document.gateways}
    assert any(asset.device is None and asset.gateway is None for asset in document.assets)
    assert any(asset.label_attached_on is None for asset in document.assets)
    assert registry_document(a_field(40)).assets == ()
