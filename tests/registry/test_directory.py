"""The registry as the running service loads it, and as it is taken out again."""

import time
from pathlib import Path

import pytest

from ingest.errors import StoreUnavailable
from ingest.registry.read import read
from ingest.registry.write import as_yaml, devices_csv
from ingest.store.registry import registry
from schemas.device import Device, Network, NetworkKind
from schemas.project import Project
from schemas.registry import RegistryDocument
from tests.fixtures.database import Database
from tests.fixtures.examples import examples
from tests.registry.applied import apply
from tests.registry.files import base, messages, table, written

EXAMPLES = Path(__file__).parents[2] / "deploy" / "registry"
HEADINGS = "機器コード,事業,通信網,機器名,DevEUI,Things Stack ID,Sparkplug ID,プロファイル,有効"
MANY = examples(20_000, 100_000)


def test_the_directory_says_what_the_registry_says(database: Database, tmp_path: Path) -> None:
    profile = written(tmp_path, "p.yaml", "profiles: [{code: p, fields: {t: air_temperature}}]")
    rows = ["a,agri,lora,甲,70B3D57ED0000001,app/dev-a,Group A/edge-1/斜面 3,p,○", "b,bosai,halow,乙,,,,,×"]
    apply(database, base(tmp_path), profile, table(tmp_path, rows, headings=HEADINGS))
    connection = database.connect()
    directory = registry.load_directory(connection)
    assert directory.version == registry.directory_version(connection) == 2
    assert set(directory.native) == {"agri/a", "bosai/b"}
    first, second = directory.native["agri/a"], directory.native["bosai/b"]
    assert (first.project, first.code, first.enabled, second.enabled) == ("agri", "a", True, False)
    assert first.profile is not None
    assert second.profile is None
    assert directory.dev_eui == {"70b3d57ed0000001": first}
    assert directory.things_stack == {"app/dev-a": first}
    assert directory.sparkplug == {"Group A/edge-1/斜面 3": first}
    assert directory.sparkplug_nodes == {"Group A/edge-1"}
    assert directory.projects == {"agri": first.project_id, "bosai": second.project_id}
    assert list(directory.gateways) == ["24e124fffef12345"]
    (gateway,) = directory.gateway_entries.values()
    assert (gateway.gateway_id, gateway.project) == (directory.gateways["24e124fffef12345"], "agri")
    assert gateway.project_id == directory.projects["agri"]


def test_a_profile_of_a_quantity_that_nobody_has_stops_the_load(any_database: Database) -> None:
    connection = any_database.connect()
    connection.execute(
        """insert into profile (code, body) values ('p', '{"code": "p", "fields": {"t": "nonsense"}}')"""
    )
    with pytest.raises(StoreUnavailable, match="'p'"):
        registry.load_directory(connection)


def test_a_profile_that_no_longer_fits_stops_the_load_and_not_in_silence(any_database: Database) -> None:
    connection = any_database.connect()
    connection.execute(
        """
        insert into profile (code, body)
        values ('p', '{"code": "p", "fields": {"t": {"quantity": "leak", "unit": "mm"}}}')
        """
    )
    with pytest.raises(StoreUnavailable, match="'p'"):
        registry.load_directory(connection)
    with pytest.raises(StoreUnavailable, match="'p'"):
        registry.export(connection)


def test_what_is_exported_is_what_was_applied(any_database: Database, tmp_path: Path) -> None:
    apply(any_database, *sorted(EXAMPLES.iterdir()))
    connection = any_database.connect()
    document = registry.export(connection)
    reading = read([written(tmp_path, "export.yaml", as_yaml(document))])
    assert messages(reading) == []
    assert reading.document == document
    plan = registry.plan(connection, reading.document)
    assert (plan.problems, plan.changes_something) == ((), False)


def test_the_table_of_devices_comes_back_unchanged_through_either_encoding(
    any_database: Database, tmp_path: Path
) -> None:
    apply(any_database, *sorted(EXAMPLES.iterdir()))
    connection = any_database.connect()
    text = devices_csv(registry.export(connection))
    assert text.encode().startswith(b"\xef\xbb\xbf")
    assert text.startswith("\ufeff機器コード,事業,通信網,機器名,基地局,")
    assert "70-B3-D5-7E-D0-00-10-01" in text
    for name, content in {"utf8.csv": text.encode(), "old.csv": text.removeprefix("\ufeff").encode("cp932")}.items():
        (tmp_path / name).write_bytes(content)
        reading = read([tmp_path / name])
        assert messages(reading) == []
        plan = registry.plan(connection, reading.document)
        assert (plan.problems, plan.changes_something, plan.parts) == ((), False, plan.parts)


def test_names_that_look_like_something_else_survive_the_round_trip(any_database: Database, tmp_path: Path) -> None:
    strange = ["null", "~", "yes", "0123", "- a: b", "#1", "'", "12:30:00", "a: b", "<<", "二号 機", "令和8年4月1日"]
    document = RegistryDocument(
        projects=(Project(code="agri", name="123"),),
        networks=(Network(code="0012", project="agri", kind=NetworkKind.LPWA, name="null"),),
        devices=tuple(
            Device(code=f"{number:04}", project="agri", network="0012", name=name)
            for number, name in enumerate(strange)
        ),
    )
    connection = any_database.connect()
    registry.apply(connection, registry.plan(connection, document))
    exported = registry.export(connection)
    assert [device.name for device in exported.devices] == strange
    for name, text in {"e.yaml": as_yaml(exported), "e.csv": devices_csv(exported)}.items():
        assert read([written(tmp_path, name, text)]).document.devices == exported.devices


@pytest.mark.timeout(300)
def test_ten_thousands_of_devices_are_applied_and_loaded(
    any_database: Database,
) -> None:
    document = RegistryDocument(
        projects=(Project(code="agri", name="農業"),),
        networks=(Network(code="lora", project="agri", kind=NetworkKind.LPWA, name="LPWA"),),
        devices=tuple(
            Device.model_construct(
                {"code", "project", "network", "name", "dev_eui"},
                code=f"d-{number}",
                project="agri",
                network="lora",
                name=f"機器{number}",
                dev_eui=f"{number:016x}",
            )
            for number in range(MANY)
        ),
    )
    connection = any_database.connect()
    began = time.perf_counter()
    registry.apply(connection, registry.plan(connection, document))
    applied = time.perf_counter()
    directory = registry.load_directory(connection)
    loaded = time.perf_counter()
    assert len(directory.native) == len(directory.dev_eui) == MANY
    print(f"{MANY} devices: applied in {applied - began:.1f} s, loaded in {loaded - applied:.2f} s")  # noqa: T201
