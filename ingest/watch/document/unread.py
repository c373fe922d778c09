"""Which stored documents this version of the program cannot read as a whole, for pages that say so."""

from datetime import datetime
from typing import NamedTuple

from ingest.store.database import Database
from ingest.watch.document.database import document_bodies, document_ids
from ingest.watch.document.stored import read_stored_document

MOST_KEPT = 1_000

_kept: dict[tuple[int, datetime], tuple[str, ...]] = {}
"""The unread places by number and time of a version. Versions are never changed, and pages ask every few seconds."""


class UnreadDocument(NamedTuple):
    """A document of which `places` cannot be read: it works without them."""

    project: str
    project_name: str
    places: tuple[str, ...]


def unread_documents(connection: Database, project: str | None = None) -> list[UnreadDocument]:
    """The newest documents, of one project or of all, of which something cannot be read."""
    newest = document_ids(connection, project)
    new = {(each.watch_document_id, each.applied_at) for each in newest} - _kept.keys()
    if len(_kept) + len(new) > MOST_KEPT:
        _kept.clear()
        new = {(each.watch_document_id, each.applied_at) for each in newest}
    bodies = document_bodies(connection, [number for number, _ in new])
    _kept.update({key: read_stored_document(bodies.get(key[0])).unread for key in new})
    found = ((each, _kept[each.watch_document_id, each.applied_at]) for each in newest)
    return [UnreadDocument(each.project, each.project_name, places) for each, places in found if places]
