"""Stages of levels (基準水位): from the files into the database and out again, and what is said about wrong ones."""

from pathlib import Path

import pytest

from ingest.registry.read import read
from ingest.registry.write import as_yaml
from ingest.store.registry import registry
from schemas.stage import OFFICIAL, Stage
from tests.fixtures.database import Database
from tests.registry.applied import apply, problems, the_problem
from tests.registry.files import base, messages, written

pytestmark = pytest.mark.japanese

DEVICES = """
devices:
  - {code: river-1, project: agri, network: lora, name: 川1}
  - {code: well-1, project: agri, network: lora, name: 井戸1}
quantities:
  - {code: well_level, project: agri, label_ja: 井戸水位, unit: m, reject_low: -100, reject_high: 10}
  - {code: tank, project: agri, label_ja: 水槽, unit: cm, reject_low: 0, reject_high: 300}
"""
STAGES = """
stages:
  - {project: agri, device: river-1, rank: 1, name: 水防団待機水位, level_m: 1.2, official: true, source: 県河川課}
  - {project: agri, device: river-1, rank: 2, name: 氾濫注意水位, level_m: 1.8, official: true, source: 県河川課}
  - {project: agri, device: river-1, rank: 3, name: 市設定基準1, level_m: 2.2, ref_level: 3, datum: 零点高 T.P. 12.3 m}
  - {project: agri, device: river-1, rank: 4, name: 氾濫危険水位, level_m: 3.0, official: true, source: 県, valid_to: 2026-05-31}
  - {project: agri, device: river-1, rank: 4, name: 氾濫危険水位, level_m: 3.2, official: true, source: 県, valid_from: 2026-06-01}
  - {project: agri, device: well-1, quantity: well_level, rank: 1, name: 揚水制限, level_m: -20}
"""  # noqa: E501 - one stage a line, as people write them
NEW = "stages: [{project: agri, device: river-1"


def everything(folder: Path) -> list[Path]:
    return [
        base(folder),
        *(written(folder, f"{name}.yaml", text) for name, text in (("devices", DEVICES), ("stages", STAGES))),
    ]


def stages(database: Database) -> list[tuple[object, ...]]:
    query = "select device, rank, name, level_m, valid_to is null from figure_stage order by device, rank, level_m"
    return database.connect().execute(query.encode()).fetchall()


def test_what_is_exported_is_what_was_applied(database: Database, tmp_path: Path) -> None:
    apply(database, *everything(tmp_path))
    connection = database.connect()
    document = registry.export(connection)
    assert [(stage.device, stage.rank) for stage in document.stages] == [
        ("river-1", 1), ("river-1", 2), ("river-1", 3), ("river-1", 4), ("river-1", 4), ("well-1", 1),
    ]  # fmt: skip
    reading = read([written(tmp_path, "export.yaml", as_yaml(document))])
    assert messages(reading) == []
    assert reading.document == document
    plan = registry.plan(connection, reading.document)
    assert (plan.problems, plan.changes_something) == ((), False)


def test_a_stage_of_the_law_has_its_english_name_and_its_level_of_alert(any_database: Database, tmp_path: Path) -> None:
    apply(any_database, *everything(tmp_path))
    found = [(stage.name_en, stage.ref_level) for stage in registry.export(any_database.connect()).stages]
    assert found[:3] == [(*OFFICIAL["水防団待機水位"],), (*OFFICIAL["氾濫注意水位"],), ("", 3)]


def test_stages_come_from_excel(database: Database, tmp_path: Path) -> None:
    apply(database, *everything(tmp_path))
    lines = [
        "事業,機器,段階,基準水位名,水位(m),公式,警戒レベルの目安,出典,適用開始",
        "agri,well-1,1,市設定基準1,2.50m,×,レベル3,,2026/6/1",
        "agri,well-1,2,避難判断水位,3.1,○,,県河川課 令和8年度,2026/6/1",
    ]
    apply(database, written(tmp_path, "stages.csv", "\r\n".join(lines), "cp932"))
    assert stages(database)[-2:] == [("well-1", 1, "市設定基準1", 2.5, True), ("well-1", 2, "避難判断水位", 3.1, True)]


def test_a_stage_is_ended_by_writing_its_end_and_another_may_follow(any_database: Database, tmp_path: Path) -> None:
    apply(any_database, *everything(tmp_path))
    later = f"""
{NEW}, rank: 3, name: 市設定基準1, level_m: 2.2, valid_to: 2027-03-31}},
  {{project: agri, device: river-1, rank: 3, name: 市設定基準1, level_m: 2.4, valid_from: 2027-04-01}}]
"""
    apply(any_database, written(tmp_path, "later.yaml", later))
    of_rank_3 = [row for row in stages(any_database) if row[1] == 3]
    assert of_rank_3 == [("river-1", 3, "市設定基準1", 2.2, False), ("river-1", 3, "市設定基準1", 2.4, True)]


def test_stages_written_the_wrong_way_round_are_told_each(any_database: Database, tmp_path: Path) -> None:
    apply(any_database, *everything(tmp_path)[:2])
    found = problems(any_database, written(tmp_path, "wrong.yaml", STAGES.replace("level_m: 1.2", "level_m: 12")))
    assert [message.split()[1] for message in found] == ["4行目", "5行目", "6行目", "7行目"]
    assert all("段階が上がるほど高い水位に" in message for message in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{NEW}, rank: 5, name: 市設定基準2, level_m: 2.0}}]", "段階が上がるほど高い水位に"),
        (f"{NEW}, rank: 5, name: 市設定基準2, level_m: 350}}]", "cm ではなく m"),
        (f"{NEW}, rank: 5, name: 市設定基準2, level_m: 350cm}}]", "メートルの数字だけ"),
        (f"{NEW}, rank: 0, name: 市設定基準2, level_m: 3.5}}]", "段階は1"),
        (f"{NEW}, rank: 5, name: 市設定基準2, level_m: 3.5, ref_level: 6}}]", "警戒レベルの目安は1から5"),
        (f"{NEW}, rank: 5, name: 市設定基準2, level_m: 3.5, ref_level: 2}}]", "より下です"),
        (f"{NEW}, rank: 5, name: 避難判断水位, level_m: 3.5, official: true, source: 県, ref_level: 5}}]", "の順に"),
        (f"{NEW}, rank: 5, name: 避難判断水位, level_m: 3.5}}]", "法定の名前"),
        (f"{NEW}, rank: 5, name: 計画高水位, level_m: 3.5, official: true}}]", "出典"),
        (f"{NEW}, rank: 5, name: 水位警報, level_m: 3.5}}]", "気象業務法"),
        (f"{NEW}, rank: 2, name: 市設定基準2, level_m: 1.9, valid_from: 2026-05-01}}]", "期間が"),
        (f"{NEW}, rank: 5, name: a, level_m: 3.5, valid_from: 2026-05-01, valid_to: 2026-04-01}}]", "適用終了が"),
        (f"{NEW}, rank: 5, name: a, level_m: 3.5, quantity: paddy_water_level}}]", "m で測る水位ではありません"),
        (f"{NEW}, rank: 5, name: a, level_m: 3.5, quantity: distance}}]", "m で測る水位ではありません"),
        (f"{NEW}, rank: 5, name: a, level_m: 3.5, quantity: tank}}]", "m で測る水位ではありません"),
        (f"{NEW}, rank: 5, name: a, level_m: 3.5, quantity: well_levle}}]", "well_levle"),
        (f"{NEW}, rank: 5, name: a}}]", "level_m: 空です"),
        (NEW.replace("river-1", "river-9") + ", rank: 1, name: a, level_m: 1}]", "river-9"),
        (f"{NEW}, rank: 5, name: 市設定基準2, level_m: 3.5, hight: 3}}]", "hight"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_write_instead(
    any_database: Database, tmp_path: Path, text: str, expected: str
) -> None:
    apply(any_database, *everything(tmp_path))
    assert expected in the_problem(any_database, tmp_path, text)


def test_the_stages_of_the_law_rise_and_so_do_their_levels_of_alert() -> None:
    levels = [known.ref_level for known in OFFICIAL.values() if known.ref_level is not None]
    assert levels == sorted(levels) == [2, 3, 4]
    stage = Stage(project="a", device="b", rank=1, name="氾濫危険水位", level_m=1, official=True, source="県")
    assert (stage.ref_level, stage.name_en) == (4, "Flood danger level")
