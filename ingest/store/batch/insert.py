"""Put a batch into its tables inside an open transaction: the quick way, the careful way, and one by one.

Quick: COPY straight into the tables; right when nothing of it is there yet. Careful: through
temporary tables with ON CONFLICT DO NOTHING; right always, about half as fast. One by one: when
the database refuses something, halve the batch until the one row is known, and quarantine that.
"""

import struct
from collections.abc import Sequence
from itertools import chain
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.pq import TransactionStatus

from ingest.account import Account, Outcome
from ingest.rows import GatewayRow, MessageRows, Origin, QuarantineRow, ReadingRow
from ingest.store.batch import statements
from ingest.store.batch.gateway_events import copy_gateway_events, merge_gateway_events
from ingest.store.batch.pack import pack_incoming_readings, pack_readings, pack_uplinks
from ingest.store.batch.weekly import weekly_spans
from ingest.store.database import first_line
from schemas.japan import to_datetime
from schemas.quantity import CATALOGUE
from schemas.rejection import RejectionReason

Refusal = (psycopg.DataError, psycopg.IntegrityError, struct.error, OverflowError, ValueError)
"""The data's own fault: SQLSTATE classes 22 and 23 (see `database.classify`), or a number that fits no column."""

_CODES = {quantity.id: quantity.code for quantity in CATALOGUE}


def copy_new(connection: Connection[Any], batch: Sequence[MessageRows]) -> Outcome:
    """The quick way. Raises UniqueViolation if anything is there already, Refusal for a bad row."""
    uplinks = [one.uplink for one in batch if one.uplink is not None]
    readings = [one.readings for one in batch if one.readings]
    quarantined = [row for one in batch for row in one.quarantined]
    gateways = _gateway_rows(batch) if len(uplinks) < len(batch) else ()
    with connection.cursor() as cursor:
        if uplinks:
            with cursor.copy(statements.COPY_UPLINKS) as copy:
                copy.write(pack_uplinks(uplinks))
        if readings:
            with cursor.copy(statements.COPY_READINGS) as copy:
                copy.write(pack_readings(chain.from_iterable(readings)))
        if quarantined:
            _copy_quarantine(cursor, statements.COPY_QUARANTINE, quarantined)
        if gateways:
            copy_gateway_events(cursor, statements.COPY_GATEWAY_EVENTS, gateways)
    return _all_new(batch)


def _gateway_rows(batch: Sequence[MessageRows]) -> list[GatewayRow]:
    return [one.gateway for one in batch if one.gateway is not None]


def _all_new(batch: Sequence[MessageRows]) -> Outcome:
    outcome = Outcome()
    project_id, account = -1, Account()
    for one in batch:
        if one.project_id != project_id:
            project_id = one.project_id
            account = outcome.account(project_id)
        account.payload_bytes += len(one.message.payload)
        if one.uplink is None:
            if one.gateway is None:
                account.quarantined += 1
            else:
                account.stored += 1
        else:
            account.stored += 1
            account.readings_stored += len(one.readings)
        if one.quarantined:
            _count_quarantined(outcome, one)
    for account in outcome.accounts.values():
        account.readings_offered += account.readings_stored
    return outcome


def _count_quarantined(outcome: Outcome, one: MessageRows) -> None:
    account = outcome.account(one.project_id)
    outcome.reasons.update(row.reason.value for row in one.quarantined)
    if one.uplink is not None:
        account.readings_offered += one.refused
        account.readings_quarantined += one.refused


def merge(connection: Connection[Any], batch: Sequence[MessageRows]) -> Outcome:
    """The careful way, and halves of it where the database refuses. Raises only what is not the data's fault.

    The caller has a transaction open, or this would commit before the account of the batch is written.
    """
    assert connection.info.transaction_status is TransactionStatus.INTRANS  # a savepoint needs something around it
    try:
        with connection.transaction():
            return _merge(connection, batch)
    except Refusal as error:
        if len(batch) == 1:
            outcome = _place_alone(connection, batch[0], first_line(error))
        else:
            middle = len(batch) // 2
            outcome = merge(connection, batch[:middle])
            outcome.add(merge(connection, batch[middle:]))
        outcome.splits += 1
        return outcome


def _merge(connection: Connection[Any], batch: Sequence[MessageRows]) -> Outcome:
    projects = {one.uplink.device_id: one.project_id for one in batch if one.uplink is not None}
    readings = [
        (row, one.uplink.message_id, one.uplink.received_us)
        for one in batch
        if one.uplink is not None
        for row in one.readings
    ]
    outcome = Outcome(merged=True)
    with connection.cursor() as cursor:
        cursor.execute(statements.EMPTY_TEMPORARY_TABLES)
        with cursor.copy(statements.COPY_INCOMING_UPLINKS) as copy:
            copy.write(pack_uplinks(one.uplink for one in batch if one.uplink is not None))
        new_uplinks = set(cursor.execute(statements.MERGE_UPLINKS).fetchall())
        rows = [row for one in batch for row in one.quarantined]
        _copy_quarantine(cursor, statements.COPY_INCOMING_QUARANTINE, rows)
        new_quarantine = set(cursor.execute(statements.MERGE_QUARANTINE).fetchall())
        gateways = _gateway_rows(batch)
        new_events = merge_gateway_events(cursor, gateways) if gateways else set()
        stored: dict[int, int] = {}
        conflicts: dict[int, int] = {}
        if readings:
            with cursor.copy(statements.COPY_INCOMING_READINGS) as copy:
                copy.write(pack_incoming_readings(readings))
            stored = dict(cursor.execute(statements.MERGE_READINGS).fetchall())
            for bounds in weekly_spans(row[0] for row, _, _ in readings):
                for device_id, count in cursor.execute(statements.RECORD_CONFLICTS, bounds).fetchall():
                    conflicts[device_id] = conflicts.get(device_id, 0) + count
    for one in batch:
        if one.gateway is not None:
            _account_gateway(outcome, one, one.gateway, new_events)
        else:
            _account_merged(outcome, one, new_uplinks, new_quarantine)
    for device_id, project_id in projects.items():
        account = outcome.account(project_id)
        account.readings_stored += stored.get(device_id, 0)
        account.readings_conflict += conflicts.get(device_id, 0)
        account.readings_duplicate -= stored.get(device_id, 0) + conflicts.get(device_id, 0)
    return outcome


def _account_gateway(
    outcome: Outcome, one: MessageRows, row: GatewayRow, new_events: set[tuple[int, int, int]]
) -> None:
    account = outcome.account(one.project_id)
    account.payload_bytes += len(one.message.payload)
    if _taken(new_events, (row.gateway_id, row.time_us, row.message_id)):
        account.stored += 1
    else:
        account.duplicate += 1


def _account_merged(
    outcome: Outcome,
    one: MessageRows,
    new_uplinks: set[tuple[int, int, int]],
    new_quarantine: set[tuple[int, int, int]],
) -> None:
    """Count one message. Its readings start as duplicates; what was stored or in conflict is taken off afterwards."""
    account = outcome.account(one.project_id)
    account.payload_bytes += len(one.message.payload)
    fresh = [row for row in one.quarantined if _taken(new_quarantine, (row.message_id, row.time_us, row.part))]
    outcome.reasons.update(row.reason.value for row in fresh)
    if one.uplink is None:
        if fresh or one.summed_in is not None:
            account.quarantined += 1
        else:
            account.duplicate += 1
        return
    if _taken(new_uplinks, (one.uplink.device_id, one.uplink.time_us, one.uplink.message_id)):
        account.stored += 1
    else:
        account.duplicate += 1
    refused = sum(row.parts for row in fresh)
    account.readings_offered += one.offered
    account.readings_quarantined += refused
    account.readings_duplicate += one.offered - refused


def _taken(keys: set[tuple[int, int, int]], key: tuple[int, int, int]) -> bool:
    """Whether the row was new; the second one of the same batch is not."""
    if key in keys:
        keys.remove(key)
        return True
    return False


def _place_alone(connection: Connection[Any], one: MessageRows, detail: str) -> Outcome:
    """One message the database refused: find the readings it means, set those aside, store the rest."""
    if one.uplink is not None:
        refused = [_refuses(connection, one, row) for row in one.readings]
        good = [row for row, bad in zip(one.readings, refused, strict=True) if not bad]
        bad = [row for row, bad in zip(one.readings, refused, strict=True) if bad]
        aside = [
            _refused_part(one, len(one.quarantined) + n, row, _code(connection, row[3]), detail)
            for n, row in enumerate(bad, start=1)
        ]
        uplink = one.uplink._replace(refused=one.refused + len(aside))
        rest = MessageRows(
            one.message,
            one.decoder,
            one.project_id,
            uplink,
            good,
            [*one.quarantined, *aside],
            by_receipt=one.by_receipt,
        )
        if bad:
            try:
                with connection.transaction():
                    return _merge(connection, [rest])
            except Refusal:
                pass  # it was not (only) the readings
    with connection.transaction():
        return _merge(connection, [_as_a_whole(one, detail)])


def _refuses(connection: Connection[Any], one: MessageRows, row: ReadingRow) -> bool:
    """Try one reading of a message by itself, and take it back."""
    alone = MessageRows(one.message, one.decoder, one.project_id, None, [row], [], by_receipt=False)
    try:
        with connection.transaction():
            copy_new(connection, [alone])
            raise psycopg.Rollback
    except psycopg.errors.UniqueViolation:
        return False  # it is there already: that is the careful way's business
    except Refusal:
        return True
    return False


def _code(connection: Connection[Any], quantity_id: int) -> str:
    """Of the catalogue, or of a project's own, which only the database knows by number."""
    if quantity_id in _CODES:
        return _CODES[quantity_id]
    found = connection.execute("select code from quantity where quantity_id = %s", (quantity_id,)).fetchone()
    return str(found[0]) if found else str(quantity_id)


def _refused_part(one: MessageRows, number: int, row: ReadingRow, code: str, detail: str) -> QuarantineRow:
    time_us, value, device_id, _, _, _ = row
    uplink = one.uplink
    assert uplink is not None  # only an understood message has readings
    message_id, received_us = uplink.message_id, uplink.received_us
    origin = Origin(one.message, message_id, uplink.time_us, received_us, device_id, one.project_id)
    detail = f"{detail} (at {to_datetime(time_us).isoformat()})"
    return QuarantineRow.of_part(origin, number, RejectionReason.DATABASE_REFUSED, detail, code, str(value).encode())


def _as_a_whole(one: MessageRows, detail: str) -> MessageRows:
    """The message as one quarantine row that no column can refuse: its bytes, and what the database said."""
    base = one.row
    origin = Origin(
        one.message, base.message_id, base.time_us, base.received_us, base.device_id, one.project_id or None
    )
    row = QuarantineRow.of_whole(origin, RejectionReason.DATABASE_REFUSED, detail)
    return MessageRows(one.message, one.decoder, one.project_id, None, [], [row], by_receipt=one.by_receipt)


def _copy_quarantine(cursor: psycopg.Cursor[Any], statement: str, rows: Sequence[QuarantineRow]) -> None:
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(
                (
                    row.message_id,
                    to_datetime(row.time_us),
                    row.part,
                    to_datetime(row.received_us),
                    row.reason.value,
                    clean(row.detail),
                    None if row.part_name is None else clean(row.part_name),
                    None if row.part_value is None else row.part_value.decode(),
                    clean(row.topic),
                    row.payload,
                    row.device_id,
                    row.project_id,
                    row.retained,
                )
            )


def clean(text: str) -> str:
    """Text that a text column takes: no NUL, no lone surrogate."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
