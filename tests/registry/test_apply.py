"""Applying registry files to a real database."""

import csv
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ingest.errors import CallRefused
from ingest.registry.changes import ChangeSet
from ingest.registry.problem import Kind
from ingest.registry.read import read
from ingest.registry.write import devices_csv
from ingest.store.registry import registry
from schemas.profile import Profile
from tests.fixtures.database import Database
from tests.registry.files import base, table, written

pytestmark = pytest.mark.japanese

Connection = psycopg.Connection[Any]


def planned(connection: Connection, *paths: Path, allow_moves: bool = False) -> ChangeSet:
    reading = read(paths)
    assert reading.problems == []
    return registry.plan(connection, reading.document, allow_moves=allow_moves)


def applied(connection: Connection, *paths: Path, allow_moves: bool = False) -> ChangeSet:
    return registry.apply(connection, planned(connection, *paths, allow_moves=allow_moves))


def problems(plan: ChangeSet) -> list[str]:
    return [str(problem) for problem in plan.problems]


def counts(plan: ChangeSet) -> dict[Kind, tuple[int, int, int]]:
    return {kind: (len(part.created), len(part.changed), part.unchanged) for kind, part in plan.parts.items()}


def devices(connection: Connection, columns: str = "code, dev_eui") -> list[tuple[Any, ...]]:
    return connection.execute(f"select {columns} from device order by device_id".encode()).fetchall()


@pytest.fixture
def connection(any_database: Database) -> Connection:
    return any_database.connect(autocommit=False)


def test_what_is_applied_is_in_the_tables_on_every_tier(database: Database, tmp_path: Path) -> None:
    connection = database.connect(autocommit=False)
    row = "p-1,agri,lora,gw-1,水田,70B3D57ED0000001,36.1,138.2,10,1440,1.2m,中谷,11-01,03-31,2026/04/01,×"
    headings = (
        "機器コード,事業,通信網,基地局,機器名,DevEUI,緯度,経度,送信間隔(分),平常時の送信間隔(分),観測開始水位(m),"
        "地区,運用開始,運用終了,設置日,有効"
    )
    applied(connection, base(tmp_path), table(tmp_path, [row], headings=headings))
    found = devices(
        database.connect(),
        "code, dev_eui, latitude, interval_s, calm_interval_s, active_level_m, area, season_from, season_to,"
        " installed_on::text, enabled",
    )
    assert found == [("p-1", "70b3d57ed0000001", 36.1, 600, 86400, 1.2, "中谷", "11-01", "03-31", "2026-04-01", False)]
    linked = database.connect().execute(
        "select project.code, network.code, network.kind, gateway.external_id from device"
        " join project using (project_id) join network using (network_id) join gateway using (gateway_id)"
    )
    assert linked.fetchall() == [("agri", "lora", "lpwa", "24e124fffef12345")]


def test_applying_twice_changes_nothing_and_keeps_the_version(connection: Connection, tmp_path: Path) -> None:
    files = base(tmp_path), table(tmp_path, ["a,agri,lora,甲,70B3D57ED0000001,600"])
    before = registry.directory_version(connection)
    first = applied(connection, *files)
    assert counts(first)[Kind.DEVICE] == (1, 0, 0)
    assert registry.directory_version(connection) == before + 1
    second = applied(connection, *files)
    assert not second.changes_something
    assert counts(second) == {
        Kind.PROJECT: (0, 0, 2),
        Kind.NETWORK: (0, 0, 2),
        Kind.GATEWAY: (0, 0, 1),
        Kind.PROFILE: (0, 0, 0),
        Kind.DEVICE: (0, 0, 1),
        Kind.QUANTITY: (0, 0, 0),
        Kind.RANGE: (0, 0, 0),
        Kind.BINDING: (0, 0, 0),
        Kind.STAGE: (0, 0, 0),
        Kind.ASSET: (0, 0, 0),
    }
    assert registry.directory_version(connection) == before + 1


def test_a_plan_alone_writes_nothing(connection: Connection, tmp_path: Path) -> None:
    before = registry.directory_version(connection)
    assert planned(connection, base(tmp_path), table(tmp_path, ["a,agri,lora,甲,,"])).changes_something
    connection.commit()
    assert devices(connection) == []
    assert registry.directory_version(connection) == before


def test_a_change_is_named_with_its_old_and_its_new_value(connection: Connection, tmp_path: Path) -> None:
    applied(connection, base(tmp_path), table(tmp_path, ["a,agri,lora,甲,,600", "b,agri,lora,乙,,600"]))
    plan = applied(connection, table(tmp_path, ["a,agri,lora,甲,,900"]))
    (item,) = plan.parts[Kind.DEVICE].changed
    assert [tuple(change) for change in item.changes] == [("interval_s", 600, 900)]
    assert devices(connection, "code, interval_s") == [("a", 900), ("b", 600)]


def test_a_column_that_is_absent_stays_and_an_empty_cell_clears(connection: Connection, tmp_path: Path) -> None:
    applied(connection, base(tmp_path), table(tmp_path, ["a,agri,lora,甲,70B3D57ED0000001,900"]))
    applied(connection, table(tmp_path, ["a,agri,lora,乙"], headings="機器コード,事業,通信網,機器名"))
    assert devices(connection, "name, dev_eui, interval_s") == [("乙", "70b3d57ed0000001", 900)]
    applied(connection, table(tmp_path, ["a,agri,lora,乙,,"]))
    assert devices(connection, "name, dev_eui, interval_s") == [("乙", None, 900)]


def test_one_bad_row_in_a_thousand_keeps_the_other_999_out(connection: Connection, tmp_path: Path) -> None:
    rows = [f"d-{number},agri,lora,機器{number},," for number in range(1, 1001)]
    rows[499] = "d-500,agri,rola,機器500,,"
    plan = planned(connection, base(tmp_path), table(tmp_path, rows))
    with pytest.raises(CallRefused, match="rola"):
        registry.apply(connection, plan)
    assert devices(connection) == []
    assert connection.execute("select count(*) from project").fetchone() == (0,)


def test_a_failure_half_way_leaves_nothing_behind(connection: Connection, tmp_path: Path) -> None:
    connection.execute("alter table device add check (name <> '乙')")
    connection.commit()
    plan = planned(connection, base(tmp_path), table(tmp_path, ["a,agri,lora,甲,,", "b,agri,lora,乙,,"]))
    with pytest.raises(Exception, match="23514"):
        registry.apply(connection, plan)
    assert connection.execute("select count(*) from project").fetchone() == (0,)


def test_every_unknown_reference_is_named_at_once_with_a_hint(connection: Connection, tmp_path: Path) -> None:
    headings = "機器コード,事業,通信網,基地局,機器名,プロファイル"
    rows = ["a,agri,lora,gw-2,甲,zz9", "b,agry,lora,,乙,"]
    reading = read([base(tmp_path), table(tmp_path, rows, headings=headings)])
    plan = registry.plan(connection, reading.document)
    assert [str(reading.located(problem)) for problem in plan.problems] == [
        "devices.csv 2行目 基地局: 基地局「gw-2」は台帳にもファイルにもありません。「gw-1」ではありませんか",
        "devices.csv 2行目 プロファイル: プロファイル「zz9」は台帳にもファイルにもありません。先に登録してください",
        "devices.csv 3行目 事業: 事業「agry」は台帳にもファイルにもありません。「agri」ではありませんか",
    ]  # fmt: skip


def test_a_reference_to_something_unreadable_is_not_reported_again(connection: Connection, tmp_path: Path) -> None:
    text = "通信網コード,事業,通信方式,名称\nlora,agri,伝書鳩,名\n"
    projects = written(tmp_path, "p.csv", "事業コード,事業名\nagri,名\n")
    reading = read([projects, written(tmp_path, "n.csv", text), table(tmp_path, ["a,agri,lora,甲,,"])])
    assert len(reading.problems) == 1
    plan = registry.plan(connection, reading.document, broken=frozenset(reading.broken))
    assert plan.problems == ()


def test_the_same_dev_eui_in_another_notation_is_a_duplicate(connection: Connection, tmp_path: Path) -> None:
    rows = ["a,agri,lora,甲,70B3D57ED0000001,", "b,agri,lora,乙,70-b3-d5-7e-d0-00-00-01,"]
    plan = planned(connection, base(tmp_path), table(tmp_path, rows))
    assert problems(plan) == [
        "機器 agri/b DevEUI: 「70b3d57ed0000001」は機器 agri/a と同じです。どちらかを直してください"
    ]


def test_a_dev_eui_of_the_database_is_a_duplicate_too(connection: Connection, tmp_path: Path) -> None:
    applied(connection, base(tmp_path), table(tmp_path, ["a,agri,lora,甲,70B3D57ED0000001,"]))
    plan = planned(connection, table(tmp_path, ["b,agri,lora,乙,70:b3:d5:7e:d0:00:00:01,"]))
    assert len(problems(plan)) == 1


@pytest.mark.parametrize(
    ("heading", "value"), [("things_stack_id", "app/dev"), ("sparkplug_id", "Hokuto/edge-1"), ("client_id", "c-1")]
)
def test_other_ids_are_unique_as_well(connection: Connection, tmp_path: Path, heading: str, value: str) -> None:
    headings = f"機器コード,事業,通信網,機器名,{heading}"
    applied(connection, base(tmp_path), table(tmp_path, [f"a,agri,lora,甲,{value}"], headings=headings))
    plan = planned(connection, table(tmp_path, [f"b,agri,lora,乙,{value}"], headings=headings))
    assert len(problems(plan)) == 1


def test_two_devices_may_swap_their_ids(connection: Connection, tmp_path: Path) -> None:
    first, second = "70b3d57ed0000001", "70b3d57ed0000002"
    applied(connection, base(tmp_path), table(tmp_path, [f"a,agri,lora,甲,{first},", f"b,agri,lora,乙,{second},"]))
    applied(connection, table(tmp_path, [f"a,agri,lora,甲,{second},", f"b,agri,lora,乙,{first},"]))
    assert devices(connection) == [("a", second), ("b", first)]


def test_two_gateways_may_swap_their_ids(connection: Connection, tmp_path: Path) -> None:
    headings = "基地局コード,通信網,基地局名,基地局ID"

    def gateways(rows: Sequence[str]) -> Path:
        return table(tmp_path, rows, headings=headings, name="gateways.csv")

    applied(connection, base(tmp_path), gateways(["g-1,lora,甲,AA", "g-2,lora,乙,BB"]))
    applied(connection, gateways(["g-1,lora,甲,bb", "g-2,lora,乙,aa"]))
    found = connection.execute("select external_id from gateway where code like 'g-_' order by code").fetchall()
    assert found == [("bb",), ("aa",)]


def test_a_gateway_of_another_network_is_refused(connection: Connection, tmp_path: Path) -> None:
    rows = ["a,bosai,halow,gw-1,甲"]
    plan = planned(connection, base(tmp_path), table(tmp_path, rows, headings="機器コード,事業,通信網,基地局,機器名"))
    assert [message.split(":")[0] for message in problems(plan)] == ["機器 bosai/a 基地局"]


def test_a_device_goes_to_another_project_only_if_that_is_allowed(connection: Connection, tmp_path: Path) -> None:
    applied(connection, base(tmp_path), table(tmp_path, ["a,agri,lora,甲,70B3D57ED0000001,600"]))
    before = devices(connection, "device_id")
    moved = table(tmp_path, ["a,bosai,halow,甲,70B3D57ED0000001,600"])
    (refused,) = problems(planned(connection, moved))
    assert "agri/a として登録されています" in refused
    assert "--allow-moves" in refused
    applied(connection, moved, allow_moves=True)
    assert devices(connection, "device_id") == before
    linked = connection.execute("select project.code from device join project using (project_id)").fetchall()
    assert linked == [("bosai",)]
    assert not applied(connection, moved).changes_something


def test_a_device_without_ids_is_known_again_by_its_serial_number(connection: Connection, tmp_path: Path) -> None:
    headings = "機器コード,事業,通信網,機器名,型式,製造番号"
    applied(connection, base(tmp_path), table(tmp_path, ["a,agri,lora,甲,WL-1,007"], headings=headings))
    plan = planned(connection, table(tmp_path, ["a,bosai,halow,甲,WL-1,007"], headings=headings))
    assert len(problems(plan)) == 1


def test_a_device_moves_to_one_place_only(connection: Connection, tmp_path: Path) -> None:
    eui = "70b3d57ed0000001"
    applied(connection, base(tmp_path), table(tmp_path, [f"a,agri,lora,甲,{eui},"]))
    both = table(tmp_path, [f"a,bosai,halow,甲,{eui},", f"b,bosai,halow,乙,{eui},"])
    assert len(problems(planned(connection, both, allow_moves=True))) == 1


def test_the_same_code_in_two_projects_is_two_devices(connection: Connection, tmp_path: Path) -> None:
    applied(connection, base(tmp_path), table(tmp_path, ["a,agri,lora,甲,,", "a,bosai,halow,乙,,"]))
    assert devices(connection) == [("a", None), ("a", None)]


PROFILE = "profiles: [{{code: p, fields: {{t: {quantity}}}}}]\n"
WITH_PROFILE = "機器コード,事業,通信網,機器名,プロファイル"


def test_a_profile_is_changed_by_a_document(connection: Connection, tmp_path: Path) -> None:
    device = table(tmp_path, ["a,agri,lora,甲,p"], headings=WITH_PROFILE)
    first = written(tmp_path, "p.yaml", PROFILE.format(quantity="air_temperature"))
    applied(connection, base(tmp_path), first, device)
    assert not applied(connection, first).changes_something
    plan = applied(connection, written(tmp_path, "p.yaml", PROFILE.format(quantity="soil_temperature")))
    assert counts(plan)[Kind.PROFILE] == (0, 1, 0)
    profile = registry.load_directory(connection).native["agri/a"].profile
    assert profile is not None
    assert profile.fields["t"].quantity == "soil_temperature"


def test_a_shipped_profile_follows_the_program_until_a_document_gives_its_own(
    connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ship(quantity: str) -> None:
        profile = Profile.model_validate({"code": "p", "fields": {"t": quantity}})
        monkeypatch.setattr(registry, "shipped_profiles", lambda: {"p": profile})

    def bound() -> str:
        profile = registry.load_directory(connection).native["agri/a"].profile
        assert profile is not None
        return profile.fields["t"].quantity

    ship("air_temperature")
    device = table(tmp_path, ["a,agri,lora,甲,p"], headings=WITH_PROFILE)
    assert counts(applied(connection, base(tmp_path), device))[Kind.PROFILE] == (1, 0, 0)
    assert bound() == "air_temperature"
    assert registry.export(connection).profiles == ()
    ship("soil_temperature")
    applied(connection, device)
    assert bound() == "soil_temperature"
    applied(connection, written(tmp_path, "p.yaml", PROFILE.format(quantity="water_temperature")))
    ship("air_temperature")
    assert not applied(connection, device).changes_something
    assert bound() == "water_temperature"
    assert [profile.code for profile in registry.export(connection).profiles] == ["p"]


def test_two_applies_at_once_write_everything_once(any_database: Database, tmp_path: Path) -> None:
    files = base(tmp_path), table(tmp_path, [f"d-{number},agri,lora,機器{number},," for number in range(300)])
    connections = [any_database.connect(autocommit=False) for _ in range(4)]
    plans = [planned(connection, *files) for connection in connections]
    done: list[ChangeSet] = []
    threads = [
        threading.Thread(target=lambda connection=connection, plan=plan: done.append(registry.apply(connection, plan)))
        for connection, plan in zip(connections, plans, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    created = sorted(counts(plan)[Kind.DEVICE] for plan in done)
    assert created == [(0, 0, 300), (0, 0, 300), (0, 0, 300), (300, 0, 0)]
    assert len(devices(connections[0])) == 300


@pytest.mark.parametrize(
    "name",
    [
        "noroshi-ingest", "noroshi-ingest-2", "noroshi-ingest-fresh", "noroshi-doctor-1", "Noroshi-Ingest",
        "noroshi-admin", "server:lora", "gateway:gw-1", "node:plant/node", "simulator", "grafana", "Telegraf",
        "of-the-settings", "of-the-settings-2", "of-the-settings-fresh", "agri/b", "agri/nobody-yet",
    ],
)  # fmt: skip
def test_a_client_id_that_belongs_to_somebody_is_refused(connection: Connection, tmp_path: Path, name: str) -> None:
    headings = "機器コード,事業,通信網,機器名,client_id"
    reading = read([base(tmp_path), table(tmp_path, [f"a,agri,lora,甲,{name}", "b,agri,lora,乙,"], headings=headings)])
    plan = registry.plan(connection, reading.document, reserved=frozenset({"of-the-settings"}))
    (problem,) = problems(plan)
    assert problem.startswith("機器 agri/a クライアントID: ")
    assert "空(agri/a になります)にしてください" in problem


def test_a_device_cannot_be_added_whose_client_id_somebody_has_already(connection: Connection, tmp_path: Path) -> None:
    headings = "機器コード,事業,通信網,機器名,client_id"
    applied(connection, base(tmp_path), table(tmp_path, ["a,agri,lora,甲,of-a"], headings=headings))
    connection.execute("update device set client_id = 'agri/b'")
    plan = planned(connection, table(tmp_path, ["b,agri,lora,乙,"], headings=headings))
    (problem,) = problems(plan)
    assert problem.endswith("agri/a がクライアントIDに使っています。agri/a のほうを直してください")


def test_a_device_may_say_its_own_name_as_its_client_id(connection: Connection, tmp_path: Path) -> None:
    headings = "機器コード,事業,通信網,機器名,client_id"
    plan = planned(connection, base(tmp_path), table(tmp_path, ["a,agri,lora,甲,agri/a"], headings=headings))
    assert problems(plan) == []


@pytest.mark.parametrize("unseen", ["\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\xad", "\u2028", "\x1b", "\x85"])
def test_a_name_with_something_nobody_sees_is_refused_in_every_kind_of_file(tmp_path: Path, unseen: str) -> None:
    name = f"水田{unseen}東"
    yaml = (
        f'projects: [{{code: agri, name: "{name}"}}]\nprofiles: [{{code: p, fields: {{"{name}": air_temperature}}}}]\n'
    )
    yaml = yaml.replace(unseen, f"\\U{ord(unseen):08x}")
    found = read([written(tmp_path, "a.yaml", yaml), table(tmp_path, [f"a,agri,lora,{name},"])]).problems
    assert len(found) == 3
    for problem in found:
        assert f"見えない文字(U+{ord(unseen):04X}" in str(problem)
        assert unseen not in str(problem)


NAMES = ("=1+1", "＝1+1", "-5℃の谷", "@home", "'quoted", "'=1", "''＝1", "+81", "水田")


def test_the_table_of_devices_holds_no_formula_and_can_be_applied_again(connection: Connection, tmp_path: Path) -> None:
    rows = [f"d-{number},agri,lora,'{name}," for number, name in enumerate(NAMES)]
    applied(connection, base(tmp_path), table(tmp_path, rows))
    connection.execute("update device set name = 'x'")
    for number, name in enumerate(NAMES):
        connection.execute("update device set name = %s where code = %s", (name, f"d-{number}"))
    exported = devices_csv(registry.export(connection))
    cells = [row[3] for row in csv.reader(exported.splitlines())][1:]
    assert not any(cell.startswith(tuple("=＝+-@")) for cell in cells)
    again = planned(connection, written(tmp_path, "again.csv", exported))
    assert not again.changes_something
    assert problems(again) == []
