"""The ledger of assets: from the files into the database and out again, and what is said about wrong lines."""

from datetime import date
from pathlib import Path

import pytest

from ingest.registry.partial import complete
from ingest.registry.questions import questions
from ingest.registry.read import read
from ingest.registry.write import as_yaml
from ingest.store.registry import registry
from schemas.asset import AssetState
from tests.fixtures.database import Database
from tests.registry.applied import apply, the_problem
from tests.registry.files import BASE, messages, written

pytestmark = pytest.mark.japanese

THINGS = """
devices:
  - {code: river-1, project: agri, network: lora, name: 川1, airtime_regime: b, site_class: 谷・山間, published: ○}
  - {code: river-2, project: agri, network: lora, name: 川2}
  - {code: camera, project: bosai, network: halow, name: カメラ}
gateways:
  - {code: gw-2, network: halow, name: 庁舎}
assets:
  - {code: a-1, project: agri, name: 水位計, device: river-1, unit_price_yen: "¥820,000", subsidised_yen: 820000,
     subsidy_yen: 410000円, acquired_on: 令和8年6月1日, service_life_years: 6年, state: 使用中,
     technical_conformity: 技適番号:001-p01730}
  - {code: a-2, project: agri, name: 鋼管柱, quantity: 3本, unit_price_yen: 65000, place: 田川右岸}
  - {code: a-3, project: agri, name: 基地局, gateway: gw-1}
"""
NEW = "assets: [{code: a-9, project: agri, name: 水位計"


def everything(folder: Path) -> list[Path]:
    hill = written(folder, "base.yaml", BASE.replace("name: 山の基地局", "name: 山の基地局, airtime_regime: 区分A"))
    return [hill, written(folder, "things.yaml", THINGS)]


def test_what_is_exported_is_what_was_applied(any_database: Database, tmp_path: Path) -> None:
    apply(any_database, *everything(tmp_path))
    connection = any_database.connect()
    document = registry.export(connection)
    meter, pole, roof = document.assets
    assert (meter.device, meter.unit_price_yen, meter.subsidy_yen) == ("river-1", 820_000, 410_000)
    assert (meter.acquired_on, meter.service_life_years) == (date(2026, 6, 1), 6)
    assert (meter.technical_conformity, meter.state) == ("001-P01730", AssetState.IN_USE)
    assert (pole.device, pole.gateway, pole.quantity, roof.gateway) == (None, None, 3, "gw-1")
    device = next(each for each in document.devices if each.code == "river-1")
    assert (device.airtime_regime, device.site_class, device.published) == ("B", "valley", True)
    assert document.gateways[0].airtime_regime == "A"
    reading = read([written(tmp_path, "export.yaml", as_yaml(document))])
    assert (messages(reading), reading.document) == ([], document)
    assert not registry.plan(connection, reading.document).changes_something


def test_a_ledger_comes_from_excel(any_database: Database, tmp_path: Path) -> None:
    apply(any_database, *everything(tmp_path))
    lines = [
        "資産番号,事業,品名,機器コード,単価,取得年月日,処分制限年月日,状態,処分日,ラベル貼付",
        'a-4,agri,水位計,river-2,"1,200,000",2026/6/1,2032/5/31,処分済,2026/11/3,2026/6/10',
    ]
    apply(any_database, written(tmp_path, "ledger.csv", "\r\n".join(lines), "cp932"))
    asset = registry.export(any_database.connect()).assets[-1]
    assert (asset.unit_price_yen, asset.disposal_until, asset.state) == (1_200_000, date(2032, 5, 31), "disposed")


def test_a_replaced_device_has_an_old_line_and_a_new_one(any_database: Database, tmp_path: Path) -> None:
    apply(any_database, *everything(tmp_path))
    new = f"{NEW}, device: river-1}}]"
    assert "古い方の状態を 処分済 に" in the_problem(any_database, tmp_path, new)
    gone = "assets: [{code: a-1, project: agri, name: 水位計, state: 処分済, disposed_on: 2026-11-03}]"
    apply(any_database, written(tmp_path, "gone.yaml", gone), written(tmp_path, "new.yaml", new))
    assert [each.code for each in registry.export(any_database.connect()).assets if each.device] == ["a-1", "a-9"]


def test_two_lines_may_swap_their_devices(any_database: Database, tmp_path: Path) -> None:
    apply(any_database, *everything(tmp_path), written(tmp_path, "more.yaml", f"{NEW}, device: river-2}}]"))
    swapped = """
assets:
  - {code: a-1, project: agri, name: 水位計, device: river-2}
  - {code: a-9, project: agri, name: 水位計, device: river-1}
"""
    apply(any_database, written(tmp_path, "swapped.yaml", swapped))
    found = {each.code: each.device for each in registry.export(any_database.connect()).assets}
    assert (found["a-1"], found["a-9"]) == ("river-2", "river-1")


WRONG = (
    (f"{NEW}, unit_price_yen: 120万円}}]", "円の数字で"),
    (f"{NEW}, unit_price_yen: 820000.5}}]", "円未満"),
    (f"{NEW}, unit_price_yen: -5}}]", "金額として読めません"),
    (f"{NEW}, quantity: 0}}]", "数量を整数で"),
    (f"{NEW}, service_life_years: 半年}}]", "耐用年数を年の整数で"),
    (f"{NEW}, state: 故障}}]", "使用中(in_use)、予備(spare)"),
    (f"{NEW}, subsidised_yen: 100, subsidy_yen: 101}}]", "補助対象経費 100 円を超えています"),
    (f"{NEW}, subsidy_yen: 101}}]", "補助対象経費も書いて"),
    (f"{NEW}, acquired_on: 2026-06-01, disposal_until: 2026-05-31}}]", "取得日 2026-06-01 より前"),
    (f"{NEW}, state: 亡失}}]", "処分または亡失の日を書いて"),
    (f"{NEW}, disposed_on: 2026-06-01}}]", "状態を 処分済 か 亡失 に"),
    (f"{NEW}, device: river-1, gateway: gw-1}}]", "どちらか一方だけ"),
    (f"{NEW}, device: river-2, quantity: 2}}]", "2 行に分けて"),
    (f"{NEW}, device: river-9}}]", "agri/river-9"),
    (f"{NEW}, device: camera}}]", "agri/camera"),
    (f"{NEW}, gateway: gw-2}}]", "事業「bosai」のもの"),
    (f"{NEW}, gateway: gw-1}}]", "資産 agri/a-3 にも"),
    ("assets: [{code: a-1, project: agri, disposal_until: 2026-05-31}]", "取得日 2026-06-01 より前"),
    ("devices: [{code: river-1, project: agri, airtime_regime: F}]", "のどれかで書いて"),
    ("devices: [{code: river-1, project: agri, site_class: 海}]", "開けた平地(open)"),
)


def test_what_is_wrong_is_said_with_what_to_write_instead(any_database: Database, tmp_path: Path) -> None:
    apply(any_database, *everything(tmp_path))
    connection = any_database.connect()
    known = registry.known(connection)
    for text, expected in WRONG:
        reading = read([written(tmp_path, "wrong.yaml", text)])
        complete(reading, known)
        plan = registry.plan(connection, reading.document, broken=frozenset(reading.broken))
        (found,) = [*messages(reading), *map(str, plan.problems)]
        assert expected in found


def test_a_certificate_that_looks_like_none_is_a_doubt_and_no_mistake(any_database: Database, tmp_path: Path) -> None:
    apply(any_database, *everything(tmp_path))
    doubtful = "assets: [{code: a-2, project: agri, name: 柱, technical_conformity: 12345}]"
    plan = registry.plan(any_database.connect(), read([written(tmp_path, "d.yaml", doubtful)]).document)
    assert [each.ja for each in questions(plan)] == [
        "資産 agri/a-2: 技適番号が「12345」です。機器の銘板の番号と同じですか(例 001-P01730)"
    ]
