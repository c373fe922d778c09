"""Messages that are stored already, under a time that our own clock believed when they came first.

A message comes again: by a redelivery, or because the fresh lane brought it early. If the clock of this machine has
stepped in between, its own time counts as impossible now, and it would be kept a second time: under the time of
receipt, or in quarantine. So whoever claims a time that is not believed is looked up under that time first.
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
    doubtful = [one for one in batch if one.claimed_us is not None]
    if not doubtful:
        return set()
    here = {(*one.identity, one.uplink.time_us) for one in batch if one.uplink is not None and one.claimed_us is None}
    keys = [(*one.identity, one.claimed_us) for one in doubtful]
    claimed = {
        "devices": [device_id for device_id, _, _ in keys],
        "messages": [message_id for _, message_id, _ in keys],
        "times": [to_datetime(claimed_us or 0) for _, _, claimed_us in keys],
    }
    for bounds in weekly_spans(claimed_us or 0 for _, _, claimed_us in keys):
        here.update(connection.execute(statements.STORED_UNDER_ITS_OWN_TIME, claimed | bounds).fetchall())
    return {one for one, key in zip(doubtful, keys, strict=True) if key in here}


def as_duplicates(messages: Iterable[MessageRows]) -> Outcome:
    """Their account: nothing new, and neither was any reading they brought."""
    outcome = Outcome(merged=True)
    for one in messages:
        account = outcome.account(one.project_id)
        account.duplicate += 1
        account.payload_bytes += len(one.message.payload)
        account.readings_offered += one.offered
        account.readings_duplicate += one.offered
    return outcome
