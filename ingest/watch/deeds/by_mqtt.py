"""Acknowledgements that arrive by MQTT, from the panel of a control room or another system. Nothing else is taken.

Topic `noroshi/v1/{project}/watch/ack`, payload JSON `{"incident": 12, "rank": 2, "by": "..."}`. Who may publish it
is the access list of the broker. What is wrong is counted under a closed list of reasons, and answered by nobody.
"""

import json
import re
from enum import StrEnum
from typing import NamedTuple, TypeAlias, TypeGuard

from ingest.access.authority import By, ChangeRefused, NotThere
from ingest.store.database import Database
from ingest.watch.deeds.acknowledge import acknowledge
from ingest.watch.deeds.database.lookups import project_of_code
from ingest.watch.deeds.model import Acknowledged, Doer, Way
from schemas.project import CODE_PATTERN

MOST_BYTES = 2_048
LONGEST_NAME = 100
MOST_NUMBER = 2**63 - 1
MOST_RANK = 1_000

_TOPIC = re.compile(rf"noroshi/v1/({CODE_PATTERN.strip('^$')})/watch/ack")


class AckRefusal(StrEnum):
    """Why an acknowledgement was not taken. The names are values of a label of a metric."""

    TOPIC = "topic"
    """It is no topic of acknowledgements."""
    SIZE = "size"
    """The payload is too long."""
    JSON = "json"
    """The payload is no JSON object."""
    FIELDS = "fields"
    """`incident`, `rank` or `by` is missing, or is not what it should be."""
    PROJECT = "project"
    """There is no such project."""
    INCIDENT = "incident"
    """The project has no such incident."""
    RANK = "rank"
    """The incident never reached this rank."""
    FLOOD = "flood"
    """So many came at once that it was not looked at."""


Answer: TypeAlias = Acknowledged | AckRefusal


class _Ack(NamedTuple):
    incident: int
    rank: int
    by: str


def topic_of(project: str) -> str:
    """The topic of the acknowledgements of a project; `+` for those of all."""
    return f"noroshi/v1/{project}/watch/ack"


def acknowledge_by_mqtt(connection: Database, topic: str, payload: bytes) -> Answer:
    """Take an incident as a message says, in a transaction of its own. The same message again changes nothing.

    Nothing that a message may hold raises; StoreUnavailable means that it may be tried again.
    """
    named = _TOPIC.fullmatch(topic)
    if named is None:
        return AckRefusal.TOPIC
    read = _read(payload)
    if isinstance(read, AckRefusal):
        return read
    project_id = project_of_code(connection, named[1])
    if project_id is None:
        return AckRefusal.PROJECT
    doer = Doer(By(f"mqtt:{read.by}", organisations=frozenset()), Way.MQTT)
    try:
        return acknowledge(connection, doer, project_id, read.incident, read.rank)
    except NotThere:
        return AckRefusal.INCIDENT
    except ChangeRefused:
        return AckRefusal.RANK


def _read(payload: bytes) -> _Ack | AckRefusal:
    if len(payload) > MOST_BYTES:
        return AckRefusal.SIZE
    try:
        found = json.loads(payload.decode())
    except (ValueError, RecursionError):
        return AckRefusal.JSON
    if not isinstance(found, dict):
        return AckRefusal.JSON
    incident, rank, by = found.get("incident"), found.get("rank"), found.get("by")
    if not (_is_number(incident, MOST_NUMBER) and _is_number(rank, MOST_RANK) and isinstance(by, str)):
        return AckRefusal.FIELDS
    name = by.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        return AckRefusal.FIELDS
    return _Ack(incident, rank, name)


def _is_number(value: object, most: int) -> TypeGuard[int]:
    """Whether it is a whole number from 1 on; True is none."""
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most
