"""How the watch stands, for those who listen at the broker."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from ingest.figures.watch import watch_health
from ingest.store.database import Database
from ingest.watch.delivery.model import Way
from ingest.watch.document.unread import unread_documents
from ingest.watch.now import database_now
from ingest.watch.problems import Problem, Reason, problems_of
from ingest.watch.silence.database.fleet import read_hearing

LATE = timedelta(seconds=10)
"""What was noticed and is not at the broker after so long: the states there are behind."""

_PROJECTS = """
select p.code, p.project_id = any(array(
    select d.project_id from watch_delivery d
    where d.delivered_at is null and d.given_up_at is null and d.doubt_at is null and d.digest_id is null
      and d.withheld = '' and d.kind = %(kind)s and d.queued_at < %(now)s - %(late)s
))
from project p order by p.code
"""


class HealthNow(NamedTuple):
    """The problems of each project, by its code, and the time of the database at which it was so."""

    at: datetime
    problems: Mapping[str, tuple[Problem, ...]]


def read_health(connection: Database, *, fails: bool) -> HealthNow:
    """How the watch stands now. `fails`: parts of it do not work, as this process knows."""
    now = database_now(connection)
    state = watch_health(connection).state
    intake = read_hearing(connection, now).deaf_since is not None
    places = {each.project: each.places for each in unread_documents(connection)}
    values = {"kind": Way.MQTT.value, "now": now, "late": LATE}
    found = {}
    for code, behind in connection.execute(_PROJECTS, values).fetchall():
        of_project = Reason.LATE if behind and state == "well" else state
        found[code] = tuple(problems_of(of_project, intake=intake, fails=fails, places=places.get(code, ())))
    return HealthNow(now, found)
