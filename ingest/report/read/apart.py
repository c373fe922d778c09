"""Takes a workbook over in a process of its own: whatever is in the file, the pages go on with the memory they have."""

from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import IO

import structlog
from pydantic import BaseModel

from ingest.access.authority import By, ChangeRefused
from ingest.errors import ReaderBusy, StoreUnavailable
from ingest.figures.project import ProjectRef
from ingest.report.read.taken import TakenOver
from ingest.report.read.wrong import WorkbookRefused, Wrong
from ingest.runtime.bounded_child import Bounds, Ran, Why, run_bounded
from ingest.settings.model import DatabaseSettings
from schemas.bilingual import Bilingual, quoted

MODULE = "ingest.report.read.process"
BOUNDS = Bounds(most_mib=500, most_s=120)
"""A workbook of 2,000 devices needs half of the memory, and a tenth of the time."""

AT_ONCE = 2
WAIT_S = 30
LATER, TOO_MUCH = 75, 76
"""Exit codes: the database does not answer; there was not enough memory."""

log = structlog.get_logger()

_BUSY = Bilingual(
    "いま、ほかのファイルを読んでいます。少し待ってから、もう一度送ってください",
    "other files are being read at the moment: try again in a moment",
)
_TOO_MUCH = Bilingual(
    "ファイルを読むのに時間かメモリがかかりすぎるため、やめました。何も取り込んでいません",
    "reading the file took too much time or memory. Nothing was taken over",
)


_DEFECT = Bilingual(
    "ファイルを読む途中で処理が止まりました。何も取り込んでいません。くわしくはサービスのログにあります",
    "reading the file ended with a defect. Nothing was taken over; the log of the service has more",
)


class Told(BaseModel):
    """What the process is told. `descriptor`: of the file, which it has open."""

    database: DatabaseSettings
    by: By
    project: ProjectRef
    author: str
    source: str
    descriptor: int


class Answered(BaseModel):
    """What the process answers: what was taken over, or why nothing was. `wrong`: of a WorkbookRefused."""

    taken: TakenOver | None = None
    refused: Bilingual | None = None
    wrong: tuple[Wrong, ...] = ()


@dataclass(frozen=True)
class Taker:
    """Takes workbooks over, a few at a time."""

    database: DatabaseSettings
    places: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE))

    def take(self, by: By, project: ProjectRef, file: IO[bytes], author: str, source: str) -> TakenOver:
        """As `take_over`, of a file that is read from its beginning.

        Raises ReaderBusy while others are being read, ChangeRefused also for what takes too much memory or time, and
        StoreUnavailable while the database does not answer.
        """
        if not self.places.acquire(blocking=False):
            raise ReaderBusy(_BUSY, WAIT_S)
        try:
            file.seek(0)
            told = Told(database=self.database, by=by, project=project, author=author, source=source,
                        descriptor=file.fileno())  # fmt: skip
            ran = run_bounded(MODULE, told.model_dump_json().encode(), BOUNDS, lambda: False, [told.descriptor])
        finally:
            self.places.release()
        return _answer(ran)


def _answer(ran: Ran) -> TakenOver:
    if ran.code == LATER:
        raise StoreUnavailable(quoted(ran.said or "no answer of the database"))
    if ran.why is not Why.BY_ITSELF or ran.code == TOO_MUCH:
        raise ChangeRefused(_TOO_MUCH)
    if ran.code != 0:
        log.error("workbook_reader_defect", exit_code=ran.code, said=ran.said)
        raise ChangeRefused(_DEFECT)
    answered = Answered.model_validate_json(ran.out)
    if answered.wrong:
        raise WorkbookRefused(answered.wrong)
    if answered.taken is None:
        raise ChangeRefused(answered.refused or _DEFECT)
    return answered.taken
