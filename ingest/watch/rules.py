"""All rules of an installation as look-up tables: stages of the registry, and what documents say."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from itertools import groupby
from operator import itemgetter

from ingest.store.database import Database, translated
from ingest.watch.document.build import MINUTE_US, built_rules, named_devices
from ingest.watch.document.database import (
    DocumentRow,
    StageRow,
    Version,
    device_rows,
    newest_documents,
    quantity_rows,
    rules_version,
    stage_rows,
)
from ingest.watch.document.registered import Registered, patience_us, season_of
from ingest.watch.document.stored import read_stored_document
from ingest.watch.stages.measure import Measure, Value
from ingest.watch.stages.rule import EVER_US, NEVER_US, Series, Threshold, WatchedRule
from schemas.japan import to_us
from schemas.watch import WatchDocument
from schemas.watch_rules import Hazard, RegistryStages

NO_VERSION = Version()


@dataclass(frozen=True, slots=True)
class Rules:
    """One version of all rules. It is never changed: another one takes its place.

    `by_series`: the rules that a reading of a series may move, as their own value or beside it.
    `selected`: what the writers note, as device_id and quantity_id.
    """

    version: Version = NO_VERSION
    by_series: Mapping[Series, tuple[WatchedRule, ...]] = field(default_factory=dict)
    selected: AbstractSet[tuple[int, int]] = frozenset()
    documents: Mapping[int, WatchDocument] = field(default_factory=dict)
    unreadable: Mapping[int, str] = field(default_factory=dict)
    """Places of documents that this version of the program cannot read, by project. All else of them holds."""

    def document_of(self, project_id: int) -> WatchDocument | None:
        """The document of a project; None if it has none."""
        return self.documents.get(project_id)


def load_rules(connection: Database, instead: Mapping[int, WatchDocument] | None = None) -> Rules:
    """All rules as they are in the database now. Raises StoreUnavailable.

    `instead`: documents that are tried out in place of the stored ones, by the number of the project.
    """
    with translated(), connection.transaction():
        # The version first: what is committed meanwhile is then loaded once more at the next look, and never missed.
        version = rules_version(connection)
        documents, unreadable = _documents(newest_documents(connection))
        documents |= instead or {}
        rules = [*registry_rules(stage_rows(connection), documents)]
        if any(document.rules for document in documents.values()):
            rules += _document_rules(connection, documents)
        return replace(rules_of(version, rules), documents=documents, unreadable=unreadable)


def rules_of(version: Version, rules: Iterable[WatchedRule]) -> Rules:
    """The rules as look-up tables."""
    by_series: dict[Series, tuple[WatchedRule, ...]] = {}
    for rule in rules:
        for series in rule.inputs:
            by_series[series] = (*by_series.get(series, ()), rule)
    return Rules(version, by_series, {(series.device_id, series.quantity_id) for series in by_series})


def _documents(rows: Iterable[DocumentRow]) -> tuple[dict[int, WatchDocument], dict[int, str]]:
    documents: dict[int, WatchDocument] = {}
    unreadable: dict[int, str] = {}
    for row in rows:
        documents[row.project_id], unread = read_stored_document(row.body)
        if unread:
            unreadable[row.project_id] = ", ".join(unread)
    return documents, unreadable


def _document_rules(connection: Database, documents: Mapping[int, WatchDocument]) -> Iterator[WatchedRule]:
    codes = set().union(*(named_devices(document) for document in documents.values()))
    registered = Registered(device_rows(connection, codes), quantity_rows(connection))
    for project_id, document in documents.items():
        yield from built_rules(document, project_id, registered)


def registry_rules(
    rows: Iterable[StageRow], documents: Mapping[int, WatchDocument] | None = None
) -> Iterator[WatchedRule]:
    """A rule for each series that has stages in the registry. The rows of one series follow each other."""
    usual = RegistryStages()
    for key, stages in groupby(rows, key=itemgetter(0, 1, 2)):
        thresholds = [*stages]
        first = thresholds[0]
        document = (documents or {}).get(first.project_id)
        wanted = usual if document is None else document.registry_stages
        yield WatchedRule(
            code="",
            project_id=first.project_id,
            hazard=Hazard.RIVER.value,
            inputs=(Series(*key),),
            measure=_value(first.unit),
            thresholds=tuple(_threshold(each) for each in thresholds),
            hysteresis=wanted.hysteresis_m,
            hold_us=round(wanted.hold_min * MINUTE_US),
            patience_us=patience_us(first.interval_s, first.calm_interval_s),
            working=_season(first.season_from, first.season_to),
        )


_season = cache(season_of)
"""The same object for all devices of a season: there may be very many."""


@cache
def _value(unit: str) -> Measure:
    return Value(unit)


def _threshold(row: StageRow) -> Threshold:
    return Threshold(
        row.rank, row.level_m, row.name, row.name_en, row.official, row.ref_level,
        _us(row.valid_from, EVER_US), _us(row.valid_to, NEVER_US),
    )  # fmt: skip


def _us(at: datetime | None, without: int) -> int:
    return without if at is None else to_us(at)
