"""`noroshi plan log` as a clerk calls it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.cli.plan import plan
from ingest.errors import CallRefused
from tests.figures.two_towns import SEED
from tests.fixtures.database import FIRST, Database, Servers, fresh_database

pytestmark = pytest.mark.japanese

TABLE = "種類,開始,分,機器\n見回り,2026/4/1 9:00,30,dev_1_here\n点検,2026/4/1 10:00,{minutes},\n"


@pytest.fixture(scope="module")
def towns(servers: Servers) -> Iterator[Database]:
    database = fresh_database(servers.get(FIRST))
    database.connect().execute(SEED.encode())
    database.connect().execute("delete from work_entry")
    yield database
    database.drop()


def call(towns: Database, *arguments: str | Path, given: bytes | None = None) -> Result:
    words = [*map(str, arguments), "--project", "here", "--database", towns.url]
    return CliRunner().invoke(plan, ["log", *words], input=given)


def count(towns: Database) -> int:
    row = towns.connect().execute("select count(*) from work_entry").fetchone()
    assert row is not None
    return int(row[0])


def test_a_file_is_tried_entered_and_given_again(towns: Database, tmp_path: Path) -> None:
    path = tmp_path / "作業.csv"
    path.write_bytes(TABLE.format(minutes=10).encode("cp932"))
    tried = call(towns, path, "--dry-run")
    assert tried.output.splitlines() == [
        "確認だけを行いました。書き込みはしていません。", "  作業.csv 作業記録: 新規 2 件、登録済み 0 件",
    ]  # fmt: skip
    assert count(towns) == 0
    assert call(towns, path).output.splitlines()[1] == "  作業.csv 作業記録: 新規 2 件、登録済み 0 件"
    again = call(towns, "-", given=path.read_bytes())
    assert again.output.splitlines()[1] == "  標準入力 作業記録: 新規 0 件、登録済み 2 件"
    assert count(towns) == 2


def test_mistakes_are_told_all_at_once_and_nothing_is_written(towns: Database, tmp_path: Path) -> None:
    before = count(towns)
    path = tmp_path / "誤り.csv"
    path.write_text(TABLE.format(minutes=9999) + "昼寝,2026/4/1,5,\n", encoding="utf-8-sig")
    refused = call(towns, path)
    assert isinstance(refused.exception, CallRefused)
    assert "誤り.csv 4行目 種類" in refused.output
    assert "誤り.csv 3行目 分: 分は1〜1,440で書いてください" in refused.output
    assert count(towns) == before
