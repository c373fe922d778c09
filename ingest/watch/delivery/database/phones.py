"""Phones that are registered for notices (Web Push)."""

from datetime import datetime
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


class KeptPhone(NamedTuple):
    """A phone in the list of its owner. `project`: its name."""

    watch_push_id: int
    project: str
    label: str
    subscribed_at: datetime


def phones_of(connection: Database, person_id: int) -> list[KeptPhone]:
    """The phones of a person that are registered, the newest first."""
    query = """
        select u.watch_push_id, p.name, u.label, u.subscribed_at from watch_push u join project p using (project_id)
        where u.person_id = %s and u.ended_at is null order by u.watch_push_id desc
    """
    return [KeptPhone(*row) for row in connection.execute(query, (person_id,)).fetchall()]


def end_phone(connection: Database, person_id: int, number: int) -> bool:
    """Call a phone of this person no more; whether it was one of theirs."""
    query = """
        update watch_push set ended_at = now(), ended_why = 'its owner turned it off'
        where watch_push_id = %s and person_id = %s and ended_at is null returning watch_push_id
    """
    return connection.execute(query, (number, person_id)).fetchone() is not None
