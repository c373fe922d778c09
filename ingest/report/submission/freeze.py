"""Makes a submission (提出版) of a checked report: number and key on its cover, every form anew, each file signed."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ingest.access import audit
from ingest.access.audit import Action
from ingest.access.authority import By, ChangeRefused, NotThere
from ingest.report.canonical import digest_of_document
from ingest.report.form.apart import form_writer
from ingest.report.form.forms import ReportForm, base_name, file_name, fits_form
from ingest.report.form.options import FormOptions
from ingest.report.form.xlsx import report_workbook
from ingest.report.order.database import Taken, codes_of_project, end_order, note_progress, read_taken
from ingest.report.order.orders import REPORT
from ingest.report.submission import database
from ingest.report.submission.database import Frozen, Row, SignedFile
from ingest.report.submission.difference import Change, changes_between, difference_document
from ingest.report.submission.model import DIFFERENCE
from ingest.report.submission.number import submission_number
from ingest.report.submission.review import refuse_freezing
from ingest.report.submission.signing import Statement, digest_of, key_id_of, public_bytes, sign
from ingest.report.submission.using import key_in_use
from ingest.store.database import Database
from schemas.bilingual import Bilingual
from schemas.japan import to_jst
from schemas.report_document import ReportDocument, Sealed
from schemas.report_json import document_of_json


@dataclass(frozen=True, slots=True)
class _Sealing:
    """A report on its way to a submission. `before`: the revision it replaces; `changes`: what it changes of it."""

    row: Row
    before: Row | None
    document: ReportDocument
    changes: Sequence[Change]
    reason: str
    key: Ed25519PrivateKey


def freeze_report(connection: Database, taken: Taken, key_file: Path, now: datetime) -> None:
    """Freeze the report that an order names, and end the order. All of it happens, or none.

    `connection` in autocommit mode. Of a report that was frozen meanwhile nothing is made. Raises NotThere,
    ChangeRefused and SettingsRefused for what cannot be frozen.
    """
    order, project_id = taken.order, taken.project_id
    assert order.of_report is not None  # the table sees to it
    with database.frozen_one_by_one(connection, project_id):
        row = database.read_row(connection, project_id, order.of_report)
        if row is None:
            raise NotThere(REPORT)
        if row.state == "frozen":
            end_order(connection, order.number, row.report_id)
            return
        note_progress(connection, order.number, 0, len(order.forms) + 1, "")
        sealing = _sealing(connection, taken, row, key_file, now)
        project, organisation = codes_of_project(connection, project_id)
        files = []
        for done, (form, name, content) in enumerate(_files(sealing, order.forms, order.options), 1):
            note_progress(connection, order.number, done, len(order.forms) + 1, name)
            files.append(_signed(sealing, (project, organisation), form, name, content))
        with connection.transaction():
            again = database.read_row(connection, project_id, row.report_id, lock=True)
            if again != row or read_taken(connection, order.number) is None:  # reopened or called off meanwhile
                raise ChangeRefused(
                    Bilingual("確定の途中で報告書が変わりました", "the report was changed while it was being frozen")
                )
            database.freeze_row(connection, project_id, row.report_id, _frozen(sealing, files), files)
            end_order(connection, order.number, row.report_id)
            after = _noted(sealing, files)
            entry = By(order.ordered_by).entry(
                Action.REPORT_FROZEN,
                row.kind.value,
                organisation,
                project,
                before={"report": row.report_id},
                after=after,
            )
            audit.append(connection, entry)


def _sealing(connection: Database, taken: Taken, row: Row, key_file: Path, now: datetime) -> _Sealing:
    order = taken.order
    before = refuse_freezing(connection, taken.project_id, row, order.reason)
    key = key_in_use(connection, key_file, By(order.ordered_by))
    public = public_bytes(key.public_key())
    assert row.checked_at is not None  # the table sees to it
    plain = document_of_json(row.document)
    sealed = Sealed(
        checked_at=to_jst(row.checked_at),
        checked_by=row.checked_by or "",
        frozen_at=to_jst(now),
        frozen_by=order.ordered_by,
        reason=order.reason if before else "",
        replaces_frozen_at=before and before.frozen_at and to_jst(before.frozen_at),
        key_id=key_id_of(public),
        public_key=base64.b64encode(public).decode(),
    )
    revision = 1 if before is None or before.revision is None else before.revision + 1
    document = plain.model_copy(update={"number": submission_number(plain), "revision": revision, "sealed": sealed})
    changes = [] if before is None else changes_between(document_of_json(before.document), document)
    if before is not None and not changes:
        raise ChangeRefused(
            Bilingual(
                f"第{before.revision}版と同じ内容です。新しい版は要りません",
                f"it says the same as revision {before.revision}: no new revision is needed",
            )
        )
    return _Sealing(row, before, document, changes, sealed.reason, key)


def _files(sealing: _Sealing, forms: Sequence[ReportForm], options: FormOptions) -> Iterator[tuple[str, str, bytes]]:
    """Form, name and bytes of each file, one after the other."""
    document = sealing.document
    with form_writer(document, options) as write:
        for form in forms:
            if fits_form(document, form):
                yield form.value, file_name(document, form), write(form)
    if sealing.before is not None:
        old = document_of_json(sealing.before.document)
        sheet = difference_document(old, document, list(sealing.changes), sealing.reason)
        yield DIFFERENCE, f"{base_name(document)}_差分表.xlsx", report_workbook(sheet)


def _signed(sealing: _Sealing, whose: tuple[str, str | None], form: str, name: str, content: bytes) -> SignedFile:
    document, sealed = sealing.document, sealing.document.sealed
    assert sealed is not None  # set in `_sealing`
    statement = Statement(
        project=whose[0], organisation=whose[1], kind=document.kind.value,
        first_day=document.period.first_day.isoformat(), last_day=document.period.last_day.isoformat(),
        number=document.number or "", revision=document.revision or 0, frozen_at=sealed.frozen_at, form=form, name=name,
        document_sha256=digest_of_document(document).hex(), file_sha256=digest_of(content),
    )  # fmt: skip
    return SignedFile(form, name, content, sign(statement, sealing.key).text())


def _frozen(sealing: _Sealing, files: Sequence[SignedFile]) -> Frozen:
    document, sealed = sealing.document, sealing.document.sealed
    assert sealed is not None  # set in `_sealing`
    return Frozen(
        number=document.number or "",
        revision=document.revision or 0,
        of_report=sealing.before and sealing.before.report_id,
        reason=sealing.reason,
        document=document.model_dump(mode="json"),
        digest=digest_of_document(document),
        difference=None if sealing.before is None else [change._asdict() for change in sealing.changes],
        frozen_at=sealed.frozen_at,
        frozen_by=sealed.frozen_by,
        key_id=sealed.key_id,
        sealed={file.form: hashlib.sha256(file.content).hexdigest() for file in files},
    )


def _noted(sealing: _Sealing, files: Sequence[SignedFile]) -> dict[str, object]:
    document = sealing.document
    return {
        "report": sealing.row.report_id,
        "number": document.number,
        "revision": document.revision,
        "reason": sealing.reason,
        "changes": len(sealing.changes),
        "key": document.sealed and document.sealed.key_id,
        "sha256": digest_of_document(document).hex(),
        "files": {file.form: digest_of(file.content) for file in files},
    }
