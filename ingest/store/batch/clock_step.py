"""Messages that are stored already, under a time that our own clock believed when they came first.

A message comes again: by a redelivery, or because the fresh lane brought it early. If the clock of this machine has
stepped in between, its own time counts as impossible now, and it would be kept a second time: under the time of
receipt, or in quarantine. So a message that claims a time we do not believe is looked up under that time first.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection

from ingest.account import Outcome
from ingest.rows import MessageRows
from ingest.store.batch import statements
from ingest.store.batch.weekly import weekly_spans
from schemas.japan import to_datetime


def stored_before(connection: Connection[Any], batch: Sequence[MessageRows]) -> set[MessageRows]:
    """Those of the batch that are stored under the time they claim, or will be by this very batch."""
    doubtful = [rows for rows in batch if rows.claimed_us is not None]
    if not doubtful:
        return set()
    here = {
        (*rows.identity, rows.uplink.time_us) for rows in batch if rows.uplink is not None and rows.claimed_us is None
    }
    keys = [(*rows.identity, rows.claimed_us) for rows in doubtful]
    claimed = {
        "devices": [device_id for device_id, _, _ in keys],
        "messages": [message_id for _, message_id, _ in keys],
        "times": [to_datetime(claimed_us or 0) for _, _, claimed_us in keys],
    }
    for bounds in weekly_spans(claimed_us or 0 for _, _, claimed_us in keys):
        here.update(connection.execute(statements.STORED_UNDER_ITS_OWN_TIME, claimed | bounds).fetchall())
    return {rows for rows, key in zip(doubtful, keys, strict=True) if key in here}


def as_duplicates(messages: Iterable[MessageRows]) -> Outcome:
    """The account of messages that are stored already: nothing is new, nor any reading of theirs."""
    outcome = Outcome(merged=True)
    for one in messages:
        account = outcome.account(one.project_id)
        account.duplicate += 1
        account.payload_bytes += len(one.message.payload)
        account.readings_offered += one.offered
        account.readings_duplicate += one.offered
    return outcome
