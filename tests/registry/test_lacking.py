"""What the registry lacks is said where it will hurt: when it is applied, by the doctor, in the report."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest.cli.main import cli
from ingest.figures.lacking import lacking
from schemas.bilingual import speaking
from schemas.lacking import Lacking, cautions
from tests.fixtures.database import Database
from tests.registry.files import base, table

pytestmark = pytest.mark.japanese

NO_ORGANISATION = "事業 agri の事業主体が台帳になく、報告書で空になります"
NO_GRANT = "事業 agri の交付決定番号が台帳になく、報告書で空になります"
NOT_INSTALLED = "設置日のない機器が 1 台あります(agri/a)"
STOPPED = "台帳で「有効」が×の機器が 1 台あります(agri/b)"
ALL = (NO_ORGANISATION, NO_GRANT, NOT_INSTALLED, STOPPED)


def call(database: Database, *words: str | Path) -> str:
    arguments = [*map(str, words), "--database", database.url]
    return CliRunner().invoke(cli, arguments, catch_exceptions=False).output


@pytest.fixture
def lax(any_database: Database, tmp_path: Path) -> Database:
    """A device without 設置日, one that is stopped, and projects of which only the name is known."""
    rows = ["a,agri,lora,甲,600,,○", "b,agri,lora,乙,600,2026-04-01,×", "c,agri,lora,丙,600,2026-04-01,○"]
    file = table(tmp_path, rows, headings="機器コード,事業,通信網,機器名,送信間隔(秒),設置日,有効")
    said = call(any_database, "registry", "apply", base(tmp_path), file)
    assert [text for text in ALL if f"  注意 {text}" not in said] == []
    assert "例 noroshi registry set device agri/a installed_on=2026-04-01" in said
    return any_database


def test_only_what_was_changed_is_remarked(lax: Database) -> None:
    said = call(lax, "registry", "set", "device", "agri/c", "enabled=false")
    assert "台帳で「有効」が×の機器が 1 台あります(agri/c)" in said
    assert NO_GRANT not in said
    assert "注意" not in call(lax, "registry", "set", "device", "agri/c", "enabled=true")


def test_what_is_told_to_write_ends_the_remark(lax: Database) -> None:
    call(lax, "registry", "set", "project", "agri", "organisation_name=袋井市", "grant_number=6-123")
    call(lax, "registry", "set", "device", "agri/a", "installed_on=2026-04-01")
    call(lax, "registry", "set", "device", "agri/b", "enabled=true")
    assert [text for each in lacking(lax.connect(), "agri") for text in cautions(each)] == []


def test_the_doctor_remarks_it_in_both_languages(lax: Database) -> None:
    said = call(lax, "doctor", "--only", "registry")
    assert [text for text in ALL if text not in said] == []
    with speaking("en"):
        said = call(lax, "doctor", "--only", "registry", "--lang", "en")
    assert "1 device without installed_on (agri/a)" in said
    assert "1 device with enabled: false (agri/b)" in said


def test_the_report_remarks_it(lax: Database, tmp_path: Path) -> None:
    for form in ("json", "xlsx"):
        call(lax, "report", "usage", "--project", "agri", "--month", "2026-10", "--format", form,
             "-o", tmp_path / f"r.{form}")  # fmt: skip
    said = (tmp_path / "r.json").read_text()
    assert [text for text in ALL if text not in said] == []
    assert (tmp_path / "r.xlsx").stat().st_size > 0


def test_of_many_devices_a_few_are_named() -> None:
    (said,) = cautions(Lacking("tea", organisation_name=False, grant_number=False, stopped=[],
                               without_installed_on=[f"d{n}" for n in range(9)]))  # fmt: skip
    assert "9 台あります(tea/d0, tea/d1, tea/d2, tea/d3, tea/d4, …(+4))" in said.ja
    assert "9 devices without installed_on (tea/d0," in said.en
