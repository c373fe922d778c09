"""Links in messages (確認用リンク): who has one can take what the message told of, without signing in, for a week.

To look changes nothing: scanners of mail fetch every link before its reader does. A token is one of
`ingest/access/secret.py`; `watch_delivery.link_digest` is its digest.
"""

from datetime import datetime, timedelta

from ingest.access.authority import By, NotThere
from ingest.access.secret import digest_of
from ingest.store.database import Database
from ingest.watch.deeds.acknowledge import acknowledge
from ingest.watch.deeds.checks import LINK
from ingest.watch.deeds.database.incidents import lock_incident
from ingest.watch.deeds.database.links import LinkRow, incidents_of_link
from ingest.watch.deeds.model import Acknowledged, Doer, Way

LASTS = timedelta(days=7)


def resolve_link(connection: Database, token: str, now: datetime) -> list[LinkRow]:
    """The incidents that the message with this link told of; empty if there is no such link, or it is too old."""
    digest = digest_of(token)
    found = [] if digest is None else incidents_of_link(connection, digest)
    return [row for row in found if row.sent_at > now - LASTS]


def acknowledge_by_link(
    connection: Database, token: str, now: datetime, address: str | None = None, rank: int | None = None, note: str = ""
) -> list[Acknowledged]:
    """Take the incidents of a link, each up to the rank that the message told.

    `rank`: what the page of the link showed, of a link to one incident. It may be higher than what the message told.
    `note`: the name that whoever has the link gives; nobody has checked it.
    The audit log knows them as `link:` and the code of the person, or of the channel. Raises NotThere, ChangeRefused.
    """
    found = resolve_link(connection, token, now)
    if not found:
        raise NotThere(LINK)
    with connection.transaction():
        for row in found:  # all of them first: after its entry in the audit log a deed waits for nobody
            lock_incident(connection, row.project_id, row.incident_id)
        return [
            acknowledge(
                connection, _doer(row, address), row.project_id, row.incident_id, _rank(row, rank, len(found)), note
            )
            for row in found
        ]


def _doer(row: LinkRow, address: str | None) -> Doer:
    return Doer(By(f"link:{row.recipient or row.channel}", address=address, organisations=frozenset()), Way.LINK)


def _rank(row: LinkRow, shown: int | None, incidents: int) -> int:
    """Up to where an incident is taken: never beyond what its reader saw."""
    seen = row.told_rank if shown is None or incidents > 1 else shown
    return max(seen, 1)
