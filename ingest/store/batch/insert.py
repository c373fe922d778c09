"""Write a batch into its tables inside an open transaction: copied, merged, or one message by one.

Copied: COPY straight into the tables; right when nothing of the batch is there yet. Merged: through
temporary tables with ON CONFLICT DO NOTHING; always right, about half as fast. One by one: when the
database refuses something, the batch is halved until the message is known, and what is refused of it
is quarantined.
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
    """Write a batch that is all new. Raises UniqueViolation if anything is there already, Refusal for a bad row."""
    uplinks = [rows.uplink for rows in batch if rows.uplink is not None]
    readings = [rows.readings for rows in batch if rows.readings]
    quarantined = [row for rows in batch for row in rows.quarantined]
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
    return [rows.gateway for rows in batch if rows.gateway is not None]


def _all_new(batch: Sequence[MessageRows]) -> Outcome:
    outcome = Outcome()
    project_id, account = -1, Account()
    for rows in batch:
        if rows.project_id != project_id:
            project_id = rows.project_id
            account = outcome.account(project_id)
        account.payload_bytes += len(rows.message.payload)
        if rows.uplink is None:
            if rows.gateway is None:
                account.quarantined += 1
            else:
                account.stored += 1
        else:
            account.stored += 1
            account.readings_stored += len(rows.readings)
        if rows.quarantined:
            _count_quarantined(outcome, rows)
    for account in outcome.accounts.values():
        account.readings_offered += account.readings_stored
    return outcome


def _count_quarantined(outcome: Outcome, rows: MessageRows) -> None:
    account = outcome.account(rows.project_id)
    outcome.reasons.update(row.reason.value for row in rows.quarantined)
    if rows.uplink is not None:
        account.readings_offered += rows.refused
        account.readings_quarantined += rows.refused


def merge(connection: Connection[Any], batch: Sequence[MessageRows]) -> Outcome:
    """Write a batch of which some may be stored already, in halves where the database refuses it.

    Raises only what is not the data's fault.

    The caller has a transaction open, or this would commit before the account of the batch is written.
    """
    assert connection.info.transaction_status is TransactionStatus.INTRANS  # a savepoint needs something around it
    try:
        with connection.transaction():
            return _merge(connection, batch)
    except Refusal as error:  # the savepoint has taken back this part alone
        if len(batch) == 1:
            outcome = _merge_alone(connection, batch[0], first_line(error))
        else:
            middle = len(batch) // 2
            outcome = merge(connection, batch[:middle])
            outcome.add(merge(connection, batch[middle:]))
        outcome.splits += 1
        return outcome


def _merge(connection: Connection[Any], batch: Sequence[MessageRows]) -> Outcome:
    projects = {rows.uplink.device_id: rows.project_id for rows in batch if rows.uplink is not None}
    readings = [
        (row, rows.uplink.message_id, rows.uplink.received_us)
        for rows in batch
        if rows.uplink is not None
        for row in rows.readings
    ]
    outcome = Outcome(merged=True)
    with connection.cursor() as cursor:
        cursor.execute(statements.EMPTY_TEMPORARY_TABLES)  # an earlier half of this transaction may be in them
        with cursor.copy(statements.COPY_INCOMING_UPLINKS) as copy:
            copy.write(pack_uplinks(rows.uplink for rows in batch if rows.uplink is not None))
        # The keys that a statement returns were new. All others of the batch are duplicates.
        new_uplinks = set(cursor.execute(statements.MERGE_UPLINKS).fetchall())
        quarantined = [row for rows in batch for row in rows.quarantined]
        _copy_quarantine(cursor, statements.COPY_INCOMING_QUARANTINE, quarantined)
        new_quarantine = set(cursor.execute(statements.MERGE_QUARANTINE).fetchall())
        gateways = _gateway_rows(batch)
        new_events = merge_gateway_events(cursor, gateways) if gateways else set()
        stored: dict[int, int] = {}
        conflicts: dict[int, int] = {}
        if readings:
            with cursor.copy(statements.COPY_INCOMING_READINGS) as copy:
                copy.write(pack_incoming_readings(readings))
            stored = dict(cursor.execute(statements.MERGE_READINGS).fetchall())
            # By week: one statement about old and new readings would try every chunk between them for each.
            for bounds in weekly_spans(row[0] for row, _, _ in readings):
                for device_id, count in cursor.execute(statements.RECORD_CONFLICTS, bounds).fetchall():
                    conflicts[device_id] = conflicts.get(device_id, 0) + count
    for rows in batch:
        if rows.gateway is not None:
            _account_gateway(outcome, rows, rows.gateway, new_events)
        else:
            _account_merged(outcome, rows, new_uplinks, new_quarantine)
    # The database counts by device, not by message. So every reading was counted as duplicate above, and those that
    # were stored or in conflict are taken off here.
    for device_id, project_id in projects.items():
        account = outcome.account(project_id)
        account.readings_stored += stored.get(device_id, 0)
        account.readings_conflict += conflicts.get(device_id, 0)
        account.readings_duplicate -= stored.get(device_id, 0) + conflicts.get(device_id, 0)
    return outcome


def _account_gateway(
    outcome: Outcome, rows: MessageRows, row: GatewayRow, new_events: set[tuple[int, int, int]]
) -> None:
    account = outcome.account(rows.project_id)
    account.payload_bytes += len(rows.message.payload)
    if _was_new(new_events, (row.gateway_id, row.time_us, row.message_id)):
        account.stored += 1
    else:
        account.duplicate += 1


def _account_merged(
    outcome: Outcome,
    rows: MessageRows,
    new_uplinks: set[tuple[int, int, int]],
    new_quarantine: set[tuple[int, int, int]],
) -> None:
    """Count one message. Its readings count as duplicates here; `_merge` takes off those stored or in conflict."""
    account = outcome.account(rows.project_id)
    account.payload_bytes += len(rows.message.payload)
    new = [row for row in rows.quarantined if _was_new(new_quarantine, (row.message_id, row.time_us, row.part))]
    outcome.reasons.update(row.reason.value for row in new)
    if rows.uplink is None:
        if new or rows.summed_in is not None:
            account.quarantined += 1
        else:
            account.duplicate += 1
        return
    if _was_new(new_uplinks, (rows.uplink.device_id, rows.uplink.time_us, rows.uplink.message_id)):
        account.stored += 1
    else:
        account.duplicate += 1
    refused = sum(row.parts for row in new)
    account.readings_offered += rows.offered
    account.readings_quarantined += refused
    account.readings_duplicate += rows.offered - refused


def _was_new(keys: set[tuple[int, int, int]], key: tuple[int, int, int]) -> bool:
    """Whether the row of this key was new. A second one in the same batch is not, so the key is used up."""
    if key in keys:
        keys.remove(key)
        return True
    return False


def _merge_alone(connection: Connection[Any], rows: MessageRows, detail: str) -> Outcome:
    """Write one message that the database refused: quarantine the readings it refuses, store the rest."""
    if rows.uplink is not None:
        refused = [_is_refused(connection, rows, row) for row in rows.readings]
        good = [row for row, bad in zip(rows.readings, refused, strict=True) if not bad]
        bad = [row for row, bad in zip(rows.readings, refused, strict=True) if bad]
        quarantined = [
            _refused_part(rows, len(rows.quarantined) + n, row, _code(connection, row[3]), detail)
            for n, row in enumerate(bad, start=1)
        ]
        uplink = rows.uplink._replace(refused=rows.refused + len(quarantined))
        rest = MessageRows(
            rows.message,
            rows.decoder,
            rows.project_id,
            uplink,
            good,
            [*rows.quarantined, *quarantined],
            by_receipt=rows.by_receipt,
        )
        if bad:
            try:
                with connection.transaction():
                    return _merge(connection, [rest])
            except Refusal:
                pass  # it was not (only) the readings
    with connection.transaction():
        return _merge(connection, [_quarantined_whole(rows, detail)])


def _is_refused(connection: Connection[Any], rows: MessageRows, row: ReadingRow) -> bool:
    """Whether the database refuses this reading of a message: it is written alone, and taken back."""
    alone = MessageRows(rows.message, rows.decoder, rows.project_id, None, [row], [], by_receipt=False)
    try:
        with connection.transaction():
            copy_new(connection, [alone])
            raise psycopg.Rollback
    except psycopg.errors.UniqueViolation:
        return False  # it is stored already, which is no refusal: merging finds out
    except Refusal:
        return True
    return False


def _code(connection: Connection[Any], quantity_id: int) -> str:
    """The code of a quantity: of the catalogue, or a project's own, which only the database knows by number."""
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


def _quarantined_whole(one: MessageRows, detail: str) -> MessageRows:
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
