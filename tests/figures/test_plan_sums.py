"""What a plan reports of its devices, with numbers worked out by hand, on every tier."""

from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest

from ingest.figures.plan.sums import Level, PlanSums, percent, plan_sums, plan_sums_each
from ingest.figures.usage import Period, usage
from schemas.plan import PlanScope, Season
from schemas.uplink import EventKind
from tests.figures.field import Field, jst

FIRST, UNTIL, NOW = date(2026, 11, 1), date(2026, 12, 1), jst(2027, 6, 1)
MIDNIGHT = jst(2026, 11, 1)
HOUR = timedelta(hours=1)


def sums(field: Field, scope: PlanScope | None = None, *, project: str = "tea") -> dict[tuple[Level, str], PlanSums]:
    found = plan_sums(field.connection, project, FIRST, UNTIL, NOW, scope)
    return {(each.level, each.key): each for each in found}


def of(field: Field, code: str, scope: PlanScope | None = None) -> PlanSums:
    return sums(field, scope)["device", code]


def moved(field: Field, device: int, at: datetime, **columns: object) -> None:
    """The registry says something else of the device from this moment on."""
    field.connection.execute("set local session_replication_role = replica")  # the trigger would say: from today on
    for name, value in columns.items():
        field.connection.execute(f"update device set {name} = %s where device_id = %s".encode(), (value, device))
    field.connection.execute("set local session_replication_role = origin")
    field.connection.execute(
        "update device_placement set valid_to = %s where device_id = %s and (valid_to is null or valid_to > %s)",
        (at, device, at),
    )
    field.connection.execute(
        "insert into device_placement select d.device_id, %s, null, d.project_id, d.network_id, d.gateway_id, d.use,"
        " d.area, d.interval_s, d.calm_interval_s, d.active_level_m, d.season_from, d.season_to, d.installed_on,"
        " d.enabled from device d where d.device_id = %s",
        (at, device),
    )


def stop(
    field: Field,
    starts: datetime,
    ends: datetime,
    *,
    entered: datetime | None = None,
    signed: bool = False,
    voided: bool = False,
    **about: int,
) -> None:
    """A planned stop of the project, or of the network, gateway or device in `about`."""
    columns = "".join(f", {name}" for name in about)
    field.connection.execute(
        "insert into planned_stop (project_id, starts, ends, reason, entered_at, entered_by, signed_at, voided_at"
        f"{columns}) values (%s, %s, %s, '', %s, 'a', %s, %s{', %s' * len(about)})".encode(),
        (
            field.project_id, starts, ends, entered or starts, ends if signed else None, ends if voided else None,
            *about.values(),
        ),
    )  # fmt: skip


def network_id(field: Field, code: str) -> int:
    row = field.connection.execute("select network_id from network where code = %s", (code,)).fetchone()
    assert row is not None
    return int(row[0])


def test_the_rates_of_a_month_are_exact_fractions_that_multiply_to_the_completeness(field: Field) -> None:
    """Of 720 hours `a` sends 600; 60 are lost; of the 540 that arrive 99 hold nothing valid. `b` counts nothing."""
    a, b = field.device("a", area="中谷"), field.device("b", network="halow")
    for number in range(600):
        if number % 10 != 3:
            refused = number % 6 == 0 and number > 0
            field.uplink(a, MIDNIGHT + number * HOUR, {} if refused else None, counter=number)
    field.uplinks(b, (MIDNIGHT + number * HOUR for number in range(360)))
    found = sums(field)
    row = found["device", "a"]
    assert (row.expected, row.sent, row.arrived, row.valid) == (720, 600, 540, 441)
    assert (row.transmission, row.arrival, row.validity) == (Fraction(5, 6), Fraction(9, 10), Fraction(49, 60))
    assert row.completeness == Fraction(441, 720)
    assert Fraction(5, 6) * Fraction(9, 10) * Fraction(49, 60) == row.completeness
    assert percent(row.completeness) == 61.2  # 61.25, cut
    assert (row.reference_only(), row.reference_only(61.25), row.reference_only(61.26)) == (True, False, True)
    whole = found["project", "tea"]
    assert (whole.devices, whole.devices_counted, whole.expected) == (2, 1, 1440)
    assert (whole.sent, whole.arrived, whole.valid) == (600 + 360, 540 + 360, 441 + 360)
    assert found["network", "lora"].valid == found["area", "中谷"].valid == found["technology", "lpwa"].valid == 441
    assert (found["gateway", ""].devices, found["use", "農業"].expected) == (2, 1440)


def test_a_device_of_which_nothing_was_expected_is_not_counted(field: Field) -> None:
    """Of four devices one rests in November, one is stopped all month, one is installed in December. None sends."""
    field.device("works")
    field.device("rests", season=("05-01", "09-30"))
    field.device("later", installed_on=date(2026, 12, 1), network="halow")
    stop(field, MIDNIGHT, jst(2026, 12, 1), device_id=field.device("stopped"))
    found = sums(field)
    assert (found["project", "tea"].devices, found["project", "tea"].devices_counted) == (1, 0)
    assert (found["network", "lora"].devices, found["network", "halow"].devices) == (1, 0)
    assert [found["device", key].devices for key in ("works", "rests", "later", "stopped")] == [1, 0, 0, 0]


def test_a_project_without_devices_has_one_row_of_nothing(field: Field) -> None:
    (row,) = plan_sums(field.connection, "tea", FIRST, UNTIL, NOW)
    assert (row.level, row.key, row.name, row.expected) == ("project", "tea", "茶園見守り事業", 0)
    assert (row.completeness, row.transmission, row.availability, row.latency_p95_s) == (None, None, None, None)
    assert not row.reference_only()
    assert percent(row.completeness) is None


def test_a_group_of_a_scope_is_not_known_here(field: Field) -> None:
    with pytest.raises(ValueError, match="group"):
        plan_sums(field.connection, "tea", FIRST, UNTIL, NOW, PlanScope(group="north"))


def test_sums_of_several_scopes_have_one_season(field: Field) -> None:
    scopes = [PlanScope(), PlanScope(season=Season(begins="05-01", ends="06-30"))]
    with pytest.raises(ValueError, match="season"):
        plan_sums_each(field.connection, "tea", FIRST, UNTIL, NOW, scopes)
    with pytest.raises(ValueError, match="group"):
        plan_sums_each(field.connection, "tea", FIRST, UNTIL, NOW, [PlanScope(), PlanScope(group="north")])
    season = scopes[1].season
    inside = [PlanScope(season=season, networks=("lora",)), PlanScope(season=season, devices=("nobody",))]
    for found in plan_sums_each(field.connection, "tea", FIRST, UNTIL, NOW, inside):
        assert [(row.level, row.name, row.expected) for row in found] == [("project", "茶園見守り事業", 0)]


def test_a_device_that_moved_to_another_network_counts_in_both_by_its_days(field: Field) -> None:
    device = field.device("a", gateway="hill")
    field.uplinks(device, (MIDNIGHT + number * HOUR for number in range(15 * 24 + 12)))
    moved(field, device, jst(2026, 11, 11, 6), network_id=network_id(field, "halow"), gateway_id=None)
    found = sums(field)
    before, after = found["network", "lora"], found["network", "halow"]
    assert (before.expected, before.valid) == (10 * 24 + 6, 10 * 24 + 6)
    assert (after.expected, after.valid) == (19 * 24 + 18, 4 * 24 + 18 + 12)
    assert (found["gateway", "hill"].expected, found["gateway", ""].expected) == (246, 474)
    assert (found["device", "a"].expected, found["device", "a"].devices) == (720, 1)


def test_a_device_that_moved_to_another_project_counts_in_both_by_its_days(field: Field) -> None:
    device = field.device("a")
    field.uplinks(device, (MIDNIGHT + number * HOUR for number in range(720)))
    (other,) = field.connection.execute(
        "insert into project (code, name) values ('rice', '水田') returning project_id"
    ).fetchone() or (0,)
    (paddy,) = field.connection.execute(
        "insert into network (code, project_id, kind, name) values ('paddy', %s, 'lpwa', '水田') returning network_id",
        (other,),
    ).fetchone() or (0,)
    moved(field, device, jst(2026, 11, 21), project_id=other, network_id=paddy)
    assert sums(field)["project", "tea"].valid == sums(field)["project", "tea"].expected == 20 * 24
    assert sums(field, project="rice")["network", "paddy"].valid == 10 * 24


def test_another_interval_holds_from_its_moment_on(field: Field) -> None:
    device = field.device("a", interval_s=3600)
    field.uplinks(device, (MIDNIGHT + number * HOUR for number in range(720)))
    moved(field, device, jst(2026, 11, 16), interval_s=7200)
    row = of(field, "a")
    assert (row.expected, row.valid, row.arrived) == (15 * 24 + 15 * 12, 15 * 24 + 15 * 12, 720)
    assert row.alive_s == row.active_s == 30 * 86400


def test_what_is_off_in_the_registry_is_not_expected(field: Field) -> None:
    device = field.device("a")
    field.uplinks(device, (MIDNIGHT + number * HOUR for number in range(240)))
    moved(field, device, jst(2026, 11, 11), enabled=False)
    row = of(field, "a")
    assert (row.expected, row.valid, row.completeness) == (240, 240, Fraction(1))


def test_a_planned_stop_counts_from_the_moment_it_was_entered_unless_somebody_signed(field: Field) -> None:
    for code in ("a", "b"):
        device = field.device(code, network="lora" if code == "a" else "halow")
        field.uplinks(device, (MIDNIGHT + number * HOUR for number in range(720) if not 96 <= number < 144))
    assert of(field, "a").expected == 720
    lora = network_id(field, "lora")
    fifth, seventh = jst(2026, 11, 5), jst(2026, 11, 7)
    stop(field, fifth, seventh, voided=True)
    stop(field, fifth, seventh, entered=jst(2026, 11, 6, 12), network_id=lora)  # a day and a half late
    assert [(of(field, code).expected, of(field, code).valid) for code in ("a", "b")] == [(708, 672), (720, 672)]
    stop(field, fifth, seventh, entered=jst(2026, 11, 20), signed=True, network_id=lora)
    row = of(field, "a")
    assert (row.expected, row.valid, row.arrived) == (672, 672, 672)
    assert row.active_s == row.alive_s == 28 * 86400
    stop(field, jst(2026, 11, 30, 12), jst(2027, 1, 1))  # of the whole project; what arrives in it does not count
    assert [(of(field, code).expected, of(field, code).arrived) for code in ("a", "b")] == [(660, 660), (708, 660)]


def test_a_gauge_of_two_intervals_is_to_send_often_only_while_the_river_is_high(field: Field) -> None:
    """Calm once a day at 09:00. On the 10th the river is at the level from 13:20 to 15:50, then below at 16:00."""
    device = field.device("r", interval_s=600, calm=(86400, 1.2))
    for day in range(1, 31):
        field.uplink(device, jst(2026, 11, day, 9), {"river_level": 0.4})
    for number in range(16):
        if number != 5:
            field.uplink(device, jst(2026, 11, 10, 13, 20) + number * timedelta(minutes=10), {"river_level": 1.2})
    field.uplink(device, jst(2026, 11, 10, 16), {"river_level": 1.1})
    row = of(field, "r")
    # Calm from the 1st to the 10th 13:20 is 9 days and a half, from 16:00 on 20 days and a third; high: 160 minutes.
    assert row.expected == 9 + 20 + 16
    assert row.valid == 9 + 20 + 15


def test_a_gauge_that_falls_silent_while_the_river_is_high_is_still_expected(field: Field) -> None:
    device = field.device("r", interval_s=600, calm=(86400, 1.2))
    for number in range(3):
        field.uplink(device, jst(2026, 11, 10, 13) + number * timedelta(minutes=10), {"river_level": 1.5})
    field.uplink(device, jst(2026, 11, 11, 13, 30), {"river_level": 0.5})
    row = of(field, "r")
    assert row.expected == 9 + 24 * 6 + 19  # silent for a day, and calm from the hour of the next message on
    # Up: 20 minutes and three intervals; on the 11th from 13:00 on, calm again, for 24 h 10 are not too old; then 36 h.
    calm_s = 9 * 86400 + 13 * 3600 + 19 * 86400 + 11 * 3600
    assert row.active_s == calm_s + 86400
    assert row.alive_s == (20 + 30) * 60 + 30 * 60 + 36 * 3600


def test_a_device_is_down_from_three_intervals_after_its_last_measurement_on(field: Field) -> None:
    """Down from 01:30 to 02:00, from the 10th 03:00 to the 12th 00:00, and from the 30th 02:30 on."""
    device = field.device("a")
    field.uplink(device, jst(2026, 10, 31, 22, 30))
    field.uplinks(device, (MIDNIGHT + number * HOUR for number in range(2, 9 * 24 + 1)))
    field.uplinks(device, (jst(2026, 11, 12) + number * HOUR for number in range(18 * 24)))
    field.uplinks(device, [jst(2026, 11, 29, 23) + timedelta(minutes=30)])
    row = of(field, "a")
    assert row.active_s == 30 * 86400
    assert row.alive_s == row.active_s - (0.5 + 45 + 21.5) * 3600
    assert row.availability == row.alive_s / (30 * 86400)


def test_only_the_time_of_operation_counts(field: Field) -> None:
    device = field.device("a", season=("11-11", "12-31"), installed_on=date(2026, 11, 16))
    field.uplinks(device, (MIDNIGHT + number * HOUR for number in range(720)))
    row = of(field, "a")
    assert (row.expected, row.arrived, row.valid, row.readings) == (360, 360, 360, 360)
    within = PlanScope(season=Season(begins="11-20", ends="11-21"))
    assert of(field, "a", within).expected == 48


def test_a_scope_takes_only_what_all_its_lists_allow(field: Field) -> None:
    field.device("a", area="中谷", gateway="hill")
    field.device("b", area="中谷", network="halow")
    field.device("c")

    def devices(scope: PlanScope) -> list[str]:
        return [key for level, key in sums(field, scope) if level == "device"]

    assert devices(PlanScope()) == ["a", "b", "c"]
    assert devices(PlanScope(areas=("中谷",))) == ["a", "b"]
    assert devices(PlanScope(areas=("中谷",), networks=("halow",))) == ["b"]
    assert devices(PlanScope(devices=("a", "c"), uses=("農業",))) == ["a", "c"]
    assert devices(PlanScope(gateways=("hill",))) == ["a"]
    assert devices(PlanScope.model_validate({"technologies": ["halow"]})) == ["b"]


def test_the_delay_is_told_to_within_an_eighth_and_never_too_short(field: Field) -> None:
    """Nineteen of twenty in 2 s, one in 60 s; a backfill and a message of a wrong clock are not asked."""
    device = field.device("a")
    for number in range(100):
        at = MIDNIGHT + number * HOUR
        field.uplink(device, at, received_at=at + timedelta(seconds=60 if number % 20 == 0 else 2))
    old, wrong = MIDNIGHT + 200 * HOUR, MIDNIGHT + 201 * HOUR
    field.uplink(device, old, received_at=old + 90 * HOUR, kind=EventKind.BACKFILL)
    field.uplink(device, wrong, received_at=wrong + 90 * HOUR)
    field.connection.execute("update uplink_packed set quality = 4 where device_id = %s and time = %s", (device, wrong))
    row = of(field, "a")
    assert row.latency_samples == 100
    assert row.latency_p50_s is not None
    assert row.latency_p95_s is not None
    assert 2 <= row.latency_p50_s < 2.25
    assert 2 <= row.latency_p95_s < 2.25


def test_it_agrees_with_the_usage_where_nothing_moved(field: Field) -> None:
    quick, slow = field.device("a", interval_s=600), field.device("b", interval_s=7 * 3600, season=("11-05", "12-31"))
    field.device("c", installed_on=date(2026, 11, 20))
    field.uplinks(quick, (MIDNIGHT + number * timedelta(seconds=601) for number in range(3000) if number % 7))
    field.uplinks(
        slow, (jst(2026, 11, 5) + number * timedelta(hours=7, seconds=11) for number in range(80) if number % 5)
    )
    for now in (NOW, jst(2026, 11, 18, 13, 7)):
        found = {s.key: s for s in plan_sums(field.connection, "tea", FIRST, UNTIL, now) if s.level == "device"}
        for line in usage(field.connection, "tea", Period(MIDNIGHT, jst(2026, 12, 1), now)).devices:
            each = found[line.device]
            assert (each.expected, each.valid, each.active_s) == (line.expected, line.received, line.active_s)
            if now == NOW:
                assert (each.arrived, each.readings) == (line.uplinks, line.readings)
