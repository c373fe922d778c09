"""A checked report is frozen once, signed, and never changes again; a revision says what it changed and why."""

import io
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from ingest.access.authority import ChangeRefused
from ingest.report.canonical import canonical_json
from ingest.report.form.forms import ReportForm
from ingest.report.form.values import text_of
from ingest.report.order.child import Handed
from ingest.report.order.drafts import discard_draft, keep_draft, kept_document, kept_file, kept_report
from ingest.report.order.model import ZIP
from ingest.report.order.whole_set import SetWanted, make_set
from ingest.report.order.work import make_order
from ingest.report.submission import database
from ingest.report.submission.review import check_report, order_freeze, reopen_report
from ingest.report.submission.signing import digest_of, read_signed
from ingest.settings.model import DatabaseSettings
from ingest.settings.report import ReportSettings
from ingest.store.database import Database as Connection
from ingest.store.schema.migrate import grants
from schemas.japan import FiscalYear
from schemas.report_document import CellKind, ReportKind
from tests.fixtures.database import Database
from tests.report.form.documents import MADE_AT
from tests.report.submission.conftest import FROZEN_AT, ITO, PADDY, SATO, Freeze, checked, one, taken
from tests.report.submission.saying import said

_FILES = "select form, name, content, signature from report_file where report_id = %s order by form"


def test_every_file_of_a_submission_says_which_it_is_and_is_signed(connection: Connection, freeze: Freeze) -> None:
    number = freeze(7)
    report, document = kept_report(connection, 1, number), kept_document(connection, 1, number)
    assert (report.state, report.submission, report.revision) == ("frozen", "paddy-2026-yearly", 1)
    assert document.sealed is not None
    assert (document.sealed.checked_by, document.sealed.frozen_by) == ("sato", "ito")
    files = connection.execute(_FILES, (number,)).fetchall()
    assert [form for form, *_ in files] == ["csv", "json"]
    for form, name, content, signature in files:
        signed = read_signed(signature)
        assert signed is not None
        statement = signed.statement
        assert (statement.form, statement.name, statement.number) == (form, name, "paddy-2026-yearly")
        assert statement.file_sha256 == digest_of(content)
        assert (statement.document_sha256, statement.organisation) == (report.digest.hex(), "222160")
        assert signed.public_key == document.sealed.public_key
        assert signed.public_key.encode() in content
    body = one(connection, "select document from report")
    assert digest_of(canonical_json(body)) == report.digest.hex()
    actions = "select string_agg(action || ' ' || actor, ', ' order by entry_id) from audit_entry"
    assert one(connection, actions) == (
        "report_checked sato, report_ordered ito, signing_key_made ito, report_frozen ito"
    )
    assert report.files[0].sha256.hex() in one(
        connection, "select after from audit_entry order by entry_id desc limit 1"
    )


def test_a_draft_does_not_replace_what_was_checked_and_a_check_can_be_taken_back(connection: Connection) -> None:
    number = checked(connection, said(1))
    newer = keep_draft(connection, 1, said(2), {})
    assert kept_report(connection, 1, number).state == "checked"
    with pytest.raises(ChangeRefused, match="no draft"):
        discard_draft(connection, SATO, PADDY, number)
    with pytest.raises(ChangeRefused, match="check it first"):
        order_freeze(connection, ITO, PADDY, newer)
    reopen_report(connection, SATO, PADDY, number)
    assert kept_report(connection, 1, number).state == "draft"


def test_a_report_that_was_made_before_its_end_is_not_frozen(connection: Connection) -> None:
    early = said(1)
    early = early.model_copy(update={"period": early.period.model_copy(update={"over": False})})
    with pytest.raises(ChangeRefused, match="before its period was over"):
        order_freeze(connection, ITO, PADDY, checked(connection, early))


def test_a_revision_needs_a_reason_and_something_new(connection: Connection, freeze: Freeze, key_file: Path) -> None:
    first = freeze(7)
    older = checked(connection, said(8, FROZEN_AT - timedelta(hours=1)))
    with pytest.raises(ChangeRefused, match="say why"):
        order_freeze(connection, ITO, PADDY, older, " ")
    with pytest.raises(ChangeRefused, match="before revision 1 was frozen"):
        order_freeze(connection, ITO, PADDY, older, "遅れて届いた")
    same = checked(connection, said(7, FROZEN_AT + timedelta(days=1)))
    order_freeze(connection, ITO, PADDY, same, "念のため")
    make_order(connection, taken(connection).order.number, key_file, FROZEN_AT + timedelta(days=2))
    assert "says the same" in one(connection, "select failed_en from report_order where of_report = %s", same)

    second = freeze(9, "遅れて届いたデータ", FROZEN_AT + timedelta(days=3))
    report, document = kept_report(connection, 1, second), kept_document(connection, 1, second)
    assert (report.submission, report.revision) == ("paddy-2026-yearly", 2)
    assert {file.form for file in report.files} == {"csv", "json", "difference"}
    row = connection.execute("select of_report, reason, difference from report where report_id = %s", (second,))
    assert row.fetchone() == (
        first, "遅れて届いたデータ",
        [{"section": "devices", "row": "W-0000", "column": "n0", "place": "機器一覧 W-0000 数0", "old": "7",
          "new": "9"}],
    )  # fmt: skip
    assert document.sealed is not None
    assert document.sealed.replaces_frozen_at == FROZEN_AT
    assert [(each.revision, each.is_newest) for each in database.list_frozen(connection, 1)] == [(2, True), (1, False)]
    assert text_of(kept_document(connection, 1, first).sections[0].rows[0].cells[2], CellKind.COUNT) == "7"  # type: ignore[union-attr]


_OTHER_FILE = (
    "insert into report_file (report_id, project_id, form, name, content, sha256)"
    " select report_id, 1, 'pdf', 'x', 'y', sha256('y') from report where state = 'frozen'"
)
_MOVED_FILE = (
    "update report_file set report_id = (select report_id from report where state = 'frozen'), form = 'xlsx'"
    " where report_id = (select report_id from report where state = 'checked')"
)
_WITHOUT_ITS_FILES = (
    "update report set state = 'frozen', number = 'x', revision = 1, frozen_at = now(), frozen_by = 'x', key_id = 'x',"
    """ sealed = '{"json": "00"}' where state = 'checked'"""
)
FORBIDDEN = (
    "update report set reason = 'x'", "update report set state = 'draft', checked_at = null", "delete from report",
    "truncate report cascade", "update report_file set name = 'x'", "delete from report_file", "truncate report_file",
    _OTHER_FILE, _MOVED_FILE, _WITHOUT_ITS_FILES, "update signing_key set public_key = 'x'",
    "update signing_key set own = false", "delete from signing_key", "truncate signing_key",
)  # fmt: skip


def test_nobody_changes_what_was_frozen(connection: Connection, freeze: Freeze) -> None:
    freeze(7)
    checked(connection, said(8))
    before = connection.execute("select r.*, f.* from report r join report_file f using (report_id) order by f.form")
    found = before.fetchall()
    for role in ("noroshi_writer", "noroshi_pages"):
        if one(connection, "select to_regrole(%s)", role) is None:
            connection.execute(f"create role {role}".encode())
    connection.execute(grants("writer").encode())
    connection.execute("grant select on report, report_file, signing_key to noroshi_pages")
    for role in ("none", "noroshi_writer", "noroshi_pages"):
        connection.execute(f"set role {role}".encode())
        for statement in FORBIDDEN:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())
    connection.execute("reset role")
    again = connection.execute("select r.*, f.* from report r join report_file f using (report_id) order by f.form")
    assert again.fetchall() == found


def test_two_who_freeze_at_once_make_one_revision(office: Database, connection: Connection, key_file: Path) -> None:
    number = checked(connection, said(7))
    placed = [order_freeze(office.connect(), by, PADDY, number).number for by in (ITO, SATO)]
    assert placed[0] == placed[1]
    connections = [office.connect() for _ in range(2)]

    def make(one_of_them: Connection) -> None:
        make_order(one_of_them, placed[0], key_file, FROZEN_AT)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(make, connections))
    revisions = connection.execute("select state, revision, count(*) over () from report").fetchall()
    assert revisions == [("frozen", 1, 1)]
    assert one(connection, "select count(*) from audit_entry where action = 'report_frozen'") == 1


def test_two_reports_of_a_period_that_are_frozen_at_once_get_two_revisions(
    office: Database, connection: Connection, key_file: Path
) -> None:
    """Both were checked before anything was frozen, and both are frozen at the same moment of the clock."""
    numbers = [checked(connection, said(value)) for value in (7, 8)]
    orders = [order_freeze(connection, ITO, PADDY, number, "同時").number for number in numbers]
    connections = [office.connect() for _ in orders]

    def make(place: int) -> None:
        make_order(connections[place], orders[place], key_file, MADE_AT)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(make, range(2)))
    failed = connection.execute("select failed_en from report_order").fetchall()
    assert failed == [(None,), (None,)]
    frozen = connection.execute("select number, revision from report order by revision").fetchall()
    assert frozen == [("paddy-2026-yearly", 1), ("paddy-2026-yearly", 2)]
    assert one(connection, "select count(*) from signing_key") == 1


def test_a_frozen_report_is_not_thrown_away(connection: Connection, freeze: Freeze) -> None:
    number = freeze(7)
    with pytest.raises(ChangeRefused, match="no draft"):
        discard_draft(connection, SATO, PADDY, number)
    keep_draft(connection, 1, said(8), {})  # a new draft replaces drafts alone
    assert kept_report(connection, 1, number).state == "frozen"
    assert one(connection, "select count(*) from audit_entry where action = 'report_discarded'") == 0


def test_what_is_killed_in_the_middle_leaves_nothing_and_is_done_again(
    office: Database, connection: Connection, key_file: Path
) -> None:
    number = checked(connection, said(7))
    order = order_freeze(connection, ITO, PADDY, number).number
    handed = Handed(
        database=DatabaseSettings(url=office.url), report=ReportSettings(key_file=key_file), order=order
    ).model_dump_json()
    with office.connect(autocommit=False) as holder:
        holder.execute("select from report_file for update")  # so that its last transaction waits in the middle
        child = subprocess.Popen(
            [sys.executable, "-m", "ingest.report.order.process"], stdin=subprocess.PIPE, text=True
        )
        assert child.stdin is not None
        child.stdin.write(handed)
        child.stdin.close()
        _wait(lambda: one(connection, "select count(*) from pg_stat_activity where wait_event = 'transactionid'") == 1)
        child.kill()
        child.wait()
        holder.rollback()
    report = kept_report(connection, 1, number)
    assert (report.state, [file.form for file in report.files]) == ("checked", ["json"])
    _wait(lambda: one(connection, "select count(*) from pg_locks where locktype = 'advisory'") == 0)
    make_order(connection, taken(connection).order.number, key_file, FROZEN_AT)
    assert kept_report(connection, 1, number).state == "frozen"


def _wait(until: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 30
    while not until():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def test_the_set_of_a_year_is_not_frozen_itself(connection: Connection) -> None:
    document = said(1)
    letter = document.model_copy(update={"kind": "set"})
    number = keep_draft(connection, 1, document, {})
    connection.execute("update report set kind = 'set' where report_id = %s", (number,))
    with pytest.raises(ChangeRefused, match="one by one"):
        check_report(connection, SATO, PADDY, number, MADE_AT)
    assert letter.made_at == MADE_AT


def test_the_set_of_a_year_has_what_is_frozen_and_makes_no_draft_of_it(connection: Connection, freeze: Freeze) -> None:
    freeze(7)
    newest = freeze(8, "a correction", FROZEN_AT + timedelta(days=3))
    kept: list[str] = []
    wanted = SetWanted(
        1,
        FiscalYear(2026),
        (ReportForm.CSV, ReportForm.PDF),
        "sato",
        FROZEN_AT,
        keep=lambda made, _: kept.append(made.kind),
    )
    letter, files = make_set(connection, wanted)
    (name, content), *_ = [(file.name, kept_file(connection, 1, newest, "csv"))
                           for file in kept_report(connection, 1, newest).files if file.form == "csv"]  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(files[ZIP][1])) as packed:
        assert packed.read(name) == content
    assert ReportKind.YEARLY not in kept
    assert ReportKind.ASSETS in kept
    assert "paddy-2026-yearly 第2版 PDF" in letter.model_dump_json()  # it was not frozen in that form
