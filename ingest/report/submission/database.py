"""The SQL of submissions: what is checked, frozen, signed, compared and verified."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, NamedTuple

from psycopg.types.json import Jsonb

from ingest.report.form.options import FormOptions, options_of
from ingest.report.order.model import Purpose
from ingest.report.submission.signing import key_id_of, read_signed
from ingest.store.database import Database
from schemas.bilingual import Bilingual
from schemas.report_document import ReportKind

_LOCK = 20_261_130
"""Submissions of a project are frozen one after the other: the lock of this space and the id of the project."""


@contextmanager
def frozen_one_by_one(connection: Database, project_id: int) -> Iterator[None]:
    """Nobody else freezes a report of the project meanwhile. The lock ends with the connection, too."""
    connection.execute("select pg_advisory_lock(%s, %s)", (_LOCK, project_id))
    try:
        yield
    finally:
        if not connection.closed and not connection.broken:
            connection.execute("select pg_advisory_unlock(%s, %s)", (_LOCK, project_id))


class Row(NamedTuple):
    """A report as far as its way to a submission asks for it. `document`: JSON."""

    report_id: int
    kind: ReportKind
    first_day: date
    last_day: date
    state: str
    document: Any
    digest: bytes
    made_at: datetime
    checked_at: datetime | None
    checked_by: str | None
    number: str | None
    revision: int | None
    frozen_at: datetime | None
    options: FormOptions


_ROW = """report_id, kind, first_day, last_day, state, document, digest, made_at, checked_at, checked_by, number,
    revision, frozen_at, options"""


def read_row(connection: Database, project_id: int, report_id: int, *, lock: bool = False) -> Row | None:
    """The report of this number; None if the project has none. `lock`: nobody else changes it in this transaction."""
    query = f"select {_ROW} from report where project_id = %s and report_id = %s"  # noqa: S608  made of constants
    row = connection.execute(query + (" for update" if lock else ""), (project_id, report_id)).fetchone()
    return None if row is None else _row(row)


def newest_frozen(
    connection: Database, project_id: int, kind: ReportKind, first_day: date, last_day: date
) -> Row | None:
    """The newest revision of the submission about this period; None if nothing was frozen."""
    row = connection.execute(
        f"select {_ROW} from report where project_id = %s and kind = %s and first_day = %s and last_day = %s"  # noqa: S608
        " and state = 'frozen' order by revision desc limit 1",
        (project_id, kind.value, first_day, last_day),
    ).fetchone()
    return None if row is None else _row(row)


def _row(row: Sequence[Any]) -> Row:
    return Row._make((row[0], ReportKind(row[1]), *row[2:-1], options_of(row[-1])))


def note_checked(connection: Database, report_id: int, by: str, at: datetime) -> None:
    """A draft was checked."""
    connection.execute(
        "update report set state = 'checked', checked_at = %s, checked_by = %s where report_id = %s",
        (at, by, report_id),
    )


def note_reopened(connection: Database, report_id: int) -> None:
    """A checked report is a draft again."""
    connection.execute(
        "update report set state = 'draft', checked_at = null, checked_by = null where report_id = %s", (report_id,)
    )


class Frozen(NamedTuple):
    """What a checked report becomes. `sealed`: SHA-256 in hexadecimal digits by form."""

    number: str
    revision: int
    of_report: int | None
    reason: str
    document: Any
    digest: bytes
    difference: Any
    frozen_at: datetime
    frozen_by: str
    key_id: str
    sealed: dict[str, str]


class SignedFile(NamedTuple):
    """A file of a submission with the text of its signature."""

    form: str
    name: str
    content: bytes
    signature: bytes


def freeze_row(
    connection: Database, project_id: int, report_id: int, frozen: Frozen, files: Sequence[SignedFile]
) -> None:
    """Replace the files of a checked report, and freeze it with these. Within the caller's transaction."""
    connection.execute("delete from report_file where report_id = %s", (report_id,))
    for file in files:
        connection.execute(
            "insert into report_file (report_id, project_id, form, name, content, sha256, signature)"
            " select %s, %s, %s, %s, c.content, sha256(c.content), %s from (select %s::bytea as content) c",
            (report_id, project_id, file.form, file.name, file.signature, file.content),
        )
    difference = None if frozen.difference is None else Jsonb(frozen.difference)
    connection.execute(
        "update report set state = 'frozen', number = %s, revision = %s, of_report = %s, reason = %s, document = %s,"
        " digest = %s, difference = %s, frozen_at = %s, frozen_by = %s, key_id = %s, sealed = %s where report_id = %s",
        (
            frozen.number, frozen.revision, frozen.of_report, frozen.reason, Jsonb(frozen.document), frozen.digest,
            difference, frozen.frozen_at, frozen.frozen_by, frozen.key_id, Jsonb(frozen.sealed), report_id,
        ),
    )  # fmt: skip


def insert_order_about(
    connection: Database, project_id: int, row: Row, purpose: Purpose, forms: Sequence[str], by: str, reason: str
) -> int:
    """The number of a new order about a report that is kept."""
    found = connection.execute(
        "insert into report_order (project_id, kind, first_day, last_day, forms, purpose, of_report, reason,"
        " ordered_by, options) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) returning report_order_id",
        (
            project_id, row.kind.value, row.first_day, row.last_day, list(forms), purpose.value, row.report_id, reason,
            by, Jsonb(row.options.kept),
        ),
    ).fetchone()  # fmt: skip
    assert found is not None  # it returns what it inserted
    return int(found[0])


class Key(NamedTuple):
    """A public key. `own`: this installation signs or signed with it."""

    key_id: str
    public_key: bytes
    own: bool
    made_at: datetime
    retired_at: datetime | None


def list_keys(connection: Database) -> list[Key]:
    """Every public key that signed, or may sign, a report that is kept here; the newest first."""
    query = "select key_id, public_key, own, made_at, retired_at from signing_key order by own desc, made_at desc"
    return [Key._make(row) for row in connection.execute(query)]


def lock_keys(connection: Database) -> None:
    """Until the end of the transaction nobody else adds or retires a key."""
    connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))


def add_key(connection: Database, key_id: str, public_key: bytes) -> None:
    """Note the key that signs from now on; the one before signs nothing any more."""
    connection.execute("update signing_key set retired_at = now() where own and retired_at is null")
    connection.execute("insert into signing_key (key_id, public_key, own) values (%s, %s, true)", (key_id, public_key))


class FileKnown(NamedTuple):
    """What anybody who has a file of a submission may know about it.

    `own_key`: this installation signed; else it came with the hand-over of a project. `is_proven`: the signature that
    is kept with the file is true, of that key, and about this file; else somebody changed the database.
    """

    form: str
    name: str
    number: str
    revision: int
    kind: ReportKind
    title: str
    period: str
    project_code: str
    project_name: str
    organisation_name: str | None
    frozen_at: datetime
    key_id: str
    newest_revision: int
    newest_frozen_at: datetime
    own_key: bool
    is_proven: bool

    @property
    def is_newest(self) -> bool:
        """Whether no newer revision was frozen."""
        return self.revision == self.newest_revision


def files_known(connection: Database, sha256: bytes) -> list[FileKnown]:
    """The frozen files with this SHA-256, mostly one or none. Answers whoever asks."""
    rows = connection.execute("select * from report_of_file(%s)", (sha256,))
    return [_file_known(row, sha256) for row in rows]


def _file_known(row: Sequence[Any], sha256: bytes) -> FileKnown:
    (number, revision, key_id), (public_key, text) = (row[2], row[3], row[11]), row[15:]
    signed = read_signed(text or b"")
    is_proven = (
        signed is not None
        and public_key is not None
        and (signed.key_id, key_id_of(public_key)) == (key_id, key_id)
        and (signed.statement.number, signed.statement.revision) == (number, revision)
        and signed.statement.file_sha256 == sha256.hex()
    )
    return FileKnown._make((*row[:4], ReportKind(row[4]), *row[5:15], is_proven))


class Signature(NamedTuple):
    """The text of the signature of a file, and the name of the file."""

    name: str
    text: bytes


def read_signature(connection: Database, project_id: int, report_id: int, form: str) -> Signature | None:
    """The signature of a file; None of what is no file of a frozen report."""
    found = connection.execute(
        "select name, signature from report_file where project_id = %s and report_id = %s and form = %s"
        " and signature is not null",
        (project_id, report_id, form),
    ).fetchone()
    return None if found is None else Signature(found[0], bytes(found[1]))


class Standing(NamedTuple):
    """A submission: its newest revision, and what it differs by from what would be computed now.

    `changes`: values that differ, None while nobody looked or where it could not be computed (`failed`).
    """

    report_id: int
    kind: ReportKind
    title: str
    period: str
    number: str
    revision: int
    frozen_at: datetime
    frozen_by: str
    key_id: str
    newest_revision: int
    compared_at: datetime | None
    changes: int | None
    first_changes: Any
    failed: Bilingual | None

    @property
    def is_newest(self) -> bool:
        """Whether no newer revision was frozen."""
        return self.revision == self.newest_revision


def list_frozen(connection: Database, project_id: int, report_id: int | None = None) -> list[Standing]:
    """The frozen reports of a project, the newest first, or one of them."""
    rows = connection.execute(
        """
        select r.report_id, r.kind, r.document ->> 'title', r.document -> 'period' ->> 'label', r.number, r.revision,
            r.frozen_at, r.frozen_by, r.key_id, max(r.revision) over (partition by r.number), c.compared_at, c.changes,
            c.first_changes, c.failed_ja, c.failed_en
        from report r left join report_comparison c using (report_id)
        where r.project_id = %s and r.state = 'frozen'
        order by r.frozen_at desc, r.report_id desc
        """,
        (project_id,),
    )
    return [_standing(row) for row in rows if report_id is None or row[0] == report_id]


def _standing(row: Sequence[Any]) -> Standing:
    failed = None if row[13] is None else Bilingual(row[13], row[14])
    return Standing._make((row[0], ReportKind(row[1]), *row[2:13], failed))


def read_changes(connection: Database, project_id: int, report_id: int) -> Any:
    """What a revision changed, as it was frozen; None of a first revision."""
    found = connection.execute(
        "select difference from report where project_id = %s and report_id = %s", (project_id, report_id)
    ).fetchone()
    return None if found is None else found[0]


def due_comparison(connection: Database) -> tuple[int, int] | None:
    """(project, report) of the submission that was not looked at for longest; None if each was lately.

    Only the newest revision of each: for a year after the end of its period once a day, then once a month.
    """
    found: tuple[int, int] | None = connection.execute(
        """
        select r.project_id, r.report_id from report r left join report_comparison c using (report_id)
        where r.state = 'frozen' and r.revision = (
            select max(n.revision) from report n where n.project_id = r.project_id and n.number = r.number
        ) and coalesce(c.compared_at, '-infinity') < now() - case
            when r.last_day > current_date - 400 then interval '1 day' else interval '30 days'
        end and r.frozen_at < now() - interval '1 day'
        order by c.compared_at nulls first, r.report_id limit 1
        """
    ).fetchone()
    return found


def note_comparison(
    connection: Database, project_id: int, report_id: int, changes: Sequence[Any] | None, failed: Bilingual | None
) -> None:
    """Keep what was found: the number of changes and the first of them, or why they are not known."""
    connection.execute(
        """
        insert into report_comparison (report_id, project_id, compared_at, changes, first_changes, failed_ja, failed_en)
        values (%s, %s, now(), %s, %s, %s, %s)
        on conflict (report_id) do update set compared_at = excluded.compared_at, changes = excluded.changes,
            first_changes = excluded.first_changes, failed_ja = excluded.failed_ja, failed_en = excluded.failed_en
        """,
        (
            report_id, project_id, None if changes is None else len(changes), Jsonb(list(changes or ())[:100]),
            failed and failed.ja, failed and failed.en,
        ),
    )  # fmt: skip
