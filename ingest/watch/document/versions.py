"""Versions of the document of a project: every change keeps what was valid before, with who, when and why."""

from dataclasses import dataclass
from typing import Any

from ingest.access import audit
from ingest.access.audit import Action
from ingest.access.authority import By
from ingest.registry.problem import Problem
from ingest.store.database import Database, translated
from ingest.watch.document import database
from ingest.watch.document.check import Found, area_notes, check_registry
from ingest.watch.document.database import DocumentRow, Place
from ingest.watch.document.difference import Change, difference
from ingest.watch.document.fault import Fault, WatchRefused, problem_of
from ingest.watch.document.named import each_device
from ingest.watch.document.read import Source, document_of
from ingest.watch.document.registered import Registered
from schemas.bilingual import Bilingual, joined
from schemas.watch import WatchDocument

SAID_IN_AUDIT = 40
"""Changes named in the audit log. All of them can be seen by comparing the versions."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a document. `number`: of the version that was stored; None if none was.

    `first`: the project had none before. `notes`: what is no mistake and yet worth a look.
    """

    project: str
    first: bool
    changes: tuple[Change, ...]
    notes: tuple[Bilingual, ...]
    number: int | None = None


def apply(connection: Database, by: By, source: Source, reason: str = "", *, check_only: bool = False) -> Applied:
    """Store a document as the next version, with an entry in the audit log, in one transaction.

    Nothing is stored if nothing differs from the version that holds, or if `check_only`. Raises WatchRefused with all
    that is wrong in the document, in itself and beside the registry, each with its line.
    """
    document = document_of(source)
    with translated(), connection.transaction():
        place = database.place_of(connection, document.project)
        if place is None:
            raise WatchRefused([_no_project(document, source)])
        if not check_only:
            database.lock_documents(connection, place.project_id)
        found = _check(connection, document, place.project_id)
        if found.faults:
            raise WatchRefused([problem_of(each, source.body, source.spots) for each in found.faults])
        body = body_of(document)
        before = current(connection, place.project_id)
        changes = tuple(difference(before.body if before else None, body))
        notes = tuple(problem_of(each, source.body, source.spots).said for each in dict.fromkeys(found.notes))
        applied = Applied(document.project, before is None, changes, notes)
        if check_only or (before is not None and not changes):
            return applied
        number = database.insert_document(
            connection, place.project_id, body=body, source=source.text, by=by.actor, reason=reason
        )
        _write_down(connection, by, place, number, reason, changes)
        return Applied(document.project, before is None, changes, notes, number)


def current(connection: Database, project_id: int) -> DocumentRow | None:
    """The version that holds; None if the project has no document."""
    rows = database.document_rows(connection, project_id, limit=1)
    return rows[0] if rows else None


def body_of(document: WatchDocument) -> dict[str, Any]:
    """The document as it is stored."""
    return document.model_dump(mode="json", by_alias=True, exclude_none=True)


def _check(connection: Database, document: WatchDocument, project_id: int) -> Found:
    codes = {code for _, code in each_device(document)}
    devices = database.device_rows(connection, codes, seen=True)
    registered = Registered(devices, database.quantity_rows(connection))
    found = check_registry(document, project_id, registered)
    found.notes.extend(area_notes(document, database.areas(connection, project_id)))
    return found


def _no_project(document: WatchDocument, source: Source) -> Problem:
    said = Bilingual(f"台帳に事業 {document.project} がありません", f"the registry has no project {document.project}")
    return problem_of(Fault(("project",), said), source.body, source.spots)


def _write_down(
    connection: Database, by: By, place: Place, number: int, reason: str, changes: tuple[Change, ...]
) -> None:
    said = joined((change.said for change in changes[:SAID_IN_AUDIT]), "; ")
    after = {"number": number, "reason": reason, "changes": len(changes), "said": said.ja}
    subject = f"{place.code} #{number}"
    entry = by.entry(Action.WATCH_CHANGED, subject, organisation=place.organisation, project=place.code, after=after)
    audit.append(connection, entry, by.address)
