"""The process that makes a report, seen from the service, which starts and watches it, and ends it where it must."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

from pydantic import BaseModel

from ingest.runtime.bounded_child import Bounds, Why, run_bounded
from ingest.settings.model import DatabaseSettings
from ingest.settings.report import ReportSettings
from schemas.bilingual import Bilingual

MOST_MIB = 700
"""Resident memory of the process and its children together. A report of 2,000 devices needs less than half of it."""
MOST_S = 3_600
ASK_EVERY_S = 2.0
LATER = 75
"""The exit code for: the database does not answer, try again later."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How the process ended. `why`: the reason for ending it, for people; None if it ended by itself.

    `stopped`: it was ended because the service ends, or nobody wants the order any more. `said`: the end of what it
    wrote about its own defects.
    """

    code: int
    why: Bilingual | None
    stopped: bool
    said: str
    peak_mib: float

    @property
    def may_succeed_later(self) -> bool:
        """Whether nothing is wrong with what was to be made."""
        return self.stopped or self.code == LATER


class Handed(BaseModel):
    """What the process is told on its input: an order to make, or a frozen report of a project to compare."""

    database: DatabaseSettings
    report: ReportSettings
    order: int | None = None
    compare: tuple[int, int] | None = None


def run_child(handed: Handed, stop: Event, called_off: Callable[[], bool] = lambda: False) -> Ended:
    """Make an order in a process of its own, and wait for its end. It is ended if it takes too much, or at `stop`.

    `called_off`: whether nobody wants the order any more; asked every few seconds.
    """
    asked_s, gone = time.monotonic(), False

    def unwanted() -> bool:
        nonlocal asked_s, gone
        if time.monotonic() - asked_s > ASK_EVERY_S:
            asked_s, gone = time.monotonic(), called_off()
        return stop.is_set() or gone

    told = handed.model_dump_json().encode()  # the address has a password: no argument, no variable
    ran = run_bounded("ingest.report.order.process", told, Bounds(MOST_MIB, MOST_S), unwanted)
    why = {Why.MEMORY: too_large(), Why.TIME: _TOO_LONG}.get(ran.why)
    return Ended(ran.code, why, ran.why is Why.UNWANTED, ran.said, ran.peak_mib)


def too_large() -> Bilingual:
    """Why an order fails that takes more memory than one may."""
    return Bilingual(
        f"作るのに {MOST_MIB} MiB を超えるメモリが要るため、やめました。形式を分けて依頼してください",
        f"it took more than {MOST_MIB} MiB of memory; order one form at a time",
    )


_TOO_LONG = Bilingual(
    f"{MOST_S // 60} 分たっても終わらないため、やめました", f"it was not made within {MOST_S // 60} minutes"
)
