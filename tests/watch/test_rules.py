"""The rules of an installation, from the stages of its registry."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection
from psycopg.types.json import Jsonb

from ingest.watch.document.database import rules_version
from ingest.watch.document.registered import patience_us
from ingest.watch.rules import load_rules
from ingest.watch.stages.machine import chronology
from ingest.watch.stages.rule import NOBODY, Condition, Series, Threshold, WatchedRule, Working
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
    assert (rule.hysteresis, rule.patience_us) == (0.05, 1800 * 1_000_000)
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


def applied(connection: Connection[Any], project_id: int, **parts: Any) -> None:
    body = {"project": "tea", **parts}
    connection.execute(
        "insert into watch_document (project_id, number, body, source, applied_by)"
        " select %s, count(*) + 1, %s, '', 'tanaka' from watch_document",
        (project_id, Jsonb(body)),
    )


def stage(rank: int, value: Any, **more: Any) -> dict[str, Any]:
    return {"rank": rank, "name": f"市設定基準{rank}", "value": value} | more


def test_a_document_says_how_stages_of_the_registry_are_watched(connection: Connection[Any]) -> None:
    field = Field(connection)
    device = field.device("a")
    field.stage(device, 1, "市設定基準1", 1.0)
    applied(connection, field.project_id, registry_stages={"hysteresis_m": 0.2, "hold_min": 3})
    rule = the_rule(connection, device)
    assert (rule.hysteresis, rule.hold_us) == (0.2, 180_000_000)
    assert load_rules(connection).document_of(field.project_id) is not None
    assert load_rules(connection).document_of(field.project_id + 1) is None


def test_the_newest_document_counts_for_each_of_its_devices(connection: Connection[Any]) -> None:
    field = Field(connection)
    a, b, gone = field.device("a", season=("04-01", "11-30")), field.device("b"), field.device("gone", enabled=False)
    frost = {"code": "frost", "hazard": "frost", "quantity": "air_temperature", "direction": "below"}
    applied(connection, field.project_id, rules=[frost | {"code": "old", "devices": ["a"], "stages": [stage(1, 9)]}])
    season, hours = {"from": "04-10", "to": "05-31"}, {"from": "18:00", "to": "06:00"}
    applied(
        connection, field.project_id,
        rules=[frost | {"devices": ["a", "b", "gone"], "season": season, "hours": hours, "stages": [stage(1, 3)]}],
    )  # fmt: skip
    rules = load_rules(connection)
    air = BY_CODE["air_temperature"].id
    assert rules.selected == {(a, air), (b, air)}
    assert (gone, air) not in rules.selected
    (rule,) = rules.by_series[Series(a, air, 0)]
    assert (rule.code, rule.hazard, rule.below, rule.hysteresis) == ("frost", "frost", True, 0.5)
    assert rule.working == (
        Working(("04-10", "05-31")), Working(None, (18 * 60, 6 * 60)), Working(("04-01", "11-30")),
    )  # fmt: skip


def test_rain_is_watched_beside_the_level_whatever_the_gauge_sends(connection: Connection[Any]) -> None:
    field = Field(connection)
    level, rain = field.device("a", interval_s=600), field.device("r", interval_s=600)
    wanted = {"any": [{"devices": ["r", "lost"], "measure": {"kind": "rain_1h"}, "at_least": 30}]}
    rise = {"code": "rise", "hazard": "river", "devices": ["a"], "quantity": "river_level", "measure": {"kind": "rise"}}
    applied(connection, field.project_id, rules=[rise | {"stages": [stage(1, 0.5, **{"with": wanted})]}])
    rules = load_rules(connection)
    (rule,) = rules.by_series[Series(level, LEVEL, 0)]
    assert (rule.series.device_id, rule.compared, rule.partners[0].inputs) == (level, "rise(hours=1)", (1, 2))
    assert rule.inputs[1:] == tuple(Series(rain, BY_CODE[code].id, 0) for code in ("rain_total", "rain_amount"))
    assert rule.thresholds[0].conditions == (Condition(0, 30.0), Condition(NOBODY, 30.0))


def test_the_rule_of_a_rain_gauge_is_the_same_before_and_after_it_sent_something(connection: Connection[Any]) -> None:
    """Else what it is at would be told once more, or be lost, with the next look at what it sends."""
    field = Field(connection)
    rain = field.device("r", interval_s=600)
    rule = {"code": "rain", "hazard": "rain", "devices": ["r"], "measure": {"kind": "rain_1h"}, "stages": [stage(1, 9)]}
    applied(connection, field.project_id, rules=[rule])
    before = load_rules(connection)
    assert before.selected == {(rain, BY_CODE[code].id) for code in ("rain_total", "rain_amount")}
    for quantity in ("rain_amount", "rain_total"):
        connection.execute(
            "insert into last_reading (device_id, quantity_id, channel, time, value) values (%s, %s, 0, now(), 0)",
            (rain, BY_CODE[quantity].id),
        )
        assert load_rules(connection).by_series == before.by_series


def test_a_document_of_another_version_of_the_program_leaves_the_registry_watched(connection: Connection[Any]) -> None:
    field = Field(connection)
    device = field.device("a")
    field.stage(device, 1, "市設定基準1", 1.0)
    applied(connection, field.project_id, satellites=[])
    rules = load_rules(connection)
    assert "satellites" in rules.unreadable[field.project_id]
    assert rules.selected == {(device, LEVEL)}
