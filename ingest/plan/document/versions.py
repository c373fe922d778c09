"""Versions of the plan of a project: every change keeps what was valid before, with who, when and why."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ingest.access import audit
from ingest.access.audit import Action
from ingest.access.authority import PROJECT, By, NotThere
from ingest.errors import CallRefused
from ingest.plan.document import database
from ingest.plan.document.checks import faults
from ingest.plan.document.database import VersionRow
from ingest.plan.document.difference import Difference, difference
from ingest.plan.document.fault import NO_SPOTS, Fault, Spots, problem_of
from ingest.plan.document.kpi_checks import notes
from ingest.plan.document.refused import PlanRefused, refuse_unseen
from ingest.plan.document.registry_checks import Registry, registry_faults, registry_notes
from ingest.registry.problem import Problem
from ingest.store.database import Database, translated
from schemas.bilingual import Bilingual, joined
from schemas.plan import PlanDocument

SAID_IN_AUDIT = 40
"""Changes named in the audit log. All of them can be seen by comparing the versions."""

CHANGED_MEANWHILE = Bilingual(
    "この画面を開いたあとに、ほかの人が計画を変えました。いまの値を見て、もう一度入れてください",
    "Somebody changed the plan since you opened this page. Look at what holds now, and enter it again",
)


class PlanChangedMeanwhile(CallRefused):
    """Somebody else was quicker: a change of what stood there before would undo theirs."""


NO_REASON = Bilingual(
    "変更の理由を書いてください。あとから監査で確かめられるようにするためです",
    "say why it is changed: an auditor will ask",
)


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """A plan as it was valid from `entered_at` on, until the next version was entered."""

    number: int
    entered_at: datetime
    entered_by: str
    reason: str
    document: PlanDocument


def current(connection: Database, project_id: int) -> PlanVersion | None:
    """The version that is valid now; None if the project has no plan."""
    return _one(database.version_rows(connection, project_id, limit=1))


def version_at(connection: Database, project_id: int, at: datetime) -> PlanVersion | None:
    """The version that was valid at an aware time: the last one entered at or before it; None before the first."""
    return _one(database.version_rows(connection, project_id, at=at, limit=1))


def version_of(connection: Database, project_id: int, number: int) -> PlanVersion | None:
    """The version of this number; None if there is none."""
    return _one(database.version_rows(connection, project_id, number=number, limit=1))


def versions(connection: Database, project_id: int) -> list[PlanVersion]:
    """All versions, newest first."""
    return [_version(row) for row in database.version_rows(connection, project_id)]


def planned_projects(connection: Database) -> set[int]:
    """The projects that have a plan, among those that the reader sees."""
    return database.planned_projects(connection)


def _one(rows: list[VersionRow]) -> PlanVersion | None:
    return _version(rows[0]) if rows else None


def _version(row: VersionRow) -> PlanVersion:
    document = PlanDocument.model_validate(row.document)
    return PlanVersion(row.number, row.entered_at, row.entered_by, row.reason, document)


def problems_of(
    connection: Database, project_id: int, document: PlanDocument, spots: Spots = NO_SPOTS
) -> list[Problem]:
    """All that is wrong with a document, in itself and beside the registry. Empty: it can be stored."""
    body = document.model_dump(mode="json")
    found = [*faults(document), *registry_faults(document, Registry(database.things(connection, project_id)))]
    place = database.place_of(connection, project_id)
    if place is None:
        raise NotThere(PROJECT)
    if place.code != document.project:
        said = Bilingual(
            f"事業 {place.code} の計画ではなく、{document.project} の計画です",
            f"it is the plan of {document.project}, and not of {place.code}",
        )
        found.insert(0, Fault(("project",), said))
    return [problem_of(each, body, spots) for each in found]


def notes_of(connection: Database, project_id: int, document: PlanDocument) -> tuple[Bilingual, ...]:
    """What is no mistake, and yet an auditor would ask about."""
    body = document.model_dump(mode="json")
    registry = Registry(database.things(connection, project_id))
    found = [*notes(document), *registry_notes(document, registry)]
    return tuple(problem_of(each, body).said for each in found)


def apply(
    connection: Database,
    by: By,
    project_id: int,
    document: PlanDocument,
    reason: str,
    *,
    dry_run: bool = False,
    spots: Spots = NO_SPOTS,
    based_on: int | None = None,
) -> Difference:
    """Store a document as the next version, with an entry in the audit log, in one transaction.

    Nothing is stored if nothing differs, or if `dry_run`. Raises PlanRefused with all that is wrong in the document,
    with its lines where `spots` has them; CallRefused where a change comes without a reason; PlanChangedMeanwhile where
    the plan is not the version any more that the document was made of (`based_on`; None: of none).
    """
    refuse_unseen(reason)
    with translated(), connection.transaction():
        if not dry_run:
            database.lock_versions(connection, project_id)
        problems = problems_of(connection, project_id, document, spots)
        if problems:
            raise PlanRefused(problems)
        before = current(connection, project_id)
        if based_on is not None and before is not None and before.number != based_on:
            raise PlanChangedMeanwhile(CHANGED_MEANWHILE)
        found = difference(before.document if before else None, document)
        found = replace(found, notes=notes_of(connection, project_id, document))
        if dry_run or not found:
            return found
        if before is not None and not reason.strip():
            raise CallRefused(NO_REASON)
        return replace(found, number=_store(connection, by, project_id, document, reason.strip(), found))


def _store(
    connection: Database, by: By, project_id: int, document: PlanDocument, reason: str, found: Difference
) -> int:
    body = document.model_dump(mode="json")
    number = database.insert_version(
        connection, project_id, by=by.actor, reason=reason, document=body, digest=digest_of(body)
    )
    place = database.place_of(connection, project_id)
    assert place is not None  # it was there a moment ago, and is locked
    said = joined((change.said for change in found.changes[:SAID_IN_AUDIT]), "; ")
    after = {"number": number, "reason": reason, "changes": len(found.changes), "said": said.ja}
    entry = by.entry(
        Action.PLAN_CHANGED, f"{place.code} #{number}", organisation=place.organisation, project=place.code, after=after
    )
    audit.append(connection, entry, by.address)
    return number


def digest_of(body: Any) -> bytes:
    """SHA-256 of the canonical text of a document: sorted names, no blanks, whole numbers without a point."""
    text = json.dumps(_canonical(body), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).digest()


def _canonical(value: Any) -> Any:
    """The value as it is after a stay in the database, which does not tell 100.0 and 100 apart in all cases."""
    match value:
        case dict():
            return {name: _canonical(each) for name, each in value.items()}
        case list():
            return [_canonical(each) for each in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
