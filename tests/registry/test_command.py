"""`noroshi registry` as a clerk calls it."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.cli.registry import registry
from ingest.errors import CallRefused, StoreUnavailable
from tests.fixtures.database import Database
from tests.registry.files import base, table


def call(database: Database | str, *arguments: str | Path) -> Result:
    url = database if isinstance(database, str) else database.url
    words = [str(each) for each in (*arguments, "--database", url)]
    return CliRunner().invoke(registry, words)


def device_count(database: Database) -> int:
    row = database.connect().execute("select count(*) from device").fetchone()
    return int(row[0]) if row else -1


def test_apply_says_how_many_of_each_kind_and_what_changed(any_database: Database, tmp_path: Path) -> None:
    result = call(any_database, "apply", base(tmp_path), table(tmp_path, ["a,agri,lora,甲,,600"]))
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        "台帳に反映しました。",
        "  事業: 新規 2 件、変更 0 件、変更なし 0 件",
        "  通信網: 新規 2 件、変更 0 件、変更なし 0 件",
        "  基地局: 新規 1 件、変更 0 件、変更なし 0 件",
        "  機器: 新規 1 件、変更 0 件、変更なし 0 件",
    ]
    result = call(any_database, "apply", table(tmp_path, ["a,agri,lora,乙,70B3D57ED0000001,900"]))
    assert result.output.splitlines()[2:] == [
        "  変更 機器 agri/a: 機器名 甲 → 乙、DevEUI (空) → 70b3d57ed0000001、送信間隔(秒) 600 → 900"
    ]
    result = call(any_database, "apply", table(tmp_path, ["a,agri,lora,乙,70B3D57ED0000001,900"]))
    assert result.output.splitlines()[0] == "台帳はファイルのとおりです。変更はありません。"


def test_a_dry_run_changes_nothing(any_database: Database, tmp_path: Path) -> None:
    result = call(any_database, "apply", base(tmp_path), table(tmp_path, ["a,agri,lora,甲,,"]), "--dry-run")
    assert result.exit_code == 0, result.output
    assert "機器: 新規 1 件" in result.output
    assert device_count(any_database) == 0


def test_problems_of_the_files_and_of_the_references_come_together(any_database: Database, tmp_path: Path) -> None:
    rows = ["A,agri,lora,甲,,", "b,agri,lara,乙,,", "c,agri,lora,丙,,ten"]
    result = call(any_database, "apply", base(tmp_path), table(tmp_path, rows))
    assert isinstance(result.exception, CallRefused)
    lines = str(result.exception).splitlines()
    assert [line.split(":")[0] for line in lines[:3]] == [
        "devices.csv 2行目 機器コード",
        "devices.csv 4行目 送信間隔(秒)",
        "devices.csv 3行目 通信網",
    ]
    assert lines[3] == "誤りが 3 件あります。何も書き込みませんでした。"
    assert device_count(any_database) == 0


def test_without_a_database_the_files_are_still_judged(tmp_path: Path) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/none"
    wrong = call(nowhere, "apply", table(tmp_path, ["A,agri,lora,甲,,"]))
    assert isinstance(wrong.exception, CallRefused)
    right = call(nowhere, "apply", base(tmp_path))
    assert isinstance(right.exception, StoreUnavailable)


def test_a_file_that_is_not_there_is_a_wrong_call(tmp_path: Path) -> None:
    assert call("postgresql://x@127.0.0.1/x", "apply", tmp_path / "none.csv").exit_code == 2


@pytest.mark.parametrize("format_", ["yaml", "csv"])
def test_what_export_writes_apply_finds_unchanged(any_database: Database, tmp_path: Path, format_: str) -> None:
    call(any_database, "apply", base(tmp_path), table(tmp_path, ["a,agri,lora,甲,70B3D57ED0000001,900"]))
    target = tmp_path / f"export.{format_}"
    assert call(any_database, "export", "--format", format_, "-o", target).exit_code == 0
    assert call(any_database, "export", "--format", format_).stdout_bytes == target.read_bytes()
    result = call(any_database, "apply", target)
    assert result.output.startswith("台帳はファイルのとおりです。"), result.output
