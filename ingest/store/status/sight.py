"""A quick look at the server: does it answer, may it be written, what does its clock say?"""

import time
from datetime import UTC, datetime
from typing import Any, LiteralString, NamedTuple

from psycopg import Connection

from ingest.store.database import translated

_LOOK: LiteralString = "select clock_timestamp(), current_setting('transaction_read_only') = 'on'"


class Sight(NamedTuple):
    """`read_only`: a standby, or a server told to take nothing. `apart_s`: between its clock and ours, at least."""

    read_only: bool
    apart_s: float


def look(connection: Connection[Any]) -> Sight:
    """Look at the server in one round trip. Its length is not taken for a difference of clocks."""
    with translated(), connection.transaction():
        began_s = time.monotonic()
        ours = datetime.now(UTC)
        theirs, read_only = connection.execute(_LOOK).fetchone() or (ours, False)
        ahead_s = (theirs - ours).total_seconds()
    took_s = time.monotonic() - began_s
    return Sight(read_only, max(-ahead_s, ahead_s - took_s, 0.0))
