"""The jobs beside a running service: sums, what /metrics and the table say of them, and the same by hand."""

from tests.acceptance.fleet import document, native, publish, register
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.service import RunNoroshi, StartService, eventually
from tests.jobs.board import states


def test_the_service_keeps_the_rollups_and_says_how_far_they_are(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(any_database.url, document(2))
    service = start_service(any_database.url, mosquitto.url)
    eventually(lambda: '{task="rollups"} 1' in service.get("/metrics")[1], what="the first run is told in /metrics")
    publish_late(any_database)
    assert service.metrics()["rollup_lag_seconds"] > 0
    found = states(any_database)
    of_accounts = {"audit_retention", "audit_checkpoint", "access_tidy"}
    of_plans = {"plan_freeze", "plan_revisions", "outages", "measures_due", "reports", "report_mail"}
    assert (
        found.keys() == {"rollups", "frames", "retention", "silence", "outlook", "watch_notes"} | of_accounts | of_plans
    )
    assert found["rollups"].succeeded_at is not None
    assert all(state.title_ja and state.title_en and state.purpose_ja and state.purpose_en for state in found.values())
    text = service.get("/metrics")[1]
    assert 'noroshi_housekeeping_failing{task="rollups"} 0.0' in text
    assert 'noroshi_housekeeping_last_duration_seconds{task="rollups"}' in text
    service.terminate()


def publish_late(database: Database) -> None:
    """Anything older than the hours that are closed is due."""
    with database.connect() as connection:
        (hours,) = connection.execute("select rollup_note('{1}', array[now() - interval '5 hours'])").fetchone() or (0,)
    assert hours == 1


async def test_a_late_message_is_noted_by_the_service_and_computed_by_hand(
    any_database: Database, mosquitto: Broker, start_service: StartService, run_noroshi: RunNoroshi
) -> None:
    register(any_database.url, document(1))
    with any_database.connect() as connection:
        connection.execute("update rollup_state set closing_until = now(), materialised_until = now()")
    service = start_service(any_database.url, mosquitto.url)
    eventually(
        lambda: any(state.succeeded_at for state in states(any_database).values() if state.job == "rollups"),
        what="the first run of the housekeeping is over",
    )
    await publish(mosquitto.url, [native(n, 1) for n in range(10)])  # measured long ago
    service.wait_settled(10)
    connection = any_database.connect()
    assert connection.execute("select count(*) > 0 from rollup_noted").fetchone() == (True,)
    assert connection.execute("select sum(count) > 0 from rollup_hourly").fetchone() == (True,)
    said = run_noroshi("db", "rollup", "--database", any_database.url).stdout
    assert "hours computed again" in said
    assert connection.execute("select count(*) from rollup_noted").fetchone() == (0,)
    assert connection.execute("select sum(count) > 0 from rollup_hour").fetchone() == (True,)


def test_everything_since_a_day_can_be_computed_again(any_database: Database, run_noroshi: RunNoroshi) -> None:
    database = ("--database", any_database.url)
    assert "0 hours noted" in run_noroshi("db", "rollup", "--from", "2026-04-01", *database).stdout
    refused = run_noroshi("db", "rollup", "--from", "April", *database, code=2)
    assert "write a day as 2026-04-01" in refused.stderr
    refused = run_noroshi("db", "rollup", "--from", "2026-04-01", "--device", "nobody", *database, code=2)
    assert "there is no such device" in refused.stderr
    refused = run_noroshi("db", "rollup", "--device", "nobody", *database, code=2)
    assert "give --from as well" in refused.stderr
