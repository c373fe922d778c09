"""Maintenance windows (保守): while they last nobody is told of a thing. What is noticed is recorded all the same."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from ingest.access.audit import Action
from ingest.access.authority import ChangeRefused, NotThere
from ingest.store.database import Database
from ingest.watch.deeds import checks
from ingest.watch.deeds.checks import LONGEST_MAINTENANCE, check_span, checked_text
from ingest.watch.deeds.database import windows as rows
from ingest.watch.deeds.database.lookups import number_of
from ingest.watch.deeds.model import Doer, Done, Maintenance, NewMaintenance, Where
from ingest.watch.deeds.record import record
from schemas.bilingual import Bilingual

REASON = Bilingual("理由", "reason")


def begin_maintenance(connection: Database, doer: Doer, project_id: int, new: NewMaintenance) -> Done:
    """Enter a window; the same again is stored once. Raises NotThere, ChangeRefused."""
    checked = replace(new, reason=checked_text(new.reason, checks.LONGEST_REASON, REASON))
    check_span(new.starts, new.ends, datetime.now(UTC), LONGEST_MAINTENANCE, checks.MAINTENANCE)
    with connection.transaction():
        where = _where(connection, project_id, checked)
        same = rows.same_maintenance(connection, project_id, checked, where)
        if same is not None:
            return Done(same.maintenance_id, already=True)
        number = rows.add_maintenance(connection, project_id, checked, where, doer.by.actor)
        if number is None:
            return _of_key(connection, project_id, checked)
        record(connection, doer, Action.MAINTENANCE_CHANGED, project_id, f"maintenance {number}", _said(checked))
    return Done(number, already=False)


def end_maintenance(connection: Database, doer: Doer, project_id: int, number: int) -> Done:
    """Let a window end now, or not begin at all. One that ended stays as it is. Raises NotThere."""
    now = datetime.now(UTC)
    with connection.transaction():
        window = rows.lock_maintenance(connection, project_id, number)
        if window is None:
            raise NotThere(checks.MAINTENANCE)
        if window.ends <= now or window.ended_by is not None:
            return Done(number, already=True)
        ends = max(now, window.starts)
        rows.end_maintenance(connection, number, ends, doer.by.actor)
        after: dict[str, object] = {"ends": ends.isoformat(), "was": window.ends.isoformat()}
        record(connection, doer, Action.MAINTENANCE_CHANGED, project_id, f"maintenance {number}", after)
    return Done(number, already=False)


def maintenance_after(connection: Database, projects: Sequence[int], now: datetime) -> list[Maintenance]:
    """The windows of these projects that last or are to come."""
    return rows.maintenance_after(connection, projects, now)


def _of_key(connection: Database, project_id: int, new: NewMaintenance) -> Done:
    """The window of the same key, though it ended meanwhile. Raises ChangeRefused if it says something else."""
    stored = None if new.client_key is None else rows.maintenance_of_key(connection, project_id, new.client_key)
    if stored is None or (stored.starts, stored.reason, stored.device, stored.gateway, stored.network) != (
        new.starts, new.reason, new.device, new.gateway, new.network,
    ):  # fmt: skip
        raise ChangeRefused(checks.OTHER_KEY)
    return Done(stored.maintenance_id, already=True)


def _where(connection: Database, project_id: int, new: NewMaintenance) -> Where:
    """The thing of a window. Raises NotThere, and ChangeRefused for several things."""
    named = [("device", new.device, checks.DEVICE), ("gateway", new.gateway, checks.GATEWAY),
             ("network", new.network, checks.NETWORK)]  # fmt: skip
    given = [(what, code, label) for what, code, label in named if code is not None]
    if len(given) > 1:
        raise ChangeRefused(
            Bilingual("通信網・基地局・機器は、どれか一つだけにしてください", "name one of network, gateway and device")
        )
    if not given:
        return Where()
    what, code, label = given[0]
    number = number_of(connection, project_id, what, code)
    if number is None:
        raise NotThere(label)
    return Where(**{f"{what}_id": number})


def _said(new: NewMaintenance) -> dict[str, object]:
    return {
        "starts": new.starts.isoformat(), "ends": new.ends.isoformat(), "reason": new.reason, "device": new.device,
        "gateway": new.gateway, "network": new.network,
    }  # fmt: skip
