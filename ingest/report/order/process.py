"""`python -m ingest.report.order.process ORDER`: makes one report; the settings of the database come by its input."""

import sys
from datetime import UTC, datetime

from ingest.errors import StoreUnavailable
from ingest.runtime.child import die_with_the_service, stand_back
from ingest.settings.model import DatabaseSettings

MOST_BYTES = 2**30
"""Address space for data: beyond it the process ends with MemoryError, whoever watches it."""


def main() -> int:
    """Make the order that the argument names; the exit code."""
    die_with_the_service()
    stand_back(MOST_BYTES)
    from ingest.report.order.child import LATER, too_large  # noqa: PLC0415  within the limits
    from ingest.report.order.database import fail_order  # noqa: PLC0415
    from ingest.report.order.work import make_order  # noqa: PLC0415
    from ingest.store.database import connect, translated  # noqa: PLC0415

    settings, number = DatabaseSettings.model_validate_json(sys.stdin.buffer.read()), int(sys.argv[1])
    try:
        with translated(), connect(settings, autocommit=True) as connection:
            connection.execute("set statement_timeout = '10min'; set jit = off")
            try:
                make_order(connection, number, datetime.now(UTC))
            except MemoryError:
                fail_order(connection, number, too_large())
    except StoreUnavailable:
        return LATER
    return 0


if __name__ == "__main__":
    sys.exit(main())
