"""How often advisers may still come in a fiscal year: visits and hours count down.

A visit that was made counts for the fiscal year of its day, one still to be made for that of its measure. What was
dropped does not count, and a measure that went on into the next year counts once, as the one it went on as.
"""

from dataclasses import dataclass
from decimal import Decimal

from ingest.plan.act import database
from ingest.plan.act.model import Measure
from ingest.plan.document.facts import quota
from ingest.plan.document.versions import current
from ingest.store.database import Database
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear
from schemas.work import MeasureKind, MeasureState

_USED = (MeasureState.DONE, MeasureState.EVALUATED)
ADVISERS = tuple(kind for kind in MeasureKind if kind is not MeasureKind.IMPROVEMENT)


@dataclass(frozen=True, slots=True)
class QuotaLeft:
    """A quota of one fiscal year. `used`: of measures that were done; `planned`: of those still to be done.

    `source`: where the limit is from.
    """

    kind: MeasureKind
    unit: Bilingual
    limit: float
    used: float
    planned: float
    source: str

    @property
    def left(self) -> float:
        """What is neither used nor planned; below 0 if more is planned than there is."""
        return float(_exact(self.limit) - _exact(self.used) - _exact(self.planned))


def quotas_of(connection: Database, project_id: int, fiscal_year: int) -> list[QuotaLeft]:
    """The quotas of advisers' visits in a year, one for each kind that has one."""
    version = current(connection, project_id)
    document = None if version is None else version.document
    measures = _counting(database.select_measures(connection, project_id), fiscal_year)
    found = []
    for kind in ADVISERS:
        limit = quota(kind, fiscal_year, document)
        if limit is None:
            continue
        counted = [each for each in measures if each.kind is kind]
        used = float(sum(_exact(each.quota_used) for each in counted if each.state in _USED))
        planned = float(sum(_exact(each.quota_used) for each in counted if each.state not in _USED))
        found.append(QuotaLeft(kind, limit.unit, limit.amount, used, planned, limit.source))
    return found


def _exact(hours: float) -> Decimal:
    """Hours as they were written: 0.1 three times is 0.3, and of 10 hours that are used up nothing is left."""
    return Decimal(repr(hours))


def _counting(measures: list[Measure], fiscal_year: int) -> list[Measure]:
    """The measures of a project that use up quotas of this year."""
    gone_on = {each.carried_from for each in measures}
    return [
        each for each in measures
        if each.state is not MeasureState.DROPPED and each.measure_id not in gone_on
        and (each.fiscal_year if each.done_on is None else FiscalYear.of(each.done_on).year) == fiscal_year
    ]  # fmt: skip
