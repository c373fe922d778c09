"""The last message and the last values are those of a plain search, whatever came late, was corrected or was let go."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.figures.install import take_down
from ingest.store.corrections import CorrectionKind, Wish, correct, corrections, revoke
from ingest.store.rollup import rollup
from ingest.store.schema import migrate
from tests.fixtures.examples import examples
from tests.store.rollup.conftest import Rollups
from tests.store.rollup.reference import Reading

NOW = datetime.now(UTC).replace(second=0, microsecond=0)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
AIR, BATTERY = 20, 90
CODES = {AIR: "air_temperature", BATTERY: "battery_voltage"}

LATEST = """
select l.device_id, q.quantity_id, l.channel, l.time, l.value, l.quality
from figure_latest l join quantity q on q.code = l.quantity order by 1, 2, 3
"""
LATEST_BY_HAND = """
select distinct on (r.device_id, r.quantity_id, r.channel)
    r.device_id, r.quantity_id, r.channel, r.time, r.value, r.quality
from reading_counted r
join (select device_id, max(time) as time from uplink where kind <> 9 group by device_id) heard using (device_id)
where r.time > heard.time - interval '35 days'
order by 1, 2, 3, r.time desc
"""
STATE = """
select device_id, last_time, last_received_at, rssi_dbm, battery_voltage from figure_device_state
where last_time is not null order by device_id
"""
STATE_BY_HAND = f"""
select heard.device_id, heard.time, heard.received_at, heard.rssi_dbm, (
    select r.value from reading_counted r
    where r.device_id = heard.device_id and r.quantity_id = {BATTERY} and r.channel = 0
      and r.time > heard.time - interval '35 days'
    order by r.time desc limit 1
)
from (
    select distinct on (device_id) device_id, time, received_at, rssi_dbm from uplink where kind <> 9
    order by device_id, time desc, message_id desc
) heard
order by 1
"""


def agree(rollups: Rollups) -> None:
    assert rollups.ask(LATEST) == rollups.ask(LATEST_BY_HAND)
    assert rollups.ask(STATE) == rollups.ask(STATE_BY_HAND)


def kept(rollups: Rollups) -> list[tuple[Any, ...]]:
    return rollups.ask("select device_id, quantity_id, time, value from last_reading order by 1, 2, 3")


def read(device: int, at: datetime, value: float = 20.0, quantity: int = AIR) -> Reading:
    return Reading(device, quantity, at, value)


def wish(rollups: Rollups, device: int, starts: datetime, ends: datetime, *, annul: bool = True) -> Wish:
    code = "a" if device == rollups.devices[0] else "b"
    kind = CorrectionKind.ANNUL if annul else CorrectionKind.RECALIBRATE
    wanted = Wish(kind, "tea", code, CODES[AIR], None, starts, ends)
    return wanted if annul else wanted._replace(scale=2.0, offset=1.0)


def let_go(rollups: Rollups, before: datetime) -> None:
    """As a policy of retention leaves things."""
    rollups.connection.execute("update rollup_state set raw_from = greatest(raw_from, %s)", (before,))
    for table in ("reading_packed", "uplink_packed", "last_reading", "last_uplink"):
        rollups.connection.execute(f"delete from {table} where time < %s".encode(), (before,))


def revoke_all(rollups: Rollups) -> None:
    for each in corrections(rollups.connection):
        revoke(rollups.connection, each.correction_id, "x", "y")


AGES = st.sampled_from([-0.005, 0.01, 0.5, 1.2, 5.0, 6.9, 7.1, 9.0, 20.0, 33.0, 37.0, 80.0, 300.0])
READINGS = st.lists(
    st.tuples(st.integers(0, 1), AGES, st.sampled_from([1.5, 2.5]), st.sampled_from([AIR, BATTERY])),
    min_size=1, max_size=6,
)  # fmt: skip
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), READINGS),
        st.tuples(st.just("keep"), st.sampled_from([0.0, 0.0, 0.0, 10.0, 40.0])),
        st.tuples(st.just("refresh"), st.none()),
        st.tuples(st.just("annul"), st.tuples(st.integers(0, 1), AGES, st.sampled_from([0.1, 3.0, 400.0]))),
        st.tuples(st.just("recalibrate"), st.tuples(st.integers(0, 1), AGES, st.sampled_from([0.1, 3.0]))),
        st.tuples(st.just("revoke"), st.none()),
        st.tuples(st.just("let go"), st.sampled_from([50.0, 200.0])),
        st.tuples(st.just("fill"), st.none()),
    ),
    min_size=3, max_size=9,
)  # fmt: skip


def take(rollups: Rollups, step: str, what: Any) -> None:
    if step == "write":
        (raw_from,) = rollups.ask("select raw_from > '-infinity' from rollup_state")[0]
        rollups.write(
            read(rollups.devices[number], NOW - age * DAY, value, quantity)
            for number, age, value, quantity in what
            if not (raw_from and age > 49)  # what is older than what was let go is summed up no more
        )
    elif step == "keep":
        rollups.keep(NOW - what * DAY)
    elif step == "refresh":
        rollup.refresh_all(rollups.connection)
    elif step in {"annul", "recalibrate"}:
        number, age, days = what
        starts = NOW - age * DAY - timedelta(minutes=1)
        asked = wish(rollups, rollups.devices[number], starts, starts + days * DAY, annul=step == "annul")
        correct(rollups.connection, asked, "x", "y")
    elif step == "revoke":
        revoke_all(rollups)
    elif step == "let go":
        let_go(rollups, NOW - what * DAY)
    else:
        rollups.connection.execute("truncate last_uplink, last_reading")
        rollups.connection.execute("select rollup_fill_last(null)")


@settings(max_examples=examples(8, 25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_last_values_are_those_of_a_plain_search(rollups: Rollups, steps: list[tuple[str, Any]]) -> None:
    rollups.empty()
    revoke_all(rollups)
    for step, what in [*steps, ("keep", 0.0)]:
        take(rollups, step, what)
        agree(rollups)


def test_of_who_fell_silent_the_last_is_kept_and_not_searched_for(rollups: Rollups) -> None:
    device = rollups.devices[0]
    rollups.write([read(device, NOW - 200 * DAY, 3.0, BATTERY), read(device, NOW - 200 * DAY, 4.0)])
    rollups.keep(NOW)
    assert kept(rollups) == [(device, AIR, NOW - 200 * DAY, 4.0), (device, BATTERY, NOW - 200 * DAY, 3.0)]
    rollups.connection.execute("update last_reading set value = -1")
    rollups.connection.execute("update last_uplink set rssi_dbm = -1")
    assert {row[4] for row in rollups.ask(LATEST)} == {-1.0}
    assert rollups.ask(STATE)[0][3:] == (-1.0, -1.0)


def test_what_is_annulled_gives_way_to_the_value_before_and_comes_back(rollups: Rollups) -> None:
    device = rollups.devices[0]
    rollups.write([read(device, NOW - 30 * DAY, 1.0), read(device, NOW - 20 * DAY, 2.0)])
    rollups.keep(NOW)
    correct(rollups.connection, wish(rollups, device, NOW - 21 * DAY, NOW), "x", "y")
    agree(rollups)
    rollups.keep(NOW)
    assert kept(rollups) == [(device, AIR, NOW - 30 * DAY, 1.0)]
    agree(rollups)
    correct(rollups.connection, wish(rollups, device, NOW - 40 * DAY, NOW), "x", "y")
    rollups.keep(NOW)
    assert kept(rollups) == []
    revoke_all(rollups)
    rollups.keep(NOW)
    assert kept(rollups) == [(device, AIR, NOW - 20 * DAY, 2.0)]


def test_the_quality_of_the_last_value_is_kept(rollups: Rollups) -> None:
    device = rollups.devices[0]
    for minutes, quality in ((0, 1), (10, None), (70, None), (80, 16)):
        rollups.field.uplink(device, NOW - 20 * DAY + timedelta(minutes=minutes), {"rain_total": 1.0}, quality=quality)
        rollup.touch(rollups.connection, [device], NOW - 40 * DAY)
        rollups.keep(NOW)
        assert rollups.ask(LATEST) == rollups.ask(LATEST_BY_HAND)
        assert rollups.ask("select quality from last_reading") == [(quality,)]


def test_an_installation_that_had_no_last_values_gets_them_with_the_upgrade(rollups: Rollups) -> None:
    one, other = rollups.devices
    rollups.write([read(one, NOW - 90 * DAY, 1.0), read(one, NOW - 80 * DAY, 2.0), read(other, NOW - 90 * DAY, 3.0)])
    rollups.keep(NOW - 10 * DAY)
    rollups.write([read(other, NOW - 60 * DAY, 4.0), read(one, NOW - 9 * DAY, 5.0)])  # due, and still open
    correct(rollups.connection, wish(rollups, one, NOW - 81 * DAY, NOW - 50 * DAY), "x", "y")
    rollups.connection.execute("delete from schema_migration where version in (13, 23)")
    take_down(rollups.connection)
    rollups.connection.execute("drop table last_uplink, last_reading")
    assert migrate.upgrade(rollups.connection) == ["0013 last", "0023 counters"]
    assert kept(rollups) == [(one, AIR, NOW - 90 * DAY, 1.0), (other, AIR, NOW - 60 * DAY, 4.0)]
    agree(rollups)
    rollups.keep(NOW)
    agree(rollups)


def test_of_two_values_of_an_hour_the_first_is_the_last_when_the_second_is_annulled(rollups: Rollups) -> None:
    device, hour = rollups.devices[0], NOW.replace(minute=0) - 20 * DAY
    rollups.write([read(device, hour, 1.0), read(device, hour + timedelta(minutes=20), 2.0)])
    rollups.keep(NOW)
    correct(rollups.connection, wish(rollups, device, hour + timedelta(minutes=10), NOW), "x", "y")
    rollups.keep(NOW)
    assert kept(rollups) == [(device, AIR, hour, 1.0)]
