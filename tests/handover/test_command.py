"""`noroshi export` and `noroshi import` as a clerk calls them."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.cli.main import cli
from ingest.errors import CallRefused, HandoverIncomplete
from tests.fixtures.database import Database
from tests.handover.valley import rows

pytestmark = pytest.mark.japanese


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words], standalone_mode=False)


def test_out_in_and_compared(valley: Database, any_database: Database, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = call("export", "--project", "tea", "-o", out, "--by", "係", "--database", valley.url)
    assert done.exception is None, done.output
    assert "  reading                    203 件  測定値(測定したまま)" in done.output.splitlines()
    done = call("import", out, "--verify")
    assert done.output.startswith("茶園見守り事業: ファイルはすべて元のままです(")
    done = call("import", out, "--compare", "--database", any_database.url)
    assert isinstance(done.exception, HandoverIncomplete)
    assert "  device           同じ 0、不足 3、余分 0、相違 0" in done.output.splitlines()
    done = call("import", out, "--database", any_database.url)
    assert done.exception is None, done.output
    ((key,),) = rows(any_database, "select key_id from signing_key")
    assert f"署名の鍵: {key}。" in done.output
    noted = "select after::jsonb ->> 'signing_keys' from audit_entry where action = 'import_made'"
    assert rows(any_database, noted) == [(f'["{key}"]',)]
    done = call("import", out, "--compare", "--database", any_database.url)
    assert done.exception is None, done.output
    assert done.output.splitlines()[-1] == "欠けているものはありません。"
    done = call("import", out, "--database", any_database.url)
    assert isinstance(done.exception, CallRefused)


def test_a_directory_that_is_not_empty_is_refused(valley: Database, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    done = call("export", "--project", "tea", "-o", tmp_path, "--database", valley.url)
    assert isinstance(done.exception, CallRefused)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_full_disk_is_said_and_leaves_no_manifest(valley: Database, tmp_path: Path) -> None:
    """A limit on the size of a file stands in for the end of the disk."""
    words = ["export", "--project", "tea", "-o", str(tmp_path / "out"), "--database", valley.url]
    # -B: the limit would cut short the bytecode, too, that Python keeps for everybody who comes later.
    limited = ["sh", "-c", 'ulimit -f 2; trap "" XFSZ; exec "$@"', "sh", sys.executable, "-B", "-m", "ingest", *words]
    done = subprocess.run(limited, capture_output=True, text=True, check=False)
    assert (done.returncode, "書き出しが途中です" in done.stderr) == (1, True), done.stderr
    assert not (tmp_path / "out/manifest.json").exists()


def test_a_project_that_is_not_there_makes_no_directory(valley: Database, tmp_path: Path) -> None:
    done = call("export", "--project", "rize", "-o", tmp_path / "out", "--database", valley.url)
    assert isinstance(done.exception, CallRefused)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("words", [("--from", "2026-05-02", "--to", "2026-05-01"), ("--from", "May")])
def test_days_that_cannot_be_are_a_wrong_call(valley: Database, tmp_path: Path, words: tuple[str, ...]) -> None:
    done = call("export", "--project", "tea", "-o", tmp_path / "out", *words, "--database", valley.url)
    assert done.exception is not None
    assert not (tmp_path / "out").exists()


def test_whoever_starts_the_service_does_not_wait_for_the_libraries_of_a_hand_over() -> None:
    look = "import sys, ingest.cli.main, ingest.service.service; sys.exit('pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", look], check=False).returncode == 0


def test_the_help_lists_both_commands() -> None:
    done = call("--help")
    assert {"export", "import"} <= {line.split()[0] for line in done.output.splitlines() if line.startswith("  ")}
