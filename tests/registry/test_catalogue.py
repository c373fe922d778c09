"""Quantities, ranges and bindings of a project: from the files into the running service."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.registry.index import DeviceEntry
from ingest.registry.read import read
from ingest.registry.write import as_yaml
from ingest.store.registry import registry
from schemas.own_quantity import FIRST_OWN_ID
from schemas.quantity import BY_CODE
from tests.fixtures.database import Database
from tests.registry.applied import apply, the_problem
from tests.registry.files import base, messages, written

pytestmark = pytest.mark.japanese

DEVICES = """
devices:
  - {code: well-1, project: agri, network: lora, name: 井戸1, profile: well}
  - {code: river-1, project: agri, network: lora, name: 川1}
  - {code: river-2, project: bosai, network: halow, name: 川2}
"""
CATALOGUE = """
quantities:
  - code: well_level
    project: agri
    label_ja: 井戸水位
    unit: m
    reject_low: -100
    reject_high: 10
    flag_low: -60
  - {code: pump, project: agri, label_ja: ポンプ, states: {停止: 0, 運転: 1, "stop": 0, run: 1}}
ranges:
  - {project: agri, quantity: river_level, flag_high: 4.5, reject_high: 8}
profiles:
  - {code: well, fields: {depth: {quantity: well_level, unit: "[yd_i]"}, p: pump}}
  - {code: well-2, fields: {level: {quantity: well_level, unit: cm}}}
"""
BINDINGS = """
bindings:
  - {project: agri, device: river-1, quantity: distance, mount_height_m: 6.2, valid_to: 2026-05-31}
  - {project: agri, device: river-1, quantity: distance, mount_height_m: 7.0, valid_from: 2026-06-01}
  - {project: agri, device: well-1, profile: well-2, valid_from: "2026-07-01T09:00:00+09:00"}
"""

RIVER_FROM_MAY = "bindings: [{project: agri, device: river-1, quantity: distance, valid_from: 2026-05-01"


def everything(folder: Path) -> list[Path]:
    texts = {"devices.yaml": DEVICES, "catalogue.yaml": CATALOGUE, "bindings.yaml": BINDINGS}
    return [base(folder), *(written(folder, name, text) for name, text in texts.items())]


def directory(database: Database) -> Mapping[str, DeviceEntry]:
    return registry.load_directory(database.connect()).native


def test_a_project_measures_what_is_not_in_the_catalogue(database: Database, tmp_path: Path) -> None:
    apply(database, *everything(tmp_path))
    well = directory(database)["agri/well-1"].catalogue["well_level"]
    assert (well.unit, well.label_ja, well.reject_low, well.flag_low, well.flag_high) == (
        "m",
        "井戸水位",
        -100,
        -60,
        10,
    )
    assert well.id >= FIRST_OWN_ID
    assert directory(database)["bosai/river-2"].catalogue is BY_CODE


def test_the_number_of_an_own_quantity_stays_when_everything_else_about_it_changes(
    any_database: Database, tmp_path: Path
) -> None:
    apply(any_database, *everything(tmp_path))
    before = directory(any_database)["agri/well-1"].catalogue
    changed = CATALOGUE.replace("井戸水位", "深井戸").replace("-100", "-200")
    apply(any_database, written(tmp_path, "later.yaml", changed))
    after = directory(any_database)["agri/well-1"].catalogue
    assert {code: after[code].id for code in ("well_level", "pump")} == {
        code: before[code].id for code in ("well_level", "pump")
    }
    assert (after["well_level"].label_ja, after["well_level"].reject_low) == ("深井戸", -200)


def test_a_project_narrows_a_range_for_itself_alone(any_database: Database, tmp_path: Path) -> None:
    apply(any_database, *everything(tmp_path))
    found = directory(any_database)
    level = found["agri/river-1"].catalogue["river_level"]
    assert (level.id, level.reject_low, level.reject_high, level.flag_high) == (52, -20, 8, 4.5)
    assert found["bosai/river-2"].catalogue["river_level"] == BY_CODE["river_level"]
    assert found["agri/river-1"].catalogue is found["agri/well-1"].catalogue


def test_devices_without_bindings_have_none(any_database: Database, tmp_path: Path) -> None:
    apply(any_database, *everything(tmp_path))
    found = directory(any_database)
    assert found["bosai/river-2"].bindings is None
    assert found["agri/river-1"].bindings is not None
    assert len(found["agri/river-1"].bindings.corrections["distance", 0]) == 2


def test_what_is_exported_is_what_was_applied(database: Database, tmp_path: Path) -> None:
    apply(database, *everything(tmp_path))
    connection = database.connect()
    document = registry.export(connection)
    assert [binding.device for binding in document.bindings] == ["river-1", "river-1", "well-1"]
    reading = read([written(tmp_path, "export.yaml", as_yaml(document))])
    assert messages(reading) == []
    assert reading.document == document
    plan = registry.plan(connection, reading.document)
    assert (plan.problems, plan.changes_something) == ((), False)


def test_bindings_come_from_excel(any_database: Database, tmp_path: Path) -> None:
    apply(any_database, *everything(tmp_path))
    lines = [
        "機器,事業,測定項目,取付開始,取付終了,取付高(m),補正値",
        "river-2,bosai,distance,2026/4/1,2027/3/31,5.5,-0.02",
    ]
    apply(any_database, written(tmp_path, "bindings.csv", "\r\n".join(lines), "cp932"))
    bindings = directory(any_database)["bosai/river-2"].bindings
    assert bindings is not None
    (found,) = bindings.corrections["distance", 0]
    assert (found.offset, found.level and found.level.height_m) == (-0.02, 5.5)
    assert found.to_us - found.from_us == 365 * 86_400 * 1_000_000


def test_a_binding_is_ended_by_writing_its_end(any_database: Database, tmp_path: Path) -> None:
    apply(any_database, *everything(tmp_path))
    ended = (
        "bindings: [{project: agri, device: river-1, quantity: distance, valid_from: 2026-06-01, valid_to: 2026-08-31}]"
    )
    apply(any_database, written(tmp_path, "ended.yaml", ended))
    rows = any_database.connect().execute(
        "select mount_height_m, valid_to from device_binding where quantity_id = 59 order by valid_from nulls first"
    )
    assert [(height, end and end.timestamp()) for height, end in rows.fetchall()] == [
        (6.2, datetime(2026, 5, 31, 15, tzinfo=UTC).timestamp()),
        (7.0, datetime(2026, 8, 31, 15, tzinfo=UTC).timestamp()),
    ]


def test_the_names_of_own_states_are_there_for_figures(database: Database, tmp_path: Path) -> None:
    apply(database, *everything(tmp_path))
    rows = database.connect().execute(
        "select value, name from figure_state_name where quantity_id >= 10000 order by value"
    )
    assert [value for value, _ in rows.fetchall()] == [0, 1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "quantities: [{code: river_level, project: agri, label_ja: 川, reject_low: 0, reject_high: 1}]",
            "標準の測定項目",
        ),
        ("quantities: [{code: w, project: agri, label_ja: 川, unit: furlongs, reject_low: 0, reject_high: 1}]", "UCUM"),
        ("quantities: [{code: w, project: agri, label_ja: 川}]", "隔離下限"),
        ("quantities: [{code: w, project: agri, label_ja: 川, reject_low: 3, reject_high: 1}]", "大小"),
        ("quantities: [{code: w, project: gari, label_ja: 川, reject_low: 0, reject_high: 1}]", "agri"),
        ("ranges: [{project: agri, quantity: river_level, reject_high: 100}]", "狭める"),
        ("ranges: [{project: agri, quantity: trap_state, reject_high: 1}]", "状態"),
        ("profiles: [{code: p, fields: {a: well_levle}}]", "well_levle"),
        ("profiles: [{code: p, fields: {a: {quantity: well_level, unit: Cel}}}]", "換算できません"),
        ("bindings: [{project: agri, device: river-9, quantity: distance}]", "river-9"),
        ("bindings: [{project: agri, device: river-1, quantity: distanse}]", "distanse"),
        ("bindings: [{project: agri, device: river-1, quantity: river_level, unit: Cel}]", "換算できません"),
        ("bindings: [{project: agri, device: river-1, quantity: river_level, mount_height_m: 3}]", "取付高"),
        ("bindings: [{project: agri, device: river-1}]", "どちらか一方"),
        (f"{RIVER_FROM_MAY}, valid_to: 2026-05-20}}]", "重なります"),
        (f"{RIVER_FROM_MAY}, valid_to: 2026-04-01}}]", "取付終了"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_write_instead(
    any_database: Database, tmp_path: Path, text: str, expected: str
) -> None:
    apply(any_database, *everything(tmp_path))
    assert expected in the_problem(any_database, tmp_path, text)


LIMITS = """
quantities:
  - {code: gate_turns, project: agri, label_ja: 回転数, kind: counter, reject_low: 0, reject_high: 1e9,
     greatest_per_hour: 3600}
ranges:
  - {project: agri, quantity: rain_total, greatest_per_hour: 80}
bindings:
  - {project: agri, device: river-1, quantity: distance, mount_height_m: 6.2, sensor: radar, blind_zone_m: 0.15,
     range_m: 12.5, bed_m: -0.4}
"""
LIMITS_CSV = {
    "own.csv": "測定項目コード,事業,測定項目名,集計の種類,隔離下限,隔離上限,1時間の最大増加\n"
    "gate_turns,agri,回転数,counter,0,1e9,3600\n",
    "range.csv": "範囲を狭める測定項目,事業,1時間の最大増加\nrain_total,agri,80\n",
    "binding.csv": "取付開始,事業,機器,測定項目,取付高(m),センサー種別,不感帯(m),測定範囲(m),河床高(m)\n"
    ",agri,river-1,distance,6.2,radar,0.15,12.5,-0.4\n",
}
RATES = """
select q.code, coalesce(r.greatest_per_hour, q.greatest_per_hour)
from quantity q left join quantity_range r using (quantity_id) where q.code in ('gate_turns', 'rain_total')
"""


def test_greatest_rates_and_limits_of_distance_sensors_go_in_and_out_as_they_are(
    any_database: Database, tmp_path: Path
) -> None:
    apply(any_database, base(tmp_path), written(tmp_path, "d.yaml", DEVICES.replace(", profile: well", "") + LIMITS))
    connection = any_database.connect()
    assert dict(connection.execute(RATES).fetchall()) == {"gate_turns": 3600, "rain_total": 80}
    exported = as_yaml(registry.export(connection))
    for told in (
        "greatest_per_hour: 3600",
        "greatest_per_hour: 80",
        "blind_zone_m: 0.15",
        "range_m: 12.5",
        "bed_m: -0.4",
    ):
        assert told in exported
    for again in (
        [written(tmp_path, "again.yaml", exported)],
        [written(tmp_path, *each) for each in LIMITS_CSV.items()],
    ):
        plan = registry.plan(connection, read(again).document)
        assert not plan.problems
        assert not plan.changes_something, again


def test_only_a_counter_has_a_greatest_rate(any_database: Database, tmp_path: Path) -> None:
    apply(any_database, base(tmp_path))
    for text in (
        "ranges: [{project: agri, quantity: river_level, greatest_per_hour: 3}]",
        "quantities: [{code: x, project: agri, label_ja: x, reject_low: 0, reject_high: 1, greatest_per_hour: 3}]",
    ):
        assert "積算値(counter)にだけ" in the_problem(any_database, tmp_path, text)
