"""All sources, by the names that layouts use."""

from collections.abc import Mapping

from ingest.report.source.actions import ACTIONS
from ingest.report.source.airtime import AIRTIME
from ingest.report.source.airtime_gateways import AIRTIME_GATEWAYS
from ingest.report.source.base import Source
from ingest.report.source.effect import EFFECT
from ingest.report.source.enclosed import ABSENT, ADDRESS, ENCLOSED
from ingest.report.source.equipment import EQUIPMENT
from ingest.report.source.explain import EXPLAIN
from ingest.report.source.head import HEAD
from ingest.report.source.incidents import INCIDENTS
from ingest.report.source.kpis import KPIS
from ingest.report.source.ledger import LEDGER
from ingest.report.source.money import MONEY
from ingest.report.source.months import MONTHS
from ingest.report.source.opened import OPENED
from ingest.report.source.security import SECURITY
from ingest.report.source.sums import BY_AREA, BY_GATEWAY, BY_NETWORK, BY_TECHNOLOGY, BY_USE, SUMMARY
from ingest.report.source.takeover import TAKEOVER
from ingest.report.source.technology import TECHNOLOGY
from ingest.report.source.use import USE
from ingest.report.source.watch import WATCH
from ingest.report.source.words import WORDS

_ALL: tuple[Source, ...] = (
    HEAD,
    SUMMARY,
    BY_NETWORK,
    BY_GATEWAY,
    BY_TECHNOLOGY,
    BY_USE,
    BY_AREA,
    KPIS,
    EFFECT,
    *EQUIPMENT,
    *INCIDENTS,
    *USE,
    *MONEY,
    *ACTIONS,
    SECURITY,
    *MONTHS,
    *EXPLAIN,
    *WORDS,
    ADDRESS,
    ENCLOSED,
    ABSENT,
    *LEDGER,
    *OPENED,
    *AIRTIME,
    AIRTIME_GATEWAYS,
    *TECHNOLOGY,
    *TAKEOVER,
    *WATCH,
)

SOURCES: Mapping[str, Source] = {source.name: source for source in _ALL}
