"""Changes of the duty (当番の交代) beside the rota of the document. Of two at the same time the newer one counts."""

from collections.abc import Sequence
from datetime import UTC, datetime

from ingest.access.audit import Action
from ingest.access.authority import ChangeRefused, NotThere
from ingest.store.database import Database
from ingest.watch.deeds import checks
from ingest.watch.deeds.checks import LONGEST_DUTY, check_span
from ingest.watch.deeds.database import windows as rows
from ingest.watch.deeds.database.lookups import people_of
from ingest.watch.deeds.model import Doer, Done, Duty, NewDuty
from ingest.watch.deeds.record import record
from schemas.bilingual import Bilingual


def change_duty(connection: Database, doer: Doer, project_id: int, new: NewDuty) -> Done:
    """Put somebody of the document on duty; the same again is stored once. Raises ChangeRefused."""
    check_span(new.starts, new.ends, datetime.now(UTC), LONGEST_DUTY, checks.DUTY)
    with connection.transaction():
        known = people_of(connection, project_id)
        if new.person not in known:
            raise ChangeRefused(_unknown(known))
        same = rows.same_duty(connection, project_id, new)
        if same is not None:
            return Done(same.duty_id, already=True)
        number = rows.add_duty(connection, project_id, new, doer.by.actor)
        if number is None:
            return _of_key(connection, project_id, new)
        after: dict[str, object] = {
            "person": new.person, "starts": new.starts.isoformat(), "ends": new.ends.isoformat(),
        }  # fmt: skip
        record(connection, doer, Action.DUTY_CHANGED, project_id, f"duty {number}", after)
    return Done(number, already=False)


def void_duty(connection: Database, doer: Doer, project_id: int, number: int) -> Done:
    """Let a change count no more, so that the rota holds again. Raises NotThere."""
    with connection.transaction():
        duty = rows.lock_duty(connection, project_id, number)
        if duty is None:
            raise NotThere(checks.DUTY)
        if duty.voided_by is not None:
            return Done(number, already=True)
        rows.void_duty(connection, number, doer.by.actor)
        record(connection, doer, Action.DUTY_CHANGED, project_id, f"duty {number}", {"voided": duty.person})
    return Done(number, already=False)


def duties_after(connection: Database, projects: Sequence[int], now: datetime) -> list[Duty]:
    """The changes of these projects that last or are to come, the newest first."""
    return rows.duties_after(connection, projects, now)


def _of_key(connection: Database, project_id: int, new: NewDuty) -> Done:
    """The change of the same key, though it counts no more. Raises ChangeRefused if it says something else."""
    stored = None if new.client_key is None else rows.duty_of_key(connection, project_id, new.client_key)
    if stored is None or (stored.person, stored.starts, stored.ends) != (new.person, new.starts, new.ends):
        raise ChangeRefused(checks.OTHER_KEY)
    return Done(stored.duty_id, already=True)


def _unknown(known: Sequence[str]) -> Bilingual:
    names = " ".join(known)
    if not known:
        return Bilingual(
            "この事業の監視計画に人(people)が書かれていません。noroshi watch apply で登録してください",
            "the watch document of this project names no people: bring them in by noroshi watch apply",
        )
    return Bilingual(
        f"監視計画にない人です。次のどれかにしてください: {names}",
        f"the watch document does not know this person; it has: {names}",
    )
