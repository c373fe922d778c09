"""`noroshi report verify`, `frozen` and `key` as they are called: what they print, and their exit codes."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest.cli.report import report
from ingest.errors import CallRefused, FrozenWrong, NoroshiError, ReportNotVerified
from ingest.report.order.drafts import kept_document, kept_file
from ingest.report.proof.fault import WHY, Fault
from ingest.report.submission.database import read_signature
from ingest.store.database import Database as Connection
from tests.fixtures.database import Database
from tests.report.submission.conftest import FROZEN_AT, Freeze, one


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, key_file: Path, office: Database) -> None:
    monkeypatch.setenv("NOROSHI_REPORT__KEY_FILE", str(key_file))
    monkeypatch.setenv("NOROSHI_DATABASE__URL", office.url)


def call(*words: str | Path) -> str:
    """What is printed. Raises what the command raises."""
    given = [str(word) for word in words]
    return CliRunner().invoke(report, given, catch_exceptions=False, standalone_mode=False).stdout


def said_by(error: type[NoroshiError], *words: str | Path) -> str:
    with pytest.raises(error) as refused:
        call(*words)
    return refused.value.said.en


def handed_out(connection: Connection, number: int, folder: Path) -> tuple[Path, Path]:
    """A file of a submission and its signature, as somebody gets them."""
    signature = read_signature(connection, 1, number, "json")
    assert signature is not None
    file, beside = folder / f"{number}.json", folder / f"{number}.json.sig.json"
    file.write_bytes(kept_file(connection, 1, number, "json"))
    beside.write_bytes(signature.text)
    return file, beside


def test_a_file_is_told_by_the_database_and_an_older_revision_is_said_to_be_replaced(
    connection: Connection, freeze: Freeze, tmp_path: Path
) -> None:
    first, second = freeze(7), freeze(8, "訂正", FROZEN_AT + timedelta(days=3))
    older, newer = (handed_out(connection, number, tmp_path)[0] for number in (first, second))
    assert "frozen: paddy-2026-yearly revision 2" in call("verify", newer)
    assert "newer revision" not in call("verify", newer)
    said = call("verify", older)
    assert "frozen: paddy-2026-yearly revision 1" in said
    assert "note: there is a newer revision, 2 (frozen 2027-04-14 09:00)" in said
    newer.write_bytes(newer.read_bytes() + b"\n")
    assert "Not a frozen report" in said_by(ReportNotVerified, "verify", newer)


def test_a_signature_is_enough_without_a_database(
    connection: Connection, freeze: Freeze, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = freeze(7)
    file, signature = handed_out(connection, number, tmp_path)
    sealed = kept_document(connection, 1, number).sealed
    assert sealed is not None
    monkeypatch.setenv("NOROSHI_DATABASE__URL", "postgresql://nobody@127.0.0.1:1/nothing")
    words = ("verify", file, "--signature", signature)
    assert "compare it with the public key" in call(*words)
    said = call(*words, "--public-key", sealed.public_key)
    assert "frozen: paddy-2026-yearly revision 1" in said
    assert "compare" not in said
    other = "A" * 43 + "="
    assert "not signed by the given key" in said_by(ReportNotVerified, *words, "--public-key", other)
    assert "44 characters" in said_by(CallRefused, *words, "--public-key", "short")
    assert "is for --signature" in said_by(CallRefused, "verify", file, "--public-key", other)
    file.write_bytes(b"another")
    assert "about another file" in said_by(ReportNotVerified, *words)
    signature.write_bytes(signature.read_bytes().replace(b'"revision": 1', b'"revision": 2'))
    assert "no true signature" in said_by(ReportNotVerified, *words)


def test_the_exit_code_is_0_for_a_frozen_report_1_for_another_and_2_for_a_wrong_call(
    connection: Connection, freeze: Freeze, tmp_path: Path
) -> None:
    file, _ = handed_out(connection, freeze(7), tmp_path)
    other = tmp_path / "other.json"
    other.write_text("{}")
    for code, words in ((0, [file]), (1, [other]), (2, [tmp_path / "absent"])):
        command = [sys.executable, "-m", "ingest", "report", "verify", *map(str, words)]
        assert subprocess.run(command, capture_output=True, check=False).returncode == code


def test_what_was_frozen_is_listed(freeze: Freeze) -> None:
    assert "nothing was frozen" in call("frozen", "--project", "paddy")
    freeze(7)
    freeze(8, "訂正", FROZEN_AT + timedelta(days=3))
    newer, older = call("frozen", "--project", "paddy").splitlines()
    assert newer.startswith("paddy-2026-yearly revision 2 2027-04-14 09:00 ")
    assert newer.endswith("[newest]")
    assert older.endswith("[replaced by revision 2]")
    assert "all files and signatures of 2 revisions verified" in call("frozen", "--project", "paddy", "--verify")
    with pytest.raises(NoroshiError):
        call("frozen", "--project", "nowhere")


TAMPERED = (
    ("update report_file set content = content || 'x' where form = 'json'", Fault.CONTENT),
    ("update report_file set content = 'x', sha256 = sha256('x') where form = 'json'", Fault.CONTENT),
    ("delete from report_file where form = 'json'", Fault.FILES),
    ("update report_file set signature = null", Fault.SIGNATURE),
    ("update report_file set signature = (select signature from report_file where form = 'csv')", Fault.STATEMENT),
    ("update report set document = jsonb_set(document, '{title}', '\"x\"')", Fault.DOCUMENT),
    ("update report set revision = 2", Fault.COVER),
    ("delete from signing_key", Fault.KEY),
    ("delete from report", Fault.LOST),
    ('update report set sealed = \'{"csv": "00"}\'', Fault.NOTED),
)
"""What a superuser can do who silences the triggers."""


@pytest.mark.parametrize(("statement", "fault"), TAMPERED)
def test_what_a_superuser_changes_in_the_database_is_found(
    connection: Connection, freeze: Freeze, statement: str, fault: Fault
) -> None:
    freeze(7)
    connection.execute("set session_replication_role = replica")
    connection.execute(statement.encode())
    said = said_by(FrozenWrong, "frozen", "--project", "paddy", "--verify")
    assert WHY[fault].en in said


def test_a_file_that_a_superuser_put_in_place_of_the_frozen_one_is_not_verified(
    connection: Connection, freeze: Freeze, tmp_path: Path
) -> None:
    """The bytes, their hash and the seal of the report fit each other. The signature does not."""
    freeze(7)
    connection.execute("set session_replication_role = replica")
    connection.execute("update report_file set content = 'forged', sha256 = sha256('forged') where form = 'json'")
    forged = tmp_path / "forged.json"
    forged.write_bytes(b"forged")
    assert "its signature is not true" in said_by(ReportNotVerified, "verify", forged)


def test_keys_are_shown_and_changed(connection: Connection, freeze: Freeze, key_file: Path) -> None:
    assert "there is no key yet" in call("key", "show")
    freeze(7)
    (shown,) = call("key", "show").splitlines()
    old, public, *_ = shown.split()
    assert shown.endswith("in use")
    made = call("key", "rotate")
    assert str(key_file) in made
    new, retired = call("key", "show").splitlines()
    assert new.split()[0] == made.split()[0] != old
    assert retired.startswith(f"{old} {public} ")
    assert " retired " in retired
    key_file.unlink()
    assert "is not there" in said_by(NoroshiError, "key", "rotate")
    assert call("key", "rotate", "--lost").split()[0] != new.split()[0]
    assert "in use" in call("key", "adopt")
    actors = one(connection, "select string_agg(distinct actor, ' ') from audit_entry where action like 'signing%%'")
    assert "command:" in actors
