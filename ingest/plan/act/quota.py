"""How often advisers may still come in a fiscal year: visits and hours count down.

A measure counts for the fiscal year that it was entered for. What was dropped does not count.
"""

from dataclasses import dataclass

from ingest.plan.act import database
from ingest.plan.document.facts import quota
from ingest.plan.document.versions import current
from ingest.store.database import Database
from schemas.bilingual import Bilingual
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
        return self.limit - self.used - self.planned


def quotas_of(connection: Database, project_id: int, fiscal_year: int) -> list[QuotaLeft]:
    """The quotas of advisers' visits in a year, one for each kind that has one."""
    version = current(connection, project_id)
    document = None if version is None else version.document
    measures = database.select_measures(connection, project_id, fiscal_year)
    found = []
    for kind in ADVISERS:
        limit = quota(kind, fiscal_year, document)
        if limit is None:
            continue
        counted = [each for each in measures if each.kind is kind and each.state is not MeasureState.DROPPED]
        used = sum(each.quota_used for each in counted if each.state in _USED)
        planned = sum(each.quota_used for each in counted if each.state not in _USED)
        found.append(QuotaLeft(kind, limit.unit, limit.amount, used, planned, limit.source))
    return found
