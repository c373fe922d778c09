"""Adds, lists, voids and signs what people enter. All or nothing, and every change is in the audit log."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import uuid4

from ingest.access import audit
from ingest.access.audit import Action
from ingest.access.authority import By, ChangeRefused, NotThere
from ingest.plan.work import database as rows
from ingest.plan.work.check import faults_beside, faults_of
from ingest.plan.work.fields import Fault, Half, New, What
from ingest.plan.work.model import (
    Added,
    NewObservation,
    NewStop,
    NewWork,
    Observation,
    Stop,
    Things,
    Wanted,
    Work,
)
from ingest.store.database import Database, Rollback
from schemas.bilingual import Bilingual, joined

MOST_REASON = 500

ENTRY = Bilingual("記録", "entry")
REASON_NEEDED = Bilingual(
    f"理由を1〜{MOST_REASON}字で書いてください", f"write a reason of 1 to {MOST_REASON} characters"
)
ALREADY_VOIDED = Bilingual("もう取り消されています", "it is voided already")
ALREADY_SIGNED = Bilingual("もう署名されているか、取り消されています", "it is signed for or voided already")
OTHER_KEY = Bilingual(
    "このキーは、中身の違うほかの記録に使われています", "this client_key belongs to an entry that says something else"
)


class Refused(NamedTuple):
    """What is wrong with one entry of several. `place`: which one, from 0."""

    place: int
    faults: list[Fault]


class EntriesRefused(ChangeRefused):
    """Nothing was stored: `refused` says what is wrong with which entry."""

    def __init__(self, refused: Sequence[Refused]) -> None:
        super().__init__(joined([fault.said for each in refused for fault in each.faults], "、", "; "))
        self.refused = list(refused)


def what_is(new: New) -> What:
    """What an entry is."""
    return {NewWork: What.WORK, NewStop: What.STOP, NewObservation: What.OBSERVATION}[type(new)]


def add(
    connection: Database, by: By, project_id: int, news: Sequence[New], *, dry_run: bool = False, source: str = ""
) -> list[Added]:
    """Store these entries, all or nothing. What was sent before, by its client key, is not stored again.

    `dry_run`: everything is tried and taken back; the numbers in the answer then mean nothing. `source`: the name of
    the file, for the audit log. Raises EntriesRefused.
    """
    with connection.transaction():
        things = rows.things_of(connection, project_id)
        now = datetime.now(UTC)
        refused = [Refused(at, faults) for at, new in enumerate(news) if (faults := faults_of(new, things, now))]
        if refused:
            raise EntriesRefused(refused)
        tried = [_add(connection, by, project_id, new, things) for new in news]
        taken = [Refused(at, [Fault("client_key", OTHER_KEY)]) for at, each in enumerate(tried) if each is None]
        if taken:
            raise EntriesRefused(taken)
        added = [each for each in tried if each is not None]
        if dry_run:
            raise Rollback
        fresh = [(each.number, new) for each, new in zip(added, news, strict=True) if not each.already]
        if fresh:
            _note_added(connection, by, project_id, fresh, source)
    return added


def faults_of_halves(connection: Database, project_id: int, halves: Sequence[Half]) -> list[list[Fault]]:
    """What is wrong with the fields that could be read of entries of which others could not, for each of them."""
    things = rows.things_of(connection, project_id)
    now = datetime.now(UTC)
    return [faults_beside(half, things, now) for half in halves]


def _add(connection: Database, by: By, project_id: int, new: New, things: Things) -> Added | None:
    """The row of an entry; None if its key belongs to an entry that says something else."""
    if new.client_key is None:  # so that a file with it, downloaded from here, can be given back
        new = replace(new, client_key=uuid4())
    number = rows.add_row(connection, project_id, by.actor, new, things)
    if number is not None:
        return Added(number, already=False)
    stored = rows.find_row(connection, project_id, new)
    if stored is None or not _says_the_same(stored, new):
        return None
    return Added(number_of(stored), already=True)


def number_of(stored: Work | Stop | Observation) -> int:
    """The number of a row."""
    match stored:
        case Work():
            return stored.work_entry_id
        case Stop():
            return stored.planned_stop_id
        case Observation():
            return stored.observation_id


def _says_the_same(stored: Work | Stop | Observation, new: New) -> bool:
    """Whether an entry is what was stored under its client key.

    A thing that left the project meanwhile is not known by its code any more, and not compared.
    """
    gone = () if isinstance(stored, Observation) or not stored.elsewhere else ("network", "gateway", "device")
    names = [name for name in new.__slots__ if name not in ("client_key", *gone)]
    return all(_compared(getattr(stored, name)) == _compared(getattr(new, name)) for name in names)


def _compared(value: object) -> object:
    """A value as two entries are compared: tables write whole seconds."""
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


def _note_added(connection: Database, by: By, project_id: int, fresh: Sequence[tuple[int, New]], source: str) -> None:
    """One entry of the audit log for one call: of a file it says how many rows it had, and which numbers they got."""
    number, first = fresh[0]
    what = what_is(first)
    after: dict[str, object] = {"what": what.value, "entries": len(fresh), "first": number, "last": fresh[-1][0]}
    if len(fresh) == 1:
        after |= {"entry": _said_of(first)}
    if source:
        after |= {"file": source}
    _note(connection, by, project_id, Action.WORK_LOGGED, f"{what.value} {number}", {"after": after})


def _said_of(new: New) -> dict[str, object]:
    return {name: str(getattr(new, name)) for name in new.__slots__ if getattr(new, name) not in (None, "")}


def _note(
    connection: Database, by: By, project_id: int, action: Action, subject: str, more: Mapping[str, object]
) -> None:
    project, organisation = rows.codes_of_project(connection, project_id)
    entry = by.entry(action, subject, organisation, project, more.get("before"), more.get("after"))
    audit.append(connection, entry, by.address)


def list_work(connection: Database, project_id: int, wanted: Wanted) -> list[Work]:
    """Entries of the work log, the newest first."""
    return rows.list_work_rows(connection, project_id, wanted)


def list_stops(connection: Database, project_id: int, wanted: Wanted) -> list[Stop]:
    """Planned stops that touch the period, the newest first."""
    return rows.list_stop_rows(connection, project_id, wanted)


def list_observations(connection: Database, project_id: int, wanted: Wanted) -> list[Observation]:
    """Observations whose period touches that of the question, the newest first."""
    return rows.list_observation_rows(connection, project_id, wanted)


def void(connection: Database, by: By, project_id: int, what: What, number: int, reason: str) -> None:
    """Let an entry count no more; it stays visible with the reason. Raises NotThere, ChangeRefused."""
    why = _reason(reason)
    with connection.transaction():
        if not rows.void_row(connection, project_id, what, number, by.actor, why):
            if rows.is_there(connection, project_id, what, number):
                raise ChangeRefused(ALREADY_VOIDED)
            raise NotThere(ENTRY)
        _note(connection, by, project_id, Action.WORK_VOIDED, f"{what.value} {number}", {"after": {"reason": why}})


def sign_stop(connection: Database, by: By, project_id: int, number: int, reason: str) -> None:
    """Let a stop that was entered late count from its beginning. Only who operates the project may ask for this.

    Raises NotThere, ChangeRefused.
    """
    why = _reason(reason)
    with connection.transaction():
        if not rows.sign_row(connection, project_id, number, by.actor, why):
            if rows.is_there(connection, project_id, What.STOP, number):
                raise ChangeRefused(ALREADY_SIGNED)
            raise NotThere(ENTRY)
        _note(connection, by, project_id, Action.STOP_SIGNED, f"stop {number}", {"after": {"reason": why}})


def _reason(reason: str) -> str:
    plain = reason.strip()
    if not plain or len(plain) > MOST_REASON or "\0" in plain:
        raise ChangeRefused(REASON_NEEDED)
    return plain
