"""The rules of an installation, from the stages of its registry."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from ingest.watch.document.database import rules_version
from ingest.watch.rules import REGISTRY_HYSTERESIS_M, load_rules, patience_us
from ingest.watch.stages.machine import chronology
from ingest.watch.stages.rule import Series, Threshold, WatchedRule, Working
from ingest.watch.stages.sample import Reading
from schemas.japan import to_us
from schemas.quantity import BY_CODE
from tests.figures.field import Field, jst
from tests.fixtures.database import Database

LEVEL = BY_CODE["river_level"].id


@pytest.fixture
def connection(database: Database) -> Connection[Any]:
    return database.connect()


def the_rule(connection: Connection[Any], device: int) -> WatchedRule:
    (rule,) = load_rules(connection).by_series[Series(device, LEVEL, 0)]
    return rule


def test_a_level_with_stages_is_watched_without_any_document(connection: Connection[Any]) -> None:
    field = Field(connection)
    device = field.device("a", interval_s=600)
    field.stage(device, 2, "市設定基準2", 2.0)
    field.stage(device, 1, "氾濫注意水位", 1.0, official=True, ref_level=2, name_en="Caution", source="県")
    rules = load_rules(connection)
    rule = the_rule(connection, device)
    assert rules.selected == {(device, LEVEL)}
    assert rule.thresholds == (
        Threshold(1, 1.0, "氾濫注意水位", "Caution", official=True, ref_level=2),
        Threshold(2, 2.0, "市設定基準2", "市設定基準2"),
    )
    assert (rule.code, rule.hazard, rule.project_id) == ("", "river", field.project_id)
    assert (rule.hysteresis, rule.patience_us) == (REGISTRY_HYSTERESIS_M, 1800 * 1_000_000)
    assert rule.subject == f"stage:d{device}:q{LEVEL}:c0"


def test_a_stage_holds_by_the_time_of_the_reading(connection: Connection[Any]) -> None:
    field = Field(connection)
    device = field.device("a")
    field.stage(device, 1, "旧", 3.0, valid_to=jst(2026, 11, 1))
    field.stage(device, 1, "新", 2.0, valid_from=jst(2026, 11, 1))
    before, after = jst(2026, 11, 1) - timedelta(microseconds=1), jst(2026, 11, 1)
    (change,) = chronology(the_rule(connection, device), [Reading(to_us(at), 2.5) for at in (before, after)])
    assert (change.at_us, change.threshold and change.threshold.name) == (to_us(after), "新")


def test_a_device_out_of_use_is_not_watched_and_one_out_of_season_rests(connection: Connection[Any]) -> None:
    field = Field(connection)
    gone, winter = field.device("gone", enabled=False), field.device("winter", season=("11-01", "03-31"))
    for device in (gone, winter):
        field.stage(device, 1, "市設定基準1", 1.0)
    assert load_rules(connection).selected == {(winter, LEVEL)}
    assert the_rule(connection, winter).working == (Working(("11-01", "03-31")),)


@pytest.mark.parametrize(
    ("interval_s", "calm_s", "minutes"), [(60, None, 15), (600, None, 30), (600, 86_400, 36 * 60), (7200, 600, 360)]
)
def test_a_device_is_silent_after_three_intervals_or_one_and_a_half_of_calm(
    interval_s: int, calm_s: int | None, minutes: int
) -> None:
    assert patience_us(interval_s, calm_s) == minutes * 60_000_000


def test_the_version_moves_with_registry_and_documents(connection: Connection[Any]) -> None:
    field = Field(connection)
    seen = [load_rules(connection).version]
    connection.execute("update registry_state set version = version + 1")
    seen.append(rules_version(connection))
    connection.execute(
        "insert into watch_document (project_id, number, body, source, applied_by) values (%s, 1, '{}', '', 'tanaka')",
        (field.project_id,),
    )
    seen.append(rules_version(connection))
    assert len(set(seen)) == 3
    assert load_rules(connection).version == seen[-1]
