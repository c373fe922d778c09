"""`noroshi registry` as a clerk calls it."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.cli.registry import registry
from ingest.errors import CallRefused, StoreUnavailable
from tests.fixtures.database import Database
from tests.registry.files import base, table, written

pytestmark = pytest.mark.japanese


def call(database: Database | str, *arguments: str | Path, given: bytes | None = None) -> Result:
    url = database if isinstance(database, str) else database.url
    words = [str(each) for each in (*arguments, "--database", url)]
    return CliRunner().invoke(registry, words, input=given)


def done(result: Result) -> list[str]:
    """What was done, without what is lacking (test_lacking.py)."""
    return [line for line in result.output.splitlines() if "注意" not in line]


def device_count(database: Database) -> int:
    row = database.connect().execute("select count(*) from device").fetchone()
    return int(row[0]) if row else -1


def test_apply_says_how_many_of_each_kind_and_what_changed(any_database: Database, tmp_path: Path) -> None:
    result = call(any_database, "apply", base(tmp_path), table(tmp_path, ["a,agri,lora,甲,,600"]))
    assert result.exit_code == 0, result.output
    assert done(result) == [
        "台帳に反映しました。",
        "  事業: 新規 2 件、変更 0 件、変更なし 0 件",
        "  通信網: 新規 2 件、変更 0 件、変更なし 0 件",
        "  基地局: 新規 1 件、変更 0 件、変更なし 0 件",
        "  機器: 新規 1 件、変更 0 件、変更なし 0 件",
    ]
    result = call(any_database, "apply", table(tmp_path, ["a,agri,lora,乙,70B3D57ED0000001,900"]))
    assert done(result)[2:] == [
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


DEVICE = "機器コード,事業,通信網,機器名\na,agri,lora,甲\n"


@pytest.mark.parametrize(
    "content", [DEVICE.encode("cp932"), DEVICE.encode("utf-8-sig"), DEVICE.replace(",", "\t").encode("utf-16")]
)
def test_a_table_comes_in_by_the_standard_input(content: bytes, any_database: Database, tmp_path: Path) -> None:
    result = call(any_database, "apply", base(tmp_path), "-", given=content)
    assert result.exit_code == 0, result.output
    assert device_count(any_database) == 1


def test_a_document_comes_in_by_the_standard_input(any_database: Database, tmp_path: Path) -> None:
    result = call(any_database, "apply", "-", given=base(tmp_path).read_bytes())
    assert result.exit_code == 0, result.output
    assert "事業: 新規 2 件" in result.output
    result = call(any_database, "apply", "-", given=b"# nothing yet\ndevices:\n  - {code: A}\n")
    assert str(result.exception).startswith("標準入力 3行目 code: ")


def test_a_standard_input_that_says_nothing_is_no_registry_without_changes(any_database: Database) -> None:
    result = call(any_database, "apply", "-", given=b"\n")
    assert isinstance(result.exception, CallRefused)
    assert "何も届いていません" in str(result.exception)
    result = call(any_database, "apply", "-", "-", given=b"projects: []\n")
    assert "一度だけ" in str(result.exception)
    result = call(any_database, "apply", "-", given=b"PK\x03\x04 a workbook")
    assert "Excel ブックのままです" in str(result.exception)


def test_the_registry_goes_out_by_the_standard_output(any_database: Database, tmp_path: Path) -> None:
    assert call(any_database, "apply", base(tmp_path)).exit_code == 0
    result = call(any_database, "export", "-o", "-")
    assert call(any_database, "apply", "-", given=result.stdout_bytes).output.startswith("台帳はファイルのとおりです")


QUESTIONABLE = """
devices:
  - {code: zero, project: agri, network: lora, name: 零, latitude: 0, longitude: 0}
  - {code: far, project: agri, network: lora, name: 遠, latitude: 35.6, longitude: -139.7}
  - {code: right, project: agri, network: lora, name: 正, latitude: 35.6, longitude: 139.7}
bindings:
  - {project: agri, device: right, quantity: distance, mount_height_m: 620}
  - {project: agri, device: far, quantity: distance, mount_height_m: 6.2}
"""


def test_a_place_in_the_sea_and_a_height_of_a_tower_are_questioned_and_written(
    any_database: Database, tmp_path: Path
) -> None:
    result = call(any_database, "apply", base(tmp_path), written(tmp_path, "q.yaml", QUESTIONABLE))
    assert result.exit_code == 0, result.output
    asked = [line for line in result.output.splitlines() if "緯度" in line or "取付高" in line]
    assert asked == [
        "  注意 機器 agri/zero: 緯度・経度が 0, 0 です。分からないときは空にしてください",
        "  注意 機器 agri/far: 緯度・経度 35.6, -139.7 は日本の外です。取り違えていませんか",
        "  注意 取付条件 agri/right distance 0: 取付高が 620 m です。cm や mm で書いていませんか",
    ]
    assert device_count(any_database) == 3
    again = call(any_database, "apply", written(tmp_path, "q.yaml", QUESTIONABLE))
    assert "緯度" not in again.output, "what stays as it is was said before"
