"""The entry of the audit log of a deed."""

from ingest.access import audit
from ingest.access.audit import Action
from ingest.store.database import Database
from ingest.watch.deeds.database.lookups import codes_of_project
from ingest.watch.deeds.model import Doer


def record(
    connection: Database, doer: Doer, action: Action, project_id: int, subject: str, after: dict[str, object]
) -> None:
    """Write down a deed, last in its transaction. What is empty is left out of `after`; the way is added to it."""
    project, organisation = codes_of_project(connection, project_id)
    said = {name: value for name, value in after.items() if value not in (None, "")}
    entry = doer.by.entry(action, subject, organisation, project, after={"way": doer.way.value} | said)
    audit.append(connection, entry, doer.by.address)
