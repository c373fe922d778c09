"""What lasts, what was told of it and by whom it was taken; and whether anybody watches, by rows written by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingest.figures.watch import Wanted, incident_of, incidents, incidents_now, maintenance_now, watch_health
from ingest.figures.watch_events import amended_lately, watch_deliveries
from tests.figures.field import Field
from tests.figures.watch_rows import MINUTE, WatchRows
from tests.fixtures.database import Database


@pytest.fixture
def rows(any_database: Database) -> WatchRows:
    """A river with two stages, and a rain gauge."""
    field = Field(any_database.connect())
    river = field.device("river", interval_s=600, name="一号水位計")
    field.stage(river, 1, "氾濫注意水位", 2.0, official=True, ref_level=2, source="県", name_en="Caution")
    field.stage(river, 2, "氾濫危険水位", 4.0, official=True, ref_level=4, source="県", name_en="Danger")
    field.uplink(river, datetime.now(UTC) - 3 * MINUTE, {"river_level": 2.4})
    field.device("rain", name="雨量計")
    return WatchRows(field.connection)


def test_what_lasts_has_its_last_value_and_the_next_stage(rows: WatchRows) -> None:
    number = rows.stage("river")
    (now,) = incidents_now(rows.connection)
    assert (now.incident_id, now.title, now.name, now.value) == (number, "一号水位計", "氾濫注意水位", 2.3)
    assert (now.last_value, now.silent) == (2.4, False)
    assert (now.next_name, now.next_value) == ("氾濫危険水位", 4.0)
    assert (now.delivered, now.in_maintenance, now.taken) == (0, False, False)
    rows.close(number)
    assert incidents_now(rows.connection) == []
    over = incident_of(rows.connection, number)
    assert over is not None
    assert (over.rank, over.top_rank, over.name) == (0, 1, "氾濫注意水位"), "what it was stays in sight"


def test_the_next_stage_of_a_rule_is_that_of_the_newest_document(rows: WatchRows) -> None:
    stages = [{"rank": rank, "name": f"市基準{rank}", "value": value} for rank, value in ((1, 0.5), (2, 0.9))]
    rows.document({"rules": [{"code": "rise", "stages": stages[:1]}]})
    rows.document({"rules": [{"code": "rise", "stages": stages}, {"code": "other", "stages": []}]})
    rows.stage("river", rule="rise", value=0.6, threshold=0.5)
    (now,) = incidents_now(rows.connection)
    assert (now.next_name, now.next_value) == ("市基準2", 0.9)


def test_a_stage_of_an_old_value_is_said_to_be_one(rows: WatchRows) -> None:
    rows.stage("river")
    rows.connection.execute("update device set interval_s = 30 where code = 'river'")
    assert incidents_now(rows.connection)[0].silent is True


def test_messages_are_counted_by_what_became_of_them(rows: WatchRows) -> None:
    number = rows.stage("river")
    now = rows.now
    rows.document({"people": [{"code": "tanaka", "name": "田中"}]})
    rows.delivery(number, recipient="tanaka", delivered_at=now - 5 * MINUTE + timedelta(seconds=2))
    rows.delivery(number, "hook", "webhook", given_up_at=now, failed_ja="つながりません", failed_en="unreachable")
    rows.delivery(number, "team", "slack", doubt_at=now)
    rows.delivery(number, "night", withheld="quiet_hours")
    digest = rows.delivery(number, purpose="digest")
    rows.delivery(number, digest_id=digest)
    found = incidents_now(rows.connection)[0]
    assert (found.delivered, found.failed, found.doubtful, found.withheld, found.waiting) == (1, 1, 1, 1, 1)
    states = {row.delivery_id - digest: row.state for row in watch_deliveries(rows.connection, Wanted())}
    assert states == {-4: "delivered", -3: "failed", -2: "doubtful", -1: "withheld", 0: "waiting", 1: "waiting"}
    first = watch_deliveries(rows.connection, Wanted(), "delivered")[0]
    assert first.recipient_name == "田中"
    assert first.delay_s == pytest.approx(2.0)
    assert not any("@" in str(value) for value in (first.channel, first.recipient, first.answer))


def test_the_delay_of_a_message_is_counted_from_what_was_known_then(rows: WatchRows) -> None:
    ago = timedelta(hours=5)
    arrived: dict[str, Any] = {"queued_at": rows.now - timedelta(seconds=3), "delivered_at": rows.now}
    found = rows.stage("river", 1, ago)
    rows.event(found, 2, ago - MINUTE, origin="late", committed_at=None)
    late = rows.delivery(found, **arrived)
    rows.event(found, 2, ago - 2 * MINUTE)
    correction = rows.delivery(found, effect="late", **arrived)
    rows.event(found, 1, ago - 3 * MINUTE, committed_at=None)
    cold = rows.delivery(found, **arrived)
    silent = rows.incident("silence", "silence:d1", 1, ago, device_id=rows.device("rain"))
    rows.event(silent, 1, ago, committed_at=None)
    silence = rows.delivery(silent, **arrived)
    digest = rows.delivery(silent, purpose="digest", event_id=None, **arrived)
    delays = {row.delivery_id: row.delay_s for row in watch_deliveries(rows.connection, Wanted())}
    assert [delays[number] for number in (late, correction, cold, digest)] == [None] * 4
    assert delays[silence] == pytest.approx(3.0)


def test_who_took_it_took_it_up_to_a_rank(rows: WatchRows) -> None:
    number = rows.stage("river")
    rows.connection.execute(
        "insert into watch_action (project_id, incident_id, action, at, by, way, rank)"
        " values (%s, %s, 'acknowledge', now(), 'aoki', 'page', 1)", (rows.project_id, number),
    )  # fmt: skip
    rows.connection.execute("update watch_incident set acknowledged_rank = 1")
    assert incidents_now(rows.connection)[0].taken
    rows.connection.execute("update watch_incident set rank = 2, top_rank = 2")
    now = incidents_now(rows.connection)[0]
    assert (now.taken, now.taken_by) == (False, "aoki"), "it rose since"


def test_maintenance_of_the_device_or_of_all_silences_it(rows: WatchRows) -> None:
    rows.stage("river")
    rows.maintenance("rain")
    assert not incidents_now(rows.connection)[0].in_maintenance
    rows.maintenance()
    assert incidents_now(rows.connection)[0].in_maintenance
    assert [each.title for each in maintenance_now(rows.connection)] == ["雨量計", "茶園見守り事業"]


def test_drills_come_after_what_is_real(rows: WatchRows) -> None:
    drill = rows.stage("rain", rank=3, drill=rows.drill())
    real = rows.stage("river")
    assert [each.incident_id for each in incidents_now(rows.connection)] == [real, drill]


def test_what_late_data_changed_is_shown_for_a_day(rows: WatchRows) -> None:
    number = rows.stage("river")
    rows.event(number, 0, MINUTE, origin="late")
    rows.connection.execute(
        "update watch_event set withdrawn_at = now() - interval '2 hours', withdrawn_ja = '較正', withdrawn_en = 'x'"
        " where origin = 'live'"
    )
    assert [row.origin for row in amended_lately(rows.connection, "tea", 10)] == ["late", "live"]
    rows.connection.execute("update watch_event set recorded_at = now() - interval '25 hours' where origin = 'late'")
    assert [row.origin for row in amended_lately(rows.connection, None, 10)] == ["live"]


def test_lists_go_back_page_by_page(rows: WatchRows) -> None:
    first = rows.stage("river")
    rows.close(first)
    second = rows.stage("rain")
    ask = Wanted(limit=1)
    assert [row.incident_id for row in incidents(rows.connection, ask)] == [second]
    assert [row.incident_id for row in incidents(rows.connection, Wanted(below=second))] == [first]
    assert [row.incident_id for row in incidents(rows.connection, Wanted(), lasting=False)] == [first]
    assert incidents(rows.connection, Wanted(project="other")) == []


def test_nobody_watches_until_the_watcher_has_looked(rows: WatchRows) -> None:
    connection = rows.connection
    assert watch_health(connection).state == "stopped", "there are stages, and nobody ever looked"
    rows.alive()
    assert watch_health(connection).watches
    rows.alive(ago_s=31)
    assert watch_health(connection).state == "stopped"
    rows.alive(ago_s=-60)
    assert watch_health(connection).state == "stopped", "a time to come is no sign of life: clocks are apart"
    rows.alive()
    rows.waits(5)
    assert watch_health(connection).state == "well"
    rows.waits(11)
    assert watch_health(connection).state == "late"
    connection.execute("delete from watch_note")
    rows.alive(ago_s=1000, name="silence")
    assert (watch_health(connection).state, watch_health(connection).late) == ("late", ["silence"])


def test_where_nothing_is_to_be_watched_nobody_is_missed(any_database: Database) -> None:
    connection = Field(any_database.connect()).connection
    assert watch_health(connection).state == "none"
    WatchRows(connection).document({})
    assert watch_health(connection).state == "stopped"
