"""A change of one field is a change of one field: `noroshi registry set`, and files that say some of a thing."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ingest.cli.registry import registry
from ingest.errors import CallRefused
from schemas.bilingual import speaking
from tests.fixtures.database import Database
from tests.registry.files import base, table, written

pytestmark = pytest.mark.japanese

FIELDS = "code, name, interval_s, model, dev_eui, installed_on, enabled"


@pytest.fixture
def registered(any_database: Database, tmp_path: Path) -> Database:
    """Two devices of one project, one of them with much that could be lost."""
    headings = "機器コード,事業,通信網,機器名,DevEUI,送信間隔(秒),型式,設置日"
    rows = ["a,agri,lora,甲,70B3D57ED0000001,900,EM300,2026-04-01", "b,agri,lora,乙,,600,,"]
    call(any_database, "apply", base(tmp_path), table(tmp_path, rows, headings=headings))
    return any_database


def call(database: Database, *words: str | Path) -> str:
    arguments = [*map(str, words), "--database", database.url]
    return CliRunner().invoke(registry, arguments, catch_exceptions=False).output


def refused(database: Database, *words: str | Path) -> str:
    with pytest.raises(CallRefused) as error:
        call(database, *words)
    with speaking("en"):
        return f"{error.value.said.ja}\n{error.value}"


def rows(database: Database) -> dict[str, tuple[Any, ...]]:
    found = database.connect().execute(f"select {FIELDS} from device")
    return {row[0]: row for row in found}


def test_one_field_of_a_device_changes_and_nothing_else(registered: Database) -> None:
    before = rows(registered)
    said = call(registered, "set", "device", "agri/a", "enabled=false")
    assert "  変更 機器 agri/a: 有効 ○ → ×\n" in said
    after = rows(registered)
    assert after["a"] == (*before["a"][:-1], False)
    assert after["b"] == before["b"]


def test_the_english_reader_is_told_the_same(registered: Database) -> None:
    with speaking("en"):
        said = call(registered, "set", "device", "a", "有効=×", "interval_s=300")
    assert "  changed device agri/a: interval_s 900 → 300, enabled true → false\n" in said


def test_an_empty_value_clears_what_may_be_empty(registered: Database) -> None:
    assert "設置日 2026-04-01 → (空)" in call(registered, "set", "device", "agri/a", "installed_on=")
    assert "機器 agri/a name: 空です。必ず書いてください" in refused(registered, "set", "device", "agri/a", "name=")


def test_a_dry_run_of_one_change_changes_nothing(registered: Database) -> None:
    before = rows(registered)
    assert "有効 ○ → ×" in call(registered, "set", "device", "agri/a", "enabled=false", "--dry-run")
    assert rows(registered) == before


def test_things_other_than_devices_are_changed_the_same_way(registered: Database) -> None:
    assert "事業 agri: 事業主体 (空) → 袋井市、交付決定番号 (空) → 6-123" in call(
        registered, "set", "project", "agri", "事業主体=袋井市", "grant_number=6-123"
    )
    assert "通信網 lora: 通信網名 農業 LPWA → 山の網" in call(registered, "set", "network", "lora", "name=山の網")
    assert "基地局 gw-1: 緯度 (空) → 34.75" in call(registered, "set", "gateway", "gw-1", "latitude=34.75")


@pytest.mark.parametrize(
    ("words", "ja", "en"),
    [
        (("agri/a", "enabld=false"), "「enabled」か", "did you mean enabled or"),
        (("agri/a", "enabled=maybe"), "機器 agri/a enabled: 「maybe」は読めません。○ か ×", "write true or false"),
        (("agri/a", "enabled"), "「項目=値」の形で書いてください", "write NAME=VALUE"),
        (("agri/a", "enabled=false", "有効=true"), "同じ内容の項目が二つあります", "two names mean the same"),
        (("agri/a", "code=c"), "機器の名前は変えられません", "the name of a device cannot be changed"),
        (("agri/a", "network=lara"), "「lora」ではありませんか", "did you mean lora?"),
        (("agri/a", "season_from=11-01"), "運用開始と運用終了は、両方", "season_from and season_to go together"),
        (("agri/a", "calm_interval_s=86400"), "平常時の送信間隔と観測開始水位は、両方", "active_level_m go together"),
        (("agri/a", "calm_interval_s=60", "active_level_m=1"), "送信間隔より長く", "must be longer than interval_s"),
        (("agri/a", "calm_interval_s=3600", "active_level_m=250"), "250 cm なら 2.5", "250 cm is written as 2.5"),
        (("agri/aa", "enabled=false"), "機器「agri/aa」は台帳にありません。agri/a", "did you mean agri/a"),
        (("zz", "enabled=false"), "noroshi registry export で一覧", "`noroshi registry export` lists them"),
    ],
)
def test_a_wrong_name_or_value_is_refused_with_what_to_write(
    registered: Database, words: tuple[str, ...], ja: str, en: str
) -> None:
    before = rows(registered)
    said = refused(registered, "set", "device", *words)
    assert ja in said
    assert en in said
    assert "必ず書いてください" not in said
    assert rows(registered) == before


def test_a_file_needs_to_say_only_what_changes(registered: Database, tmp_path: Path) -> None:
    before = rows(registered)
    text = "devices:\n- {project: agri, code: a, enabled: false}\n- {project: agri, code: b, model: EM300}\n"
    said = call(registered, "apply", written(tmp_path, "change.yaml", text))
    assert [line for line in said.splitlines()[1:] if "注意" not in line] == [
        "  機器: 新規 0 件、変更 2 件、変更なし 0 件",
        "  変更 機器 agri/a: 有効 ○ → ×",
        "  変更 機器 agri/b: 型式 (空) → EM300",
    ]
    assert rows(registered)["a"] == (*before["a"][:-1], False)


def test_what_is_not_there_yet_must_be_said_whole(registered: Database, tmp_path: Path) -> None:
    text = "devices:\n- {project: agri, code: new, enabled: false}\n- {project: agri, code: a, interval_s: x}\n"
    said = refused(registered, "apply", written(tmp_path, "change.yaml", text)).splitlines()
    assert said[:4] == [
        "change.yaml 2行目 network: 空です。必ず書いてください",
        "change.yaml 2行目 name: 空です。必ず書いてください",
        "change.yaml 3行目 interval_s: 「x」は読めません。秒を数字だけで書いてください(例 600)",
        "誤りが 3 件あります。何も書き込みませんでした。",
    ]
