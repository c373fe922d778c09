"""`python -m ingest.report.read.process`: takes one workbook over. What it needs comes by its input (`apart.Told`)."""

import os
import sys

from ingest.runtime.child import die_with_the_service, stand_back

MOST_BYTES = 640 * 2**20
"""Address space for data: beyond it there is a MemoryError, whoever watches the process."""


def main() -> int:
    """Take the file over, write what came of it, and give the exit code."""
    die_with_the_service()
    stand_back(MOST_BYTES)
    from ingest.access.authority import ChangeRefused  # noqa: PLC0415  within the limits
    from ingest.errors import StoreUnavailable  # noqa: PLC0415
    from ingest.report.read.apart import LATER, TOO_MUCH, Answered, Told  # noqa: PLC0415
    from ingest.report.read.package import MOST_BYTES as MOST_FILE_BYTES  # noqa: PLC0415
    from ingest.report.read.take_over import take_over  # noqa: PLC0415
    from ingest.report.read.wrong import WorkbookRefused  # noqa: PLC0415
    from ingest.store.database import connect, translated  # noqa: PLC0415

    told = Told.model_validate_json(sys.stdin.buffer.read())
    with os.fdopen(told.descriptor, "rb") as file:
        content = file.read(MOST_FILE_BYTES + 1)
    try:
        with translated(), connect(told.database, autocommit=True) as connection:
            answered = Answered(taken=take_over(connection, told.by, told.project, content, told.author, told.source))
    except WorkbookRefused as refused:
        answered = Answered(refused=refused.said, wrong=refused.wrong)
    except ChangeRefused as refused:
        answered = Answered(refused=refused.said)
    except StoreUnavailable as error:
        sys.stderr.write(str(error))
        return LATER
    except MemoryError:
        return TOO_MUCH
    sys.stdout.buffer.write(answered.model_dump_json().encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
