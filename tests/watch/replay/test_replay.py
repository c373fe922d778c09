"""Past days through the machine: present stages, other stages, nothing written, a level that stood high before."""

import json
import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest.cli.main import cli
from ingest.watch.replay import run
from ingest.watch.replay.compare import Verdict
from ingest.watch.replay.replay import Answer, replay
from ingest.watch.rules import load_rules
from ingest.watch.stages.machine import chronology
from ingest.watch.stages.rule import WatchedRule
from ingest.watch.stages.sample import Reading
from schemas.japan import to_us
from schemas.quantity import BY_CODE
from schemas.reading import Quality
from schemas.watch import WatchDocument
from tests.figures.field import Field, jst
from tests.figures.watched import Watched
from tests.fixtures.database import Database

DAY = jst(2026, 9, 12)
HOUR = timedelta(hours=1)


@pytest.fixture
def field(database: Database) -> Field:
    """A gauge that reaches 1 m at 5:00 and 2 m at 10:00, and is below 1 m again from 15:00 on."""
    made = Field(database.connect())
    gauge = made.device("river", interval_s=600, name="田川橋")
    made.stage(gauge, 1, "基準1", 1.0)
    made.stage(gauge, 2, "基準2", 2.0)
    for hour in range(-40, 24):
        level = 0.5 if hour < 5 else 1.5 if hour < 10 else 2.5 if hour < 15 else 0.2
        made.reading(gauge, DAY + hour * HOUR, "river_level", level)
    return made


def run_day(database: Database, **more: object) -> Answer:
    with database.connect() as connection:
        return replay(connection, DAY, DAY + timedelta(days=1), **more)  # type: ignore[arg-type]


def test_the_present_stages_say_what_would_have_been_noticed(database: Database, field: Field) -> None:
    answer = run_day(database)
    assert [(each.verdict, each.rank, each.time_us) for each in answer.crossings] == [
        (Verdict.NEW, 1, int((DAY + 5 * HOUR).timestamp() * 1e6)),
        (Verdict.NEW, 2, int((DAY + 10 * HOUR).timestamp() * 1e6)),
    ]
    assert (answer.rules, answer.readings) == (1, 24)
    assert field.connection.execute("select count(*) from watch_event").fetchone() == (0,)


def test_what_was_recorded_stands_beside_it(database: Database, field: Field) -> None:
    watched = Watched(field.connection, field.project_id)
    row = field.connection.execute("select device_id, quantity_id from device_stage limit 1").fetchone()
    assert row is not None
    subject = f"stage:d{row[0]}:q{row[1]}:c0"
    watched.event(None, row[0], DAY + 6 * HOUR, 0, 1, subject=subject)
    watched.event(None, row[0], DAY + 10 * HOUR, 1, 2, subject=subject)
    watched.event(None, row[0], DAY + 20 * HOUR, 0, 1, subject=subject)
    watched.event(None, row[0], DAY + 21 * HOUR, 0, 2, subject=subject, origin="drill")
    verdicts = [(each.verdict, each.minutes) for each in run_day(database).crossings]
    assert verdicts == [(Verdict.EARLIER, 60), (Verdict.SAME, 0), (Verdict.GONE, None)]


def test_a_level_that_stands_at_a_stage_when_the_period_begins_does_not_reach_it(
    database: Database, field: Field
) -> None:
    assert field
    with database.connect() as connection:
        answer = replay(connection, DAY + 7 * HOUR, DAY + 24 * HOUR)
    assert [each.rank for each in answer.crossings] == [2]


def test_slices_of_time_and_groups_of_rules_make_no_difference(
    database: Database, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = field.device("other", interval_s=600)
    field.stage(other, 1, "基準1", 1.0)
    for hour in range(24):
        field.reading(other, DAY + hour * HOUR, "river_level", 2.0 if hour % 6 else 0.1)
    whole = run_day(database)
    monkeypatch.setattr(run, "SLICE", timedelta(hours=3))
    monkeypatch.setattr(run, "AT_ONCE", 1)
    assert run_day(database).crossings == whole.crossings
    assert whole.count(Verdict.NEW) == 6


def test_it_is_the_chronology_of_the_sound_readings_of_each_rule(
    database: Database, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a rule with several stations, too; without what failed, was annulled or has a remark."""
    chance = random.Random(7)
    begin, end = DAY - timedelta(days=1), DAY + timedelta(days=1)
    rain = field.device("rain", interval_s=600)
    gauges = [field.device(f"g{number}", interval_s=600) for number in range(3)]
    for step in range(-200, 144):
        at = DAY + step * timedelta(minutes=10)
        field.reading(rain, at, "rain_amount", chance.choice([0, 0, 4.0]))
        for gauge in gauges:
            if chance.random() < 0.9:
                remark = Quality.RANGE if chance.random() < 0.1 else None
                field.reading(gauge, at, "river_level", round(chance.uniform(0, 2.6), 2), quality=remark)
    for gauge in gauges:
        field.connection.execute(
            "insert into watch_flag (device_id, quantity_id, channel, test, starts, ends, readings, grade)"
            " values (%s, %s, 0, 'stuck', %s, %s, 9, 4)",
            (gauge, BY_CODE["river_level"].id, DAY + 2 * HOUR, DAY + 5 * HOUR),
        )
    stages: list[dict[str, object]] = [
        {"rank": rank, "name": f"基準{rank}", "name_en": str(rank), "value": rank} for rank in (1, 2)
    ]
    stages[1]["with"] = {"any": [{"devices": ["rain"], "measure": {"kind": "rain_1h"}, "at_least": 8}]}
    rule = {"code": "wet", "hazard": "river", "devices": [f"g{number}" for number in range(3)], "stages": stages}
    document = WatchDocument.model_validate({"project": "tea", "rules": [rule | {"quantity": "river_level"}]})
    monkeypatch.setattr(run, "SLICE", timedelta(hours=7))
    with database.connect() as connection:
        instead = {field.project_id: document}
        answer = replay(connection, begin, end, instead=instead)
        rules = {rule.subject: rule for each in load_rules(connection, instead).by_series.values() for rule in each}
    expected = [
        (change.at_us, rule.series.device_id, rule.code, change.rank, change.value)
        for rule in rules.values()
        for change in chronology(rule, sound_readings(field, rule, begin, end))
        if change.at_us >= to_us(begin) and change.rank > change.before_rank
    ]
    found = [(each.time_us, each.device_id, each.rule, each.rank, each.value) for each in answer.crossings]
    assert sorted(found) == sorted(expected)
    assert len(found) > 100


def sound_readings(field: Field, rule: WatchedRule, begin: datetime, end: datetime) -> list[Reading]:
    """All at once, from the view."""
    since = begin - max(run.WARM_UP, timedelta(microseconds=rule.look_back_us))
    query = (
        "select time, value from figure_sound where (device_id, quantity_id, channel) = (%s, %s, %s)"
        " and time >= %s and time < %s"
    )
    return [
        Reading(to_us(at), value, place)
        for place, series in enumerate(rule.inputs)
        for at, value in field.connection.execute(query, (*series, since, end))
    ]


@pytest.mark.japanese
def test_other_stages_are_tried_out_by_a_file_and_nothing_is_written(
    database: Database, field: Field, tmp_path: Path
) -> None:
    file = tmp_path / "new.yaml"
    file.write_text(
        "project: tea\nrules:\n- code: high\n  hazard: river\n  devices: [river]\n  quantity: river_level\n"
        "  measure: {kind: value}\n  stages:\n  - {rank: 1, name: 市設定基準1, name_en: City 1, value: 2.2}\n"
    )
    options = ["--from", "2026-09-12", "--to", "2026-09-12", "--database", database.url]
    done = CliRunner().invoke(cli, ["watch", "replay", *options, "--stages", str(file), "--format", "json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    assert [(each["rule"], each["stage"], each["time"]) for each in found["crossings"]] == [
        ("", "基準1", "2026-09-12T05:00:00+09:00"), ("high", "市設定基準1", "2026-09-12T10:00:00+09:00"),
        ("", "基準2", "2026-09-12T10:00:00+09:00"),
    ]  # fmt: skip
    assert found["verdicts"] == {"same": 0, "earlier": 0, "later": 0, "new": 3, "gone": 0}
    assert field.connection.execute("select count(*) from watch_document").fetchone() == (0,)
    written = CliRunner().invoke(cli, ["watch", "replay", *options, "--project", "tea", "--format", "csv"])
    assert len(written.output.splitlines()) == 3
    said = CliRunner().invoke(cli, ["watch", "replay", *options])
    assert "2026-09-12 05:00:00 river 田川橋 基準1 1.5: 記録になく、知らせていた" in said.output
    refused = CliRunner().invoke(cli, ["watch", "replay", *options, "--project", "nowhere"])
    assert refused.exit_code != 0


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "0226-09-12"])
def test_a_day_that_is_a_typing_mistake_is_refused_and_no_defect(day: str) -> None:
    refused = CliRunner().invoke(cli, ["watch", "replay", "--from", day, "--to", day])
    assert (refused.exit_code, f"'{day}'" in refused.output) == (2, True)
