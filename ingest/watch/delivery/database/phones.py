"""Phones that are registered for notices (Web Push)."""

from typing import NamedTuple

from ingest.store.database import Database


class Phone(NamedTuple):
    """What a push service and a phone need. `label`: what its owner calls it."""

    endpoint: str
    p256dh: str
    auth: str
    label: str = ""


def read_phone(connection: Database, endpoint: str) -> Phone | None:
    """A phone that is registered; None if it is no more."""
    query = "select endpoint, p256dh, auth, label from watch_push where endpoint = %s and ended_at is null"
    row = connection.execute(query, (endpoint,)).fetchone()
    return None if row is None else Phone(*row)


def keep_phone(connection: Database, project_id: int, person_id: int, phone: Phone) -> None:
    """Register a phone of a person for a project; the same endpoint again replaces what was there."""
    connection.execute(
        "insert into watch_push (person_id, project_id, endpoint, p256dh, auth, label) values (%s, %s, %s, %s, %s, %s)"
        " on conflict (endpoint) do update set person_id = excluded.person_id, project_id = excluded.project_id,"
        " p256dh = excluded.p256dh, auth = excluded.auth, label = excluded.label, subscribed_at = now(),"
        " ended_at = null, ended_why = null",
        (person_id, project_id, *phone),
    )
