"""The SQL of the proof: what is kept as frozen, one file at a time, and what the audit log has of it."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from ingest.report.proof.fault import KeptFile, Record
from ingest.store.database import Database


class Kept(NamedTuple):
    """A frozen report. `before`: the number of the revision that it names, None of a first one."""

    report_id: int
    before: int | None
    record: Record


def list_kept(connection: Database, project_id: int) -> list[Kept]:
    """The frozen reports of a project without their documents, the first one first."""
    rows = connection.execute(
        """
        select r.report_id, r.of_report, p.code, r.kind, r.first_day, r.last_day, r.state, r.number, r.revision,
            r.digest, r.frozen_at, r.key_id, r.sealed
        from report r join project p using (project_id)
        where r.project_id = %s and r.state = 'frozen' order by r.number, r.revision
        """,
        (project_id,),
    )
    return [Kept(row[0], row[1], Record._make(row[2:])) for row in rows]


def read_document(connection: Database, report_id: int) -> Any:
    """The document of a report, as JSON."""
    found = connection.execute("select document from report where report_id = %s", (report_id,)).fetchone()
    return None if found is None else found[0]


def each_file(connection: Database, report_id: int) -> Iterator[KeptFile]:
    """The files of a report, one in memory at a time."""
    forms = connection.execute("select form from report_file where report_id = %s order by form", (report_id,))
    for (form,) in forms.fetchall():
        row = connection.execute(
            "select form, name, content, sha256, signature from report_file where report_id = %s and form = %s",
            (report_id, form),
        ).fetchone()
        if row is not None:
            yield KeptFile._make(row)


def public_keys(connection: Database) -> dict[str, bytes]:
    """Every public key by its id."""
    return dict(connection.execute("select key_id, public_key from signing_key").fetchall())


class Noted(NamedTuple):
    """What the audit log has of a freezing: SHA-256 of the document and of each file, in hexadecimal digits."""

    number: str
    revision: int
    sha256: str
    files: dict[str, str]


def list_noted(connection: Database, project_id: int) -> list[Noted]:
    """Every freezing of a project that the audit log still has."""
    rows = connection.execute(
        "select e.after from audit_entry e join project p on p.code = e.project"
        " where e.action = 'report_frozen' and p.project_id = %s order by e.entry_id",
        (project_id,),
    )
    after = (json.loads(text) for (text,) in rows if text)
    return [Noted(each["number"], each["revision"], each["sha256"], each["files"]) for each in after]
