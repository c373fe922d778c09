"""`python -m ingest.report.order.process`: makes one report. What it needs comes by its input (`child.Handed`)."""

import sys
from datetime import UTC, datetime

from ingest.errors import StoreUnavailable
from ingest.runtime.child import die_with_the_service, stand_back

MOST_BYTES = 2**30
"""Address space for data: beyond it the process ends with MemoryError, whoever watches it."""


def main() -> int:
    """Make the order, or compare the report, that the input names; the exit code."""
    die_with_the_service()
    stand_back(MOST_BYTES)
    from ingest.report.order.child import LATER, Handed, too_large  # noqa: PLC0415  within the limits
    from ingest.report.order.database import fail_order  # noqa: PLC0415
    from ingest.report.order.work import make_order  # noqa: PLC0415
    from ingest.report.submission.compare import compare_report  # noqa: PLC0415
    from ingest.store.database import connect, translated  # noqa: PLC0415

    handed, now = Handed.model_validate_json(sys.stdin.buffer.read()), datetime.now(UTC)
    try:
        with translated(), connect(handed.database, autocommit=True) as connection:
            connection.execute("set statement_timeout = '10min'; set jit = off")
            if handed.compare is not None:
                compare_report(connection, *handed.compare, now)
            if handed.order is not None:
                try:
                    make_order(connection, handed.order, handed.report.key_file, now)
                except MemoryError:
                    fail_order(connection, handed.order, too_large())
    except StoreUnavailable:
        return LATER
    return 0


if __name__ == "__main__":
    sys.exit(main())
