"""All rules of an installation as look-up tables: stages of the registry, and what documents say."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import groupby
from operator import itemgetter

from ingest.store.database import Database, translated
from ingest.watch.document.database import StageRow, Version, rules_version, stage_rows
from ingest.watch.stages.measure import Measure, Value
from ingest.watch.stages.rule import EVER_US, NEVER_US, Series, Threshold, WatchedRule, Working
from schemas.japan import to_us

NO_VERSION = Version()
SECOND_US = 1_000_000
LEAST_PATIENCE_S = 900
"""A device that reports every second may be late by more than three of its intervals."""

REGISTRY_HYSTERESIS_M = 0.05
"""How far a level has to fall below a stage of the registry before it is left, unless the document says another."""

RIVER = "river"


@dataclass(frozen=True, slots=True)
class Rules:
    """One version of all rules. It is never changed: another one takes its place.

    `by_series`: the rules that a reading of a series may move, as their own value or beside it.
    `selected`: what the writers note, as device_id and quantity_id.
    """

    version: Version = NO_VERSION
    by_series: Mapping[Series, tuple[WatchedRule, ...]] = field(default_factory=dict)
    selected: AbstractSet[tuple[int, int]] = frozenset()


def load_rules(connection: Database) -> Rules:
    """All rules as they are in the database now. Raises StoreUnavailable."""
    with translated(), connection.transaction():
        # The version first: what is committed meanwhile is then loaded once more at the next look, and never missed.
        version = rules_version(connection)
        return rules_of(version, registry_rules(stage_rows(connection)))


def rules_of(version: Version, rules: Iterable[WatchedRule]) -> Rules:
    """The rules as look-up tables."""
    by_series: dict[Series, tuple[WatchedRule, ...]] = {}
    for rule in rules:
        for series in rule.inputs:
            by_series[series] = (*by_series.get(series, ()), rule)
    return Rules(version, by_series, {(series.device_id, series.quantity_id) for series in by_series})


def registry_rules(rows: Iterable[StageRow]) -> Iterator[WatchedRule]:
    """A rule for each series that has stages in the registry. The rows of one series follow each other."""
    for key, stages in groupby(rows, key=itemgetter(0, 1, 2)):
        thresholds = [*stages]
        first = thresholds[0]
        yield WatchedRule(
            code="",
            project_id=first.project_id,
            hazard=RIVER,
            inputs=(Series(*key),),
            measure=_value(first.unit),
            thresholds=tuple(_threshold(each) for each in thresholds),
            hysteresis=REGISTRY_HYSTERESIS_M,
            patience_us=patience_us(first.interval_s, first.calm_interval_s),
            working=season_of(first.season_from, first.season_to),
        )


def patience_us(interval_s: int, calm_interval_s: int | None) -> int:
    """After so long without a reading a device is silent, whatever mode it is in; a quarter of an hour at least."""
    return int(max(3 * interval_s, 1.5 * (calm_interval_s or 0), LEAST_PATIENCE_S)) * SECOND_US


@cache
def season_of(season_from: str | None, season_to: str | None) -> tuple[Working, ...]:
    """The season of operation of a device; without one it works all the year."""
    return () if season_from is None or season_to is None else (Working((season_from, season_to)),)


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
